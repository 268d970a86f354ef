"""Logs of the Intel 5300 CSI Tool (`assay.signal.intel5300`) as recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.signal.antennas import by_antenna
from assay.signal.capture import Capture
from assay.signal.clock import clock_of
from assay.signal.intel5300 import Log, read_log, scaled_csi

HT40 = 0x800  # of the rate's flags


def subcarriers(bandwidth: int) -> NDArray[np.int64]:
    """Numbers of the 30 subcarriers that the card reports: of 56 in 20 MHz, or of 114 in 40 MHz."""
    if bandwidth == 20:
        return np.array([*range(-28, -1, 2), *range(-1, 28, 2), 28])
    return np.array([*range(-58, -1, 4), *range(2, 59, 4)])


def capture(source: Path | str | bytes) -> Capture:
    """The recording, scaled to the noise: antennas a, b, c, and again for every further transmit antenna.

    Of packets with different numbers of transmit antennas, the number is taken that most have; of 20 and
    40 MHz likewise.

    Raises
    ------
    UserError
        If the log has no packet.
    """
    log = read_log(source)
    if not len(log):
        raise UserError(f"no packet of the CSI Tool: {log.told()}")
    clock = clock_of(log.timestamp)
    usual, wide = _usual(log)
    n_tx = int(log.n_tx[usual][0])
    part = log[usual]
    csi, heard = by_antenna(part, scaled_csi(part)[:, :n_tx])
    left_out = f"{(~usual).sum()} packets of another number of streams or bandwidth left out" * bool(
        (~usual).any()
    )
    return Capture(
        csi.reshape(len(part), -1, csi.shape[-1]),
        np.tile(heard, n_tx),
        clock.seconds[usual] - clock.seconds[usual][0],
        subcarriers(40 if wide else 20),
        None,
        "; ".join(filter(None, [log.told(), left_out])),
    )


def _usual(log: Log) -> tuple[NDArray[np.bool_], bool]:
    """The packets of the usual number of transmit antennas and bandwidth, and whether that is 40 MHz."""
    wide = (log.rate & HT40) > 0
    kind = 2 * log.n_tx.astype(np.int64) + wide
    numbers, counts = np.unique(kind, return_counts=True)
    usual = numbers[counts.argmax()]
    return kind == usual, bool(usual % 2)
