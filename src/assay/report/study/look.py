"""How the series of all studies are drawn: one colour and marker each, and one range for both panels."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from assay.metrics.statistics import Estimate
from assay.report.drawing import COLOURS, MARKERS, Look
from assay.studies.runs import Row
from assay.studies.syncheck.scenarios import SERIES

BLUE, ORANGE, GREEN, PINK, RED, SKY = COLOURS
LOOKS = {
    SERIES[name]: Look(colour, marker, control)
    for name, colour, marker, control in (
        ("real_only", "#000000", "o", False),
        ("plain", "#000000", "o", True),
        ("original", ORANGE, "s", False),
        ("ssim", SKY, "D", False),
        ("random_ssim", SKY, "D", True),
        ("trts", GREEN, "^", False),
        ("random_trts", GREEN, "^", True),
        ("syncheck", BLUE, "X", False),
        ("no_ova", PINK, "v", False),
        ("no_consistency_entropy", RED, "P", False),
        ("unconditional", PINK, "v", False),
        ("condition_label", RED, "P", False),
    )
}
"""The last two share the colours of the two before them, which no figure shows beside them."""


def look(series: str) -> Look:
    """The same in every figure; of a series that is not listed, by its name."""
    place = zlib.crc32(series.encode())
    return LOOKS.get(series) or Look(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)], False)


@dataclass(frozen=True)
class Mark:
    """A cell on one side of a figure, in percent.

    Attributes
    ----------
    row : Row
    mean : float
    ends : (float, float) or None
        Of the 95 % interval; None where there is none.
    seeds : tuple of float
        Single seeds, where they are drawn.
    """

    row: Row
    mean: float
    ends: tuple[float, float] | None
    seeds: tuple[float, ...]


def ours(rows: Sequence[Row]) -> list[Mark]:
    """What was measured here."""
    return [
        Mark(row, 100 * row.accuracy.mean, _ends(row.accuracy), tuple(100 * v for v in row.seeds.values()))
        for row in rows
        if row.accuracy
    ]


def theirs(rows: Sequence[Row]) -> list[Mark]:
    """What was published: means as printed, intervals where there are seeds."""
    return [
        Mark(row, 100 * row.published.mean, _ends(row.published.accuracy), ())
        for row in rows
        if row.published
    ]


def _ends(value: Estimate | None) -> tuple[float, float] | None:
    if value is None or not math.isfinite(value.low):
        return None
    return 100 * value.low, 100 * value.high


def limits(marks: Sequence[Mark], step: float) -> tuple[float, float]:
    """A range for all marks, with some air, from a multiple of `step`."""
    values = [v for mark in marks for v in (mark.mean, *mark.seeds, *(mark.ends or ()))] or [0.0, 100.0]
    air = max(0.08 * (max(values) - min(values)), 0.8)
    low = step * math.floor(max(min(values) - air, 0.0) / step)
    return (low if low > 2 * step else 0.0), min(max(values) + air, 101.0)
