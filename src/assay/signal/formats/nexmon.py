"""Capture files of nexmon_csi (Gringoli et al., WiNTECH 2019): bcm43455c0 and bcm4339, 20, 40 and 80 MHz.

A packet is UDP to port 5500 that begins, after 42 bytes of Ethernet, IP and UDP, with 18 bytes (little-
endian): 0x1111, RSSI (int8) and frame control, or 0x11111111 in older firmware; sender's address; sequence
number; core (bits 0 to 2) and stream (bits 3 to 5); channel; chip. Then int16 pairs of real and imaginary
part, in the order of a Fourier transform: 64, 128 or 256 of them. Chips bcm4358 and bcm4366c0 pack theirs as
floats of their own, which is not read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.files import content_of, replace_file
from assay.signal.capture import Capture
from assay.signal.clock import clock_of
from assay.signal.formats.pcap import FILE_HEADER, MAGIC, PACKET_HEADER, packets
from assay.signal.records import rows
from assay.signal.subcarriers import fft_order

ENVELOPE = 42  # bytes of Ethernet, IP and UDP
PORT = 5500
HEADER = np.dtype(
    [
        ("magic", "<u2"),
        ("rssi", "i1"),
        ("frame_control", "u1"),
        ("sender", "u1", 6),
        ("sequence", "<u2"),
        ("core_stream", "<u2"),
        ("channel", "<u2"),
        ("chip", "<u2"),
    ]
)
BEFORE = ENVELOPE + HEADER.itemsize
SIZES = {64: 20, 128: 40, 256: 80}  # subcarriers, MHz
MARK = 0x1111
FLOATS = {0x0003: "bcm4358", 0xDEAD: "bcm4358", 0xE834: "bcm4366c0", 0x006A: "bcm4366c0"}


@dataclass(frozen=True, eq=False)
class NexmonLog:
    """The CSI packets of a file that have the usual number of subcarriers.

    Parameters
    ----------
    file_header : bytes
        The file's first 24.
    packet_headers : uint8 array, shape (n, 16)
        Time and sizes, as the capture file has them.
    envelopes : uint8 array, shape (n, 42)
        Ethernet, IP and UDP.
    heads : structured array, shape (n,)
        `HEADER`.
    iq : int16 array, shape (n, subcarriers, 2)
        Real and imaginary parts, in the order of a Fourier transform.
    tails : tuple of bytes
        What follows the values (padding).
    ticks : int array, shape (n,)
        When, in units of `unit` seconds.
    unit : float
    left_out : tuple of str
        What else the file held.
    """

    file_header: bytes
    packet_headers: NDArray[np.uint8]
    envelopes: NDArray[np.uint8]
    heads: NDArray[Any]
    iq: NDArray[np.int16]
    tails: tuple[bytes, ...]
    ticks: NDArray[np.int64]
    unit: float
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.heads)

    def told(self) -> str:
        """One line: packets, and what else there was."""
        return "; ".join([f"{len(self)} packets, {SIZES[self.iq.shape[1]]} MHz", *self.left_out])


def read_nexmon(source: Path | str | bytes) -> NexmonLog:
    """The CSI packets of a file, and what else it held.

    Raises
    ------
    UserError
        If the file cannot be read, is no capture file, or comes from a chip whose numbers are floats.
    """
    log = content_of(source, "a capture file of nexmon_csi")
    found, buffer = packets(log), np.frombuffer(log, np.uint8)
    big = np.flatnonzero(found.sizes >= BEFORE + 4 * min(SIZES))
    before = rows(buffer, found.starts[big], BEFORE)
    heads = np.ascontiguousarray(before[:, ENVELOPE:]).view(HEADER)[:, 0]
    port = before[:, 36].astype(int) << 8 | before[:, 37]
    ours = (heads["magic"] == MARK) & (port == PORT) & (before[:, 23] == 17)
    places, before, heads = big[ours], before[ours], heads[ours]
    size, usual = _usual(found.sizes[places])
    kept = np.flatnonzero(usual)
    starts, sizes = found.starts[places[kept]], found.sizes[places[kept]]
    ends = starts + BEFORE + 4 * size
    left_out = {
        f"{len(found.starts) - len(places)} other packets": len(found.starts) - len(places),
        f"{len(places) - len(kept)} packets of another bandwidth": len(places) - len(kept),
        f"{found.lost} bytes at the end, cut or damaged": found.lost,
    }
    _check_chips(heads[kept])
    return NexmonLog(
        log[:FILE_HEADER],
        rows(buffer, starts - PACKET_HEADER, PACKET_HEADER),
        before[kept, :ENVELOPE],
        heads[kept],
        rows(buffer, starts + BEFORE, 4 * size).view("<i2").astype(np.int16, copy=False).reshape(-1, size, 2),
        _tails(log, ends, starts + sizes),
        found.ticks()[places[kept]],
        found.unit,
        tuple(text for text, count in left_out.items() if count),
    )


def _tails(log: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[bytes, ...]:
    if (starts == ends).all():
        return (b"",) * len(starts)
    return tuple(log[start:end] for start, end in zip(starts.tolist(), ends.tolist()))


def _usual(sizes: NDArray[np.int64]) -> tuple[int, NDArray[np.bool_]]:
    """The number of subcarriers that most packets have, and which have it."""
    numbers = np.array(sorted(SIZES))
    fits = numbers[np.searchsorted(numbers, (sizes - BEFORE) // 4, "right") - 1]
    size = Counter(fits.tolist()).most_common(1)[0][0] if len(fits) else min(SIZES)
    return size, fits == size


def _check_chips(heads: NDArray[Any]) -> None:
    for chip in set(heads["chip"].tolist()) & set(FLOATS):
        raise UserError(f"nexmon_csi of {FLOATS[chip]}, whose packed floats are not read")


def nexmon_bytes(log: NexmonLog) -> bytes:
    """The packets as a file's content, which `read_nexmon` gives back; CSI packets byte for byte."""
    parts = [log.file_header]
    heads = np.ascontiguousarray(log.heads).view(np.uint8).reshape(len(log), -1)
    values = log.iq.astype("<i2").reshape(len(log), -1).view(np.uint8)
    whole = np.concatenate([log.packet_headers, log.envelopes, heads, values], 1)
    for row, tail in zip(whole, log.tails):
        parts += [row.tobytes(), tail]
    return b"".join(parts)


