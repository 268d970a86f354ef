"""Log loss: how surprised a model is by the true classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def log_loss(y: NDArray[np.int64], probability: NDArray[np.floating[Any]]) -> float:
    """Mean of -ln p(true class), in nats, 0 or more, lower is better; p is kept off 0 by an epsilon.

    Parameters
    ----------
    y : int array, shape (n,)
    probability : array, shape (n, outputs)
        Rows sum to 1.
    """
    least = np.finfo(probability.dtype).eps
    own = probability[np.arange(len(y)), y].clip(least, 1 - least)
    return float(-np.log(own.astype(np.float64)).mean())
