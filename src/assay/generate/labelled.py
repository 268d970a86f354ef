"""The labelled items of a task as rows of numbers, for generators that need nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.lazy import lazy
from assay.types import Task

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """Labelled real items, shots among them.

    Attributes
    ----------
    rows : float array, shape (n, numbers an item)
    y, group : int arrays, shape (n,)
    classes : int
    shape : tuple of int
        Of an item.
    dtype : numpy dtype
        Of the items as recorded.
    """

    rows: Floats
    y: NDArray[np.int64]
    group: NDArray[np.int64]
    classes: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def of(self, label: int) -> NDArray[np.int64]:
        """The places of a class's items."""
        return np.flatnonzero(self.y == label)

    def recorded(self, rows: Floats) -> NDArray[Any]:
        """Rows as items of the task: of its shape and type, within the range of each number that was seen."""
        inside = np.clip(rows, self.rows.min(0), self.rows.max(0))
        whole = np.rint(inside) if self.dtype.kind in "ui" else inside
        return whole.astype(self.dtype).reshape(len(rows), *self.shape)


def labelled_of(task: Task, who: str, least: int) -> Labelled:
    """The labelled items of a task that has at least so many of each class. No other part is looked at.

    Raises
    ------
    UserError
        If a class has fewer, or items are complex or streamed.
    """
    real = task.real
    if lazy(real.x) is not None:
        raise UserError(f"{who}: {task.name} is streamed from its files; it learns from items in memory")
    if real.x.dtype.kind == "c":
        raise UserError(f"{who}: {task.name}: complex numbers; it learns from real ones (the magnitude, say)")
    few = [name for name, n in zip(task.classes, real.counts(len(task.classes))) if n < least]
    if few:
        raise UserError(f"{who}: {task.name}: class {few[0]}: expected {least} labelled items or more")
    rows = real.x.reshape(len(real), -1).astype(np.float64)
    return Labelled(rows, real.y, real.group, len(task.classes), task.shape, real.x.dtype)


def classes_in_turn(n: int, classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Conditions in random order, each as often as the others (give or take one), shape (n,)."""
    return rng.permutation(np.arange(n) % classes)
