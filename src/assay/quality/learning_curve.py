"""A saturating learning curve over real and synthetic data: what would more of either be worth?

The mean error of a model that learns from n real and m synthetic items is taken to be

    err(n, m) = e + (c - e) · (1 + N/s)^(-b),   N = n + w · m / (1 + m/κ)   if w ≥ 0,

where c is the error of chance, which a model without data makes, e in [0, c] the error that remains however
many data there are, and s and b > 0 say how fast it falls in between. N is the *effective* number of real
items: w is its slope in m at m = 0, κ synthetic items are worth half of what they could be, and any number of
them less than wκ.

Where synthetic data hurt (w < 0), N = n / (1 + |w|/n · m / (1 + m/κ)): harm divides n by what help of the
same size would multiply it by. So N is positive whatever w is, and it and its slope are continuous at w = 0.

For N far above s the error is the power law with a floor of learning curves (Hestness et al. 2017,
arXiv:1712.00409), here tied to chance at N = 0 as Rosenfeld et al. (ICLR 2020) tie it for few data. That
synthetic items add a number of real ones which saturates, and does so whatever n is, is ours: an assumption,
tested by `check_hidden`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.statistics import DIFFERENCE, SHARE, UNBOUNDED, Estimate, Range, around, student_t
from assay.quality.curve_cells import Row, Table, check_amounts, tabled

Floats = NDArray[np.float64]
Size = tuple[float, float]
"""Numbers of real and of synthetic items."""

RESAMPLES = 200
WIDEST = 0.1
"""A hidden cell predicted with a wider interval of accuracy than this checks nothing."""
LEAST = np.array([np.log(0.05), np.log(1e-4), np.log(1e-3), -np.arcsinh(1e3)])
MOST = np.array([np.log(5.0), np.log(1e2), np.log(1e3), np.arcsinh(1e3)])
"""Ends of log b, log s, log κ and asinh wκ, items in units of the largest number of them."""
STEP = float(np.finfo(np.float64).eps ** 0.5)
"""Of forward differences, of a parameter's size or of 1."""
STARTS = np.array(
    [
        (np.log(b), np.log(0.2), np.log(k), most)
        for b in (0.5, 1.5)
        for k in (0.03, 1.0)
        for most in (1.0, -0.5)
    ]
)


@dataclass(frozen=True)
class Curve:
    """err(n, m), with c = `chance`, e = `floor`, b = `power`, s = `scale`, w = `worth` and κ = `reach`."""

    chance: float
    floor: float
    power: float
    scale: float
    worth: float
    reach: float

    def effective(self, real: float, synthetic: float) -> float:
        """Real items that all items together are worth."""
        return float(effective(np.array(real), np.array(synthetic), self.worth * self.reach, self.reach))

    def error(self, real: float, synthetic: float) -> float:
        """Error expected."""
        left: float = (1 + self.effective(real, synthetic) / self.scale) ** -self.power
        return self.floor + (self.chance - self.floor) * left


def effective(real: Floats, synthetic: Floats, most: float, reach: float) -> Floats:
    """Effective real items N; `most` is wκ, what no number of synthetic items exceeds."""
    help_ = most * synthetic / (reach + synthetic) / real
    return np.asarray(real * np.where(help_ >= 0, 1 + help_, 1 / (1 + np.abs(help_))))


@dataclass(frozen=True)
class LearningCurve:
    """A fitted curve and its refits to resampled seeds.

    Attributes
    ----------
    curve : Curve
        Fitted to all seeds.
    refits : tuple of Curve
        Fitted to seeds drawn with replacement.
    seeds : int
    """

    curve: Curve
    refits: tuple[Curve, ...]
    seeds: int

    def of(self, quantity: Callable[[Curve], float], within: Range = UNBOUNDED) -> Estimate:
        """Any quantity of the curve with its 95 % interval, which ends where the quantity does."""
        refits = [quantity(curve) for curve in self.refits]
        return _spread(quantity(self.curve), refits, self.seeds, within)

    def accuracy(self, real: float, synthetic: float) -> Estimate:
        """Accuracy expected."""
        return self.of(lambda curve: 1 - curve.error(real, synthetic), SHARE)

    def gain(self, to: Size, start: Size) -> Estimate:
        """Accuracy expected at one size minus that at another."""
        return self.of(lambda curve: curve.error(*start) - curve.error(*to), DIFFERENCE)


