"""Area under the receiver operating characteristic, each class against the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def auroc(y: NDArray[np.int64], probability: NDArray[np.floating[Any]], classes: int) -> float:
    """Mean over classes of the chance that one of its items is given it more than another, range [0, 1].

    (R - n (n + 1) / 2) / (n m), with R the sum of the ranks of the n items of the class among them and the m
    others, ties in the middle (Hanley and McNeil 1982): higher is better, 0.5 is chance.

    Parameters
    ----------
    y : int array, shape (n,)
    probability : array, shape (n, outputs)
        Outputs beyond the classes are none of them.
    classes : int

    Returns
    -------
    float
        NaN if no class has both items and others.
    """
    n = np.bincount(y, minlength=classes)[:classes]
    known = np.flatnonzero((n > 0) & (n < len(y)))
    if not len(known):
        return float("nan")
    ranks = rankdata(probability[:, known], axis=0)
    sums = np.array([ranks[y == label, place].sum() for place, label in enumerate(known)])
    own, others = n[known], len(y) - n[known]
    return float(((sums - own * (own + 1) / 2) / (own * others)).mean())
