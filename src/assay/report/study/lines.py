"""Lines of a study over the amount of synthetic data, from only real at none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from assay.report.drawing import Look
from assay.report.study.look import Mark, look
from assay.report.study.numbers import is_baseline, series_of

APART = 0.04
"""Between the series at one ratio, so that their intervals do not cover each other."""
THICK = {"SynCheck": 2.6}


def draw(axes: Axes, marks: Sequence[Mark]) -> None:
    """The lines of one side."""
    none = next((mark for mark in marks if is_baseline(mark.row)), None)
    names = series_of([mark.row for mark in marks if not is_baseline(mark.row)])
    for i, name in enumerate(names):
        mine = sorted((m for m in marks if m.row.series == name), key=lambda m: m.row.key.ratio)
        _line(axes, ([none] if none else []) + mine, name, APART * (i - (len(names) - 1) / 2))
    if none:
        _points(axes, none, 0.0, look(none.row.series))
    axes.grid(linestyle=(0, (4, 3)))


def _line(axes: Axes, marks: Sequence[Mark], name: str, shift: float) -> None:
    style, width = look(name), THICK.get(name, 1.4)
    xs = [mark.row.key.ratio + shift * (mark.row.key.ratio > 0) for mark in marks]
    axes.plot(xs, [mark.mean for mark in marks], style.line, color=style.colour, linewidth=width, zorder=3)
    for x, mark in zip(xs, marks):
        if not is_baseline(mark.row):
            _points(axes, mark, x, style)


def _points(axes: Axes, mark: Mark, x: float, style: Look) -> None:
    """Mean with its interval; single seeds faint."""
    if mark.ends:
        axes.plot([x, x], mark.ends, color=style.colour, linewidth=1.0, alpha=0.6, zorder=2)
    axes.plot([x] * len(mark.seeds), mark.seeds, "o", color=style.colour, alpha=0.3, markersize=2.8, mew=0)
    axes.plot(x, mark.mean, zorder=4, **marker(mark.row.series, style))


def marker(series: str, style: Look) -> dict[str, Any]:
    """How a mean is marked; SynCheck by an x, as in the published figure."""
    kind, size = ("x", 7.0) if series in THICK else (style.marker, 5.2)
    return {
        "marker": kind,
        "markersize": size,
        "color": style.colour,
        "mfc": style.face,
        "mew": 1.4 + (kind == "x"),
    }
