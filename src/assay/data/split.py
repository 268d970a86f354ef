"""Real data without a given split: each class dealt out to the parts of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.types import UNKNOWN, Kind, Normalise, Samples, Task, check_range

SHARES = {"labelled": 0.3, "unlabelled": 0.3, "validation": 0.1, "test": 0.3}
PARTS = ("labelled", "shots", "unlabelled", "validation", "test")


def split_task(
    samples: Samples,
    classes: tuple[str, ...] | None = None,
    name: str = "data",
    seed: int = 0,
    **options: Any,
) -> Task:
    """A task from labelled real data: 30 % labelled, 30 % unlabelled, 10 % validation, 30 % test by class.

    Items whose class is unknown (-1) all go to the unlabelled part.

    Parameters
    ----------
    samples : Samples
    classes : tuple of str, optional
        Names; the numbers themselves by default.
    name : str
    seed : int
        Same seed, same split.
    **options
        Of `Task`: `normalise`, `kind`.

    Raises
    ------
    UserError
        If a class has fewer than four items, or a label is out of range.
    """
    rng = np.random.default_rng(seed)
    names = classes or numbered(samples.y)
    check_range("y", samples.y, len(names), UNKNOWN)
    part = np.full(len(samples), "unlabelled", dtype="U10")
    for label, class_name in enumerate(names):
        members = np.flatnonzero(samples.y == label)
        if len(members) < len(SHARES):
            raise UserError(
                f"y: class '{class_name}' has {len(members)} items; a split needs {len(SHARES)} or more"
            )
        part[rng.permutation(members)] = deal(len(members))
    return task_of_parts(samples, part, names, name, **options)


def deal(n: int) -> NDArray[np.str_]:
    """The part of each of n items: its share of them, at least one item a part."""
    counts = {part: max(1, int(share * n)) for part, share in SHARES.items()}
    counts["test"] = n - sum(counts.values()) + counts["test"]
    return np.repeat(list(counts), list(counts.values()))


def task_of_parts(
    samples: Samples, part: NDArray[np.str_], classes: tuple[str, ...], name: str, **options: Any
) -> Task:
    """A task from items and the name of each item's part.

    Raises
    ------
    UserError
        If a part's name is not one of labelled, shots, unlabelled, validation, test.
    """
    unknown = sorted(set(part.tolist()) - set(PARTS))
    if unknown:
        raise UserError(f"split: '{unknown[0]}'; expected one of {', '.join(PARTS)}")
    parts: Mapping[str, Samples] = {known: samples[part == known] for known in PARTS}
    return Task(name, classes, **parts, **{**suited(samples), **options})  # type: ignore[arg-type]


def numbered(y: NDArray[np.int64]) -> tuple[str, ...]:
    """Class names 0 to the highest label, of which there cannot be more than items."""
    check_range("y", y, len(y), UNKNOWN)
    return tuple(str(label) for label in range(int(y.max(initial=UNKNOWN)) + 1))


def suited(samples: Samples) -> dict[str, Kind | Normalise]:
    """How items of this shape are pictured and normalised unless the user says otherwise."""
    if len(samples.shape) == 3 and samples.shape[0] in (1, 3):
        return {"kind": "image", "normalise": "channel"}
    if len(samples.shape) == 1:
        return {"kind": "vector", "normalise": "none"}
    return {"kind": "signal", "normalise": "item"}
