"""The numbers of a score: what each says, and the rows of its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from assay.metrics.statistics import ENOUGH
from assay.quality.measures import Measure
from assay.quality.score import Score, ScoreRow

NAMED_COSTS = 6


def place(row: ScoreRow, value: float) -> float:
    """Where a value lies between the worst (0) and real items (1).

    (value - ceiling) / (floor - ceiling); below 0 or above 1 for what is worse or better than both. NaN where
    real items are not clearly better than the worst, so that the measure says nothing here.
    """
    return (value - row.ceiling.mean) / (row.floor.mean - row.ceiling.mean) if sharp(row) else math.nan


def sharp(row: ScoreRow) -> bool:
    """Whether real items are clearly better than the worst: intervals do not overlap.

    With repeats too few for intervals, the means decide.
    """
    low, high = row.ceiling, row.floor
    if row.measure.better == "lower":
        low, high = high, low
    return low.mean < high.mean if low.n < ENOUGH else low.high < high.low


def blind(row: ScoreRow) -> bool:
    """Whether models that judge labels doubt real ones half as often as shuffled ones, or more often."""
    return row.measure.name == "label_errors" and 2 * row.floor.mean > row.ceiling.mean


def worse_than_real(row: ScoreRow) -> bool:
    """Whether the intervals of the synthetic items and of real ones in their place do not overlap."""
    if row.measure.better == "higher":
        return row.value.high < row.floor.low
    return row.value.low > row.floor.high


def _digits(row: ScoreRow) -> int:
    """Decimals that tell a hundredth of the way from the worst to real items.

    No more than three, or than three digits of the largest value.
    """
    span = abs(row.floor.mean - row.ceiling.mean)
    if not 0 < span < math.inf:
        return 3
    most = max(abs(value.mean) for value in (row.value, row.floor, row.ceiling))
    return int(np.clip(_hundredth(span), 1, np.clip(_hundredth(most), 3, 5)))


def _hundredth(value: float) -> int:
    """Decimals of its hundredth."""
    return 2 - math.floor(math.log10(value)) if 0 < value < math.inf else 3


# -- tables -------------------------------------------------------------------------------------------


def cells(row: ScoreRow) -> dict[str, str]:
    """A measure as text."""
    m, form = row.measure, f"z.{_digits(row)}f"
    where = place(row, row.value.mean)
    return {
        "measure": m.name,
        "value": row.value.told(form),
        "real items": row.floor.told(form),
        "the worst": f"{row.ceiling.told(form).partition(' ')[0]} ({m.worst})",
        "place": f"{where:z.2f}" if math.isfinite(where) else "-",
        "better, range": f"{m.better}, {_extent(m)}",
        "meaning": m.meaning,
    }


def _extent(measure: Measure) -> str:
    if math.isfinite(measure.high):
        return f"{measure.low:g} to {measure.high:g}"
    return f"{measure.low:g} or more" if math.isfinite(measure.low) else "unbounded"


def class_cells(score: Score) -> list[dict[str, str]]:
    """A line for every class; none where no condition is known."""
    conditions = score.samples["condition"]
    return [
        {"class": name, "items": str(int((conditions == label).sum())), **_quantities(found)}
        for label, (name, found) in enumerate(zip(score.info["classes"], score.classes))
    ]


def group_cells(score: Score) -> list[dict[str, str]]:
    """A line for every group of synthetic items with a condition; none if there is but one group."""
    known = score.samples["group"][score.samples["condition"] >= 0]
    if len(score.groups) < 2:
        return []
    return [
        {"group": str(group), "items": str(int((known == group).sum())), **_quantities(found)}
        for group, found in score.groups.items()
    ]


def _quantities(found: Mapping[str, float]) -> dict[str, str]:
    return {
        key: f"{value:.3f}" if math.isfinite(value) else "-" for key, value in found.items() if key != "n"
    }


def costs(score: Score) -> str:
    """What took how long, the longest first; nothing of a score that was read from files."""
    if not score.seconds:
        return ""
    order = sorted(score.seconds.items(), key=lambda item: -item[1])
    named = ", ".join(f"{name} {seconds:.1f}" for name, seconds in order[:NAMED_COSTS])
    total, others = sum(score.seconds.values()), sum(seconds for _, seconds in order[NAMED_COSTS:])
    return f"Seconds of one worker, {total:.0f} in all: {named}; all others {others:.1f}."
