"""Label errors by confident learning (Northcutt, Jiang and Chuang, JAIR 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.item_numbers import check_range

ROUNDING = 1e-9  # a class whose items all have one probability has that as threshold, and they pass it


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """What confident learning says of given labels.

    Parameters
    ----------
    confident_joint : int array, shape (classes, classes)
        Items with given label i (row) that are confidently of class j (column).
    joint : array, shape (classes, classes)
        Estimated shares of given label i and true class j; sums to 1.
    rate : float
        Estimated share of items whose label is wrong: what is off the diagonal of `joint`. Lower is better.
    mask : bool array, shape (n,)
        Items that are confidently of another class than their label.
    """

    confident_joint: NDArray[np.int64]
    joint: NDArray[np.float64]
    rate: float
    mask: NDArray[np.bool_]


def label_errors(probabilities: NDArray[np.floating[Any]], y: NDArray[np.int64]) -> LabelErrors:
    """Confident joint (eq. 1), its calibration to the labels' counts (eq. 3) and the errors off its diagonal.

    Parameters
    ----------
    probabilities : array, shape (n, classes)
        Of models that did not learn from the item.
    y : int array, shape (n,)
        Given labels. A class with none is nobody's true class: its threshold is undefined.

    Raises
    ------
    UserError
        If a label is not one of the classes, or there are no items.
    """
    p = probabilities.astype(np.float64)
    check_range("y", y, p.shape[1], 0)
    if len(y) == 0:
        raise UserError("y: no items")
    confident, true = _confident_class(p, y)
    counts = np.zeros((p.shape[1], p.shape[1]), dtype=np.int64)
    np.add.at(counts, (y[confident], true[confident]), 1)
    joint = _calibrated(counts, np.bincount(y, minlength=p.shape[1]))
    return LabelErrors(counts, joint, float(1 - np.trace(joint)), confident & (true != y))


def _confident_class(
    p: NDArray[np.float64], y: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether some class reaches its threshold (the mean probability of its own items), and the likeliest."""
    thresholds = np.full(p.shape[1], np.inf)
    for label in np.unique(y):
        thresholds[label] = p[y == label, label].mean() - ROUNDING
    reached = np.where(p >= thresholds, p, -1)
    return reached.max(1) >= 0, reached.argmax(1)


def _calibrated(counts: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows scaled to the labels' shares; a label with no confident item counts as right."""
    rows = np.where(counts.sum(1, keepdims=True) > 0, counts, np.eye(len(counts)))
    return np.asarray(rows / rows.sum(1, keepdims=True) * (labels / labels.sum())[:, None])
