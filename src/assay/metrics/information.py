"""Information maximisation: a score of a model on unlabelled items."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def information_maximisation(probability: NDArray[np.floating[Any]]) -> float:
    """Mutual information between item and predicted class, in nats.

    H(mean of p) - mean of H(p): high where predictions are sure and spread over the classes (Bridle et al.
    1991; as a validator in Musgrave et al. 2022). Range [0, log classes]; higher is better.

    Parameters
    ----------
    probability : array, shape (n, classes)
        Rows sum to 1.
    """
    p = probability.astype(np.float64)
    return float(_entropy(p.mean(0))[0] - _entropy(p).mean())


def _entropy(p: Floats) -> Floats:
    entropy: Floats = -(p * np.log(np.maximum(p, 1e-12))).sum(-1, keepdims=p.ndim == 1)
    return entropy
