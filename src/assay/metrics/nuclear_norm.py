"""Nuclear norm of predictions: a score of a model on unlabelled items."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def nuclear_norm(probability: NDArray[np.floating[Any]]) -> float:
    """Sum of the singular values of the predictions P, over the greatest there can be: ‖P‖_* / √(n · d).

    d = min(n, classes). High where predictions are sure and spread over all classes: with n_c sure items of
    class c it is Σ_c √n_c / √(n · d), greatest at equal shares and 1 / √d if all items are surely of one
    class. From Cui et al., CVPR 2020 (batch nuclear-norm maximisation: the loss is -‖P‖_* / n, and
    ‖P‖_* ≤ √(n · d) since ‖P‖_F ≤ √n); as a validator in Musgrave et al. 2022. Range
    [1 / √(classes · d), 1]; higher is better.

    Parameters
    ----------
    probability : array, shape (n, classes)
        Rows sum to 1.
    """
    p = probability.astype(np.float64)
    return float(np.linalg.svd(p, compute_uv=False).sum() / math.sqrt(len(p) * min(p.shape)))
