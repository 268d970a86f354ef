"""Figures by class: synthetic items used, and confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from assay.comparison.result import Comparison
from assay.comparison.summary import headline, shown
from assay.report.drawing import GRID, Look, class_ticks, families, looks
from assay.report.inline import Drawing, inline, tell
from assay.report.matrix import NO_CLASS, matrix

Floats = NDArray[np.float64]
WIDTH, CLASSES_AT_MOST = 3.3, 30
"""Inches of a panel, and classes beyond which not every one is named."""


# -- synthetic items used -----------------------------------------------------------------------------


def kept(comparison: Comparison) -> list[Drawing]:
    """Synthetic items learnt from with a label, by class, of the methods that leave some out."""
    synthetic = comparison.info["synthetic"]
    if synthetic is None or not any(synthetic["by_class"]):
        return []
    used, at_hand = _used(comparison), synthetic["by_class"]
    style, classes = looks(shown(comparison)), comparison.info["task"]["classes"]
    return [
        inline(
            partial(_kept_panel, classes=classes, at_hand=at_hand, used=used[name], look=style[name]),
            WIDTH,
            0.55 + 0.17 * min(len(classes), CLASSES_AT_MOST),
            _kept_alt(name, used[name], at_hand, classes),
            f"{name}: {used[name].sum():.0f} of {sum(at_hand)}",
        )
        for family in families(list(used))
        for name in family
        if round(used[name].sum()) < sum(at_hand)
    ]


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


def _kept_panel(
    figure: Figure, classes: Sequence[str], at_hand: Sequence[int], used: Floats, look: Look
) -> None:
    axes, places = figure.subplots(), np.arange(len(classes))
    axes.barh(places, at_hand, height=0.8, color=GRID)
    bars = axes.barh(places, used, height=0.8, color=look.face, edgecolor=look.colour, linewidth=0.9)
    for bar, name, count, most in zip(bars, classes, used, at_hand):
        tell(bar, f"{name}: {count:.0f} of {most}")
    class_ticks(axes, classes, CLASSES_AT_MOST, "y")
    axes.set_ylim(len(classes) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.spines["left"].set_visible(False)


def _kept_alt(name: str, used: Floats, at_hand: Sequence[int], classes: Sequence[str]) -> str:
    least, most = int(used.argmin()), int(used.argmax())
    ends = f"least of {classes[least]} ({used[least]:.0f}), most of {classes[most]} ({used[most]:.0f})"
    each = ends if used[most] > used[least] else f"{used[least]:.0f} of every class"
    told = f"{name} learns from {used.sum():.0f} of {sum(at_hand)} synthetic items"
    return f"Bars. {told}, mean over seeds: {each}."


# -- confusion ----------------------------------------------------------------------------------------


def confusions(comparison: Comparison) -> list[Drawing]:
    """Confusion matrices, each row in shares of its true class; none if no run succeeded."""
    found = {name: _confusion(comparison, name) for name in shown(comparison)}
    matrices = {name: shares for name, shares in found.items() if shares is not None}
    classes = comparison.info["task"]["classes"]
    return [
        matrix(
            matrices[name], classes, f"Confusion matrix of {name}: {worst(matrices[name], classes)}.", name
        )
        for family in families(list(matrices))
        for name in family
    ]


def _confusion(comparison: Comparison, method: str) -> Floats | None:
    """Shares of each true class, over all seeds (every seed has the same test items)."""
    chosen = headline(comparison)
    mine = [run for run in comparison.runs if run["label"] == method and not run["error"]]
    if not mine:
        return None
    total: Floats = np.sum([run["selections"][chosen]["confusion"] for run in mine], axis=0).astype(float)
    shares: Floats = total / total.sum(1, keepdims=True).clip(1)
    return shares


def worst(shares: Floats, classes: Sequence[str]) -> str:
    """The most frequent confusion in words, if there is any."""
    wrong = shares.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return "no test item is taken for another class"
    true, predicted = divmod(int(wrong.argmax()), shares.shape[1])
    share = f"{100 * wrong.max():.0f} %" if wrong.max() >= 0.005 else "below 0.5 %"
    return f"most often {classes[true]} is taken for {[*classes, NO_CLASS][predicted]} ({share})"
