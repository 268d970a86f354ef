"""The form of MATLAB files of version 5 to 7, looked through before scipy reads them.

scipy takes the number of an element's type from the file as a place in a table, so that a damaged one ends
the process (segmentation fault; scipy 1.17). The form is that of "MAT-File Format" (MathWorks): elements of a
type, a length and so many bytes; matrices hold elements; a compressed one holds one when it is unpacked.
"""

from __future__ import annotations

import struct
import zlib

from assay.machine.memory import check_unpacked

HEAD, MATRIX, COMPRESSED = 128, 14, 15
NUMBERS = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 16, 17, 18))
DEEPEST = 50


def check_mat5(content: bytes) -> None:
    """Raise `ValueError` unless every element has a known type and lies inside what holds it.

    Files of version 4, which have no such head, pass.
    """
    if len(content) > HEAD and 0 not in content[:4]:
        _check(memoryview(content)[HEAD:], "<" if content[126:128] == b"IM" else ">", 0)


def _check(held: memoryview, order: str, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    at = 0
    while at + 8 <= len(held):
        kind, length = struct.unpack_from(f"{order}II", held, at)
        if kind >> 16:  # a small one: its length is in the upper half, its bytes in the place of the length
            _check_kind(kind & 0xFFFF, kind >> 16 <= 4)
            at += 8
            continue
        _check_kind(kind, at + 8 + length <= len(held))
        inside = held[at + 8 : at + 8 + length]
        if kind == COMPRESSED:
            _check(memoryview(_unpacked(inside)), order, depth + 1)
        elif kind == MATRIX:
            _check(inside, order, depth + 1)
        at += 8 + length + (-length % 8 if kind != COMPRESSED else 0)


def _check_kind(kind: int, fits: bool) -> None:
    if kind not in NUMBERS | {MATRIX, COMPRESSED}:
        raise ValueError(f"an element of type {kind}")
    if not fits:
        raise ValueError("an element that ends behind what holds it")


def _unpacked(packed: memoryview) -> bytes:
    unpacker, pieces, size = zlib.decompressobj(), [], 0
    rest: bytes | memoryview = packed
    while rest and not unpacker.eof:
        pieces.append(unpacker.decompress(rest, 2**24))
        size += len(pieces[-1])
        check_unpacked(size, len(packed), "its variables")
        rest = unpacker.unconsumed_tail
    return b"".join(pieces)
