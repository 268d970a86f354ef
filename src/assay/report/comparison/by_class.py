"""Figures by class: synthetic items used, and confusion matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.comparison.result import Comparison
from assay.comparison.summary import headline, shown
from assay.report.drawing import (
    FAINT,
    Look,
    Picture,
    class_ticks,
    families,
    looks,
    panels,
    picture,
    row_width,
)

Floats = NDArray[np.float64]
NO_CLASS = "no class"  # the further column of methods that may predict none of the classes


# -- synthetic items used -----------------------------------------------------------------------------


def kept(comparison: Comparison) -> Picture | None:
    """Synthetic items at hand and learnt from with a label, by class; None where there are none."""
    synthetic = comparison.info["synthetic"]
    if synthetic is None or not any(synthetic["by_class"]):
        return None
    used = _used(comparison)
    if not used:
        return None
    names, at_hand = [name for family in families(list(used)) for name in family], synthetic["by_class"]
    style = looks(shown(comparison))

    def draw(figure: Figure) -> None:
        for axes, name in zip(panels(figure, len(names), 3, sharex=True, sharey=True), names):
            _kept_panel(axes, comparison.info["task"]["classes"], at_hand, used[name], style[name])
            axes.set_title(f"{name}: {used[name].sum():.0f} of {sum(at_hand)}")
        figure.supylabel("synthetic items", fontsize=9)

    size = row_width(len(names), 3), 0.35 + 1.65 * math.ceil(len(names) / 3)
    return picture(draw, *size, _kept_alt(used, sum(at_hand)))


def _used(comparison: Comparison) -> dict[str, Floats]:
    """Items used by class, mean over seeds, for every method that is given synthetic data."""
    chosen, found = headline(comparison), {}
    for name in shown(comparison):
        mine = [
            r for r in comparison.runs if r["label"] == name and not r["error"] and r["counts"]["synthetic"]
        ]
        if mine:
            found[name] = np.mean([run["selections"][chosen]["used_by_class"] for run in mine], axis=0)
    return found


def _kept_panel(axes: Axes, classes: Sequence[str], at_hand: Sequence[int], used: Floats, look: Look) -> None:
    places = np.arange(len(classes))
    axes.bar(places, at_hand, width=0.84, color="#e9e9e9", edgecolor=FAINT, linewidth=0.5)
    inside: dict[str, Any] = {"color": look.colour, "alpha": 0.9, "edgecolor": look.colour}
    if look.control:
        inside = {"color": "white", "edgecolor": look.colour, "hatch": "/////", "linewidth": 0.8}
    axes.bar(places, used, width=0.56, **inside)
    class_ticks(axes, classes, 15, "x")
    axes.tick_params(axis="x", length=0)


def _kept_alt(used: dict[str, Floats], total: int) -> str:
    said = "; ".join(
        f"{name} {values.sum():.0f} (by class {values.min():.0f} to {values.max():.0f})"
        for name, values in used.items()
    )
    return f"Bars. Synthetic items used by class, of {total}, mean over seeds: {said}."


# -- confusion ----------------------------------------------------------------------------------------


def confusions(comparison: Comparison) -> Picture | None:
    """Confusion matrices, each row in shares of its true class; None if no run succeeded."""
    found = {name: _confusion(comparison, name) for name in shown(comparison)}
    matrices = {name: matrix for name, matrix in found.items() if matrix is not None}
    names = [name for family in families(list(matrices)) for name in family]
    if not names:
        return None

    def draw(figure: Figure) -> None:
        grid = panels(figure, len(names), 4)
        for place, (axes, name) in enumerate(zip(grid, names)):
            image = matrix_image(axes, matrices[name], comparison.info["task"]["classes"])
            axes.tick_params(labelleft=place % 4 == 0, labelbottom=place + 4 >= len(names))
            axes.set_title(name, fontsize=8.5)
        bar = figure.colorbar(image, ax=grid, shrink=0.6, aspect=30, pad=0.02, ticks=[0, 0.05, 0.2, 0.5, 1])
        bar.ax.set_yticklabels(["0", "5 %", "20 %", "50 %", "100 %"])
        figure.supxlabel("predicted class", fontsize=9)
        figure.supylabel("true class", fontsize=9)

    size = 0.9 + row_width(len(names), 4) * 0.915, 0.4 + 2.55 * math.ceil(len(names) / 4)
    return picture(draw, *size, _confusions_alt(matrices, comparison.info["task"]["classes"]))


def _confusion(comparison: Comparison, method: str) -> Floats | None:
    """Shares of each true class, over all seeds (every seed has the same test items)."""
    chosen = headline(comparison)
    mine = [run for run in comparison.runs if run["label"] == method and not run["error"]]
    if not mine:
        return None
    total: Floats = np.sum([run["selections"][chosen]["confusion"] for run in mine], axis=0).astype(float)
    shares: Floats = total / total.sum(1, keepdims=True).clip(1)
    return shares


def matrix_image(axes: Axes, matrix: Floats, classes: Sequence[str]) -> Any:
    """Draw shares of predictions (columns) by true class (rows), each in [0, 1]; gives what a scale needs."""
    image = axes.imshow(matrix, cmap="Blues", norm=PowerNorm(0.5, 0, 1), interpolation="nearest")
    class_ticks(axes, [*classes, NO_CLASS][: matrix.shape[1]], 12, "x")
    class_ticks(axes, classes, 12, "y")
    axes.tick_params(length=0, labelsize=7.5)
    axes.spines[:].set_visible(True)
    return image


def _confusions_alt(matrices: dict[str, Floats], classes: Sequence[str]) -> str:
    said = "; ".join(f"{name} {_worst(matrix, classes)}" for name, matrix in matrices.items())
    return f"Confusion matrices. Most frequent confusion of each method: {said}."


def _worst(matrix: Floats, classes: Sequence[str]) -> str:
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    true, predicted = divmod(int(wrong.argmax()), matrix.shape[1])
    return f"{classes[true]} taken for {[*classes, NO_CLASS][predicted]} ({100 * wrong.max():.0f} %)"
