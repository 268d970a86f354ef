"""Bars of a study: one for every series, in groups where there are several places."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from assay.report.drawing import GREY, INK
from assay.report.study.look import Mark, look
from assay.report.study.numbers import is_baseline, series_of, several_places
from assay.studies.runs import Row

GAP = 1.2
"""Between groups, in widths of a bar."""
WIDE = 0.78
MANY = 10
"""Bars beyond which the numbers in them are smaller."""
BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75}
LETTERS = 68
"""That fit side by side below a panel."""


def draw(axes: Axes, rows: Sequence[Row], marks: Sequence[Mark], floor: float, absent: str) -> None:
    """The bars of one side, from `floor`; cells of `rows` without a mark say `absent`."""
    size = 7.5 if len(rows) <= MANY else 6.6
    places, found = positions(rows), {mark.row.key: mark for mark in marks}
    for row in rows:
        mark = found.get(row.key)
        if mark:
            _bar(axes, places[row.key], mark, floor)
            _at_foot(axes, places[row.key], f"{mark.mean:.1f}", fontsize=size, bbox=BOX)
        else:
            _at_foot(axes, places[row.key], absent, fontsize=7.5, color=GREY, rotation=90)
    _baseline(axes, rows, marks)
    _ticks(axes, rows, places)


def positions(rows: Sequence[Row]) -> dict[object, float]:
    """Where each cell's bar stands."""
    names, groups = series_of(rows), list(dict.fromkeys(row.place for row in rows))
    return {row.key: groups.index(row.place) * (len(names) + GAP) + names.index(row.series) for row in rows}


def _bar(axes: Axes, x: float, mark: Mark, floor: float) -> None:
    style = look(mark.row.series)
    face = "white" if style.control else to_rgba(style.colour, 0.22)
    line = (0, (3, 1.6)) if style.control else "-"
    axes.bar(
        x, mark.mean - floor, WIDE, floor, color=face, edgecolor=style.colour, linewidth=1.3, linestyle=line
    )
    if mark.ends:
        axes.plot([x, x], mark.ends, color=INK, linewidth=1.3, zorder=4)
    spread = np.linspace(-0.22, 0.22, len(mark.seeds)) if len(mark.seeds) > 1 else np.zeros(len(mark.seeds))
    axes.plot(x + spread, mark.seeds, "o", color=style.colour, markersize=3.2, mew=0.5, mec="white", zorder=5)


def _at_foot(axes: Axes, x: float, words: str, **style: Any) -> None:
    """Words just above the axis, below all intervals and seeds."""
    axes.text(x, 0.018, words, transform=axes.get_xaxis_transform(), ha="center", zorder=6, **style)


def _baseline(axes: Axes, rows: Sequence[Row], marks: Sequence[Mark]) -> None:
    """A dashed line at only real, where there is one of it."""
    mean = next((mark.mean for mark in marks if is_baseline(mark.row)), None)
    if mean is not None and not several_places(rows):
        axes.axhline(mean, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=3)


def _ticks(axes: Axes, rows: Sequence[Row], places: dict[object, float]) -> None:
    """The series below the bars; below groups their place, as the legend has the series."""
    if several_places(rows):
        names = list(dict.fromkeys(row.place for row in rows))
        middle = [float(np.mean([places[row.key] for row in rows if row.place == name])) for name in names]
        axes.set_xticks(middle, names)
    else:
        width = max(LETTERS // len(rows), 9)
        names = ["\n".join(textwrap.wrap(row.series, width)) for row in rows]
        axes.set_xticks([places[row.key] for row in rows], names, fontsize=8)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.7, max(places.values(), default=0) + 0.7)
