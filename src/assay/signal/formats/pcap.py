"""Packets of a capture file (libpcap's format, microseconds or nanoseconds, either order of bytes)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

MAGIC = {  # order of bytes and units of time by a file's first four bytes
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
FILE_HEADER, PACKET_HEADER = 24, 16
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
    head, at = struct.Struct(order + "IIII"), FILE_HEADER
    found: list[tuple[int, int, int, int]] = []
    while at + PACKET_HEADER <= len(content):
        whole, fraction, size, _ = head.unpack_from(content, at)
        if size > LONGEST or at + PACKET_HEADER + size > len(content):
            break
        found.append((at + PACKET_HEADER, size, whole, fraction))
        at += PACKET_HEADER + size
    starts, sizes, whole, fraction = np.array(found, np.int64).reshape(-1, 4).T
    return Packets(order, unit, starts, sizes, whole, fraction, len(content) - at)
