"""Learning curves of an image study: every measure over the epochs, a line for every cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.report.drawing import panels, png
from assay.studies.images.runs import ImageRuns, at_epoch
from assay.studies.images.study import Measure

LINES = 10
"""Cells in one panel, beyond which lines are not told apart."""
WIDTH, HEIGHT = 3.2, 2.6


def curves_png(runs: ImageRuns) -> bytes | None:
    """A row of panels for each first label, a column for each measure; None without runs."""
    cells = [cell for cell in runs.info["cells"] if _good(runs, cell)]
    if not cells:
        return None
    groups = _groups(cells)
    measures = runs.measures

    def draw(figure: Figure) -> None:
        every = panels(figure, len(groups) * len(measures), len(measures))
        for index, axes in enumerate(every):
            name, measure = list(groups)[index // len(measures)], measures[index % len(measures)]
            _panel(axes, runs, groups[name], measure, name)

    return png(draw, WIDTH * len(measures), HEIGHT * len(groups))


def _groups(cells: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Cells by their first label, unless that tells all of them apart."""
    firsts = [next(iter(cell["labels"].values())) for cell in cells]
    if len(set(firsts)) == len(cells):
        return {"": list(cells)}
    return {first: [c for c, f in zip(cells, firsts) if f == first] for first in dict.fromkeys(firsts)}


def _panel(axes: Axes, runs: ImageRuns, cells: Sequence[dict[str, Any]], measure: Measure, name: str) -> None:
    for number, cell in enumerate(cells):
        values = _curves(runs, cell, measure)
        epochs = np.arange(1, values.shape[1] + 1)
        labels = list(cell["labels"].values())
        style = "-" if number < LINES else ":"
        axes.plot(epochs, values.mean(0), style, label=", ".join(labels[1:] if name else labels))
        axes.fill_between(epochs, values.min(0), values.max(0), alpha=0.15)
    axes.set_title(": ".join(filter(None, (name, measure.title))))
    axes.set_xlabel("epoch")
    axes.set_ylabel("%")
    axes.legend(fontsize=5)


def _curves(runs: ImageRuns, cell: dict[str, Any], measure: Measure) -> NDArray[np.float64]:
    """Per cent, (seeds, epochs)."""
    return 100 * np.array([[at_epoch(e, measure) for e in record["history"]] for record in _good(runs, cell)])


def _good(runs: ImageRuns, cell: dict[str, Any]) -> list[dict[str, Any]]:
    records = (runs.records.get(run["key"]) for run in cell["runs"])
    return [record for record in records if record is not None and not record["error"]]
