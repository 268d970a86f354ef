"""Comparisons of the same task beside each other: another generator, or last week's runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from assay.comparison.result import Comparison
from assay.comparison.summary import Line, headline
from assay.errors import UserError
from assay.files import replace_file
from assay.metrics.table import Metric
from assay.report.comparison.figures import headline_lines
from assay.report.comparison.verdict import told
from assay.report.drawing import COLOURS, INK, MARKERS, row_label, shortened
from assay.report.inline import Drawing, inline, tell
from assay.report.template import render, words
from assay.version import __version__

Runs = Mapping[str, Comparison]
"""Comparisons by what their folders are called."""
APART = 0.5
"""Of a row, shared by the marks of all folders."""
WIDTH, IN_LEGEND = 4.6, 24
"""Inches, and letters of a folder's name in the legend."""


def open_runs(folders: Sequence[Path], metric: str | None = None) -> dict[str, Comparison]:
    """The comparisons of folders, by name, all told by one metric.

    Raises
    ------
    UserError
        If a folder has none, they are of different tasks, or one has not measured the metric.
    """
    found = {str(folder): Comparison.open(folder) for folder in dict.fromkeys(folders)}
    (first, one), *others = found.items()
    for name, other in others:
        if other.info["task"]["digest"] != one.info["task"]["digest"]:
            own, theirs = (each.info["task"]["name"] for each in (one, other))
            raise UserError(
                f"{name}: of another task ({theirs}) than {first} ({own}): gains are not comparable"
            )
    by = metric or one.metric.name
    told = {name: each if each.metric.name == by else each.by(by) for name, each in found.items()}
    return {short: told[name] for name, short in zip(found, _short(list(found)))}


def _short(names: Sequence[str]) -> Sequence[str]:
    """The last parts of paths, where they differ."""
    last = [Path(name).name for name in names]
    return last if len(set(last)) == len(last) else names


def rows(runs: Runs) -> list[dict[str, str]]:
    """A row for every method, with its difference to `real_only` in each folder."""
    found = {name: {line.method: line for line in headline_lines(each)} for name, each in runs.items()}
    methods = dict.fromkeys(method for lines in found.values() for method in lines)
    return [
        {"method": method, **{name: _told(lines.get(method)) for name, lines in found.items()}}
        for method in methods
    ]


def _told(line: Line | None) -> str:
    """The difference; of the baseline its value."""
    if line is None:
        return "-"
    return line.metric.gained(line.difference) if line.difference else line.metric.told(line.value)


def figure(runs: Runs) -> list[Drawing]:
    """Gain of every method, a mark a folder; none if no folder has any."""
    found = {name: {x.method: x for x in headline_lines(each) if x.difference} for name, each in runs.items()}
    methods = list(dict.fromkeys(method for lines in found.values() for method in lines))
    if not methods:
        return []
    metric = next(iter(runs.values())).metric

    def draw(axes: Axes) -> None:
        axes.axvline(0, color=INK, linewidth=0.9, linestyle=":", zorder=1)
        for place, (name, lines) in enumerate(found.items()):
            shift = APART * ((place + 0.5) / len(found) - 0.5)
            for row, method in enumerate(methods):
                if method in lines:
                    _mark(axes, row + shift, lines[method], place, f"{name}, {method}")
        _finish(axes, methods, metric, list(found))

    height = 0.9 + (0.26 + 0.1 * len(found)) * len(methods)
    return [inline(lambda f: draw(f.subplots()), WIDTH, height, _alt(found, metric))]


def _mark(axes: Axes, height: float, line: Line, place: int, name: str) -> None:
    assert line.difference is not None
    gain = line.difference if line.metric.sign > 0 else -line.difference
    colour, scale = COLOURS[place % len(COLOURS)], line.metric.scale
    if math.isfinite(gain.low):
        axes.plot([scale * gain.low, scale * gain.high], [height, height], color=colour, linewidth=1.8)
    (mark,) = axes.plot(scale * gain.mean, height, MARKERS[place % len(MARKERS)], color=colour, markersize=6)
    tell(mark, f"{name}: {line.metric.gained(line.difference)}")


def _finish(axes: Axes, methods: Sequence[str], metric: Metric, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(methods)), [row_label(method) for method in methods])
    axes.set_ylim(len(methods) - 0.4, -0.6)
    axes.set_xlabel(f"difference to real_only{' (points)' * metric.share}")
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    marks = [
        Line2D([], [], color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)], label=label)
        for i, label in enumerate(shortened(name, IN_LEGEND) for name in names)
    ]
    axes.figure.legend(handles=marks, loc="outside upper left", ncols=2, frameon=False)


def _alt(found: Mapping[str, Mapping[str, Line]], metric: Metric) -> str:
    said = (
        f"{name}: " + ", ".join(f"{line.method} {metric.gained(line.difference)}" for line in lines.values())
        for name, lines in found.items()
    )
    return f"Dot plot. Difference to real_only{' in points' * metric.share} by folder. {'; '.join(said)}."


def differing(runs: Runs) -> dict[str, str]:
    """What the folders' settings differ in, where they do."""
    facts = {name: dict(_facts(each)) for name, each in runs.items()}
    keys = next(iter(facts.values()))
    unlike = [key for key in keys if len({each[key] for each in facts.values()}) > 1]
    return {key: "; ".join(f"{name}: {each[key]}" for name, each in facts.items()) for key in unlike}


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    info = comparison.info
    made = info["synthetic"] or {"name": "none", "count": 0, "digest": "-"}
    return [
        ("synthetic data", f"{made['name']} ({made['count']} items, hash {made['digest']})"),
        ("seeds", ", ".join(map(str, sorted({run["seed"] for run in info["runs"]})))),
        ("selection", headline(comparison)),
        ("training", words(info["training"])),
        ("backbone", words(info["backbone"])),
        ("ratio", str(info["ratio"])),
        ("versions", words(info["versions"])),
        ("made", info["created"]),
    ]


def page(runs: Runs) -> str:
    """The page as text."""
    task: Any = next(iter(runs.values())).info["task"]
    content = {
        "task": task["name"],
        "verdicts": {name: " ".join(told(each).first) for name, each in runs.items()},
        "figure": figure(runs),
        "rows": rows(runs),
        "differing": differing(runs),
        "version": __version__,
    }
    return render("assessment/side_by_side.html.jinja", content)


def write_side_by_side(runs: Runs, path: Path) -> Path:
    """Write it as one HTML file, at once; returns its path."""
    replace_file(path, page(runs).encode())
    return path