def write_nexmon(path: Path | str, log: NexmonLog) -> None:
    """Write `nexmon_bytes` at once."""
    replace_file(Path(path), nexmon_bytes(log))


def make_nexmon(iq: NDArray[np.int16], seconds: NDArray[np.float64], chip: int = 0x0065) -> NexmonLog:
    """A log of simulated packets, for `write_nexmon`.

    Parameters
    ----------
    iq : int16 array, shape (n, 64 or 128 or 256, 2)
        Real and imaginary parts, in the order of a Fourier transform.
    seconds : array, shape (n,)
        When, from 0 on.
    chip : int
        0x0065 is bcm43455c0, 0x0001 bcm4339.

    Raises
    ------
    UserError
        If the shape is none of a packet's.
    """
    if iq.ndim != 3 or iq.shape[1] not in SIZES or iq.shape[2] != 2 or iq.dtype != np.int16:
        raise UserError(f"iq: {iq.dtype} {iq.shape}; expected int16 (n, 64 or 128 or 256, 2)")
    n, size = len(iq), BEFORE + 4 * iq.shape[1]
    ticks = np.rint(1e6 * seconds).astype(np.int64)
    times = np.stack([ticks // 10**6, ticks % 10**6, np.full(n, size), np.full(n, size)], 1)
    heads = np.zeros(n, HEADER)
    heads["magic"], heads["chip"], heads["sequence"] = MARK, chip, np.arange(n) % 2**16
    return NexmonLog(
        next(iter(MAGIC)) + np.array([4 << 16 | 2, 0, 0, LONG, 1], "<u4").tobytes(),
        times.astype("<u4").view(np.uint8).reshape(n, -1),
        np.tile(_envelope(size), (n, 1)),
        heads,
        iq,
        (b"",) * n,
        ticks,
        1e-6,
    )


LONG = 0xFFFF


def _envelope(size: int) -> NDArray[np.uint8]:
    """Ethernet, IP and UDP of a packet of a size, as nexmon_csi sends it: from 10.10.10.10, broadcast."""
    envelope = np.zeros(ENVELOPE, np.uint8)
    envelope[:6], envelope[6:12] = 255, np.frombuffer(b"NEXMON", np.uint8)
    envelope[12:14], envelope[14], envelope[22:24] = (8, 0), 0x45, (1, 17)
    envelope[16:18] = divmod(size - 14, 256)
    envelope[26:30], envelope[30:34] = 10, 255
    envelope[34:36] = envelope[36:38] = divmod(PORT, 256)
    envelope[38:40] = divmod(size - 34, 256)
    return envelope


def capture(source: Path | str | bytes) -> Capture:
    """The recording: one antenna for every core and stream that occurs, null subcarriers included.

    Raises
    ------
    UserError
        If no packet holds CSI.
    """
    log = read_nexmon(source)
    if not len(log):
        raise UserError(f"no packet of nexmon_csi: {log.told()}")
    size = log.iq.shape[1]
    antennas, which = np.unique(log.heads["core_stream"], return_inverse=True)
    csi = np.zeros((len(log), len(antennas), size), np.complex64)
    parts = csi.view(np.float32).reshape(len(log), len(antennas), size, 2)
    for antenna in range(len(antennas)):  # the halves of a transform change places
        mine = slice(None) if len(antennas) == 1 else which == antenna
        parts[mine, antenna, size // 2 :] = log.iq[mine, : size // 2]
        parts[mine, antenna, : size // 2] = log.iq[mine, size // 2 :]
    heard = which[:, None] == np.arange(len(antennas))
    clock = clock_of(log.ticks, 62, log.unit)
    told = "; ".join(filter(None, [log.told(), clock.told()]))
    return Capture(csi, heard, clock.seconds, np.sort(fft_order(size)), SIZES[size], told)
