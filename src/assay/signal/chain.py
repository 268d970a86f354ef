"""Where the records of a CSI Tool log begin: by its length fields, and by a search only after damage.

A payload may hold the very bytes of a CSI record (a packet that carries a log does); where the length fields
chain, it is no packet. Where they do not, the next whole and legal record is searched for.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from assay.signal.records import CSI_CODE, HEADER, PREFIX, legal_sizes, sound_records

LENGTH, PAYLOAD = struct.Struct(">H"), struct.Struct("<H")
N_RX, N_TX, PAYLOAD_AT = 11, 12, 19  # bytes from a record's start


def record_starts(content: bytes) -> NDArray[np.int64]:
    """Where every CSI record of a log begins, ascending; from one start on, no record reaches into the next.

    At damage, reading goes on at the next sound record behind the start of the last one: that one is dropped
    if the next begins inside it (it lost bytes). Records that are not CSI say nothing that could be checked,
    so those between the last CSI record and the damage are searched too.
    """
    sound: NDArray[np.int64] | None = None
    starts: list[int] = []
    at, doomed = 0, set[int]()
    while not _follow(content, at, starts, doomed):
        if sound is None:
            sound = sound_records(np.frombuffer(content, np.uint8))[0]
        last = starts[-1] if starts else -1
        place = int(np.searchsorted(sound, last, "right"))
        if place == len(sound):
            break
        at = int(sound[place])
        if starts and at < last + PREFIX - 1 + LENGTH.unpack_from(content, last)[0]:
            starts.pop()
    return np.array(starts, np.int64)


def _follow(content: bytes, at: int, starts: list[int], doomed: set[int]) -> bool:
    """Add the starts of the CSI records that chain from `at` on; whether they chain to the end.

    `doomed` keeps the places from which other records led to damage: nothing is walked over twice.
    """
    others: list[int] = []
    while at < len(content):
        size = _size(content, at)
        if not size or at in doomed:
            doomed.update(others)
            return False
        if content[at + 2] == CSI_CODE:
            starts.append(at)
            others.clear()
        else:
            others.append(at)
        at += size
    return True


def _size(content: bytes, at: int) -> int:
    """Bytes of the record at a place; 0 if it is no whole record or no legal one."""
    if at + PREFIX > len(content):
        return 0
    length = LENGTH.unpack_from(content, at)[0]
    if length == 0 or at + 2 + length > len(content):
        return 0
    if content[at + 2] == CSI_CODE and not _is_legal(content, at, length):
        return 0
    return int(length + 2)


def _is_legal(content: bytes, at: int, length: int) -> bool:
    if length + 2 < HEADER.itemsize:
        return False
    size = legal_sizes().get((content[at + N_RX], content[at + N_TX]))
    return size == (length, PAYLOAD.unpack_from(content, at + PAYLOAD_AT)[0])
