"""Accuracy over the amount of synthetic data at every real size: measured, and by the learning curve."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from assay.advice.result import Advice, Option
from assay.quality.learning_curve import Curve
from assay.report.drawing import COLOURS, GREY, INK, MARKERS
from assay.report.inline import Drawing, inline, tell

HOLLOW = {"pseudo": "s", "drop": "D", "unlabelled": "^", "mcc": "s", "anchored": "D"}
"""Uses of the data that the curve is not fitted to, drawn hollow."""
APART = 0.07
"""Between points that share an amount, as a part of it: the largest real size stands on the amount itself."""


def curves(advice: Advice) -> tuple[Callable[[Figure], None], float, float]:
    """What to draw, and its size in inches."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        sizes = sorted({option.real for option in advice.options})
        for place, real in enumerate(sizes):
            _size(axes, advice, real, place, APART * (place - len(sizes) + 1))
        _others(axes, advice)
        _finish(axes, advice)
        figure.legend(frameon=False, fontsize=8.5, loc="outside lower center", ncols=2)

    return draw, 7.2, 4.6


def on_page(advice: Advice) -> Drawing:
    """The same for a page."""
    draw, *_ = curves(advice)
    return inline(draw, 4.6, 3.7, _alt(advice))


def _alt(advice: Advice) -> str:
    scale = advice.metric.scale
    said = "; ".join(
        f"{option.real} real, {option.synthetic} synthetic ({option.labels}) {scale * option.test.mean:.1f}"
        for option in advice.options
        if option.test
    )
    return f"Points and lines. {advice.metric.words} on the test items by items learnt from (labels): {said}."


def _size(axes: Axes, advice: Advice, real: int, place: int, shift: float) -> None:
    """Points with their intervals, and the curve up to twice the synthetic data."""
    colour = COLOURS[place % len(COLOURS)]
    mine = [o for o in advice.options if o.real == real and o.labels in ("none", "condition")]
    for option in mine:
        x = (option.synthetic or _first(advice)) * shift + option.synthetic
        _point(axes, option, colour, MARKERS[place % len(MARKERS)], colour, x, advice.metric.scale)
    axes.plot([], [], MARKERS[place % len(MARKERS)], color=colour, label=f"{real} real")
    if advice.outlook:
        _line(axes, advice.outlook.curve, real, _most(advice), colour)


def _line(axes: Axes, curve: Curve, real: int, most: int, colour: str) -> None:
    m = np.concatenate(([0.0], np.geomspace(0.3, 2 * most, 200)))
    accuracy = np.array([100 * (1 - curve.error(real, each)) for each in m])
    seen = m <= most
    axes.plot(m[seen], accuracy[seen], color=colour, linewidth=1.4, zorder=2)
    axes.plot(m[~seen], accuracy[~seen], color=colour, linewidth=1.4, linestyle=":", zorder=2)


def _point(axes: Axes, option: Option, colour: str, marker: str, face: str, x: float, scale: int) -> None:
    if option.test is None:
        return
    if math.isfinite(option.test.low):
        ends = [scale * option.test.low, scale * option.test.high]
        axes.plot([x, x], ends, color=colour, linewidth=1.2, zorder=3)
    mean = scale * option.test.mean
    (mark,) = axes.plot(x, mean, marker, color=colour, markerfacecolor=face, markersize=5.5, zorder=4)
    tell(mark, f"{option.real} real, {option.synthetic} synthetic, labels {option.labels}: {mean:.1f}")


def _others(axes: Axes, advice: Advice) -> None:
    """Other uses of the labels, beside the points that they share their amount with."""
    present = {option.labels for option in advice.candidates}
    for place, labels in enumerate((name for name in HOLLOW if name in present), start=1):
        mine, marker = [option for option in advice.candidates if option.labels == labels], HOLLOW[labels]
        for option in mine:
            x = (option.synthetic or _first(advice)) * place * APART + option.synthetic
            _point(axes, option, GREY, marker, "white", x, advice.metric.scale)
        words = f"{mine[0].real} real, labels: {labels}"
        axes.plot([], [], marker, color=GREY, markerfacecolor="white", label=words)


def _finish(axes: Axes, advice: Advice) -> None:
    amounts = sorted({option.synthetic for option in advice.options})
    first = _first(advice)
    axes.set_xscale("symlog", linthresh=first, linscale=0.6)
    axes.set_xlim(left=-0.25 * first)
    axes.xaxis.set_major_locator(FixedLocator(amounts))
    axes.xaxis.set_major_formatter(FixedFormatter([str(amount) for amount in amounts]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(f"synthetic items (not linear: logarithmic beyond {first})")
    unit = " (%)" * advice.metric.share
    axes.set_ylabel(f"{advice.metric.words} on the test items{unit}", color=INK)
    axes.grid(axis="y")


def _first(advice: Advice) -> int:
    """The smallest amount above 0, up to which the axis is linear."""
    return min((option.synthetic for option in advice.options if option.synthetic), default=1)


def _most(advice: Advice) -> int:
    return max(option.synthetic for option in advice.options)
