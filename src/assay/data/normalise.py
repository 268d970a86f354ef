"""Numbers as recorded to numbers a network learns from; real and synthetic items alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from assay.lazy import lazy
from assay.types import Normalise, Task

Array = NDArray[Any]
Floats = NDArray[np.float32]
Statistics = tuple[Floats, Floats]
"""Mean and deviation of each channel, shape (1, channels, 1, ...)."""
LARGE, TINY = 2.0**40, np.finfo(np.float32).tiny
"""Numbers whose squares add up in float32, and the least that its numbers can be divided by."""
LOOKED_AT = 4096
"""Of lazy items, at most so many are read for channel statistics."""


def z_score_items(x: Array) -> Floats:
    """(x - mean) / deviation over all elements of each item; an item without deviation becomes zeros."""
    rows: Floats = np.asarray(x).reshape(len(x), math.prod(x.shape[1:])).astype(np.float32)
    _without_large(rows)
    rows -= rows.mean(1, keepdims=True)
    deviation = rows.std(1, keepdims=True)
    rows /= np.where(deviation > 0, deviation, np.float32(1))
    return rows.reshape(x.shape)


def _without_large(rows: Floats) -> None:
    """Divide rows whose squares could not be added in float32, by a power of two that changes no digit."""
    if (large := np.abs(rows).max(1, initial=0) > LARGE).any():
        rows[large] *= np.float32(1 / LARGE)


def channel_statistics(task: Task) -> Statistics:
    """Mean and deviation of each channel, shape (1, channels, 1, ...), the deviation 1 where there is none.

    Of all real items that are trained on, labelled or not: ten labelled ones say little about the spread of a
    thousand columns, and what seems constant among them would blow up everywhere else. Of lazy items
    (`assay.lazy.Lazy`) those of at most `LOOKED_AT` of each part, chosen by a fixed seed. Taken once of a
    task, however many of its parts are normalised.
    """
    if task not in _TAKEN:
        _TAKEN[task] = _statistics(task)
    return _TAKEN[task]


_TAKEN: WeakKeyDictionary[Task, Statistics] = WeakKeyDictionary()


def _statistics(task: Task) -> Statistics:
    parts = [part.x for part in (task.labelled, task.shots, task.unlabelled) if len(part.x)]
    sizes = np.array([len(x) for x in parts], np.float64)
    mean, variance = pooled(sizes / sizes.sum(), *map(np.stack, zip(*map(_moments, parts))))
    deviation = np.sqrt(variance).astype(np.float32)
    return mean.astype(np.float32), np.where(deviation > TINY, deviation, np.float32(1))


def _moments(x: Array) -> tuple[Array, Array]:
    """Mean and variance of each channel, in float64."""
    seen, axes = _looked_at(x), (0, *range(2, x.ndim))
    return seen.mean(axes, keepdims=True, dtype=np.float64), seen.var(axes, keepdims=True, dtype=np.float64)


def pooled(weights: Array, means: Array, variances: Array) -> tuple[Array, Array]:
    """Mean and variance of parts that have the `weights`, which sum to 1; all of shape (parts, ...).

    What is the same in all parts stays so to the last bit: its variance is 0.
    """
    mean = means[0] + np.tensordot(weights, means - means[0], 1)
    return mean, np.tensordot(weights, variances + (means - mean) ** 2, 1)


def _looked_at(x: Array) -> Array:
    items = lazy(x)
    if items is None:
        return x
    order = np.random.default_rng(0).permutation(len(items))
    return items[np.sort(order[:LOOKED_AT])]


def normaliser(task: Task) -> Callable[[Array], Floats]:
    """The function that the task's `normalise` names."""
    return normalising(task.normalise, statistics(task))


def statistics(task: Task) -> Statistics | None:
    """What normalisation has to know of the task: channel statistics, or nothing."""
    return channel_statistics(task) if task.normalise == "channel" else None


def normalising(how: Normalise, known: Statistics | None) -> Callable[[Array], Floats]:
    """The function that a name stands for; z-scores of channels need their `statistics`."""
    if how == "item":
        return z_score_items
    if known is None:
        return lambda x: np.asarray(x).astype(np.float32)
    mean, deviation = known
    scale = np.float32(1) / deviation

    def by_channel(x: Array) -> Floats:
        floats = np.asarray(x).astype(np.float32)
        floats -= mean
        floats *= scale
        return floats

    return by_channel
