"""All of the battery in one picture: the gain of every method on every task, a dot a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy.typing import NDArray

from assay.comparison.names import BASELINE
from assay.metrics.hierarchical_bootstrap import known_mean
from assay.report.drawing import COLOURS, FAINT, GREY, INK, WIDTH, panels, svg
from assay.report.inline import Drawing, inline, tell
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.summary import ALONE
from assay.studies.battery.tasks import HALVES, Half

COLUMNS = 5
TICKS = (-30, -10, -3, 0, 3, 10, 30)
"""Points; between -3 and 3 the axis is about linear, beyond about logarithmic."""
ROW, HEAD, PANEL = 0.16, 0.55, 3.6
"""Inches of a task's row, of a panel's title and axis, and of the width of a panel on a page."""
Floats = NDArray[np.float64]


def on_page(runs: BatteryRuns, half: Half) -> list[Drawing]:
    """A panel for each method; none of a half without a finished run."""
    return [
        inline(
            _drawing({method: own}, names, alone_in(gains), titles=False),
            PANEL,
            HEAD + 0.2 + 0.19 * len(names),
            _alt(method, own, names),
            method,
        )
        for known, gains, names in _halves(runs)
        if known == half
        for method, own in gains.items()
    ]


def _alt(method: str, gains: Floats, names: list[str]) -> str:
    known = [(name, own[np.isfinite(own)]) for name, own in zip(names, gains)]
    said = "; ".join(f"{name} {own.mean():+.1f}" for name, own in known if len(own))
    return f"Dot plot. Mean gain of {method} over {BASELINE} in points: {said}."


def svg_of(runs: BatteryRuns, half: Half) -> bytes | None:
    """The picture of a half as a file; None without a finished run."""
    found = dict(_pictures(runs))
    return svg(*found[half]) if half in found else None


def _pictures(runs: BatteryRuns) -> list[tuple[Half, tuple[Callable[[Figure], None], float, float]]]:
    found: list[tuple[Half, tuple[Callable[[Figure], None], float, float]]] = []
    for half, gains, names in _halves(runs):
        height = math.ceil(len(gains) / COLUMNS) * (HEAD + ROW * len(names)) + 0.3
        found.append((half, (_drawing(gains, names, alone_in(gains)), WIDTH, height)))
    return found


def _halves(runs: BatteryRuns) -> Iterator[tuple[Half, dict[str, Floats], list[str]]]:
    """The halves with a finished run: gains by method, and names of tasks."""
    for half in HALVES:
        gains = gains_of(runs, half)
        if gains and (names := runs.task_names(half)):
            yield half, gains, names


def alone_in(gains: dict[str, Floats]) -> Floats | None:
    """Mean gain of `ALONE` on each task, if it ran."""
    return known_mean(gains[ALONE]) if ALONE in gains else None


def gains_of(runs: BatteryRuns, half: Half) -> dict[str, Floats]:
    """Gain of each method over `real_only` in points, shape (task, seed); those without any are left out."""
    accuracies, base = runs.accuracies(half), runs.methods.index(BASELINE)
    gains = {method: 100 * (own - accuracies[base]) for method, own in zip(runs.methods, accuracies)}
    return {method: own for method, own in gains.items() if method != BASELINE and np.isfinite(own).any()}


def _drawing(
    gains: dict[str, Floats], names: list[str], alone: Floats | None, titles: bool = True
) -> Callable[[Figure], None]:
    def draw(figure: Figure) -> None:
        for place, (axes, (method, own)) in enumerate(
            zip(panels(figure, len(gains), COLUMNS, sharey=True, sharex=True), gains.items())
        ):
            if titles:
                axes.set_title(method)
            _rows(axes, own, names, COLOURS[place % len(COLOURS)])
            if method != ALONE and alone is not None:
                axes.plot(alone, range(len(names)), "|", color=GREY, markersize=8, zorder=2)
            _finish(axes, names)
        figure.supxlabel(f"points over {BASELINE} (grey: {ALONE})", fontsize=8.5)

    return draw


def _rows(axes: Axes, gains: Floats, names: list[str], colour: str) -> None:
    for row, (name, own) in enumerate(zip(names, gains)):
        known = own[np.isfinite(own)]
        if len(known):
            dots = axes.plot(known, np.full(len(known), row), "o", color=colour, markersize=3.2, alpha=0.75)
            tell(dots[0], f"{name}: {known.mean():+.1f} points, {len(known)} seeds")


def _finish(axes: Axes, names: list[str]) -> None:
    axes.axvline(0, color=INK, linewidth=0.7, zorder=1)
    axes.set_xscale("asinh", linear_width=3)
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{tick:+d}" if tick else "0" for tick in TICKS]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-60, 60)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
