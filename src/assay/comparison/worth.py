"""What the synthetic data are worth: the best use with them against the best use of real data alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from assay.comparison.choice import mean_score
from assay.comparison.names import BASELINE, backbone_of, controlled
from assay.comparison.summary import gain as gain_over
from assay.comparison.summary import headline
from assay.metrics.statistics import Estimate

if TYPE_CHECKING:
    from assay.comparison.result import Comparison

FIRST_CHOICE = ("anchored", "mcc", "mixed", "real_unlabelled", BASELINE)
"""Taken in this order where validation items choose nothing; without any of them the first of the table."""


@dataclass(frozen=True)
class Worth:
    """The best use with synthetic items against the best without, neither chosen by test labels.

    Attributes
    ----------
    best, alone : str
        The methods.
    chosen_by : {"validation", "order"}
        The metric told of, on validation items at the chosen epochs, mean over seeds, or `FIRST_CHOICE` where
        the headline is of another selection.
    gain : Estimate
        How much better `best` is on test items than `alone` in the metric told of, paired by seed, under the
        headline's selection.
    over_baseline : Estimate
        Of `best` over `real_only`.
    alone_over_baseline : Estimate or None
        Of `alone` over `real_only`; None if that is it.
    """

    best: str
    alone: str
    chosen_by: Literal["validation", "order"]
    gain: Estimate
    over_baseline: Estimate
    alone_over_baseline: Estimate | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def worth(comparison: Comparison) -> Worth | None:
    """The worth; None unless methods with and without synthetic items have finished runs in common."""
    uses = {label: uses_synthetic(comparison, label) for label in _methods(comparison)}
    with_them, without = ([label for label, use in uses.items() if use == which] for which in (True, False))
    if not (with_them and without):
        return None
    best, alone = _best(comparison, with_them), _best(comparison, without)
    gain, over = _gain(comparison, best, alone), _gain(comparison, best, BASELINE)
    if gain is None or over is None:
        return None
    by: Literal["validation", "order"] = "validation" if _by_validation(comparison) else "order"
    return Worth(
        best, alone, by, gain, over, _gain(comparison, alone, BASELINE) if alone != BASELINE else None
    )


def uses_synthetic(comparison: Comparison, label: str) -> bool:
    """Whether the finished runs of a method had synthetic items to learn from."""
    return any(run["counts"]["synthetic"] for run in _good(comparison, label))


def _methods(comparison: Comparison) -> list[str]:
    """Methods of the comparison's own model that have succeeded, without the controls of filters."""
    names = (name for name in comparison.info["methods"] if not (controlled(name) or backbone_of(name)))
    return [name for name in names if _good(comparison, name)]


def _good(comparison: Comparison, label: str) -> list[dict[str, Any]]:
    return [run for run in comparison.runs if run["label"] == label and not run["error"]]


def _by_validation(comparison: Comparison) -> bool:
    return headline(comparison) == "validation"


def _best(comparison: Comparison, labels: Sequence[str]) -> str:
    """By the mean of the metric on validation items, the first of equals; else the first choice."""
    if _by_validation(comparison):
        return max(labels, key=lambda label: mean_score(_good(comparison, label), comparison.metric))
    return next((name for name in FIRST_CHOICE if name in labels), labels[0])


def _gain(comparison: Comparison, label: str, base: str) -> Estimate | None:
    return gain_over(comparison, label, base, headline(comparison))
