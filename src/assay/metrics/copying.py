"""Copying: are synthetic items nearer to training records than these are to one another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.nearest import nearest


@dataclass(frozen=True, eq=False)
class Copying:
    """How near synthetic items come to training records.

    Parameters
    ----------
    rate : float
        Share of synthetic items that count as copies, range [0, 1]; lower is better, and about `share` for
        new items of the real distribution.
    distances : array, shape (m,)
        Euclidean, from each synthetic item to its nearest training record.
    index : int array, shape (m,)
        That record's position.
    threshold : float
        Nearer than this is a copy.
    """

    rate: float
    distances: NDArray[np.float64]
    index: NDArray[np.int64]
    threshold: float


def copying(synthetic: NDArray[Any], training: NDArray[Any], share: float = 0.01) -> Copying:
    """Synthetic items at distance 0 from a training record, or nearer than training records usually are.

    The threshold is the `share` quantile of the distances from each training record to its nearest other one.
    Records with an exact twin have no say in it: a few duplicates would make it 0, and slightly noisy copies
    would pass.

    Parameters
    ----------
    synthetic, training : arrays, shapes (m, *shape) and (n, *shape); two training records or more
    share : float, range [0, 1]
    """
    found, index = nearest(synthetic, training)
    within = nearest(training, training, leave_self_out=True)[0]
    distances, apart = found[:, 0], within[within > 0]
    threshold = float(np.quantile(apart, share)) if len(apart) else 0.0
    copies = (distances < threshold) | (distances == 0)
    return Copying(float(copies.mean()), distances, index[:, 0], threshold)
