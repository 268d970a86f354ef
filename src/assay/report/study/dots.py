"""A study on a page: a row for every series, so that names stand beside their marks on any screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes

from assay.report.drawing import GREY, INK, row_label
from assay.report.inline import tell
from assay.report.study.look import Mark, look
from assay.report.study.numbers import is_baseline, several_places
from assay.studies.runs import Row

Line = tuple[str, Row | None]
"""Words beside a line, and its cell: none where the words are the place of the cells below."""


def draw(axes: Axes, rows: Sequence[Row], marks: Sequence[Mark], absent: str) -> None:
    """Mean, interval and seeds of every cell; cells without a mark say `absent`."""
    found, lines = {mark.row.key: mark for mark in marks}, list(lines_of(rows))
    for height, (_, row) in enumerate(lines):
        if row and row.key in found:
            _mark(axes, height, found[row.key])
        elif row:
            across = axes.get_yaxis_transform()
            axes.text(0.02, height, absent, transform=across, va="center", fontsize=8.5, color=GREY)
    _baseline(axes, rows, marks)
    axes.set_yticks(range(len(lines)), [row_label(words) for words, _ in lines])
    for label, (_, row) in zip(axes.get_yticklabels(), lines):
        label.set_fontweight("normal" if row else "bold")
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def lines_of(rows: Sequence[Row]) -> Iterator[Line]:
    """The cells from the top down, under their places where there are several."""
    for place in dict.fromkeys(row.place for row in rows):
        if several_places(rows):
            yield place, None
        yield from ((row.series, row) for row in rows if row.place == place)


def _mark(axes: Axes, height: int, mark: Mark) -> None:
    style = look(mark.row.series)
    if mark.ends:
        axes.plot(
            mark.ends, [height, height], color=style.colour, linewidth=1.8, linestyle=style.line, zorder=3
        )
    seeds = [height + 0.24] * len(mark.seeds)
    axes.plot(mark.seeds, seeds, "o", color=style.colour, alpha=0.4, markersize=3.2, mew=0)
    look_of: dict[str, Any] = {"mfc": style.face, "mec": style.colour, "mew": 1.4}
    (drawn,) = axes.plot(mark.mean, height, style.marker, markersize=6, zorder=4, **look_of)
    ends = f" [{mark.ends[0]:.1f}, {mark.ends[1]:.1f}]" if mark.ends else ""
    tell(drawn, f"{mark.row.series}: {mark.mean:.1f}{ends} %")


def _baseline(axes: Axes, rows: Sequence[Row], marks: Sequence[Mark]) -> None:
    """A dotted line at only real, where there is one of it."""
    mean = next((mark.mean for mark in marks if is_baseline(mark.row)), None)
    if mean is not None and not several_places(rows):
        axes.axvline(mean, color=INK, linewidth=0.9, linestyle=":", zorder=1)
