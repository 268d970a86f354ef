"""Windows of one recording: by its stamps, at one rate, never across its ends or a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.signal.clock import Floats
from assay.signal.doppler import doppler_spectrum
from assay.signal.resampling import at_rate, check_gaps

TELLS = 0.2  # of its rate: the highest frequency that an item must tell
MARGIN = 0.5  # steps by which a window may reach beyond the last packet


@dataclass(frozen=True)
class Grid:
    """How a recording is cut.

    Parameters
    ----------
    rate : float
        Values a second.
    length, step : int
        Values of a window, and from one window's start to the next one's.
    """

    rate: float
    length: int
    step: int

    def starts(self, seconds: Floats) -> NDArray[np.int64]:
        """The first value of each window that fits into a recording, counted in values."""
        fit = int((seconds[-1] - seconds[0]) * self.rate + MARGIN) - self.length + 1
        return np.arange(0, max(fit + 1, 0), self.step)


def cut(
    x: NDArray[Any], heard: NDArray[np.bool_], seconds: Floats, grid: Grid
) -> Iterator[tuple[float, NDArray[Any] | str]]:
    """Start (s) and values (length, antennas, subcarriers) of each window, or why it gives none.

    Parameters
    ----------
    x : array, shape (packets, antennas, subcarriers)
    heard : bool array, shape (packets, antennas)
        Each antenna is joined over the packets that have it.
    seconds : array, shape (packets,)
    grid : Grid
    """
    starts = grid.starts(seconds)
    if not len(starts):
        return
    n = int(starts[-1]) + grid.length
    antennas = [_resampled(x[:, a], heard[:, a], seconds, grid.rate, n) for a in range(x.shape[1])]
    whole = np.stack(antennas, 1)
    for start in starts.tolist():
        first, last = start / grid.rate, (start + grid.length - 1) / grid.rate
        try:
            for antenna in range(x.shape[1]):
                _check_window(seconds[heard[:, antenna]] - seconds[0], first, last, grid.rate)
            yield first, whole[start : start + grid.length]
        except UserError as error:
            yield first, str(error)


def _resampled(
    x: NDArray[Any], heard: NDArray[np.bool_], seconds: Floats, rate: float, n: int
) -> NDArray[Any]:
    return at_rate(x[heard], seconds[heard], rate, float(seconds[0]), n)


def _check_window(seconds: Floats, first: float, last: float, rate: float) -> None:
    """Raise `UserError` if gaps, those at the window's ends included, leave too little of it."""
    inside = seconds[(seconds > first) & (seconds < last)]
    check_gaps(np.concatenate([[first], inside, [last]]), TELLS * rate)


def spectra(
    x: NDArray[Any], heard: NDArray[np.bool_], seconds: Floats, grid: Grid
) -> Iterator[tuple[float, NDArray[np.float32] | str]]:
    """Start (s) and Doppler spectrum (121, 512) of each window, or why it gives none; see `cut`."""
    rows = heard.all(1)
    csi, times = x[rows].reshape(rows.sum(), -1), seconds[rows]
    for first in (grid.starts(seconds) / grid.rate).tolist():
        inside = (times >= seconds[0] + first) & (times < seconds[0] + first + grid.length / grid.rate)
        try:
            yield first, doppler_spectrum(csi[inside], seconds=times[inside], antennas=x.shape[1])
        except UserError as error:
            yield first, str(error)
