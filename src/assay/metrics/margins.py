"""Classification margins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.item_numbers import check_range


def margins(probabilities: NDArray[np.floating[Any]], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """p_y - max over j ≠ y of p_j for every item.

    1: sure and right; 0: undecided; -1: sure and wrong. Above 0 exactly where the item is classified as `y`.

    Parameters
    ----------
    probabilities : array, shape (n, classes), two classes or more
    y : int array, shape (n,)
        Class, or the condition of a synthetic item.

    Returns
    -------
    array, shape (n,), range [-1, 1]

    Raises
    ------
    UserError
        If a label is not one of the classes.
    """
    p = probabilities.astype(np.float64)
    check_range("y", y, p.shape[1], 0)
    items = np.arange(len(p))
    own = p[items, y]
    p[items, y] = -np.inf
    return np.asarray(own - p.max(1))