@dataclass(frozen=True)
class Hidden:
    """A cell that the curve did not see.

    Attributes
    ----------
    real, synthetic : int
    predicted : Estimate
        Accuracy, with an interval for a measurement of as many seeds.
    measured : float
        Mean accuracy over the seeds.
    """

    real: int
    synthetic: int
    predicted: Estimate
    measured: float

    @property
    def inside(self) -> bool:
        """Whether the measurement lies in the interval."""
        return self.predicted.low <= self.measured <= self.predicted.high

    @property
    def certain(self) -> bool:
        """Whether the interval, uncut, is narrow enough for the measurement to say anything."""
        return 2 * self.predicted.margin <= WIDEST


def fit(rows: Iterable[Row], chance: float, resamples: int = RESAMPLES, seed: int = 0) -> LearningCurve:
    """Fit the curve to the mean error of every cell (n, m), by weighted least squares.

    A cell of k runs and mean error ē weighs √k / σ with σ² ∝ ē(1 - ē), as of a share of test items. The
    floor is solved for exactly, the others by `scipy.optimize.least_squares` from eight fixed starts.
    The interval of any quantity is ± t(k - 1) · s · √(k / (k - 1)), k the number of seeds and s the deviation
    over refits to whole seeds drawn with replacement: what the cells of one seed have in common stays
    together, and the factor undoes the bootstrap's bias at few seeds.

    Parameters
    ----------
    rows : iterable of Row
    chance : float
        Error of a model that guesses: 1 - 1/classes.
    resamples : int
        Draws of seeds; equal draws are fitted once.
    seed : int
        Of the draws.

    Raises
    ------
    UserError
        With fewer than two seeds, two real sizes, two numbers of synthetic items above 0 or six cells, if an
        error is not a number in [0, 1], or if all cells have the same error.
    """
    table = tabled(rows, chance)
    best = _fit(table, np.arange(len(table.seeds)), STARTS)
    refits = _refits(table, best, _draws(len(table.seeds), resamples, seed))
    return LearningCurve(best, tuple(refits), len(table.seeds))


def check_hidden(
    rows: Iterable[Row], chance: float, resamples: int = RESAMPLES, seed: int = 0
) -> list[Hidden]:
    """Fit without the largest real and the largest synthetic size, and predict three cells that were hidden.

    They mirror what one wants to know: the next real size at the largest synthetic size seen, the next
    synthetic size at the largest real size seen, and both. The interval is that of the difference between
    prediction and measurement over the same draws of seeds.

    Raises
    ------
    UserError
        With fewer than three amounts of synthetic items above 0, if what is left cannot be fitted, or none of
        the three cells was measured.
    """
    table = tabled(rows, chance)
    check_amounts(table)
    hidden = table.largest()
    seen = tabled((row for row in table.rows if not hidden(row)), chance)
    corners = [size for size in table.corners() if size in table.sizes]
    if seen.seeds != table.seeds or not corners:
        raise UserError("learning curve: a seed without the smaller sizes, or none with the larger ones")
    best = _fit(seen, np.arange(len(seen.seeds)), STARTS)
    draws = _draws(len(table.seeds), resamples, seed)
    refits = list(zip(draws, _refits(seen, best, draws)))
    return [_hidden(size, table, best, refits) for size in corners]


# -- fitting ------------------------------------------------------------------------------------------


