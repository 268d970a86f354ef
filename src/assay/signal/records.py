"""The bytes of a CSI Tool log: where its records are, what is no record, and the bits of the payload.

A record is a length (uint16, big-endian), a code and length - 1 bytes. One with code 187 holds the channel
state of one packet: 20 bytes of header (little-endian), then, for each of 30 subcarriers, 3 spare bits and 8
bits of real and of imaginary part for every pair of antennas, least significant bit first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

CSI_CODE = 187
SUBCARRIERS = 30
MOST_ANTENNAS = 3
SPARE_BITS = 3
PREFIX = 3  # bytes of length and code
WORD, TOGETHER = 8, 3  # bytes of a load, and pairs of antennas in it
AT_ONCE = 512  # packets unpacked together: their bits, a byte each, stay in the cache

HEADER = np.dtype(
    [
        ("length", ">u2"),
        ("code", "u1"),
        ("timestamp", "<u4"),
        ("bfee_count", "<u2"),
        ("unused", "<u2"),
        ("n_rx", "u1"),
        ("n_tx", "u1"),
        ("rssi", "u1", 3),
        ("noise", "i1"),
        ("agc", "u1"),
        ("antenna_sel", "u1"),
        ("payload", "<u2"),
        ("rate", "<u2"),
    ]
)

LONGEST = 573  # of a record with 3 × 3 antennas, the length that its first bytes hold

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Skipped:
    """Bytes of a log that gave no packet: where, how many, why."""

    offset: int
    size: int
    reason: str


def payload_bytes(n_rx: NDArray[Any], n_tx: NDArray[Any]) -> NDArray[np.int64]:
    """Size of the payload: 30 times 3 spare bits and 16 bits for every pair of antennas, in whole bytes."""
    bits: NDArray[np.int64] = SUBCARRIERS * (16 * n_rx.astype(np.int64) * n_tx + SPARE_BITS)
    return (bits + 7) // 8


def record_bytes(n_rx: NDArray[Any], n_tx: NDArray[Any]) -> NDArray[np.int64]:
    """Size of the whole record."""
    return HEADER.itemsize + payload_bytes(n_rx, n_tx)


def rows(buffer: Bytes, starts: NDArray[np.int64], size: int) -> Bytes:
    """`size` bytes from every start, shape (len(starts), size)."""
    if len(starts) == 0:
        return np.empty((0, size), np.uint8)
    return np.ascontiguousarray(sliding_window_view(buffer, size)[starts])


def alike(content: bytes, at: int, size: int, field: slice) -> int:
    """How many records of a size lie side by side from a place on, by their length fields: 1 to 512.

    Logs are mostly runs of records of one size, which need no walk from one to the next.
    """
    most = min((len(content) - at) // size, AT_ONCE)
    if most < 2:
        return 1
    lengths = np.ndarray((most, field.stop - field.start), np.uint8, content, at + field.start, (size, 1))
    same = (lengths == lengths[0]).all(1)
    return most if same.all() else int(same.argmin())


def sound_records(buffer: Bytes) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Where a whole and legal CSI record begins, and its header.

    Legal: 1 to 3 antennas on both sides, and both lengths as the antennas demand. Seven bytes must agree, so
    that a payload all but never looks like a record.
    """
    starts = np.flatnonzero(buffer[2 : max(len(buffer) - HEADER.itemsize + 3, 2)] == CSI_CODE)
    starts = starts[buffer[starts] <= LONGEST >> 8]  # the high byte of the length
    heads = rows(buffer, starts, HEADER.itemsize).view(HEADER)[:, 0]
    sound = _is_legal(heads) & (starts + heads["length"] + 2 <= len(buffer))
    return starts[sound], heads[sound]


def _is_legal(heads: NDArray[Any]) -> NDArray[np.bool_]:
    n_rx, n_tx = heads["n_rx"], heads["n_tx"]
    antennas = (np.minimum(n_rx, n_tx) >= 1) & (np.maximum(n_rx, n_tx) <= MOST_ANTENNAS)
    size = payload_bytes(n_rx, n_tx)
    lengths = (heads["length"] == size + HEADER.itemsize - 2) & (heads["payload"] == size)
    legal: NDArray[np.bool_] = antennas & lengths
    return legal


