"""The metric over amounts of data, a line a method: one comparison an amount."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from assay.comparison.result import Comparison
from assay.comparison.summary import Line, summarise
from assay.report.drawing import Look, looks, svg

APART = 0.025
"""Between the methods at one amount, as a part of it, so that their intervals do not cover each other."""


def learning_curve(results: Mapping[int, Comparison], axis: str, selection: str = "last") -> bytes:
    """The test metric of every method over the amounts, means with 95 % intervals, as SVG.

    Parameters
    ----------
    results : mapping of int to Comparison
        By the amount of data; a method has points where it was among a comparison's.
    axis : str
        What the amounts are of.
    selection : str
        Which epoch's model is told of.
    """
    return svg(partial(_draw, results=results, axis=axis, selection=selection), 7.2, 4.6)


def _draw(figure: Figure, results: Mapping[int, Comparison], axis: str, selection: str) -> None:
    axes, metric = figure.subplots(), next(iter(results.values())).metric
    lines = {n: {line.method: line for line in _lines(result, selection)} for n, result in results.items()}
    methods = list(dict.fromkeys(name for known in lines.values() for name in known))
    for place, (name, look) in enumerate((name, looks(methods)[name]) for name in methods):
        shift = 1 + APART * (place - (len(methods) - 1) / 2)
        _line(axes, {n * shift: known[name] for n, known in lines.items() if name in known}, look, name)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(results)))
    axes.xaxis.set_major_formatter(FixedFormatter([str(n) for n in results]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel=axis, ylabel=f"{metric.words} on the test items{' (%)' * metric.share}")
    axes.grid(axis="y")
    figure.legend(frameon=False, fontsize=8.5, loc="outside lower center", ncols=4)


def _lines(result: Comparison, selection: str) -> list[Line]:
    return [line for line in summarise(result) if line.selection == selection and line.value]


def _line(axes: Axes, points: Mapping[float, Line], look: Look, name: str) -> None:
    for x, line in points.items():
        if line.value and math.isfinite(line.value.low):
            ends = [line.metric.scale * end for end in (line.value.low, line.value.high)]
            axes.plot([x, x], ends, color=look.colour, linewidth=1.0, alpha=0.6)
    means = [line.metric.scale * line.value.mean for line in points.values() if line.value]
    style = {"linestyle": look.line, "color": look.colour, "markerfacecolor": look.face}
    axes.plot(list(points), means, marker=look.marker, markersize=5, linewidth=1.4, label=name, **style)
