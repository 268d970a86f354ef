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
STRIP = 64
"""Rows that are finished at a time, so that the numbers of each stay in the cache."""

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]


def ssim_matrix(a: Floats, b: Floats) -> Doubles:
    """SSIM of every item of `a` with every item of `b`.

    Parameters
    ----------
    a, b : arrays, shapes (n, *shape) and (m, *shape)

    Returns
    -------
    array, shape (n, m), range [-1, 1]
    """
    (mean_a, var_a, rows_a), (mean_b, var_b, rows_b) = _moments(a), _moments(b)
    result = ((2 * rows_a) @ rows_b.T).astype(np.float64)
    result /= rows_a.shape[1] - 1
    for first in range(0, len(a), STRIP):
        part = slice(first, first + STRIP)
        _finish(result[part], (mean_a[part], var_a[part]), (mean_b, var_b))
    return result


def paired_ssim(a: Floats, b: Floats) -> Doubles:
    """SSIM of every item of `a` with the item of `b` in the same place, shape (n,), range [-1, 1]."""
    (mean_a, var_a, rows_a), (mean_b, var_b, rows_b) = _moments(a), _moments(b)
    covariance = np.einsum("nd,nd->n", rows_a, rows_b, dtype=np.float64) / (rows_a.shape[1] - 1)
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    result: Doubles = luminance * (2 * covariance + C2) / (var_a + var_b + C2)
    return result


def _finish(covariance: Doubles, a: tuple[Doubles, Doubles], b: tuple[Doubles, Doubles]) -> None:
    """Twice the covariance to the similarity, in place."""
    (mean_a, var_a), (mean_b, var_b) = a, b
    covariance += C2
    luminance, scale = np.outer(2 * mean_a, mean_b), np.add.outer(mean_a**2, mean_b**2)
    luminance += C1
    scale += C1
    luminance /= scale
    covariance *= luminance
    np.add.outer(var_a, var_b, out=scale)
    scale += C2
    covariance /= scale


def nearest_ssim(a: Floats, b: Floats) -> tuple[Doubles, NDArray[np.int64]]:
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
    block: Doubles,
    rows: slice,
    first: int,
    score: Doubles,
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


def _moments(items: Floats) -> tuple[Doubles, Doubles, Floats]:
    """Mean, variance (ddof 0) and centred rows of each item."""
    rows = items.reshape(len(items), math.prod(items.shape[1:]))
    mean = rows.mean(1, dtype=np.float64)
    centred = rows - mean[:, None].astype(rows.dtype)
    return mean, np.einsum("nd,nd->n", centred, centred, dtype=np.float64) / rows.shape[1], centred
