"""Fréchet distance between two sets seen as Gaussians (Heusel et al., NeurIPS 2017, eq. 6)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.pairs import Doubles, Floats, blocks, centred, check_same_width, flat


def frechet_distance(real: NDArray[Any], synthetic: NDArray[Any]) -> float:
    """|μ_r - μ_s|² + tr(Σ_r + Σ_s - 2 (Σ_r Σ_s)^½), with n - 1 in the covariances' denominators.

    With Σ = RᵀR from a QR decomposition of the centred items, tr (Σ_r Σ_s)^½ is the sum of the singular
    values of R_r R_sᵀ: no square root of a matrix that rounding made indefinite, and fewer items than
    features are no special case. Range [0, inf), lower is nearer. It is biased: two draws of one
    distribution are above 0, the more the fewer the items, so compare sets of one size only.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    """
    x, y = flat(real, least=2), flat(synthetic, least=2)
    check_same_width(x, y)
    mean_x, mean_y = x.mean(0, dtype=np.float64), y.mean(0, dtype=np.float64)
    root_x, root_y = _root(x, mean_x), _root(y, mean_y)
    variance = (root_x**2).sum() + (root_y**2).sum()
    overlap = np.linalg.svd(root_x @ root_y.T, compute_uv=False).sum()
    return max(float(((mean_x - mean_y) ** 2).sum() + variance - 2 * overlap), 0.0)


def _root(rows: Floats, mean: Doubles) -> Doubles:
    """R with RᵀR the covariance, shape (min(n, d), d), block after block."""
    root = np.empty((0, rows.shape[1]))
    step = max(rows.shape[1], next(blocks(rows)).stop)  # R is as large as d × d; smaller steps are slower
    for start in range(0, len(rows), step):
        block = centred(rows[start : start + step], mean)
        root = np.asarray(np.linalg.qr(np.vstack([root, block]), mode="r"))
    return np.asarray(root / np.sqrt(len(rows) - 1))
