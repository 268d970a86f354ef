"""Global structural similarity: one window that covers the whole item.

SSIM(a, b) = (2 μa μb + C1)(2 σab + C2) / ((μa² + μb² + C1)(σa² + σb² + C2)), with C1 = 0.01², C2 = 0.03²,
variances with n and the covariance with n - 1 in the denominator (SynCheck, MobiSys 2025, the SSIM filter;
Wang et al. 2004, eq. 13). All pairs come from one matrix product. Range [-1, 1]; higher is more alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

C1, C2 = 0.01**2, 0.03**2
BLOCK_BYTES = 64 * 2**20

Floats = NDArray[np.floating[Any]]


def ssim_matrix(a: Floats, b: Floats) -> NDArray[np.float64]:
    """SSIM of every item of `a` with every item of `b`.

    Parameters
    ----------
    a, b : arrays, shapes (n, *shape) and (m, *shape)

    Returns
    -------
    array, shape (n, m), range [-1, 1]
    """
    (mean_a, var_a, rows_a), (mean_b, var_b, rows_b) = _moments(a), _moments(b)
    covariance = (rows_a @ rows_b.T).astype(np.float64) / (rows_a.shape[1] - 1)
    luminance = (2 * np.outer(mean_a, mean_b) + C1) / (np.add.outer(mean_a**2, mean_b**2) + C1)
    result: NDArray[np.float64] = luminance * (2 * covariance + C2) / (np.add.outer(var_a, var_b) + C2)
    return result


def paired_ssim(a: Floats, b: Floats) -> NDArray[np.float64]:
    """SSIM of every item of `a` with the item of `b` in the same place, shape (n,), range [-1, 1]."""
    (mean_a, var_a, rows_a), (mean_b, var_b, rows_b) = _moments(a), _moments(b)
    covariance = np.einsum("nd,nd->n", rows_a, rows_b, dtype=np.float64) / (rows_a.shape[1] - 1)
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    result: NDArray[np.float64] = luminance * (2 * covariance + C2) / (var_a + var_b + C2)
    return result


def nearest_ssim(a: Floats, b: Floats) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For every item of `a`, the highest SSIM with any item of `b`, and that item's position.

    Memory stays bounded: `a` and `b` are walked in blocks.

    Returns
    -------
    score : array, shape (n,), range [-1, 1]
    position : int array, shape (n,)
    """
    score = np.full(len(a), -np.inf)
    position = np.zeros(len(a), dtype=np.int64)
    for rows in _blocks(a):
        for columns in _blocks(b):
            _keep_best(ssim_matrix(a[rows], b[columns]), rows, columns.start, score, position)
    return score, position


def _keep_best(
    block: NDArray[np.float64],
    rows: slice,
    first: int,
    score: NDArray[np.float64],
    position: NDArray[np.int64],
) -> None:
    best = block.argmax(1)
    value = block[np.arange(len(block)), best]
    better = value > score[rows]
    score[rows] = np.where(better, value, score[rows])
    position[rows] = np.where(better, best + first, position[rows])


def _blocks(items: Floats) -> Iterator[slice]:
    """Slices whose items, and whose product with as many others, stay within the block size."""
    per_item = 8 * max(math.prod(items.shape[1:]), 1)
    step = int(max(1, min(BLOCK_BYTES // per_item, (BLOCK_BYTES // 8) ** 0.5)))
    for start in range(0, len(items), step):
        yield slice(start, min(start + step, len(items)))


def _moments(items: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64], Floats]:
    """Mean, variance (ddof 0) and centred rows of each item."""
    rows = items.reshape(len(items), math.prod(items.shape[1:]))
    mean = rows.mean(1, dtype=np.float64)
    centred = rows - mean[:, None].astype(rows.dtype)
    return mean, np.einsum("nd,nd->n", centred, centred, dtype=np.float64) / rows.shape[1], centred
