"""Fréchet distance between two sets seen as Gaussians (Heusel et al., NeurIPS 2017, eq. 6)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.pairs import Doubles, Floats, blocks, centred, check_same_width, flat

LEAST_SQUARE = 1e-12
"""Of the greatest eigenvalue: below it, rounding at 16 digits would move a root by 1e-10 of the greatest."""


def frechet_distance(real: NDArray[Any], synthetic: NDArray[Any]) -> float:
    """|μ_r - μ_s|² + tr(Σ_r + Σ_s - 2 (Σ_r Σ_s)^½), with n - 1 in the covariances' denominators.

    With any R for which Σ = RᵀR, tr (Σ_r Σ_s)^½ is the sum of the singular values of R_r R_sᵀ: no square root
    of a matrix that rounding made indefinite, and sets that do not span all features are no special case.
    Range [0, inf), lower is nearer. It is biased: two draws of one distribution are above 0, the more the
    fewer the items, so compare sets of one size only.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    """
    x, y = flat(real, least=2), flat(synthetic, least=2)
    check_same_width(x, y)
    mean_x, mean_y = x.mean(0, dtype=np.float64), y.mean(0, dtype=np.float64)
    root_x, root_y = _root(x, mean_x), _root(y, mean_y)
    variance = (root_x**2).sum() + (root_y**2).sum()
    overlap = _sum_of_singular_values(root_x @ root_y.T)
    return max(float(((mean_x - mean_y) ** 2).sum() + variance - 2 * overlap), 0.0)


def _root(rows: Floats, mean: Doubles) -> Doubles:
    """R with RᵀR the covariance, of as many rows as it has rank, or as there are items if they are fewer."""
    n, d = rows.shape
    return centred(rows, mean) / np.sqrt(n - 1) if n <= d else _cholesky(_covariance(rows, mean))


def _covariance(rows: Floats, mean: Doubles) -> Doubles:
    products = np.zeros((rows.shape[1], rows.shape[1]))
    for part in blocks(rows):
        block = centred(rows[part], mean)
        products += block.T @ block
    return products / (len(rows) - 1)


def _cholesky(matrix: Doubles) -> Doubles:
    """R with RᵀR the matrix, by pivots that end where only rounding is left: shape (rank, d)."""
    from scipy.linalg.lapack import dpstrf

    factor, pivots, rank, _ = dpstrf(matrix)
    root = np.empty((rank, len(matrix)))
    root[:, pivots - 1] = np.triu(factor)[:rank]
    return root


def _sum_of_singular_values(matrix: Doubles) -> float:
    """From eigenvalues of the smaller Gram matrix, in a third of an SVD's time, unless squares lose it."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    squares = np.linalg.eigvalsh(wide @ wide.T)
    if len(squares) and squares[0] > LEAST_SQUARE * squares[-1]:
        return float(np.sqrt(squares).sum())
    return float(np.linalg.svd(wide, compute_uv=False).sum())
