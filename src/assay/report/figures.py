"""The figures of the report: results, learning curves, synthetic items used, confusion matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from assay.bench.compare import BASELINE, Comparison
from assay.report.drawing import (
    FAINT,
    GREY,
    INK,
    WIDTH,
    Look,
    Picture,
    class_ticks,
    families,
    looks,
    panels,
    picture,
)
from assay.report.statistics import Estimate
from assay.report.summary import Line, accuracies, headline, percent, points, summarise

Floats = NDArray[np.float64]


def headline_lines(comparison: Comparison) -> list[Line]:
    """The lines of the headline selection, every filter followed by its control."""
    chosen = headline(comparison)
    lines = {line.method: line for line in summarise(comparison) if line.selection == chosen}
    return [lines[name] for family in families(list(lines)) for name in family]


# -- results ------------------------------------------------------------------------------------------


def results(comparison: Comparison) -> Picture | None:
    """Accuracy of every method and its paired difference to the baseline; None if no run succeeded."""
    lines = headline_lines(comparison)
    if not any(line.accuracy for line in lines):
        return None
    seeds = {line.method: accuracies(comparison, line.method, line.selection) for line in lines}

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
        _accuracy_panel(left, lines, seeds)
        _difference_panel(right, lines, seeds)

    return picture(draw, WIDTH, 0.95 + 0.36 * len(lines), _results_alt(lines))


def _results_alt(lines: Sequence[Line]) -> str:
    said = (f"{line.method} {percent(line.accuracy)} ({points(line.difference)})" for line in lines)
    return "Dot plot. Accuracy in percent (difference to real_only in points): " + "; ".join(said) + "."


def _accuracy_panel(axes: Axes, lines: Sequence[Line], seeds: dict[str, dict[int, float]]) -> None:
    style = looks([line.method for line in lines])
    for row, line in enumerate(lines):
        _row(axes, row, line.accuracy, list(seeds[line.method].values()), style[line.method])
    baseline = next((line.accuracy for line in lines if line.method == BASELINE), None)
    if baseline:
        axes.axvline(100 * baseline.mean, color=INK, linewidth=0.9, linestyle=":", zorder=1)
    _finish_rows(axes, lines, "accuracy on the test items (%)", (0, 100))
    axes.set_yticks(range(len(lines)), [line.method for line in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)


def _difference_panel(axes: Axes, lines: Sequence[Line], seeds: dict[str, dict[int, float]]) -> None:
    style = looks([line.method for line in lines])
    base = seeds.get(BASELINE, {})
    for row, line in enumerate(lines):
        paired = [value - base[seed] for seed, value in seeds[line.method].items() if seed in base]
        _row(axes, row, line.difference, paired, style[line.method], BASELINE == line.method)
    axes.axvline(0, color=INK, linewidth=0.9, linestyle=":", zorder=1)
    _finish_rows(axes, lines, "difference to real_only at the same seed (points)", (-100, 100))
    axes.tick_params(axis="y", length=0)


def _row(
    axes: Axes, row: int, value: Estimate | None, seeds: Sequence[float], look: Look, baseline: bool = False
) -> None:
    if value is None:
        _say(axes, row, "the baseline" if baseline else "no finished run")
        return
    ends = [100 * value.low, 100 * value.high]
    if math.isfinite(value.low):
        axes.plot(ends, [row, row], color=look.colour, linewidth=1.8, linestyle=look.line, zorder=3)
    dots = [100 * seed for seed in seeds]
    axes.plot(dots, [row + 0.24] * len(dots), "o", color=look.colour, alpha=0.4, markersize=3.4, mew=0)
    face = {"markerfacecolor": look.face, "markeredgecolor": look.colour, "markeredgewidth": 1.4}
    axes.plot(100 * value.mean, row, look.marker, markersize=6.5, zorder=4, **face)


def _say(axes: Axes, row: int, words: str) -> None:
    place = {"transform": axes.get_yaxis_transform(), "va": "center", "color": GREY}
    axes.text(0.02, row, words, fontsize=8, style="italic", **place)  # type: ignore[arg-type]


def _finish_rows(axes: Axes, lines: Sequence[Line], label: str, bounds: tuple[float, float]) -> None:
    low, high = axes.get_xlim()
    axes.set_xlim(max(low, bounds[0] - 1), min(high, bounds[1] + 1))  # no accuracy lies beyond
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


# -- learning curves ----------------------------------------------------------------------------------


def curves(comparison: Comparison) -> Picture | None:
    """Test accuracy over epochs, a panel for every method with its control; None if no run succeeded."""
    found = {name: _histories(comparison, name) for name in comparison.info["methods"]}
    found = {name: history for name, history in found.items() if history.size}
    groups = families(list(found))
    if not groups:
        return None
    style = looks(list(comparison.info["methods"]))

    def draw(figure: Figure) -> None:
        for axes, family in zip(panels(figure, len(groups), 3, sharex=True, sharey=True), groups):
            _curve_panel(axes, family, found, style)
        figure.supxlabel("epoch", fontsize=9)
        figure.supylabel("accuracy on the test items (%)", fontsize=9)

    rows = math.ceil(len(groups) / 3)
    return picture(draw, _width(len(groups), 3), 0.5 + 1.95 * rows, _curves_alt(found))


def _histories(comparison: Comparison, method: str) -> Floats:
    """Test accuracy in percent, (seeds, epochs)."""
    mine = [run for run in comparison.runs if run["label"] == method and not run["error"]]
    return 100 * np.array([[record["test_accuracy"] for record in run["history"]] for run in mine])


def _curve_panel(axes: Axes, family: list[str], found: dict[str, Floats], style: dict[str, Look]) -> None:
    for name, values in found.items():
        if name not in family:
            axes.plot(_epochs(values), values.mean(0), color=FAINT, linewidth=0.8, zorder=1)
    if BASELINE in found and BASELINE not in family:
        values = found[BASELINE]
        axes.plot(_epochs(values), values.mean(0), color=INK, linewidth=1.1, linestyle=":", zorder=2)
    for name in family:
        _curve(axes, found[name], style[name])
    axes.set_title(family[0] + (" (dashed: its random filter)" if len(family) > 1 else ""))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y")


def _curve(axes: Axes, values: Floats, look: Look) -> None:
    epochs = _epochs(values)
    marker = look.marker if len(epochs) == 1 else ""
    band = 0.1 if look.control else 0.22
    axes.fill_between(
        epochs, values.min(0), values.max(0), color=look.colour, alpha=band, linewidth=0, zorder=2
    )
    line = {"color": look.colour, "linestyle": look.line, "linewidth": 1.7}
    axes.plot(epochs, values.mean(0), marker=marker, markerfacecolor=look.face, zorder=3, **line)


def _epochs(values: Floats) -> NDArray[np.int64]:
    return np.arange(1, values.shape[1] + 1)


def _curves_alt(found: dict[str, Floats]) -> str:
    ends = "; ".join(f"{name} {v[:, 0].mean():.1f} to {v[:, -1].mean():.1f}" for name, v in found.items())
    return f"Lines. Mean test accuracy in percent, from the first to the last epoch: {ends}."


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
    style = looks(list(comparison.info["methods"]))

    def draw(figure: Figure) -> None:
        for axes, name in zip(panels(figure, len(names), 3, sharex=True, sharey=True), names):
            _kept_panel(axes, comparison.info["task"]["classes"], at_hand, used[name], style[name])
            axes.set_title(f"{name}: {used[name].sum():.0f} of {sum(at_hand)}")
        figure.supylabel("synthetic items", fontsize=9)

    size = _width(len(names), 3), 0.35 + 1.65 * math.ceil(len(names) / 3)
    return picture(draw, *size, _kept_alt(used, sum(at_hand)))


def _used(comparison: Comparison) -> dict[str, Floats]:
    """Items used by class, mean over seeds, for every method that is given synthetic data."""
    chosen, found = headline(comparison), {}
    for name in comparison.info["methods"]:
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
    found = {name: _confusion(comparison, name) for name in comparison.info["methods"]}
    matrices = {name: matrix for name, matrix in found.items() if matrix is not None}
    names = [name for family in families(list(matrices)) for name in family]
    if not names:
        return None

    def draw(figure: Figure) -> None:
        grid = panels(figure, len(names), 4)
        for place, (axes, name) in enumerate(zip(grid, names)):
            image = _matrix(axes, matrices[name], comparison.info["task"]["classes"], place % 4 == 0)
            axes.set_title(name, fontsize=8.5)
        bar = figure.colorbar(image, ax=grid, shrink=0.6, aspect=30, pad=0.01, ticks=[0, 0.05, 0.2, 0.5, 1])
        bar.ax.set_yticklabels(["0", "5 %", "20 %", "50 %", "100 %"])
        figure.supxlabel("predicted class", fontsize=9)
        figure.supylabel("true class", fontsize=9)

    size = 0.9 + _width(len(names), 4) * 0.915, 0.4 + 2.55 * math.ceil(len(names) / 4)
    return picture(draw, *size, _confusions_alt(matrices, comparison.info["task"]["classes"]))


def _confusion(comparison: Comparison, method: str) -> Floats | None:
    """Shares of each true class, over all seeds (every seed has the same test items)."""
    chosen = headline(comparison)
    mine = [run for run in comparison.runs if run["label"] == method and not run["error"]]
    if not mine:
        return None
    total: Floats = np.sum([run["selections"][chosen]["confusion"] for run in mine], axis=0).astype(float)
    return total / total.sum(1, keepdims=True).clip(1)


def _matrix(axes: Axes, matrix: Floats, classes: Sequence[str], first: bool) -> Any:
    image = axes.imshow(matrix, cmap="Blues", norm=PowerNorm(0.5, 0, 1), interpolation="nearest")
    class_ticks(axes, classes, 12, "x")
    if first:
        class_ticks(axes, classes, 12, "y")
    else:
        axes.set_yticks([])
    axes.tick_params(length=0, labelsize=7.5)
    axes.spines[:].set_visible(True)
    return image


def _confusions_alt(matrices: dict[str, Floats], classes: Sequence[str]) -> str:
    said = "; ".join(f"{name} {_worst(matrix, classes)}" for name, matrix in matrices.items())
    return f"Confusion matrices. Most frequent confusion of each method: {said}."


def _worst(matrix: Floats, classes: Sequence[str]) -> str:
    wrong = matrix - np.diag(np.diag(matrix))
    true, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return f"{classes[true]} taken for {classes[predicted]} ({100 * wrong.max():.0f} %)"


def _width(count: int, columns: int) -> float:
    """Inches for a row of panels: the whole column, or less if the row is not full."""
    return WIDTH * min(count, columns) / columns