def _fit(table: Table, index: NDArray[np.int64], starts: Sequence[Floats] | Floats) -> Curve:
    from scipy.optimize import least_squares

    y, weight = table.mean(index)

    def residuals(place: Floats) -> Floats:
        left = _left(place, table)
        floor = _floor(left, y, weight, table.chance)[..., None]
        return np.asarray(weight * (floor + (table.chance - floor) * left - y))

    def slopes(place: Floats) -> Floats:
        """Forward differences of all parameters in one evaluation, of which SciPy makes one each."""
        steps = STEP * np.copysign(np.maximum(1, np.abs(place)), place)
        return np.asarray((residuals(place + np.diag(steps)) - residuals(place)).T / steps)

    found = [least_squares(residuals, start, slopes, bounds=(LEAST, MOST)) for start in starts]
    best = min(found, key=lambda result: float(result.cost)).x
    return _curve(best, float(_floor(_left(best, table), y, weight, table.chance)), table)


def _left(place: Floats, table: Table) -> Floats:
    """(1 + N/s)^(-b) of every cell: how much is left of the way from chance to the floor."""
    (n, m), units = table.counts, table.units
    *logs, most = place.T[..., None]
    power, scale, reach = np.exp(logs)
    found = effective(n / units[0], m / units[1], np.sinh(most), reach)
    return np.asarray((1 + found / scale) ** -power)


def _floor(left: Floats, y: Floats, weight: Floats, chance: float) -> Floats:
    """The floor in [0, chance] that fits best, in closed form."""
    gone = weight * (1 - left)
    found = (gone * weight * (y - chance * left)).sum(-1) / np.maximum((gone**2).sum(-1), 1e-300)
    return np.asarray(np.clip(found, 0.0, chance))


def _curve(place: Floats, floor: float, table: Table) -> Curve:
    real, synthetic = table.units
    power, scale, reach = (float(value) for value in np.exp(place[:3]) * (1.0, real, synthetic))
    return Curve(table.chance, floor, power, scale, float(np.sinh(place[3])) * real / reach, reach)


def _place(curve: Curve, table: Table) -> Floats:
    """Where the search for a curve would end, within the bounds."""
    real, synthetic = table.units
    logs = np.log([curve.power, curve.scale / real, curve.reach / synthetic])
    place = np.array([*logs, np.arcsinh(curve.worth * curve.reach / real)])
    return np.asarray(np.clip(place, LEAST + 1e-6, MOST - 1e-6))


# -- uncertainty --------------------------------------------------------------------------------------


def _draws(seeds: int, resamples: int, seed: int) -> list[tuple[int, ...]]:
    """Positions of seeds drawn with replacement."""
    rng = np.random.default_rng(seed)
    return [tuple(sorted(rng.integers(0, seeds, seeds).tolist())) for _ in range(resamples)]


def _refits(table: Table, best: Curve, draws: Iterable[tuple[int, ...]]) -> list[Curve]:
    refit = functools.cache(functools.partial(_refit, table, best))
    return [refit(draw) for draw in draws]


def _refit(table: Table, best: Curve, draw: tuple[int, ...]) -> Curve:
    """From the best fit and from one start of help and one of harm."""
    return _fit(table, np.array(draw), [_place(best, table), STARTS[2], STARTS[3]])


def _hidden(
    size: tuple[int, int], table: Table, best: Curve, refits: list[tuple[tuple[int, ...], Curve]]
) -> Hidden:
    place = table.sizes.index(size)
    known = [(list(draw), curve) for draw, curve in refits if table.present[place, list(draw)].any()]
    means = [table.mean(np.array(draw))[0][place] for draw, _ in known]
    misses = [mean - curve.error(*size) for mean, (_, curve) in zip(means, known)]
    measured = 1 - float(table.mean(np.arange(len(table.seeds)))[0][place])
    return Hidden(*size, _spread(1 - best.error(*size), misses, len(table.seeds), SHARE), measured)


def _spread(value: float, refits: Sequence[float], seeds: int, within: Range) -> Estimate:
    """The value ± t(k - 1) · s · √(k / (k - 1))."""
    half = student_t(0.975, seeds - 1) * float(np.std(refits)) * math.sqrt(seeds / (seeds - 1))
    return around(value, half, seeds, within)
