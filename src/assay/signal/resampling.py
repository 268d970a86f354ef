"""Packets at equal steps of time: by their stamps, without aliases, across no gap."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve

from assay.errors import UserError
from assay.signal.clock import Floats, rate_of

MOST_LOST = 0.1  # share of a recording that may lie in gaps
LONGEST = 6.0  # gaps, in half periods of the highest frequency
TAPS = 20  # of the anti-aliasing filter, to either side, for each step that one output spans
ROUNDING = 1e-6  # of the ratio of two rates
PASSED = 0.9  # of the highest frequency that the output can hold


def check_gaps(seconds: Floats, highest: float) -> None:
    """Raise `UserError` unless packets came often enough to tell frequencies up to `highest`.

    A gap is a step longer than half a period of the highest frequency. Packets in bursts, for one, show
    a motion at the difference to the rate of the bursts as well.

    Parameters
    ----------
    seconds : array, shape (n,)
        Never decreasing.
    highest : float
        Hz.

    Raises
    ------
    UserError
        If half of the steps are so long, more than a tenth of the time lies in gaps, or one gap is
        longer than three periods.
    """
    rate, half, steps = rate_of(seconds), 0.5 / highest, np.diff(seconds)
    if np.median(steps) >= half:
        raise UserError(f"{rate:.4g} packets a second cannot tell {highest:.4g} Hz: that takes twice as many")
    gaps = steps[steps > half]
    lost, longest = gaps.sum() / (seconds[-1] - seconds[0]), gaps.max(initial=0)
    if lost > MOST_LOST or longest > LONGEST * half:
        raise UserError(
            f"{len(gaps)} gaps, {100 * lost:.0f} % of the time, the longest {1000 * longest:.0f} ms: too "
            f"much is missing to tell {highest:.4g} Hz (up to {100 * MOST_LOST:.0f} % and "
            f"{1000 * LONGEST * half:.0f} ms may be)"
        )


def at_rate(x: NDArray[Any], seconds: Floats, rate: float, start: float, n: int) -> NDArray[Any]:
    """Values at n moments from `start` on, `rate` a second, from packets received at `seconds`.

    Straight lines join the packets, at least as densely as they came; a low-pass with linear phase then takes
    off what `rate` cannot hold, where packets came more often than that. Before the first packet and after
    the last, their values stand.

    Parameters
    ----------
    x : array, shape (packets, ...)
        Real or complex. Phases that jump from packet to packet must be gone.
    seconds : array, shape (packets,)
        Never decreasing.
    rate : float
    start : float
        Seconds.
    n : int

    Returns
    -------
    array, shape (n, ...)
    """
    finer = (
        max(1, math.ceil(rate_of(seconds) / rate - ROUNDING)) if len(seconds) > 1 and np.ptp(seconds) else 1
    )
    if finer == 1:
        return joined(x, seconds, start + np.arange(n) / rate)
    reach = TAPS * finer
    fine = joined(x, seconds, start + np.arange(-reach, (n - 1) * finer + reach + 1) / (rate * finer))
    taps = firwin(2 * reach + 1, PASSED / finer).reshape(-1, *[1] * (x.ndim - 1))
    smooth: NDArray[Any] = oaconvolve(fine, taps, "valid", axes=0)[::finer]
    return smooth.astype(x.dtype, copy=False)


def joined(x: NDArray[Any], seconds: Floats, times: Floats) -> NDArray[Any]:
    """Values at some times on the straight lines from packet to packet, the ends held; (times, ...)."""
    right = np.clip(np.searchsorted(seconds, times, "right"), 1, max(len(seconds) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(seconds) - 1)
    span = seconds[right] - seconds[left]
    share = np.divide(times - seconds[left], span, out=np.zeros(len(times)), where=span > 0)
    share = np.clip(share, 0, 1).astype(x.real.dtype).reshape(-1, *[1] * (x.ndim - 1))
    values: NDArray[Any] = x[left] + share * (x[right] - x[left])
    return values
