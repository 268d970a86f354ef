"""Whether items of one place can be told from those of another, in few and coarse numbers of each item."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.two_sample import two_sample

NUMBERS = 64
"""Means over as many stretches of an item stand for it."""
ENOUGH, MOST = 20, 200
"""Items of a set: with fewer nothing is said, and no more are looked at."""
APART, ALIKE = 0.8, 0.65
"""AUC above which sets differ, and up to which they do not."""


def coarse(x: NDArray[Any]) -> NDArray[np.float64]:
    """Each item as means over `NUMBERS` stretches of its numbers in order (all of them if they are fewer).

    Parameters
    ----------
    x : array, shape (n, *shape)
    """
    flat = np.asarray(x, np.float64).reshape(len(x), -1)
    starts = np.linspace(0, flat.shape[1], min(NUMBERS, flat.shape[1]), endpoint=False).astype(int)
    lengths = np.diff(np.append(starts, flat.shape[1]))
    return np.add.reduceat(flat, starts, 1) / lengths


def told_apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """AUC of a linear classifier on coarse items, cross-validated; range [0, 1], 0.5 for sets that are alike.

    Parameters
    ----------
    a, b : arrays, shapes (n, *shape) and (m, *shape)
        Two items or more each.
    """
    return two_sample(coarse(a), coarse(b)).auc


def is_elsewhere(labelled: NDArray[Any], validation: NDArray[Any], unlabelled: NDArray[Any]) -> bool:
    """Whether unlabelled items are of another place than labelled and validation items, which are of one.

    Then validation items say little of the place where a model will work. Where validation items differ from
    the labelled ones too (other people, say, dealt out as groups), they are a fair test of what is elsewhere.
    Labels are not looked at.

    Parameters
    ----------
    labelled, validation, unlabelled : arrays, shapes (n, *shape) with n of each
    """
    if min(len(labelled), len(validation), len(unlabelled)) < ENOUGH:
        return False
    if told_apart(labelled, validation) > ALIKE:
        return False
    return told_apart(np.concatenate([labelled, validation]), unlabelled) > APART
