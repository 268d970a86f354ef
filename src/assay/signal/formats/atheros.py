"""Logs of the Atheros CSI Tool (Xie, Li and Li, MobiCom 2015): read, write.

A record is its length (uint16), 25 bytes of status, the channel state and the packet's own bytes; numbers
are little-endian or big-endian, as the router that wrote them. Channel state: for every subcarrier, transmit
antenna and receive antenna 10 bits of imaginary and 10 of real part, two's complement, least significant bit
first.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.files import content_of, replace_file
from assay.signal.capture import Capture, all_heard
from assay.signal.clock import clock_of
from assay.signal.records import AT_ONCE, alike, rows
from assay.signal.subcarriers import used

STATUS = np.dtype(
    [
        ("timestamp", "<u8"),
        ("csi_length", "<u2"),
        ("channel", "<u2"),
        ("error", "u1"),
        ("noise", "u1"),
        ("rate", "u1"),
        ("bandwidth", "u1"),
        ("tones", "u1"),
        ("n_rx", "u1"),
        ("n_tx", "u1"),
        ("rssi", "u1", 4),
        ("payload", "<u2"),
    ]
)
TONES = {56: 20, 114: 40}  # subcarriers, MHz
BITS = 10
GROUP, GROUP_BYTES, WORD = 4, 5, 8  # values that fill whole bytes, their bytes, and those of a load
MOST_ANTENNAS = 3
PREFIX = 2
Shape = tuple[int, int, int]
Order = Literal["<", ">"]
ORDERS: tuple[Order, ...] = ("<", ">")


@dataclass(frozen=True, eq=False)
class AtherosLog:
    """The packets of a log that have the usual shape.

    Parameters
    ----------
    order : {"<", ">"}
        Order of bytes.
    status : structured array, shape (n,)
        `STATUS`.
    iq : int16 array, shape (n, tones, tx, rx, 2)
        Imaginary and real parts.
    payloads : tuple of bytes
        The packets' own bytes.
    left_out : tuple of str
        What else the file held.
    """

    order: Order
    status: NDArray[Any]
    iq: NDArray[np.int16]
    payloads: tuple[bytes, ...]
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.status)

    def told(self) -> str:
        """One line: packets, and what else there was."""
        return "; ".join([f"{len(self)} packets", *self.left_out])


def csi_bytes(shape: Shape) -> int:
    """Size of the channel state of tones × tx × rx."""
    return (shape[0] * shape[1] * shape[2] * 2 * BITS + 7) // 8


def _follow(log: bytes, order: Order) -> tuple[list[int], int]:
    """Where the records begin that chain from the file's first byte on, and where the chain ends."""
    length, at, starts, before = struct.Struct(order + "H"), 0, list[int](), 0
    while at + PREFIX <= len(log):
        size = length.unpack_from(log, at)[0] + PREFIX
        if size < STATUS.itemsize + PREFIX or at + size > len(log):
            break
        run = alike(log, at, size, slice(0, PREFIX)) if size == before else 1
        starts += range(at, at + run * size, size)
        at, before = at + run * size, size
    return starts, at


