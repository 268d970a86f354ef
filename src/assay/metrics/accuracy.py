"""Accuracy, mean per-class recall and the confusion matrix they come from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def confusion(
    y: NDArray[np.int64], predicted: NDArray[np.int64], classes: int, outputs: int = 0
) -> NDArray[np.int64]:
    """How often class i (row) was taken for class j (column).

    Parameters
    ----------
    y, predicted : int arrays, shape (n,)
    classes : int
    outputs : int
        What `predicted` is below, if that may be no class at all, and so wrong whatever the class.

    Returns
    -------
    int array, shape (classes, classes), or (classes, classes + 1) if there are more outputs than classes: the
    last column counts the predictions that are no class
    """
    columns = classes + (outputs > classes)
    cells = y * columns + np.minimum(predicted, columns - 1)
    return np.bincount(cells, minlength=classes * columns).reshape(classes, columns)


def accuracy(matrix: NDArray[np.int64]) -> float:
    """Share of items on the diagonal of a confusion matrix, range [0, 1], higher is better."""
    return float(np.trace(matrix) / matrix.sum())


def mean_recall(matrix: NDArray[np.int64]) -> float:
    """Mean over the classes that occur of the share of their items recognised, range [0, 1]."""
    counts = matrix.sum(1)
    return float((np.diag(matrix)[counts > 0] / counts[counts > 0]).mean())
