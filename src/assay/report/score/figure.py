"""Where every measure of a score lies between the worst and real items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from assay.metrics.statistics import Estimate
from assay.quality.score import Score, ScoreRow
from assay.report.drawing import COLOURS, FAINT, GREY, INK
from assay.report.inline import Drawing, inline, tell
from assay.report.score.numbers import place

WIDTH = 4.4
"""Inches."""
LEFT, RIGHT = -0.12, 1.2
"""What lies beyond is drawn at the edge, as an arrow."""
KINDS = {"conditions": ("of conditions", COLOURS[0], "o"), "": ("of items", COLOURS[4], "s")}


def places(score: Score) -> list[Drawing]:
    """A line for every measure that tells the worst from real items; none if there is no such measure."""
    rows = [row for row in score.rows if math.isfinite(place(row, row.value.mean))]
    if not rows:
        return []

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for height, row in enumerate(rows):
            _row(axes, height, row)
        _finish(axes, rows)

    return [inline(draw, WIDTH, 1.05 + 0.27 * len(rows), _alt(rows))]


def _row(axes: Axes, height: int, row: ScoreRow) -> None:
    """Real items as a grey bar, a tick if it has no width; the value with its interval before it."""
    _, colour, marker = KINDS.get(row.measure.needs, KINDS[""])
    if row.value.n > 1:
        if row.floor.low == row.floor.high:
            axes.plot(1, height, "|", color=FAINT, markersize=15, markeredgewidth=4, zorder=1)
        _interval(axes, height, row, row.floor, color=FAINT, linewidth=9, markersize=9, zorder=1)
        _interval(axes, height, row, row.value, color=colour, linewidth=1.8, markersize=4.5, zorder=3)
    where = place(row, row.value.mean)
    beyond = "<" if where < LEFT else ">" if where > RIGHT else marker
    (mark,) = axes.plot(_cut(where), height, beyond, color=colour, markersize=6.5, zorder=4)
    tell(mark, f"{row.measure.name}: {where:.2f} of the way from the worst (0) to real items (1)")


def _interval(axes: Axes, height: int, row: ScoreRow, value: Estimate, **look: Any) -> None:
    ends = [place(row, end) for end in (value.low, value.high)]
    axes.plot([_cut(end) for end in ends], [height] * 2, solid_capstyle="butt", **look)
    for end in ends:
        if end != _cut(end):
            axes.plot(_cut(end), height, "<" if end < LEFT else ">", **look)


def _cut(where: float) -> float:
    return min(max(where, LEFT), RIGHT)


def _finish(axes: Axes, rows: Sequence[ScoreRow]) -> None:
    for end in (0, 1):
        axes.axvline(end, color=INK, linewidth=0.9, linestyle=":", zorder=2)
    axes.set_yticks(range(len(rows)), [row.measure.name for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(LEFT - 0.03, RIGHT + 0.03)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0: worst", "0.25", "0.5", "0.75", "1: real"])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    marks = [
        Line2D([], [], color=colour, marker=marker, linewidth=1.8, label=name)
        for name, colour, marker in KINDS.values()
    ]
    marks.append(Line2D([], [], color=FAINT, linewidth=9, label="real items"))
    axes.figure.legend(handles=marks, loc="outside upper left", ncols=3, frameon=False, labelcolor=GREY)


def _alt(rows: Sequence[ScoreRow]) -> str:
    said = ", ".join(f"{row.measure.name} {place(row, row.value.mean):.2f}" for row in rows)
    return f"Dot plot. Place of each measure between the worst (0) and real items (1): {said}."
