"""Maximum mean discrepancy with a Gaussian kernel (Gretton et al., JMLR 2012, eq. 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def mmd(real: Floats, synthetic: Floats, bandwidth: float | None = None) -> float:
    """Unbiased squared maximum mean discrepancy.

    MMD² = mean over i ≠ j of k(x_i, x_j) + the same of y - 2 · mean of k(x_i, y_j), with
    k(a, b) = exp(-|a - b|² / (2 h²)). Range about [0, 2], lower is nearer; two draws of one distribution
    scatter around 0 and may fall below it.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    bandwidth : float, optional
        h; by default the median distance between different real items.
    """
    x, y = (items.reshape(len(items), -1).astype(np.float64) for items in (real, synthetic))
    xx, yy, xy = squared_distances(x, x), squared_distances(y, y), squared_distances(x, y)
    h2 = bandwidth**2 if bandwidth else float(np.median(xx[np.triu_indices(len(x), 1)]))
    within = sum(_mean_off_diagonal(np.exp(-d / (2 * h2))) for d in (xx, yy))
    return float(within - 2 * np.exp(-xy / (2 * h2)).mean())


def squared_distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """|a_i - b_j|², shape (n, m), from one matrix product."""
    squares = np.add.outer((a**2).sum(1), (b**2).sum(1)) - 2 * a @ b.T
    return np.asarray(np.maximum(squares, 0))


def _mean_off_diagonal(kernel: NDArray[np.float64]) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))
