"""Accuracy, mean per-class recall and the confusion matrix they come from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def confusion(y: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """How often class i (row) was taken for class j (column), shape (classes, classes)."""
    return np.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes)


def accuracy(matrix: NDArray[np.int64]) -> float:
    """Share of items on the diagonal of a confusion matrix, range [0, 1], higher is better."""
    return float(np.trace(matrix) / matrix.sum())


def mean_recall(matrix: NDArray[np.int64]) -> float:
    """Mean over the classes that occur of the share of their items recognised, range [0, 1]."""
    counts = matrix.sum(1)
    return float((np.diag(matrix)[counts > 0] / counts[counts > 0]).mean())
