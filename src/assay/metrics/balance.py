"""Per-class balance of synthetic conditions against real classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.item_numbers import check_range
from assay.types import UNKNOWN


class Balance(NamedTuple):
    """Counts of each class and what they say.

    `total_variation`: ½ Σ |share of class c in real - in synthetic|, range [0, 1], lower is better;
    `missing`: share of the classes with real items that have no synthetic one, range [0, 1], lower is better;
    `entropy`: of the synthetic shares, divided by log classes: 1 where all classes are equally frequent, 0
    where there is only one.
    """

    total_variation: float
    missing: float
    entropy: float
    real: NDArray[np.int64]
    synthetic: NDArray[np.int64]


def balance(real: NDArray[np.int64], synthetic: NDArray[np.int64], classes: int) -> Balance:
    """Compare the classes of real items with the conditions of synthetic ones.

    Parameters
    ----------
    real, synthetic : int arrays, shapes (n,) and (m,)
        Labels; -1 (unknown) is not counted.
    classes : int, two or more

    Raises
    ------
    UserError
        If a label is not one of the classes, or a set has no known label.
    """
    counts = _counts("real y", real, classes), _counts("synthetic y", synthetic, classes)
    p, q = (c / c.sum() for c in counts)
    missing = (counts[1] == 0)[counts[0] > 0].mean()
    entropy = max(-(q[q > 0] * np.log(q[q > 0])).sum() / np.log(classes), 0.0)
    return Balance(float(np.abs(p - q).sum() / 2), float(missing), float(entropy), *counts)


def _counts(name: str, y: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    check_range(name, y, classes, UNKNOWN)
    counts = np.bincount(y[y != UNKNOWN], minlength=classes)
    if counts.sum() == 0:
        raise UserError(f"{name}: no known label")
    return counts
