"""Numbers as recorded to numbers a network learns from; real and synthetic items alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.types import Task

Array = NDArray[Any]
Floats = NDArray[np.float32]


def z_score_items(x: Array) -> Floats:
    """(x - mean) / deviation over all elements of each item; an item without deviation becomes zeros."""
    rows: Floats = x.reshape(len(x), math.prod(x.shape[1:])).astype(np.float32)
    rows = rows - rows.mean(1, keepdims=True)
    deviation = rows.std(1, keepdims=True)
    return (rows / np.where(deviation > 0, deviation, 1)).astype(np.float32).reshape(x.shape)


def normaliser(task: Task) -> Callable[[Array], Floats]:
    """The function that the task's `normalise` names; channel statistics are the labelled items'."""
    if task.normalise == "item":
        return z_score_items
    if task.normalise == "none":
        return lambda x: x.astype(np.float32)
    axes = (0, *range(2, task.labelled.x.ndim))
    mean = task.labelled.x.mean(axes, keepdims=True, dtype=np.float64).astype(np.float32)
    deviation = task.labelled.x.std(axes, keepdims=True, dtype=np.float64).astype(np.float32)
    scale = 1 / np.where(deviation > 0, deviation, 1)
    return lambda x: (x.astype(np.float32) - mean) * scale
