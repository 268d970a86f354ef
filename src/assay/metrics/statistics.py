"""Means over seeds or repeats, their intervals, and paired differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

ENOUGH = 3
"""Values below which nothing is claimed: two that happen to agree make an interval of no width."""
Range = tuple[float, float]
SHARE: Range = (0.0, 1.0)
"""Of an accuracy, a recall, a rate."""
DIFFERENCE: Range = (-1.0, 1.0)
"""Of two shares, and of two such differences."""
UNBOUNDED: Range = (-math.inf, math.inf)
CUT = (
    "Intervals end where the quantity does, at 0 and 100 % or at ±100 points; "
    "of two seeds the two values stand in the interval's place."
)
"""What a reader of intervals must know, said once where they are."""

Outcome = Literal["better", "worse", "neither", "few"]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds or repeats, with its 95 % interval.

    Attributes
    ----------
    mean : float
    low, high : float
        Ends of the interval, cut where the quantity cannot be; of two values, these values; NaN of one.
    n : int
        Seeds or repeats.
    margin : float
        Half of the interval's width, before it was cut.
    """

    mean: float
    low: float
    high: float
    n: int
    margin: float = math.nan

    def __post_init__(self) -> None:
        if math.isnan(self.margin):
            object.__setattr__(self, "margin", (self.high - self.low) / 2)

    def __neg__(self) -> Estimate:
        """The same with the sign turned: a loss of a gain below zero."""
        return Estimate(-self.mean, -self.high, -self.low, self.n, self.margin)

    @property
    def outcome(self) -> Outcome:
        """What a difference shows: nothing if its interval holds zero, or `n` is below `ENOUGH`."""
        if self.n < ENOUGH:
            return "few"
        return "better" if self.low > 0 else "worse" if self.high < 0 else "neither"

    @property
    def is_above_zero(self) -> bool:
        """Whether a difference is shown to be above zero."""
        return self.outcome == "better"

    @property
    def is_below_zero(self) -> bool:
        """Whether a difference is shown to be below zero."""
        return self.outcome == "worse"

    @property
    def wants_remark(self) -> bool:
        """Whether `CUT` says something of it."""
        return self.n == 2 or 2 * self.margin - (self.high - self.low) > 1e-9

    def told(self, form: str, unit: float = 1.0) -> str:
        """Mean and interval as text, ``90.1 [88.0, 92.2]``; of two values ``90.1 (89.0 and 91.2)``.

        Parameters
        ----------
        form : str
            Of each number, as `format` takes it.
        unit : float
            What numbers are multiplied by: 100 for per cent and points.
        """
        if not math.isfinite(self.mean):
            return "-"
        mean, low, high = (f"{unit * value:{form}}" for value in (self.mean, self.low, self.high))
        if self.n < 2 or not math.isfinite(self.low):
            return mean
        return f"{mean} ({low} and {high})" if self.n == 2 else f"{mean} [{low}, {high}]"


def estimate(values: Sequence[float], within: Range, level: float = 0.95) -> Estimate:
    """Mean and Student-t interval: mean ± t(n - 1) · s / √n, s with n - 1 in the denominator.

    Parameters
    ----------
    values : sequence of float
    within : (float, float)
        Where the quantity can be, as `SHARE`; the interval ends there.
    level : float
    """
    return _estimate(values, within, level, math.sqrt(len(values)))


def estimate_of_halves(values: Sequence[float], within: Range, level: float = 0.95) -> Estimate:
    """Mean over random halves of a sample, with the interval of the statistic of the whole sample.

    mean ± t(n - 1) · s: a statistic of half of the items, drawn without replacement, scatters around that of
    all items as much as that of all items around the truth (delete-half jackknife; Shao and Wu, Annals of
    Statistics 1989).
    """
    return _estimate(values, within, level, 1.0)


def _estimate(values: Sequence[float], within: Range, level: float, divisor: float) -> Estimate:
    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return Estimate(mean, math.nan, math.nan, n)
    if n == 2:
        return Estimate(mean, float(min(values)), float(max(values)), n)
    half = student_t((1 + level) / 2, n - 1) * float(np.std(values, ddof=1)) / divisor
    return around(mean, half, n, within)


def student_t(probability: float, freedom: int) -> float:
    """The quantile of Student's t with so many degrees of freedom."""
    from scipy.special import stdtrit  # scipy.stats, which has it too, takes a second to import

    return float(stdtrit(freedom, probability))


def around(mean: float, margin: float, n: int, within: Range) -> Estimate:
    """The interval mean ± margin, cut to the range, but never to less than holds the mean."""
    low, high = min(within[0], mean), max(within[1], mean)
    return Estimate(mean, max(mean - margin, low), min(mean + margin, high), n, margin)


def with_ends(value: Any) -> Any:
    """JSON values in which the numbers of an estimate that are null are NaN again."""
    if isinstance(value, Mapping):
        known = {"mean", "low", "high", "margin"} if {"mean", "low", "high"} <= set(value) else set()
        return {
            key: math.nan if part is None and key in known else with_ends(part) for key, part in value.items()
        }
    return [with_ends(part) for part in value] if isinstance(value, list) else value


def paired_difference(
    ours: Mapping[int, float], baseline: Mapping[int, float], within: Range = DIFFERENCE
) -> Estimate | None:
    """Mean of the differences at equal seeds, with its interval; None without a common seed.

    Parameters
    ----------
    ours, baseline : mapping of int to float
        A share by seed.
    within : (float, float)
        Where the difference can be, if it is not of shares.
    """
    common = sorted(ours.keys() & baseline.keys())
    return estimate([ours[seed] - baseline[seed] for seed in common], within) if common else None
