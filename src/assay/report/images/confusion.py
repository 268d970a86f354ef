"""Which classes of photographs are taken for which, and how many of each are recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.report.drawing import COLOURS, INK, class_ticks, png
from assay.report.matrix import NO_CLASS
from assay.studies.images.looks import recall_by_class

Counts = NDArray[np.int64]
SIDE, SCALE, BARS, BAR = 2.9, 0.7, 3.2, 0.8
TICKS = (0, 0.05, 0.2, 0.5, 1)


@dataclass(frozen=True)
class Compared:
    """A row of panels.

    Attributes
    ----------
    title : str
    cells : mapping of str to int array, shape (seeds, classes, outputs)
        Name to confusion matrices.
    classes : sequence of str
    """

    title: str
    cells: Mapping[str, Counts]
    classes: Sequence[str]


def confusion_png(rows: Sequence[Compared]) -> bytes:
    """For each row the matrices of its cells, then bars of the recall of every class."""
    columns = max(len(row.cells) for row in rows)

    def draw(figure: Figure) -> None:
        ratios = [1.0] * columns + [BARS / SIDE]
        grid = figure.subplots(len(rows), columns + 1, squeeze=False, width_ratios=ratios)
        for line, row in zip(grid, rows):
            for axes in line[len(row.cells) : columns]:
                axes.set_axis_off()
            for axes, (name, counts) in zip(line, row.cells.items()):
                image = _panel(axes, counts, row, name)
            _scale(figure, image, list(line[:columns]))
            recall_bars(line[-1], row)

    return png(draw, SIDE * columns + SCALE + BARS, SIDE * len(rows))


def _panel(axes: Axes, counts: Counts, row: Compared, name: str) -> Any:
    axes.set_title("\n".join(filter(None, (row.title, name))))
    axes.set(xlabel="predicted class", ylabel="true class")
    return _image(axes, shares(counts), row.classes)


def _image(axes: Axes, matrix: NDArray[np.float64], classes: Sequence[str]) -> Any:
    """Draw shares of predictions (columns) by true class (rows), each in [0, 1]; gives what a scale needs."""
    image = axes.imshow(matrix, cmap="Blues", norm=PowerNorm(0.5, 0, 1), interpolation="nearest")
    class_ticks(axes, [*classes, NO_CLASS][: matrix.shape[1]], 12, "x")
    class_ticks(axes, classes, 12, "y")
    axes.tick_params(length=0, labelsize=7.5)
    axes.spines[:].set_visible(True)
    return image


def _scale(figure: Figure, image: Any, beside: list[Axes]) -> None:
    bar = figure.colorbar(image, ax=beside, shrink=0.8, aspect=25, pad=0.02, ticks=TICKS)
    bar.ax.set_yticklabels([f"{100 * tick:.0f} %" for tick in TICKS])


def shares(counts: Counts) -> NDArray[np.float64]:
    """Of each true class what was taken for what, mean over seeds, shape (classes, outputs)."""
    of_class = counts.sum(2, keepdims=True).clip(1)
    mean: NDArray[np.float64] = (counts / of_class).mean(0)
    return mean


def recall_bars(axes: Axes, row: Compared) -> None:
    """A bar for every class and cell: mean over seeds, and a line from the lowest seed to the highest."""
    width = BAR / len(row.cells)
    for number, (name, counts) in enumerate(row.cells.items()):
        recall = 100 * recall_by_class(counts)
        places = np.arange(len(row.classes)) + (number + 0.5) * width - BAR / 2
        seeds = f"{len(counts)} seed{'s' * (len(counts) > 1)}"
        axes.bar(places, recall.mean(0), width, color=COLOURS[number], label=f"{name} ({seeds})")
        ends: Any = np.array([recall.mean(0) - recall.min(0), recall.max(0) - recall.mean(0)]).clip(0)
        axes.errorbar(places, recall.mean(0), ends, fmt="none", ecolor=INK, elinewidth=0.9)
    class_ticks(axes, row.classes, 15, "x")
    axes.set(ylim=(0, 100), ylabel="recall (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=7, frameon=False, borderpad=0)
