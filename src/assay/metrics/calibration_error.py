"""Expected calibration error: how far confidence and accuracy lie apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15


def calibration_error(y: NDArray[np.int64], probability: NDArray[np.floating[Any]]) -> float:
    """Sum over 15 bins of equal width of (items in it / n) · |accuracy - mean confidence|, range [0, 1].

    Lower is better. Confidence is the greatest probability (Guo et al., ICML 2017, equation 3).

    Parameters
    ----------
    y : int array, shape (n,)
    probability : array, shape (n, outputs)
        Rows sum to 1.
    """
    confidence = probability.max(1).astype(np.float64)
    right = probability.argmax(1) == y
    place = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.bincount(place, right - confidence, BINS)
    return float(np.abs(gaps).sum() / len(y))
