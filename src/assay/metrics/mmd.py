"""Maximum mean discrepancy with a Gaussian kernel (Gretton et al., JMLR 2012, eq. 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assay.errors import UserError
from assay.metrics.pairs import Doubles, Floats, blocks, centred, check_same_width, flat, squared_distances

MEDIAN_ITEMS = 2000

Kernel = Callable[[Doubles, Doubles], Doubles]


def mmd(real: Floats, synthetic: Floats, bandwidth: float | None = None) -> float:
    """Unbiased squared maximum mean discrepancy.

    MMD² = mean over i ≠ j of k(x_i, x_j) + the same of y - 2 · mean of k(x_i, y_j), with
    k(a, b) = exp(-|a - b|² / (2 h²)). Range about [0, 2], lower is nearer; two draws of one distribution
    scatter around 0 and may fall below it. Memory stays bounded.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    bandwidth : float, optional
        h; by default the median distance between different real items, of 2,000 of them drawn with seed 0
        where there are more. Where most are equal, the median of the distances above 0.
    """
    x, y = flat(real, least=2), flat(synthetic, least=2)
    h2 = bandwidth**2 if bandwidth else _median_square(x)

    def kernel(a: Doubles, b: Doubles) -> Doubles:
        squares = squared_distances(a, b)
        return np.asarray(np.exp(np.multiply(squares, -1 / (2 * h2), out=squares), out=squares))

    return unbiased_mmd(x, y, kernel, x.mean(0, dtype=np.float64))


def unbiased_mmd(x: Floats, y: Floats, kernel: Kernel, centre: Doubles) -> float:
    """Unbiased MMD² of any kernel, block by block; the kernel is given rows from which `centre` is taken."""
    check_same_width(x, y)
    between = sum(
        kernel(centred(x[i], centre), centred(y[j], centre)).sum() for i in blocks(x) for j in blocks(y)
    )
    within = _mean_within(x, kernel, centre) + _mean_within(y, kernel, centre)
    return float(within - 2 * between / (len(x) * len(y)))


def _mean_within(rows: Floats, kernel: Kernel, centre: Doubles) -> float:
    """Mean of the kernel over pairs of different rows; a pair is looked at once."""
    total = 0.0
    for i in blocks(rows):
        a = centred(rows[i], centre)
        own = kernel(a, a)
        total += own.sum() - np.trace(own)
        later = (j for j in blocks(rows) if j.start > i.start)
        total += 2 * sum(kernel(a, centred(rows[j], centre)).sum() for j in later)
    return total / (len(rows) * (len(rows) - 1))


def _median_square(rows: Floats) -> float:
    if len(rows) > MEDIAN_ITEMS:
        rows = rows[np.random.default_rng(0).choice(len(rows), MEDIAN_ITEMS, replace=False)]
    a = centred(rows, rows.mean(0, dtype=np.float64))
    squares = squared_distances(a, a)[np.triu_indices(len(a), 1)]
    median = float(np.median(squares))
    rounding = 1e-12 * float(np.einsum("nd,nd->n", a, a).max())
    if median <= rounding and not (squares > rounding).any():
        raise UserError("bandwidth: all real items are equal, so that there is no median distance; give one")
    return median if median > rounding else float(np.median(squares[squares > rounding]))