def left_over(buffer: Bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[Skipped]:
    """The pieces of the log before, between and after the records."""
    before, behind = np.append(0, ends), np.append(starts, len(buffer))
    gaps = np.flatnonzero(before < behind)
    for at, stop in zip(before[gaps].tolist(), behind[gaps].tolist()):
        while at < stop:
            size, reason = _piece(buffer[at:stop].data, stop == len(buffer))
            yield Skipped(at, size, reason)
            at += size


def _piece(rest: memoryview, is_last: bool) -> tuple[int, str]:
    """Size and kind of the first piece of the rest; a length that points beyond it is not believed."""
    length = int.from_bytes(rest[:2], "big")
    if len(rest) >= PREFIX and 1 <= length <= len(rest) - 2:
        damaged = rest[2] == CSI_CODE
        return length + 2, "damaged CSI record" if damaged else f"record of code {rest[2]}, not CSI"
    return len(rest), "cut or damaged at the end" if is_last else "damaged or foreign bytes"


def unpack(payload: Bytes, n_rx: int, n_tx: int) -> NDArray[np.int8]:
    """Real and imaginary parts of payloads (n, bytes): int8 (n, tx, rx, 30, 2).

    In a subcarrier, the transmit antennas of the first receive chain come first. Up to three pairs of
    antennas are 48 bits in a row: one load of 64 bits and one shift bring them to whole bytes.
    """
    streams, width = n_rx * n_tx, 16 * n_rx * n_tx + SPARE_BITS
    padded = np.zeros((len(payload), payload.shape[1] + WORD), np.uint8)
    padded[:, : payload.shape[1]] = payload
    words = np.empty((len(payload), SUBCARRIERS, -(-streams // TOGETHER)), "<u8")
    for place in range(words.shape[2]):
        for first in range(8):  # subcarriers that begin at the same bit of a byte lie `width` bytes apart
            byte, shift = divmod(first * width + SPARE_BITS + 16 * TOGETHER * place, 8)
            here = words[:, first::8, place]
            strides = (padded.shape[1], width)
            loaded = np.ndarray(here.shape, "<u8", padded.data, byte, strides)
            np.right_shift(loaded, np.uint64(shift), out=here)
    return _ordered(words, n_rx, n_tx)


def _ordered(words: NDArray[np.uint64], n_rx: int, n_tx: int) -> NDArray[np.int8]:
    """Words whose three lowest pairs of bytes are antennas, as integers (n, tx, rx, 30, 2)."""
    pairs = words.view("<i2").reshape(len(words), SUBCARRIERS, -1, WORD // 2)[..., :TOGETHER]
    streams = pairs.reshape(len(words), SUBCARRIERS, -1)[..., : n_rx * n_tx]
    ordered = streams.reshape(-1, SUBCARRIERS, n_rx, n_tx).transpose(0, 3, 2, 1)
    return np.ascontiguousarray(ordered, np.int16)[..., None].view(np.int8)


def pack(iq: NDArray[np.int8]) -> Bytes:
    """The payloads (n, bytes) of integers (n, tx, rx, 30, 2), all of one shape: the inverse of `unpack`."""
    n, n_tx, n_rx = iq.shape[:3]
    parts = np.ascontiguousarray(iq.transpose(0, 3, 2, 1, 4)).reshape(n, -1).view(np.uint8)
    values = np.unpackbits(parts, axis=1, bitorder="little").reshape(n, SUBCARRIERS, 16 * n_rx * n_tx)
    spare = np.zeros((n, SUBCARRIERS, SPARE_BITS), np.uint8)
    return np.packbits(np.concatenate([spare, values], 2).reshape(n, -1), axis=1, bitorder="little")


def by_shape(n_rx: NDArray[Any], n_tx: NDArray[Any]) -> Iterator[tuple[int, int, NDArray[np.intp]]]:
    """Every (n_rx, n_tx) that occurs, with the positions of its packets, some hundreds at a time."""
    for rx, tx in product(range(1, MOST_ANTENNAS + 1), repeat=2):
        where = np.flatnonzero((n_rx == rx) & (n_tx == tx))
        for first in range(0, len(where), AT_ONCE):
            yield rx, tx, where[first : first + AT_ONCE]
