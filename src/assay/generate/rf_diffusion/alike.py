"""Real items that were recorded under the conditions that are wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def alike(known: Ints, row: Ints) -> Ints:
    """Positions of the items with the condition, or else with its first column (the class), or else of all.

    Parameters
    ----------
    known : int array, shape (n, k)
    row : int array, shape (k,)
    """
    for columns in (len(row), 1):
        found = np.flatnonzero((known[:, :columns] == row[:columns]).all(1))
        if len(found):
            return found
    return np.arange(len(known))


def alike_rand(known: Ints, wanted: Ints, rng: np.random.Generator) -> Ints:
    """Position of an item for every wanted condition (m, k), drawn out of those that are `alike`."""
    return np.array([rng.choice(alike(known, row)) for row in wanted], dtype=np.int64)
