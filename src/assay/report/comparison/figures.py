"""Figures of accuracy: results with their intervals, and learning curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Transform
from numpy.typing import NDArray

from assay.comparison.names import BASELINE
from assay.comparison.result import Comparison
from assay.comparison.summary import Line, headline, shown, summarise
from assay.comparison.summary import values as by_seed
from assay.metrics.statistics import DIFFERENCE, UNBOUNDED, Estimate, Range
from assay.metrics.table import Metric
from assay.report.drawing import (
    FAINT,
    GREY,
    INK,
    Look,
    families,
    looks,
    row_label,
)
from assay.report.inline import Drawing, inline, tell
from assay.report.traces import Trace, traces

Floats = NDArray[np.float64]
WIDTH = 3.9
CURVE = 3.3, 1.9
"""Inches of a panel: what a telephone shows without shrinking it."""


def headline_lines(comparison: Comparison) -> list[Line]:
    """The lines of the headline selection, every filter followed by its control."""
    chosen = headline(comparison)
    lines = {line.method: line for line in summarise(comparison) if line.selection == chosen}
    return [lines[name] for family in families(list(lines)) for name in family]


# -- results ------------------------------------------------------------------------------------------


def results(comparison: Comparison) -> list[Drawing]:
    """Accuracy of every method, and its difference to the baseline; none if no run succeeded."""
    lines = headline_lines(comparison)
    if not any(line.value for line in lines):
        return []
    seeds = {line.method: by_seed(comparison, line.method, line.selection) for line in lines}
    size = WIDTH, 0.75 + 0.36 * len(lines)
    found = [inline(lambda f: _accuracy_panel(f.subplots(), lines, seeds), *size, _accuracy_alt(lines))]
    if any(line.difference for line in lines):
        told = _difference_alt(lines)
        found.append(inline(lambda f: _difference_panel(f.subplots(), lines, seeds), *size, told))
    return found


def _accuracy_alt(lines: Sequence[Line]) -> str:
    metric = lines[0].metric
    said = "; ".join(f"{line.method} {metric.told(line.value)}" for line in lines)
    return f"Dot plot. {_named(metric)}: {said}."


def _difference_alt(lines: Sequence[Line]) -> str:
    metric = lines[0].metric
    said = "; ".join(f"{line.method} {metric.gained(line.difference)}" for line in lines if line.difference)
    return f"Dot plot. Difference to {BASELINE}{' in points' * metric.share}: {said}."


def _named(metric: Metric) -> str:
    return f"{metric.words[0].upper()}{metric.words[1:]}{' in percent' * metric.share}"


def _accuracy_panel(axes: Axes, lines: Sequence[Line], seeds: dict[str, dict[int, float]]) -> None:
    style, metric = looks([line.method for line in lines]), lines[0].metric
    for row, line in enumerate(lines):
        if line.value:
            told = f"{line.method}: {metric.told(line.value)}{' %' * metric.share}"
            values = list(seeds[line.method].values())
            _row(axes, row, line.value, values, style[line.method], metric.scale, told)
        else:
            _say(axes, row, "no run succeeded", 0.02, axes.get_yaxis_transform(), "left")
        if line.value and line.method == BASELINE:
            axes.axvline(metric.scale * line.value.mean, color=INK, linewidth=0.9, linestyle=":", zorder=1)
    unit = " (%)" if metric.share else ""
    _finish_rows(axes, lines, f"{metric.words} on the test items{unit}", metric.within, metric.scale)


def _difference_panel(axes: Axes, lines: Sequence[Line], seeds: dict[str, dict[int, float]]) -> None:
    style, base = looks([line.method for line in lines]), seeds.get(BASELINE, {})
    metric = lines[0].metric
    axes.axvline(0, color=INK, linewidth=0.9, linestyle=":", zorder=1)
    for row, line in enumerate(lines):
        if line.difference:
            paired = [value - base[seed] for seed, value in seeds[line.method].items() if seed in base]
            natural = line.difference if metric.sign > 0 else -line.difference
            told = f"{line.method}: {metric.gained(line.difference)}{' points' * metric.share}"
            _row(axes, row, natural, paired, style[line.method], metric.scale, told)
        elif line.method == BASELINE:
            _say(axes, row, "baseline", 0.98, axes.get_yaxis_transform(), "right")
    unit, within = (" (points)", DIFFERENCE) if metric.share else ("", UNBOUNDED)
    _finish_rows(axes, lines, f"difference to real_only{unit}", within, metric.scale)


def _row(
    axes: Axes, row: int, value: Estimate, seeds: Sequence[float], look: Look, scale: int, told: str
) -> None:
    """Mean with its interval; single seeds below."""
    if math.isfinite(value.low):
        ends = [scale * value.low, scale * value.high]
        axes.plot(ends, [row, row], color=look.colour, linewidth=1.8, linestyle=look.line, zorder=3)
    dots = [scale * seed for seed in seeds]
    axes.plot(dots, [row + 0.24] * len(dots), "o", color=look.colour, alpha=0.4, markersize=3.4, mew=0)
    face: dict[str, Any] = {
        "markerfacecolor": look.face,
        "markeredgecolor": look.colour,
        "markeredgewidth": 1.4,
    }
    (mark,) = axes.plot(scale * value.mean, row, look.marker, markersize=6.5, zorder=4, **face)
    tell(mark, told)


def _say(axes: Axes, row: int, words: str, x: float, across: Transform, side: str) -> None:
    """Words in place of a mark."""
    text = axes.text(x, row, words, transform=across, ha=side, va="center", color=GREY, fontsize=8)
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})


def _finish_rows(axes: Axes, lines: Sequence[Line], label: str, within: Range, scale: int) -> None:
    """A method a row; at least two points wide, but of nothing that cannot be: no accuracy above 100 %."""
    low, high = axes.get_xlim()
    least, most, point = scale * within[0], scale * within[1], scale / 100
    wider = max(2 * point - (high - low), 0) / 2
    low, high = max(low - wider, least - point / 2), min(high + wider, most + point / 2)
    axes.set_xlim(low, high)
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    axes.set_xticks([tick for tick in ticks if max(low, least) <= tick <= min(high, most)])
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_yticks(range(len(lines)), [row_label(line.method) for line in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)


# -- learning curves ----------------------------------------------------------------------------------


def curves(comparison: Comparison) -> list[Drawing]:
    """Test accuracy over epochs, a panel for every method with its control; none if no run succeeded."""
    found = histories(comparison)
    style, limits = looks(shown(comparison)), _limits(found)
    return [
        inline(
            partial(_curve_panel, family=family, found=found, style=style, limits=limits),
            *CURVE,
            _curves_alt({name: found[name] for name in family}),
            _curve_title(family),
        )
        for family in families(list(found))
    ]


def histories(comparison: Comparison) -> dict[str, Floats]:
    """Test accuracy in percent of every method that succeeded, (seeds, epochs)."""
    found = {name: _histories(comparison, name) for name in shown(comparison)}
    return {name: history for name, history in found.items() if history.size}


def _curve_title(family: list[str]) -> str:
    return family[0] + (" (dashed: its random filter)" if len(family) > 1 else "")


def _limits(found: dict[str, Floats]) -> tuple[float, float]:
    """One range for all panels."""
    values = [end for history in found.values() for end in (history.min(), history.max())] or [0.0, 100.0]
    air = max(0.05 * (max(values) - min(values)), 1)
    return max(min(values) - air, -1.0), min(max(values) + air, 100.4)


def _histories(comparison: Comparison, method: str) -> Floats:
    """Test accuracy in percent, (seeds, epochs)."""
    mine = [run for run in comparison.runs if run["label"] == method and not run["error"]]
    return 100 * np.array([[record["test_accuracy"] for record in run["history"]] for run in mine])


def _curve_panel(
    figure: Figure,
    family: list[str],
    found: dict[str, Floats],
    style: dict[str, Look],
    limits: tuple[float, float],
) -> None:
    axes = figure.subplots()
    for name, values in found.items():
        if name not in family:
            axes.plot(_epochs(values), values.mean(0), color=FAINT, linewidth=0.8, zorder=1)
    if BASELINE in found and BASELINE not in family:
        values = found[BASELINE]
        axes.plot(_epochs(values), values.mean(0), color=INK, linewidth=1.1, linestyle=":", zorder=2)
    for name in family:
        _curve(axes, name, found[name], style[name])
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.set_ylim(*limits)
    axes.grid(axis="y")


def _curve(axes: Axes, name: str, values: Floats, look: Look) -> None:
    epochs = _epochs(values)
    marker = look.marker if len(epochs) == 1 else ""
    band = 0.1 if look.control else 0.22
    axes.fill_between(
        epochs, values.min(0), values.max(0), color=look.colour, alpha=band, linewidth=0, zorder=2
    )
    line = {"color": look.colour, "linestyle": look.line, "linewidth": 1.7}
    mean = values.mean(0)
    (drawn,) = axes.plot(epochs, mean, marker=marker, markerfacecolor=look.face, zorder=3, **line)
    tell(drawn, f"{name}: {mean[0]:.1f} % after the first epoch, {mean[-1]:.1f} % after the last")


def _epochs(values: Floats) -> NDArray[np.int64]:
    return np.arange(1, values.shape[1] + 1)


def _curves_alt(found: dict[str, Floats]) -> str:
    ends = "; ".join(f"{name} {v[:, 0].mean():.1f} to {v[:, -1].mean():.1f}" for name, v in found.items())
    return f"Lines. Mean test accuracy in percent, from the first to the last epoch: {ends}."


def sparks(comparison: Comparison) -> dict[str, Markup]:
    """Mean test accuracy over the epochs of every method that succeeded, all on one scale, for the table."""
    found = histories(comparison)
    limits = _limits(found)
    return {
        name: traces([Trace(values.mean(0))], *limits, _curves_alt({name: values}))
        for name, values in found.items()
    }
