"""A task as the two domains of a CycleGAN, and its items as planes and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.normalise import channel_statistics, normaliser
from assay.errors import UserError
from assay.generate.csigan.settings import CsiGanSettings
from assay.types import UNKNOWN, Samples, Task

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Domains:
    """The items of both domains; labels of the target are not here.

    Attributes
    ----------
    source : int array
        Positions, in the task's labelled items, of the items to translate.
    a, b : float array, shape (n, channel, height, width)
        Normalised items to learn from.
    target_group : int
        The group of all target items, -1 if they have several.
    """

    source: NDArray[np.int64]
    a: Floats
    b: Floats
    target_group: int


def domains(task: Task, settings: CsiGanSettings) -> Domains:
    """Source and target items as the settings choose them.

    Raises
    ------
    UserError
        If a domain is empty, items have no planes, or index pairs are asked for and numbers differ.
    """
    if len(task.shape) not in (2, 3):
        raise UserError(f"csigan: items of shape {task.shape}; expected two or three axes")
    source, target = source_index(task.labelled, settings), task.unlabelled.joined(task.shots)
    if len(target) == 0:
        raise UserError("csigan: the task has no target items (unlabelled ones or shots) to learn from")
    first = slice(settings.training_items)
    a, b = (planes(task, x) for x in (task.labelled.x[source[first]], target.x[first]))
    if settings.pairing == "index" and len(a) != len(b):
        raise UserError(
            f"csigan: {len(a)} source and {len(b)} target items make no pairs; choose with source_group, "
            "source_per_class and training_items, or take paired=false"
        )
    groups = np.unique(target.group)
    return Domains(source, a, b, int(groups[0]) if len(groups) == 1 else UNKNOWN)


def source_index(labelled: Samples, settings: CsiGanSettings) -> NDArray[np.int64]:
    """Positions of the items of the settings' group, the first few of each class, in the task's order.

    Raises
    ------
    UserError
        If no item is of that group.
    """
    group, most = settings.source_group, settings.source_per_class
    index = np.arange(len(labelled)) if group is None else np.flatnonzero(labelled.group == group)
    if len(index) == 0:
        known = ", ".join(map(str, np.unique(labelled.group)))
        raise UserError(f"csigan: source_group={group}: no labelled item; known: {known}")
    return index[rank_in_class(labelled.y[index]) < (most or len(index))]


def rank_in_class(y: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each item, how many of its class come before it."""
    rank = np.zeros(len(y), dtype=np.int64)
    for label in np.unique(y):
        rank[y == label] = np.arange(np.count_nonzero(y == label))
    return rank


def planes(task: Task, x: NDArray[Any]) -> Floats:
    """Recorded items, normalised, as (n, channel, height, width)."""
    normal = normaliser(task)(x)
    return normal if normal.ndim == 4 else normal[:, None]


def recorded(task: Task, x: Floats) -> Floats:
    """Planes as items in recorded units; those that were z-scored one by one stay z-scores."""
    x = x.reshape(len(x), *task.shape)
    if task.normalise != "channel":
        return x
    mean, deviation = channel_statistics(task)
    restored: Floats = x * deviation + mean
    return restored
