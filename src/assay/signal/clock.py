"""A card's clock as seconds that never run backwards: wraps undone, steps back and gaps found and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

LONG = 10  # usual intervals without a packet are a gap
Floats = NDArray[np.float64]


class Stamped(Protocol):
    """A log with a clock."""

    @property
    def timestamp(self) -> NDArray[Any]:
        """µs, modulo 2³²."""
        ...


@dataclass(frozen=True, eq=False)
class Clock:
    """What a log's stamps say about time.

    Parameters
    ----------
    seconds : float array, shape (n,)
        From the first packet on; never decreasing.
    misread : int array
        Packets whose stamp lies before that of the packet before, or after that of the packet behind, though
        the others agree; their times lie between their neighbours'.
    set_back : int array
        Packets before which the clock went back for good; the usual interval is put in its place.
    gaps : int array
        Packets before which more than ten usual intervals passed.
    """

    seconds: Floats
    misread: NDArray[np.intp]
    set_back: NDArray[np.intp]
    gaps: NDArray[np.intp]

    def told(self) -> str:
        """One line; empty if the clock has no fault."""
        longest = np.diff(self.seconds)[self.gaps - 1].max(initial=0)
        faults = {
            f"{len(self.misread)} stamps misread": len(self.misread),
            f"clock set back {len(self.set_back)} times": len(self.set_back),
            f"{len(self.gaps)} gaps, the longest {longest:.3g} s": len(self.gaps),
        }
        return "; ".join(text for text, count in faults.items() if count)


def clock_of(stamps: NDArray[Any], bits: int = 32, unit: float = 1e-6) -> Clock:
    """The clock of stamps that start again after 2^bits units.

    A step of less than half that range is a step forward, any other a step back.

    Parameters
    ----------
    stamps : int array, shape (n,)
        In units, modulo 2^bits; floats count as they are (no clock starts again).
    bits : int
        Of the card's counter, at most 62.
    unit : float
        Seconds.
    """
    stamps = np.asarray(stamps, np.float64 if np.asarray(stamps).dtype.kind == "f" else np.int64)
    misread = _misread(stamps, bits)
    trusted = np.setdiff1d(np.arange(len(stamps)), misread)
    steps = _steps(stamps[trusted], bits)
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 0
    elapsed = np.append(0, np.where(steps < 0, usual, steps).cumsum())[: len(trusted)]
    seconds = np.interp(np.arange(len(stamps)), trusted, elapsed * unit) if len(trusted) else np.zeros(0)
    gaps = 1 + np.flatnonzero(np.diff(seconds) > LONG * usual * unit) if usual else np.zeros(0, np.intp)
    return Clock(seconds, misread, trusted[1:][steps < 0], gaps)


def _steps(stamps: NDArray[Any], bits: int) -> NDArray[Any]:
    steps = np.diff(stamps)
    return steps if stamps.dtype.kind == "f" else (steps + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


def _misread(stamps: NDArray[Any], bits: int) -> NDArray[np.intp]:
    """Single packets without which a step back is none: the one behind it, or else the one before it."""
    steps = _steps(stamps, bits)
    back = np.flatnonzero(steps < 0)
    following = np.append(steps, 0)[back + 1]
    before = np.append(steps, 0)[back - 1] * (back > 0)
    behind = steps[back] + following > 0
    ahead = ~behind & (steps[back] + before > 0)
    return np.unique(np.concatenate([back[behind] + 1, back[ahead]]))


def seconds(log: Stamped) -> Floats:
    """When each packet of a log was received: seconds from the first on, never decreasing; (n,)."""
    return clock_of(log.timestamp).seconds


def packet_rate(log: Stamped) -> float:
    """Packets a second on the whole, gaps included.

    Raises
    ------
    UserError
        If there are fewer than two packets, or all have one stamp.
    """
    return rate_of(seconds(log))


def rate_of(times: Floats) -> float:
    """Packets a second of packets received at some times, seconds; see `packet_rate`."""
    if len(times) < 2 or times[-1] <= times[0]:
        raise UserError(f"{len(times)} packets within no time: a rate takes two at different times")
    return float((len(times) - 1) / (times[-1] - times[0]))
