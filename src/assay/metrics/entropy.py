"""Mean entropy of predictions: a score of a model on unlabelled items."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean_entropy(probability: NDArray[np.floating[Any]]) -> float:
    """Mean over items of -Σ_k p_k log p_k, in nats.

    Low where predictions are sure; a model that takes every item for one class scores best of all (Morerio
    et al., ICLR 2018; as a validator in Musgrave et al. 2022). Range [0, log classes]; lower is better.

    Parameters
    ----------
    probability : array, shape (n, classes)
        Rows sum to 1.
    """
    p = probability.astype(np.float64)
    return float(-(p * np.log(np.maximum(p, np.finfo(np.float64).tiny))).sum(1).mean())
