"""Means over seeds or repeats, their intervals, and paired differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval; the ends are NaN for a single seed."""

    mean: float
    low: float
    high: float
    n: int

    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def estimate(values: Sequence[float], level: float = 0.95) -> Estimate:
    """Mean and Student-t interval: mean ± t(n - 1) · s / √n, s with n - 1 in the denominator."""
    return _estimate(values, level, math.sqrt(len(values)))


def estimate_of_halves(values: Sequence[float], level: float = 0.95) -> Estimate:
    """Mean over random halves of a sample, with the interval of the statistic of the whole sample.

    mean ± t(n - 1) · s: a statistic of half of the items, drawn without replacement, scatters around that of
    all items as much as that of all items around the truth (delete-half jackknife; Shao and Wu, Annals of
    Statistics 1989).
    """
    return _estimate(values, level, 1.0)


def _estimate(values: Sequence[float], level: float, divisor: float) -> Estimate:
    from scipy.stats import t

    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return Estimate(mean, math.nan, math.nan, n)
    half = float(t.ppf((1 + level) / 2, n - 1) * np.std(values, ddof=1) / divisor)
    return Estimate(mean, mean - half, mean + half, n)


def paired_difference(ours: Mapping[int, float], baseline: Mapping[int, float]) -> Estimate | None:
    """Mean of the differences at equal seeds, with its interval; None without a common seed."""
    common = sorted(ours.keys() & baseline.keys())
    return estimate([ours[seed] - baseline[seed] for seed in common]) if common else None
