"""What more real or more synthetic data would be worth, by a fitted learning curve, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assay.errors import UserError
from assay.metrics.statistics import Estimate
from assay.quality.curve_cells import Row
from assay.quality.learning_curve import Curve, Hidden, LearningCurve, check_hidden, fit


@dataclass(frozen=True)
class Prediction:
    """Accuracy expected at a size, and the difference to that at the present size."""

    what: str
    real: int
    synthetic: int
    accuracy: Estimate
    gain: Estimate | None


@dataclass(frozen=True)
class Outlook:
    """The learning curve and what follows from it.

    Attributes
    ----------
    curve : Curve
    first_item : Estimate
        What the first synthetic item is worth in real ones.
    all_items : Estimate
        What all synthetic items at hand are worth in real ones.
    predictions : tuple of Prediction
        The present size first.
    hidden : tuple of Hidden
        Cells predicted by a curve that had not seen the largest sizes; none if that could not be tried.
    unchecked : str
        Why it could not be tried.
    """

    curve: Curve
    first_item: Estimate
    all_items: Estimate
    predictions: tuple[Prediction, ...]
    hidden: tuple[Hidden, ...]
    unchecked: str

    @property
    def holds(self) -> bool:
        """Whether the curve was checked, and predicted every hidden cell."""
        return bool(self.hidden) and all(cell.inside for cell in self.hidden)


def look_out(rows: Sequence[Row], chance: float) -> Outlook:
    """Fit the curve to the runs that learnt by condition, predict, and check; `chance` is guessing's error.

    Raises
    ------
    UserError
        If the curve cannot be fitted to these runs.
    """
    fitted = fit(rows, chance)
    n, m = max(row.real for row in rows), max(row.synthetic for row in rows)
    hidden, unchecked = _checked(rows, chance)
    return Outlook(
        fitted.curve,
        fitted.of(lambda curve: curve.worth),
        fitted.of(lambda curve: curve.effective(n, m) - n),
        tuple(_predictions(fitted, n, m)),
        hidden,
        unchecked,
    )


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
