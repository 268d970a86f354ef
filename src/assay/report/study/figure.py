"""The figure of a study as the paper draws it: here and published side by side, on one range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from assay.report.drawing import WIDTH, png, svg
from assay.report.inline import Drawing, inline
from assay.report.study import bars as study_bars
from assay.report.study import dots as study_dots
from assay.report.study import lines as study_lines
from assay.report.study.dots import lines_of
from assay.report.study.look import Mark, limits, look, ours, theirs
from assay.report.study.numbers import called, chosen, finished, series_of, several_places
from assay.studies.runs import Row, StudyRuns
from assay.studies.syncheck.scenarios import STUDIES

STEP = {"bars": 5.0, "lines": 2.0}
PANEL, HEIGHT = 4.4, 3.6
"""Inches of a panel on a page."""


@dataclass(frozen=True)
class Panel:
    """One side of the figure."""

    title: str
    marks: list[Mark]
    absent: str


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes
    ----------
    kind : {"bars", "lines"}
    title, axis : str
    rows : list of Row
        The cells that have a place.
    panels : list of Panel
        Ours, and the published if there is one.
    """

    kind: str
    title: str
    axis: str
    rows: list[Row]
    panels: list[Panel]

    @property
    def limits(self) -> tuple[float, float]:
        """Range of the accuracies, the same on both sides."""
        return limits([mark for panel in self.panels for mark in panel.marks], STEP[self.kind])

    @property
    def legend(self) -> bool:
        """Whether the axis does not name the series."""
        return self.kind == "lines" or several_places(self.rows)


def plot_of(runs: StudyRuns, selection: str | None = None) -> Plot | None:
    """What to draw; None if no run has succeeded."""
    everything = runs.rows(selection)
    kind = "lines" if runs.info["published"] == "volume" else "bars"
    rows = everything if kind == "lines" else finished(everything)
    here, there = (
        Panel(_here(runs), ours(rows), "no result"),
        Panel(_figure(runs), theirs(rows), "not published"),
    )
    panels = [here, *([there] if there.marks else [])]
    return Plot(kind, _title(runs, here, selection), runs.info["axis"], rows, panels) if here.marks else None


def _here(runs: StudyRuns) -> str:
    """Our side: a small preset's networks stand in for those that the axis names."""
    start = "" if runs.is_own else "here: "
    return f"{start}{runs.info['task']['name']}, preset {runs.info['preset']}"


def _figure(runs: StudyRuns) -> str:
    """The published side, with the name of the figure that it answers to."""
    study = STUDIES.get(runs.info["study"])
    name = study.figures.get(runs.info["generator"], "") if study else ""
    return f"published, {name}" if name else "published"


def _title(runs: StudyRuns, here: Panel, selection: str | None) -> str:
    info, counts = runs.info, sorted({len(mark.seeds) for mark in here.marks})
    seeds = " to ".join(dict.fromkeys(map(str, (counts or [0])[:1] + (counts or [0])[-1:])))
    return (
        f"{info['study']}: {info['scenario']}\nprotocol {info['protocol']}, selection "
        f"{called(chosen(runs, selection))}, n = {seeds} seed{'s' * (seeds != '1')}"
    )


# -- drawing ------------------------------------------------------------------------------------------


def drawing(plot: Plot) -> tuple[Callable[[Figure], None], float, float]:
    """What to draw, and its size in inches."""

    def draw(figure: Figure) -> None:
        grid = figure.subplots(1, len(plot.panels), sharex=True, sharey=True, squeeze=False)
        for axes, panel in zip(grid.flat, plot.panels):
            _panel(axes, panel, plot)
        grid[0, 0].set_ylabel(_axis(plot))
        figure.suptitle(plot.title, x=0.012, ha="left", fontsize=10)
        if plot.legend:
            figure.legend(**_legend(plot), frameon=False, fontsize=8.5, loc="outside lower center")

    return draw, WIDTH * (1 if len(plot.panels) > 1 else 0.6), 4.3 + 0.2 * plot.legend


def _panel(axes: Axes, panel: Panel, plot: Plot) -> None:
    low, high = plot.limits
    if plot.kind == "lines":
        study_lines.draw(axes, panel.marks)
    else:
        axes.grid(axis="y")
        study_bars.draw(axes, plot.rows, panel.marks, low, panel.absent)
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.tick_params(axis="y", labelleft=True)
    axes.set_title(panel.title)
    axes.set_xlabel(plot.axis)


def _axis(plot: Plot) -> str:
    low = plot.limits[0]
    note = f"\n(axis starts at {low:g} %)" if low and plot.kind == "bars" else ""
    return f"accuracy on the test items (%){note}"


def _legend(plot: Plot) -> dict[str, object]:
    shown = [mark.row for panel in plot.panels for mark in panel.marks]
    names = [name for name in series_of(plot.rows) if name in series_of(shown)]
    make = _bar_key if plot.kind == "bars" else _line_key
    return {"handles": [make(name) for name in names], "ncols": min(len(names), 5)}


def _bar_key(name: str) -> Patch:
    style = look(name)
    face = "white" if style.control else (style.colour, 0.22)
    return Patch(facecolor=face, edgecolor=style.colour, linewidth=1.3, label=name)


def _line_key(name: str) -> Line2D:
    style = look(name)
    line = {"linestyle": style.line, "linewidth": study_lines.THICK.get(name, 1.4)}
    return Line2D([], [], **study_lines.marker(name, style), **line, label=name)


# -- files and pages ----------------------------------------------------------------------------------


def svg_of(runs: StudyRuns, selection: str | None = None) -> bytes | None:
    """The figure as SVG; None if no run has succeeded."""
    plot = plot_of(runs, selection)
    return svg(*drawing(plot)) if plot else None


def png_of(runs: StudyRuns, selection: str | None = None) -> bytes | None:
    """The figure as PNG; None if no run has succeeded."""
    plot = plot_of(runs, selection)
    return png(*drawing(plot)) if plot else None


def figure_of(runs: StudyRuns, selection: str | None = None) -> list[Drawing]:
    """The figure for a page, a panel for each side; none if no run has succeeded."""
    plot = plot_of(runs, selection)
    if plot is None:
        return []
    height = HEIGHT if plot.kind == "lines" else 0.7 + 0.32 * len(list(lines_of(plot.rows)))
    return [
        inline(
            partial(_on_page, panel=panel, plot=plot),
            PANEL,
            height,
            _alt(plot, panel),
            panel.title,
        )
        for panel in plot.panels
    ]


def _on_page(figure: Figure, panel: Panel, plot: Plot) -> None:
    axes = figure.subplots()
    if plot.kind == "lines":
        study_lines.draw(axes, panel.marks)
        axes.set(ylim=plot.limits, xlabel=plot.axis, ylabel="accuracy on the test items (%)")
        figure.legend(
            **{**_legend(plot), "ncols": 2}, frameon=False, fontsize=8.5, loc="outside lower center"
        )
    else:
        study_dots.draw(axes, plot.rows, panel.marks, panel.absent)
        axes.set(xlim=plot.limits, xlabel="accuracy on the test items (%)")


def _alt(plot: Plot, panel: Panel) -> str:
    said = "; ".join(f"{mark.row.series}, {mark.row.place} {_told(mark)}" for mark in panel.marks)
    what = "Lines" if plot.kind == "lines" else "Dot plot"
    return f"{what}. Accuracy in percent, {panel.title}: {said}."


def _told(mark: Mark) -> str:
    ends = f" [{mark.ends[0]:.1f}, {mark.ends[1]:.1f}]" if mark.ends else ""
    return f"{mark.mean:.1f}{ends}"
