"""What more real or more synthetic data would be worth, by a fitted learning curve, and whether it holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assay.errors import UserError
from assay.metrics.statistics import ENOUGH, Estimate
from assay.quality.curve_cells import Row
from assay.quality.learning_curve import Curve, Hidden, LearningCurve, check_hidden, fit

MOST = 100
"""A worth is not told if it, or the upper end of its interval, is above so many times the real items."""


@dataclass(frozen=True)
class Prediction:
    """Accuracy expected at a size, and the difference to that at the present size."""

    what: str
    real: int
    synthetic: int
    accuracy: Estimate
    gain: Estimate | None


@dataclass(frozen=True)
class Worth:
    """How many real items a number of synthetic ones is worth, beside all real ones.

    Attributes
    ----------
    synthetic : int
        An amount that was trained on.
    real : Estimate or None
        Below 0 if they harm; None if the runs cannot tell it: if what is left of the real items is less than
        the smallest real size, or the worth above `MOST` times all of them.
    """

    synthetic: int
    real: Estimate | None


@dataclass(frozen=True)
class Outlook:
    """The learning curve and what follows from it.

    Attributes
    ----------
    curve : Curve
    worths : tuple of Worth
        Of the smallest amount of synthetic items that was trained on, and of the largest.
    predictions : tuple of Prediction
        The present size first.
    hidden : tuple of Hidden
        Cells predicted by a curve that had not seen the largest sizes; none if that could not be tried.
    unchecked : str
        Why it could not be tried.
    """

    curve: Curve
    worths: tuple[Worth, ...]
    predictions: tuple[Prediction, ...]
    hidden: tuple[Hidden, ...]
    unchecked: str

    @property
    def holds(self) -> bool:
        """Whether the curve was checked, and predicted every hidden cell closely enough to be wrong."""
        return bool(self.hidden) and all(cell.inside and cell.certain for cell in self.hidden)


def look_out(rows: Sequence[Row], chance: float) -> Outlook:
    """Fit the curve to the runs that learnt by condition, predict, and check; `chance` is guessing's error.

    Raises
    ------
    UserError
        If the curve cannot be fitted to these runs.
    """
    _check_seeds(rows)
    fitted = fit(rows, chance)
    n, m = max(row.real for row in rows), max(row.synthetic for row in rows)
    hidden, unchecked = _checked(rows, chance)
    return Outlook(
        fitted.curve,
        tuple(_worth(fitted, rows, n, amount) for amount in (_least(rows), m)),
        tuple(_predictions(fitted, n, m)),
        hidden,
        unchecked,
    )


def _check_seeds(rows: Sequence[Row]) -> None:
    seeds = len({row.seed for row in rows})
    if seeds < ENOUGH:
        told = "1 seed" if seeds == 1 else f"{seeds} seeds"
        raise UserError(f"learning curve: {told}; it takes {ENOUGH} or more")


def _least(rows: Sequence[Row]) -> int:
    return min(row.synthetic for row in rows if row.synthetic)


def _worth(fitted: LearningCurve, rows: Sequence[Row], n: int, m: int) -> Worth:
    """In real items, cut at the loss of all of them; far beyond what was measured the fit's bounds speak."""
    found = fitted.of(lambda curve: curve.effective(n, m) - n, (-n, math.inf))
    beyond = n + found.mean < min(row.real for row in rows) or found.high > MOST * n
    return Worth(m, None if beyond else found)


def _predictions(fitted: LearningCurve, n: int, m: int) -> list[Prediction]:
    sizes = {
        "as now": (n, m),
        "twice the synthetic": (n, 2 * m),
        "twice the real": (2 * n, m),
        "twice both": (2 * n, 2 * m),
    }
    return [
        Prediction(what, *size, fitted.accuracy(*size), fitted.gain(size, (n, m)) if size != (n, m) else None)
        for what, size in sizes.items()
    ]


def _checked(rows: Sequence[Row], chance: float) -> tuple[tuple[Hidden, ...], str]:
    try:
        return tuple(check_hidden(rows, chance)), ""
    except UserError as error:
        return (), str(error)