def _legal(status: NDArray[Any], sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which records hold channel state: sizes that agree with one another and with the antennas."""
    wide = {
        name: status[name].astype(np.int64) for name in ("tones", "n_tx", "n_rx", "csi_length", "payload")
    }
    bits = wide["tones"] * wide["n_tx"] * wide["n_rx"] * 2 * BITS
    fits = (bits > 0) & (wide["csi_length"] == (bits + 7) // 8)
    fits &= np.logical_or.reduce([wide["tones"] == n for n in TONES]) & (
        np.maximum(wide["n_tx"], wide["n_rx"]) <= MOST_ANTENNAS
    )
    legal: NDArray[np.bool_] = fits & (STATUS.itemsize + wide["csi_length"] + wide["payload"] <= sizes)
    return legal


def read_atheros(source: Path | str | bytes) -> AtherosLog:
    """Every packet of the usual shape, and what else the file held.

    The order of bytes is the one in which more records are legal.

    Raises
    ------
    UserError
        If the file cannot be read.
    """
    log = content_of(source, "a log of the Atheros CSI Tool")
    order, starts, status, end = max(
        (_records(log, order) for order in ORDERS), key=lambda found: len(found[1])
    )
    numbers = (
        (status["tones"].astype(np.int64) << 16) + (status["n_tx"].astype(np.int64) << 8) + status["n_rx"]
    )
    kinds, counts = np.unique(numbers, return_counts=True)
    usual = int(kinds[counts.argmax()]) if len(kinds) else 56 << 16 | 1 << 8 | 1
    shape: Shape = (usual >> 16, usual >> 8 & 255, usual & 255)
    kept = numbers == usual
    csi = starts[kept] + PREFIX + STATUS.itemsize
    rest = csi + csi_bytes(shape)
    iq = np.empty((len(csi), *shape, 2), np.int16)
    for first in range(0, len(csi), AT_ONCE):
        piece = slice(first, first + AT_ONCE)
        iq[piece] = unpack(rows(np.frombuffer(log, np.uint8), csi[piece], csi_bytes(shape)), shape)
    sizes = status["payload"][kept].tolist()
    payloads = (
        tuple(log[at : at + n] for at, n in zip(rest.tolist(), sizes)) if any(sizes) else (b"",) * len(sizes)
    )
    others = int((~kept).sum())
    left_out = {
        f"{others} packets of another shape": others,
        f"{len(log) - end} bytes that are no CSI record": len(log) - end,
    }
    return AtherosLog(order, status[kept], iq, payloads, tuple(text for text, n in left_out.items() if n))


def _records(log: bytes, order: Order) -> tuple[Order, NDArray[np.int64], NDArray[Any], int]:
    """Order, starts and status of the legal records, and how many bytes all but those make."""
    places, _ = _follow(log, order)
    starts = np.array(places, np.int64)
    status = rows(np.frombuffer(log, np.uint8), starts + PREFIX, STATUS.itemsize).view(
        STATUS.newbyteorder(order)
    )
    status = status[:, 0].astype(STATUS)
    lengths = rows(np.frombuffer(log, np.uint8), starts, PREFIX).view(order + "u2")[:, 0].astype(np.int64)
    legal = _legal(status, lengths)
    return order, starts[legal], status[legal], int((PREFIX + lengths[legal]).sum())


def unpack(packed: NDArray[np.uint8], shape: Shape) -> NDArray[np.int16]:
    """Imaginary and real parts of channel states (n, bytes): int16 (n, tones, tx, rx, 2)."""
    count = 2 * shape[0] * shape[1] * shape[2]
    groups = -(-count // GROUP)
    padded = np.zeros((len(packed), groups * GROUP_BYTES + WORD), np.uint8)
    padded[:, : packed.shape[1]] = packed
    words = np.ndarray((len(packed), groups), "<i8", padded.data, 0, (padded.shape[1], GROUP_BYTES))
    values = np.empty((len(packed), groups, GROUP), np.int16)
    for place in range(GROUP):  # up to the word's top, then down again: the sign goes on
        values[..., place] = (words << (64 - BITS * (place + 1))) >> (64 - BITS)
    return values.reshape(len(packed), -1)[:, :count].reshape(len(packed), *shape, 2)


def pack(iq: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Channel states (n, bytes) of parts -512 to 511: the inverse of `unpack`."""
    values = np.ascontiguousarray(iq, "<i2").reshape(len(iq), -1)
    bits = np.unpackbits(values.view(np.uint8), axis=1, bitorder="little").reshape(len(iq), -1, 16)
    return np.packbits(bits[..., :BITS].reshape(len(iq), -1), axis=1, bitorder="little")


def atheros_bytes(log: AtherosLog) -> bytes:
    """The packets as a file's content, which `read_atheros` gives back."""
    status = log.status.astype(STATUS.newbyteorder(log.order))
    csi, parts = pack(log.iq), list[bytes]()
    for head, values, payload in zip(status, csi, log.payloads):
        size = STATUS.itemsize + len(values) + len(payload)
        parts += [struct.pack(log.order + "H", size), head.tobytes(), values.tobytes(), payload]
    return b"".join(parts)


def write_atheros(path: Path | str, log: AtherosLog) -> None:
    """Write `atheros_bytes` at once."""
    replace_file(Path(path), atheros_bytes(log))


def make_atheros(iq: NDArray[np.int16], seconds: NDArray[np.float64]) -> AtherosLog:
    """A log of simulated packets, for `write_atheros`.

    Parameters
    ----------
    iq : int16 array, shape (n, 56 or 114, tx, rx, 2)
        Imaginary and real parts, -512 to 511.
    seconds : array, shape (n,)

    Raises
    ------
    UserError
        If the shape or a value is none of a packet's.
    """
    if iq.ndim != 5 or iq.shape[1] not in TONES or max(iq.shape[2:4]) > MOST_ANTENNAS or iq.shape[4] != 2:
        raise UserError(f"iq: shape {iq.shape}; expected (n, 56 or 114, 1 to 3, 1 to 3, 2)")
    if np.abs(iq + 0.5).max(initial=0) > 512:
        raise UserError("iq: expected -512 to 511")
    status = np.zeros(len(iq), STATUS)
    status["timestamp"] = np.rint(1e6 * seconds)
    status["tones"], status["n_tx"], status["n_rx"] = iq.shape[1:4]
    status["csi_length"], status["bandwidth"] = csi_bytes(iq.shape[1:4]), iq.shape[1] == 114
    return AtherosLog("<", status, iq.astype(np.int16), (b"",) * len(iq))


def capture(source: Path | str | bytes) -> Capture:
    """The recording: pairs of antennas, all receive antennas of the first transmit antenna first.

    Raises
    ------
    UserError
        If no record holds channel state.
    """
    log = read_atheros(source)
    if not len(log):
        raise UserError(f"no packet of the Atheros CSI Tool: {log.told()}")
    n, tones = log.iq.shape[:2]
    parts = log.iq.reshape(n, tones, -1, 2).swapaxes(1, 2)
    csi = np.empty(parts.shape[:3], np.complex64)
    csi.real, csi.imag = parts[..., 1], parts[..., 0]
    clock = clock_of(log.status["timestamp"].astype(np.int64), 62)
    told = "; ".join(filter(None, [log.told(), clock.told()]))
    return Capture(csi, all_heard(csi), clock.seconds, used(TONES[tones]), TONES[tones], told)
