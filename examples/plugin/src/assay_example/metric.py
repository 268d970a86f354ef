"""A metric: a number that says how far synthetic items are from real ones; lower is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mean_apart(real: NDArray[np.floating], synthetic: NDArray[np.floating]) -> float:
    """Distance of the means of two sets of features (n, d), in deviations of the real ones."""
    deviation = real.std(0) + 1e-9
    return float(np.linalg.norm((real.mean(0) - synthetic.mean(0)) / deviation))
