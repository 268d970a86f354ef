"""Distance between amplitude distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

VALUES = 1_000_000


def amplitude_distance(real: NDArray[Any], synthetic: NDArray[Any], seed: int = 0) -> float:
    """1-D Wasserstein-1 distance between all amplitudes of two sets, in real standard deviations.

    Range [0, inf), lower is nearer; a constant offset of one standard deviation gives 1. Of each set a
    million amplitudes are drawn with `seed` where there are more.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape)
        Real, or complex: then their magnitudes.
    seed : int

    Raises
    ------
    UserError
        If all real amplitudes are equal: there is no unit to measure in.
    """
    from scipy.stats import wasserstein_distance

    a, b = _values(real, seed), _values(synthetic, seed)
    deviation = a.std()
    if not deviation > 0:
        raise UserError("real: all amplitudes are equal; expected some that differ")
    return float(wasserstein_distance(a, b) / deviation)


def _values(items: NDArray[Any], seed: int) -> NDArray[np.float64]:
    values = items.reshape(-1)
    if len(values) > VALUES:
        values = values[np.random.default_rng(seed).choice(len(values), VALUES, replace=False, shuffle=False)]
    return (np.abs(values) if values.dtype.kind == "c" else values).astype(np.float64)
