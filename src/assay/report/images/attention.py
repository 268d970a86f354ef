"""Where a vision transformer looks while it learns (figure 4 of Tang & Jia, CVPR 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.report.drawing import class_names, png

Floats = NDArray[np.floating[Any]]
Maps = Mapping[int, Floats]
"""By epoch (from 0), shape (images, rows, columns)."""
TILE, MARGIN = 0.85, 1.2
HEAT = "inferno"
MOST = 99
"""Per cent of all places that the scale tells apart; the brightest are as bright as these."""


def attention_png(images: NDArray[Any], names: Sequence[str], runs: Mapping[str, Maps]) -> bytes:
    """A row for every image: itself, then the attention of every run after every epoch.

    Parameters
    ----------
    images : array, shape (n, channel, height, width)
    names : sequence of str
        What each shows.
    runs : mapping
        Title to maps, their patches in [0, 1] as shares of all attention.
    """
    relative = {title: {epoch: even(maps) for epoch, maps in run.items()} for title, run in runs.items()}
    scale = heat_scale(relative)
    columns = sum(1 + len(run) for run in runs.values())

    def draw(figure: Figure) -> None:
        ratios = [1.0, *(width for run in runs.values() for width in (0.25, *[1.0] * len(run)))]
        grid = figure.subplots(len(images), len(ratios), squeeze=False, width_ratios=ratios)
        for axes in grid.flat:
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        _images(grid[:, 0], images, names)
        first = 2
        for title, run in relative.items():
            _run(grid[:, first : first + len(run)], images, run, title, scale)
            first += len(run) + 1
        _bar(figure, grid, scale)

    return png(draw, MARGIN + TILE * (1 + columns), 0.6 + TILE * len(images))


def even(maps: Floats) -> Floats:
    """Attention in units of an even share: 1 where every patch is paid the same."""
    total = maps.sum((1, 2), keepdims=True)
    relative: Floats = maps * maps[0].size / total
    return relative


def heat_scale(runs: Mapping[str, Maps]) -> Normalize:
    """One scale for all maps, so that they can be compared."""
    found = np.concatenate([maps.ravel() for run in runs.values() for maps in run.values()])
    return Normalize(0, max(2.0, float(np.percentile(found, MOST))))


def _images(column: NDArray[Any], images: NDArray[Any], names: Sequence[str]) -> None:
    for axes, image, name in zip(column, images, class_names(names)):
        axes.imshow(_shown(image), interpolation="nearest", cmap="gray")
        axes.set_ylabel(name, rotation=0, ha="right", va="center")


def _run(grid: NDArray[Any], images: NDArray[Any], run: Maps, title: str, scale: Normalize) -> None:
    for column, (epoch, maps) in zip(grid.T, run.items()):
        column[0].set_title(f"\nepoch {epoch + 1}", loc="center", fontsize=8)  # below the line of the title
        for axes, image, heat in zip(column, images, maps):
            overlay(axes, image, heat, scale)
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    above = grid[0, 0].annotate(title, (0, 1), (0, 18), **place, fontsize=9.5)
    above.set_in_layout(False)  # or the first column would be as wide as it


def overlay(axes: Axes, image: NDArray[Any], heat: Floats, scale: Normalize) -> None:
    """The image in grey, and over it the heat of its patches, smoothly between their centres."""
    height, width = image.shape[1:]
    frame = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(_shown(image).mean(2), cmap="gray", interpolation="nearest")
    cover = 0.25 + 0.5 * np.clip(scale(heat), 0, 1)  # where there is little, the image shows
    axes.imshow(heat, cmap=HEAT, norm=scale, alpha=cover, interpolation="bilinear", extent=frame)


def _shown(image: NDArray[Any]) -> Floats:
    """Levels in [0, 1], channels last: darkest and brightest of the image at the ends."""
    levels = image.transpose(1, 2, 0).astype(np.float32)
    shifted: Floats = (levels - levels.min()) / max(float(np.ptp(levels)), 1e-6)
    return shifted


def _bar(figure: Figure, grid: NDArray[Any], scale: Normalize) -> None:
    bar = figure.colorbar(ScalarMappable(scale, HEAT), ax=grid, shrink=0.5, aspect=30, pad=0.01)
    bar.set_label("attention (1: an even share)")
