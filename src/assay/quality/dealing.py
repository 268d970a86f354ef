"""Who plays which part in a repeat: real items in three equal parts, half of the synthetic ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.types import UNKNOWN, Samples, Task

Ints = NDArray[np.int64]

THIRDS = 3
FEWEST = 6  # synthetic items, of which each repeat sees half
FEWEST_UNLABELLED = 12  # that likeness can be measured against


@dataclass(frozen=True)
class Dealt:
    """The parts of one repeat.

    Attributes
    ----------
    train : Samples
        Labelled real items that the model which judges is trained on.
    reference, stand_in : Samples
        Labelled real items that the synthetic ones are held against, and those that take the synthetic
        ones' place to give the floor; about as many as `train`.
    alike, alike_stand_in : Samples
        The same for likeness, which needs no labels: as above, or halves of the unlabelled items.
    synthetic : int array
        Positions of a random half of the synthetic items.
    few : int array
        Of those, as many as there are items in `alike_stand_in`, so that likeness to both is measured on
        equally many.
    conditioned : int array
        Of `synthetic`, those with a condition.
    shuffled : int array
        The conditions of these in random order.
    """

    train: Samples
    reference: Samples
    stand_in: Samples
    alike: Samples
    alike_stand_in: Samples
    synthetic: Ints
    few: Ints
    conditioned: Ints
    shuffled: Ints


def labelled_real(task: Task) -> Samples:
    """All labelled real items but the test items: labelled, shots and validation."""
    return task.real.joined(task.validation)


def number_alike(task: Task, synthetic: Samples, against: str, most: int) -> int:
    """How many real items, and as many synthetic ones, likeness is measured between, at least."""
    counts = labelled_real(task).counts(len(task.classes))
    alike = len(task.unlabelled) // 2 if against == "unlabelled" else int((counts // THIRDS).sum())
    return min(alike, len(synthetic) // 2, most)


def check_enough(task: Task, synthetic: Samples, against: str, most: int, neighbours: int) -> None:
    """Raise `UserError` unless there are items for every part, of every class, and more than neighbours."""
    counts = labelled_real(task).counts(len(task.classes))
    for name, count in zip(task.classes, counts):
        if count < THIRDS:
            raise UserError(
                f"{task.name}: class '{name}' has {count} labelled real items (labelled, shots and "
                f"validation); a score needs {THIRDS} or more of each class"
            )
    _check_synthetic(synthetic.y)
    few = number_alike(task, synthetic, against, most)
    if few <= neighbours:
        raise UserError(
            f"neighbours: {neighbours}; likeness is measured between {few} real ({against}) and as many "
            "synthetic items here, so give fewer"
        )


def _check_synthetic(y: Ints) -> None:
    known = int((y != UNKNOWN).sum())
    if len(y) < FEWEST:
        raise UserError(f"synthetic: {len(y)} items; a score needs {FEWEST} or more")
    if 0 < known < FEWEST:
        raise UserError(f"synthetic y: {known} known conditions; a score needs {FEWEST} or more, or none")


def deal(task: Task, synthetic: Samples, against: str, most: int, rng: np.random.Generator) -> Dealt:
    """The parts of a repeat, at random.

    Parameters
    ----------
    against : {"labelled", "unlabelled"}
        What likeness is measured against.
    most : int
        Items in each part of likeness, at most.
    """
    real = labelled_real(task)
    train, reference, stand_in = (real[index] for index in thirds(real.y, rng))
    alike, other = reference, stand_in
    if against == "unlabelled":
        order = rng.permutation(len(task.unlabelled))
        alike, other = (task.unlabelled[half] for half in np.array_split(order, 2))
    half = _half(synthetic.y, rng)
    size = min(len(alike), len(other), len(half), most)
    few = np.sort(rng.permutation(half)[:size])
    conditioned = half[synthetic.y[half] != UNKNOWN]
    mixed = rng.permutation(synthetic.y[conditioned])
    return Dealt(train, reference, stand_in, alike[:most], other[:size], half, few, conditioned, mixed)


def luck(seed: int) -> np.random.Generator:
    """The random numbers of a repeat."""
    return np.random.default_rng([seed, 0x5C07E])


def _half(y: Ints, rng: np.random.Generator) -> Ints:
    """Positions of half of those with a condition and of half of those without."""
    sides = (rng.permutation(np.flatnonzero(side)) for side in (y != UNKNOWN, y == UNKNOWN))
    return np.sort(np.concatenate([side[: len(side) // 2] for side in sides]))


def thirds(y: Ints, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Positions in three parts with each class in equal numbers, the odd ones to parts at random."""
    part = np.empty(len(y), dtype=np.int64)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        part[members] = (np.arange(len(members)) + rng.integers(THIRDS)) % THIRDS
    return tuple(rng.permutation(np.flatnonzero(part == i)) for i in range(THIRDS))


def against_what(task: Task, wish: str) -> str:
    """What likeness is measured against; "auto" takes the unlabelled items where there are enough.

    Raises
    ------
    UserError
        If unlabelled items are wished for and there are too few.
    """
    enough = len(task.unlabelled) >= FEWEST_UNLABELLED
    if wish == "unlabelled" and not enough:
        raise UserError(f"against=unlabelled: {task.name} has {len(task.unlabelled)} unlabelled items")
    return ("unlabelled" if enough else "labelled") if wish == "auto" else wish


def noise_like(samples: Samples, n: int, rng: np.random.Generator) -> Samples:
    """Gaussian noise of the mean and deviation of all numbers of the items."""
    x = samples.x.astype(np.float64)
    noise = rng.normal(x.mean(), x.std(), (n, *samples.shape)).astype(np.float32)
    return Samples(noise, samples.y[np.arange(n) % len(samples)])
