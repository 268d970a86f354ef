"""Features of test items in the plane, a colour for every class, a panel for every method.

t-SNE: van der Maaten & Hinton, JMLR 2008; as in figure 10 of Tang & Jia (CVPR 2023).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assay.report.drawing import GREY, MARKERS, class_names, png

SEED = 20150101
"""Published."""
PERPLEXITY = 30.0
"""Neighbours that count, published (scikit-learn's default); a third of the items where they are few."""
SIDE, LEGEND = 3.6, 1.3


@dataclass(frozen=True)
class Cloud:
    """A panel.

    Attributes
    ----------
    title : str
    features : float array, shape (n, features)
        At least four items.
    y : int array, shape (n,)
    classes : sequence of str
    """

    title: str
    features: NDArray[np.floating[Any]]
    y: NDArray[np.int64]
    classes: Sequence[str]


def embedded(features: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Places in the plane, shape (n, 2): near each other where features are."""
    from sklearn.manifold import TSNE

    few = min(PERPLEXITY, (len(features) - 1) / 3)
    with threadpool_limits(1):  # the last bits of sums depend on the number of threads
        return cast(NDArray[np.float32], TSNE(perplexity=few, random_state=SEED).fit_transform(features))


def tsne_png(rows: Sequence[Sequence[Cloud]]) -> bytes:
    """A row of panels each, with the names of its classes."""
    places = [[embedded(cloud.features) for cloud in row] for row in rows]
    columns = max(map(len, rows))

    def draw(figure: Figure) -> None:
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for line, row, found in zip(grid, rows, places):
            for axes, cloud, xy in zip(line, row, found):
                cloud_panel(axes, cloud, xy)
            class_legend(line[len(row) - 1], row[0].classes)

    return png(draw, SIDE * columns + LEGEND * legend_columns(rows[0][0].classes), SIDE * len(rows))


def cloud_panel(axes: Axes, cloud: Cloud, xy: NDArray[np.float32]) -> None:
    """Every item a mark; an axis of t-SNE has no unit, so none is shown."""
    axes.set_axis_on()
    for label, (colour, marker) in enumerate(marks(cloud.classes)):
        mine = xy[cloud.y == label]
        axes.plot(mine[:, 0], mine[:, 1], marker, color=colour, markersize=3.2, mew=0, alpha=0.8)
    axes.set(title=cloud.title, xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=GREY)


def marks(classes: Sequence[str]) -> list[tuple[Any, str]]:
    """A colour and a marker for every class."""
    palette = matplotlib.colormaps["tab10" if len(classes) <= 10 else "tab20"].colors  # type: ignore[attr-defined]
    return [(palette[i % len(palette)], MARKERS[i // len(palette)]) for i in range(len(classes))]


def class_legend(axes: Axes, classes: Sequence[str]) -> None:
    """Which mark is which class, right of a panel."""
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=name)
        for (colour, marker), name in zip(marks(classes), class_names(classes))
    ]
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)}
    axes.legend(handles=handles, **place, fontsize=7, frameon=False, ncols=legend_columns(classes))


def legend_columns(classes: Sequence[str]) -> int:
    """Columns of the names of classes."""
    return math.ceil(len(classes) / 18)
