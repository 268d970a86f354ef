"""Macro F1: the mean over classes of the harmonic mean of precision and recall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def macro_f1(matrix: NDArray[np.int64]) -> float:
    """Mean of 2 tp / (2 tp + fp + fn) over the classes that occur, range [0, 1], higher is better.

    Parameters
    ----------
    matrix : int array, shape (classes, classes) or (classes, classes + 1)
        As `assay.metrics.accuracy.confusion` counts: rows are true classes; a last column is
        what was taken for none.

    Returns
    -------
    float
        A class that is neither true nor predicted of any item is left out (van Rijsbergen 1979; of the mean
        over classes: Opitz and Burst 2019, equation 1).
    """
    classes = len(matrix)
    right = np.diag(matrix)
    both = matrix.sum(1) + matrix.sum(0)[:classes]
    return float((2 * right[both > 0] / both[both > 0]).mean())
