"""Logs of the Intel 5300 CSI Tool (Halperin et al., CCR 2011): read, scale, write.

What is not a whole and legal CSI record is skipped and told: packets and skips account for every byte.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.files import content_of, replace_file
from assay.signal import antennas
from assay.signal.antennas import antenna_order
from assay.signal.chain import record_starts
from assay.signal.clock import clock_of
from assay.signal.records import (
    CSI_CODE,
    HEADER,
    SUBCARRIERS,
    Skipped,
    by_shape,
    left_over,
    pack,
    payload_bytes,
    record_bytes,
    rows,
    unpack,
)

NOT_MEASURED = -127
ASSUMED_NOISE = -92
TX_GAIN = np.sqrt([1.0, 1.0, 2.0, 10**0.45])  # by n_tx: the transmit antennas share the power
COLUMNS = tuple(name for name in HEADER.names or () if name not in ("length", "code", "unused", "payload"))


@dataclass(frozen=True, eq=False)
class Log:
    """The packets of a log, in the order of the file.

    Parameters
    ----------
    timestamp : uint32 array, shape (n,)
        The card's clock, µs; starts again after 72 minutes.
    bfee_count : uint16 array, shape (n,)
        Count of measurements; a gap tells of lost packets.
    n_rx, n_tx : uint8 array, shape (n,)
        Receive and transmit antennas of every packet, 1 to 3.
    rssi : uint8 array, shape (n, 3)
        Signal strength at antennas a, b, c, dB above an internal reference; 0 where there is none.
    noise : int8 array, shape (n,)
        Noise floor, dBm; -127 where it was not measured.
    agc : uint8 array, shape (n,)
        Gain of the receiver, dB.
    antenna_sel : uint8 array, shape (n,)
        Which antenna fed which receive chain: two bits a chain.
    rate : uint16 array, shape (n,)
        Rate and flags, as the driver keeps them.
    iq : int8 array, shape (n, tx, rx, 30, 2)
        Real and imaginary parts by receive chain, as recorded. Packets with fewer antennas than the log's
        largest are filled up with zeros; `only` takes those of one shape.
    skipped : tuple of Skipped
        What else the file held.
    """

    timestamp: NDArray[np.uint32]
    bfee_count: NDArray[np.uint16]
    n_rx: NDArray[np.uint8]
    n_tx: NDArray[np.uint8]
    rssi: NDArray[np.uint8]
    noise: NDArray[np.int8]
    agc: NDArray[np.uint8]
    antenna_sel: NDArray[np.uint8]
    rate: NDArray[np.uint16]
    iq: NDArray[np.int8]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.timestamp)

    def __getitem__(self, index: Any) -> Log:
        """The packets at `index` (a slice, a mask or an array of positions)."""
        arrays = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "skipped"}
        return replace(self, **arrays)

    def only(self, n_rx: int, n_tx: int = 1) -> Log:
        """The packets of one shape; `iq` then has the shape (m, n_tx, n_rx, 30, 2)."""
        part = self[(self.n_rx == n_rx) & (self.n_tx == n_tx)]
        return replace(part, iq=part.iq[:, :n_tx, :n_rx])

    def shapes(self) -> dict[tuple[int, int], int]:
        """Number of packets of every (n_rx, n_tx)."""
        return dict(sorted(Counter(zip(self.n_rx.tolist(), self.n_tx.tolist())).items()))

    def told(self) -> str:
        """One line: packets, what was skipped, by reason, and what is odd about antennas and clock."""
        reasons = Counter(piece.reason for piece in self.skipped)
        pieces = "; ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items()))
        lost = sum(piece.size for piece in self.skipped)
        head = f"{len(self)} packets, {lost} bytes skipped" + (f" ({pieces})" if pieces else "")
        return "; ".join(filter(None, [head, *antennas.told(self), clock_of(self.timestamp).told()]))

    def usual(self) -> Log:
        """The packets of the shape that most have; the fewer antennas, if as many have another."""
        if not len(self):
            return self
        counts = self.shapes()
        return self.only(*max(counts, key=counts.__getitem__))


def read_log(source: Path | str | bytes) -> Log:
    """Every packet of a log, and what was skipped.

    The length fields are followed, so that a CSI record in the payload of another is no packet; a damaged or
    cut record costs only itself: reading goes on at the next whole CSI record. Any bytes at all
    give a `Log`, if need be an empty one. Spare bits and unused bytes (zero in the CSI Tool's files) are not
    kept.

    Parameters
    ----------
    source : path or bytes
        The file, or its content.

    Returns
    -------
    Log
        The sizes in `skipped` and those of the packets' records add up to the size of the file.

    Raises
    ------
    UserError
        If the file cannot be read.
    """
    log = content_of(source, "a log of the CSI Tool")
    buffer, starts = np.frombuffer(log, np.uint8), record_starts(log)
    heads = rows(buffer, starts, HEADER.itemsize).view(HEADER)[:, 0]
    ends = starts + record_bytes(heads["n_rx"], heads["n_tx"])
    columns = {name: heads[name].astype(heads[name].dtype.newbyteorder("=")) for name in COLUMNS}
    iq = _read_iq(buffer, starts, heads)
    return Log(**columns, iq=iq, skipped=tuple(left_over(buffer, starts, ends)))


def _read_iq(buffer: NDArray[np.uint8], starts: NDArray[np.int64], heads: NDArray[Any]) -> NDArray[np.int8]:
    n_rx, n_tx = heads["n_rx"], heads["n_tx"]
    size = payload_bytes(n_rx, n_tx)
    iq = np.zeros((len(heads), n_tx.max(initial=1), n_rx.max(initial=1), SUBCARRIERS, 2), np.int8)
    for rx, tx, where in by_shape(n_rx, n_tx):
        payload = rows(buffer, starts[where] + HEADER.itemsize, size[where[0]])
        iq[where, :tx, :rx] = unpack(payload, rx, tx)
    return iq


def raw_csi(log: Log) -> NDArray[np.complex64]:
    """Whole-number CSI with the receive antennas in order, complex64 (n, tx, rx, 30)."""
    return _in_order(log).view(np.complex64)[..., 0]


def _in_order(log: Log) -> NDArray[np.float32]:
    chain = antenna_order(log)[0].argsort(1)
    return log.iq[np.arange(len(log))[:, None], :, chain].swapaxes(1, 2).astype(np.float32, order="C")


def scaled_csi(log: Log) -> NDArray[np.complex64]:
    """CSI relative to the noise, its square a signal-to-noise ratio: complex64 (n, tx, rx, 30).

    ``P = Σ 10^(rssi/10) · 10^(-(44 + agc)/10)`` over the antennas with an RSSI; ``s = 30 P / Σ|csi|²``; noise
    ``N = 10^(noise/10) + s · n_rx · n_tx``, thermal (-92 dBm where not measured) and of quantisation; the
    result is ``csi · √(s/N)``, times √2 or 10^0.225 with two or three transmit antennas. As in the CSI Tool
    and SynCheck (MobiSys 2025). A packet without signal strength, or with only zeros, gives zeros.

    With one transmit and three receive antennas, ``.reshape(len(log), 90)`` gives the columns that
    `assay.signal.doppler` takes: the 30 subcarriers of the first antenna, of the second, of the third.
    """
    heard = np.where(log.rssi > 0, 10.0 ** (log.rssi / 10), 0).sum(1)
    strength = heard * 10.0 ** (-(44.0 + log.agc) / 10)
    parts = _in_order(log)
    energy = np.einsum("ntrsp,ntrsp->n", parts, parts)  # exact: whole numbers below 2^24
    scale = np.divide(SUBCARRIERS * strength, energy, out=np.zeros(len(log)), where=energy > 0)
    thermal = 10.0 ** (np.where(log.noise == NOT_MEASURED, ASSUMED_NOISE, log.noise) / 10)
    noise = thermal + scale * log.n_rx * log.n_tx
    gain = (np.sqrt(scale / noise) * TX_GAIN[log.n_tx]).astype(np.float32)
    parts *= gain[:, None, None, None, None]
    return parts.view(np.complex64)[..., 0]


def log_bytes(log: Log) -> bytes:
    """The packets as a file's content, which `read_log` gives back; a file of the CSI Tool byte for byte."""
    sizes = record_bytes(log.n_rx, log.n_tx)
    starts = np.cumsum(sizes) - sizes
    buffer = np.zeros(sizes.sum(), np.uint8)
    heads = _heads(log).view(np.uint8).reshape(len(log), HEADER.itemsize)
    buffer[starts[:, None] + np.arange(HEADER.itemsize)] = heads
    for rx, tx, where in by_shape(log.n_rx, log.n_tx):
        payload = pack(log.iq[where, :tx, :rx])
        buffer[starts[where, None] + HEADER.itemsize + np.arange(payload.shape[1])] = payload
    return buffer.tobytes()


def _heads(log: Log) -> NDArray[Any]:
    heads = np.zeros(len(log), HEADER)
    for name in COLUMNS:
        heads[name] = getattr(log, name)
    heads["code"] = CSI_CODE
    heads["payload"] = payload_bytes(log.n_rx, log.n_tx)
    heads["length"] = record_bytes(log.n_rx, log.n_tx) - 2
    return heads


def write_log(path: Path | str, log: Log) -> None:
    """Write `log_bytes` at once: readers see the old file or the new one, whole."""
    replace_file(Path(path), log_bytes(log))
