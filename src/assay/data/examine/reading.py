"""Are items read as they are meant: layout, complex numbers, features of unlike units?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assay.data.examine.facts import SYNTHETIC, Facts
from assay.data.layout import Axis, Layout, guess
from assay.findings import Finding
from assay.types import Task

MOST_ANTENNAS = 8
UNLIKE = 30.0
"""Deviations of features that differ so many fold want scaling."""


def complex_items(facts: Facts) -> Iterator[Finding]:
    """Complex items, which networks do not take; generators do."""
    for part in facts.surveys:
        samples = facts.samples(part)
        if samples.x.dtype.kind == "c" and part in ("labelled", SYNTHETIC):
            message = f"{part}: complex items ({samples.x.dtype}), which no network takes"
            way_out = "part=magnitude, phase, real or imaginary takes that; part=complex is for generators"
            yield Finding("refuse", "complex", message, part, len(samples), len(samples), way_out=way_out)
            return


def layout(facts: Facts) -> Iterator[Finding]:
    """How each axis of an item is read, if that was not said before; and what it looks like instead."""
    task = facts.task
    if any(finding.code == "layout" for finding in task.findings):
        return
    taken, shape = Layout(_axes(task), task.kind), task.shape
    message = f"items of {' × '.join(map(str, shape))} read as {taken.spoken(shape)}"
    looks = guess(task.labelled.x)
    if (looks.kind, looks.axes) == (taken.kind, taken.axes) or looks.kind == task.kind != "image":
        yield Finding("note", "layout", message)
    elif looks.doubt or looks.kind == "image":
        said = (
            f"items of shape {shape} look like {looks.spoken(shape)}, and are read as {taken.spoken(shape)}"
        )
        yield Finding("warn", "layout", said, way_out="give kind, and items channels first", touches=said)
    else:
        yield Finding("note", "layout", message)


def _axes(task: Task) -> tuple[Axis, ...]:
    """What the house takes the axes of a task's items for."""
    if task.kind == "signal" and len(task.shape) == 3 and task.shape[0] > MOST_ANTENNAS:
        return ("channel", "time", "height")
    known: dict[tuple[str, int], tuple[Axis, ...]] = {
        ("image", 3): ("channel", "height", "width"),
        ("signal", 3): ("antenna", "time", "subcarrier"),
        ("signal", 2): ("channel", "time"),
        ("signal", 1): ("time",),
        ("vector", 1): ("feature",),
    }
    unnamed: list[Axis] = ["axis"] * len(task.shape)
    return known.get((task.kind, len(task.shape)), tuple(unnamed))


def unlike_features(facts: Facts) -> Iterator[Finding]:
    """How features are scaled; a warning where deviations differ 30-fold or more and nothing scales them."""
    deviation = facts.real["labelled"].deviation
    spread = deviation[deviation > 0]
    if len(facts.task.shape) > 1 or not len(spread):
        return
    if facts.task.normalise == "channel":
        said = "each feature is z-scored by the labelled items (normalise=none leaves it as it is)"
        yield Finding("note", "features_scaled", said)
    if facts.task.normalise != "none":
        return
    fold = float(spread.max() / spread.min())
    if fold >= UNLIKE:
        message = (
            f"deviations of features differ {fold:.3g}-fold ({spread.min():.3g} to {spread.max():.3g}), and "
            "normalise=none scales none of them"
        )
        touches = f"features are not scaled, and their deviations differ {fold:.3g}-fold"
        most = int(np.argmax(deviation))
        yield Finding(
            "warn",
            "unlike_features",
            message,
            "labelled",
            first=most,
            way_out="normalise=channel z-scores each feature",
            touches=touches,
        )
