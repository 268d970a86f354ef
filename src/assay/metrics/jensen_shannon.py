"""Jensen-Shannon divergence (Lin, IEEE Transactions on Information Theory 1991, eq. 4.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr


def jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """½ KL(p | m) + ½ KL(q | m) with m = ½ (p + q), in bits. Range [0, 1], 0 where p = q; lower is nearer.

    Parameters
    ----------
    p, q : arrays, shape (n,), not negative, each with sum 1
    """
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle) + rel_entr(q, middle)).sum() / (2 * np.log(2))
    return float(np.clip(divergence, 0, 1))  # rounding: SciPy's distance is the root of less than 0, NaN
