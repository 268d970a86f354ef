"""Recall of every class over the epochs, a panel for every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from assay.report.drawing import png
from assay.report.images.tsne import LEGEND, class_legend, legend_columns, marks

WIDTH, HEIGHT = 3.6, 2.6


@dataclass(frozen=True)
class Course:
    """A panel.

    Attributes
    ----------
    title : str
    recall : float array, shape (epochs, classes)
        In [0, 1]; NaN where a class has no item.
    classes : sequence of str
    """

    title: str
    recall: NDArray[np.float64]
    classes: Sequence[str]


def recall_png(rows: Sequence[Sequence[Course]]) -> bytes:
    """A row of panels each, with the names of its classes."""
    columns = max(map(len, rows))

    def draw(figure: Figure) -> None:
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for line, row in zip(grid, rows):
            for axes, course in zip(line, row):
                course_panel(axes, course)
            class_legend(line[len(row) - 1], row[0].classes)

    width = WIDTH * columns + LEGEND * legend_columns(rows[0][0].classes)
    return png(draw, width, HEIGHT * len(rows))


def course_panel(axes: Axes, course: Course) -> None:
    """A line for every class, in the colours of its features."""
    axes.set_axis_on()
    epochs = range(1, len(course.recall) + 1)
    for values, (colour, marker) in zip(100 * course.recall.T, marks(course.classes)):
        axes.plot(epochs, values, marker=marker, color=colour, markersize=3, linewidth=1.1)
    axes.set(title=course.title, xlabel="epoch", ylabel="recall of the class (%)", ylim=(-3, 103))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.grid(axis="y")
