"""Area under the receiver operating characteristic, each class against the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def auroc(y: NDArray[np.int64], probability: NDArray[np.floating[Any]], classes: int) -> float:
    """Mean over classes of the chance that one of its items is given it more than another, range [0, 1].

    U / (n m), with U the number of pairs of one of the n items of the class and one of the m others in
    which the first is given more, a tie being half a pair (Mann and Whitney 1947; Hanley and McNeil 1982):
    higher is better, 0.5 is chance.

    Parameters
    ----------
    y : int array, shape (n,)
    probability : array, shape (n, outputs)
        Outputs beyond the classes are none of them.
    classes : int

    Returns
    -------
    float
        NaN if no class has both items and others, or a probability is NaN.
    """
    n = np.bincount(y, minlength=classes)[:classes]
    known = np.flatnonzero((n > 0) & (n < len(y)))
    if not len(known) or np.isnan(probability[:, known]).any():
        return float("nan")
    won = np.array([_pairs_won(probability[:, label], y == label) for label in known])
    return float((won / (n[known] * (len(y) - n[known]))).mean())


def _pairs_won(given: NDArray[np.floating[Any]], own: NDArray[np.bool_]) -> float:
    others = np.sort(given[~own])
    below, up_to = (np.searchsorted(others, given[own], side) for side in ("left", "right"))
    return float((below + up_to).sum() / 2)
