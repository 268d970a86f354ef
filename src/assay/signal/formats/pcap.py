"""Packets of a capture file (libpcap's format, microseconds or nanoseconds, either order of bytes)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.signal.records import alike, rows

MAGIC = {  # order of bytes and units of time by a file's first four bytes
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
FILE_HEADER, PACKET_HEADER = 24, 16
SIZE = slice(8, 12)  # of a packet's header
LONGEST = 262_144  # bytes of a packet: libpcap's own limit


@dataclass(frozen=True, eq=False)
class Packets:
    """Where the packets of a file are.

    Parameters
    ----------
    order : {"<", ">"}
        Order of bytes in the file's headers.
    unit : float
        Of `fraction`, s.
    starts, sizes : int array, shape (n,)
        Of the packets' own bytes.
    whole, fraction : int array, shape (n,)
        When a packet was captured: seconds, and units of the rest.
    lost : int
        Bytes at the end that are no whole packet.
    """

    order: str
    unit: float
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    whole: NDArray[np.int64]
    fraction: NDArray[np.int64]
    lost: int

    def ticks(self) -> NDArray[np.int64]:
        """When a packet was captured, in units."""
        return self.whole * round(1 / self.unit) + self.fraction


def packets(content: bytes) -> Packets:
    """The packets of a capture file, up to the first that is not whole.

    Raises
    ------
    UserError
        If the file is none.
    """
    if content[:4] not in MAGIC or len(content) < FILE_HEADER:
        raise UserError("no capture file of libpcap (pcapng: convert with editcap -F pcap)")
    order, unit = MAGIC[content[:4]]
    field, at, starts, sizes, before = struct.Struct(order + "I"), FILE_HEADER, list[int](), list[int](), 0
    while at + PACKET_HEADER <= len(content):
        size = field.unpack_from(content, at + SIZE.start)[0]
        if size > LONGEST or at + PACKET_HEADER + size > len(content):
            break
        run = alike(content, at, PACKET_HEADER + size, SIZE) if size == before else 1
        starts += range(
            at + PACKET_HEADER, at + PACKET_HEADER + run * (PACKET_HEADER + size), PACKET_HEADER + size
        )
        sizes += [size] * run
        at, before = at + run * (PACKET_HEADER + size), size
    places = np.array(starts, np.int64)
    heads = rows(np.frombuffer(content, np.uint8), places - PACKET_HEADER, PACKET_HEADER).view(order + "u4")
    whole, fraction = heads[:, :2].astype(np.int64).T
    return Packets(order, unit, places, np.array(sizes, np.int64), whole, fraction, len(content) - at)
