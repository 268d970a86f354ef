"""Copying: is a synthetic item suspiciously near to one training record, compared with the next?"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.metrics.nearest import nearest

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Copying:
    """How near synthetic items come to single training records.

    Parameters
    ----------
    rate : float
        Share of synthetic items that count as copies, range [0, 1]; lower is better, and about `share` for
        new items of the real distribution.
    copies : bool array, shape (m,)
    distances : array, shape (m,)
        Euclidean, from each synthetic item to its nearest training record.
    ratios : array, shape (m,), range [0, 1]
        That distance divided by the one to the second nearest record that differs from it.
    index : int array, shape (m,)
        The nearest record's position; of equal records the first.
    threshold : float
        A ratio below this is a copy's.
    """

    rate: float
    copies: NDArray[np.bool_]
    distances: Floats
    ratios: Floats
    index: NDArray[np.int64]
    threshold: float


def copying(
    synthetic: NDArray[Any], training: NDArray[Any], share: float = 0.01, threshold: float | None = None
) -> Copying:
    """Items equal to a training record, or far nearer to one record than to any other.

    The nearest-neighbour distance ratio (Lowe, IJCV 2004, section 7.1), held against that of the training
    records among themselves: its `share` quantile is the threshold. Being a ratio, it does not accuse items
    that are near to all records because they are smooth or typical. Equal records count once, lest their
    copies have two nearest ones. With fewer than three different records only equal items are copies.

    Parameters
    ----------
    synthetic, training : arrays, shapes (m, *shape) and (n, *shape)
    share : float, range [0, 1]
    threshold : float, optional
        The one of the same training records, found before.
    """
    first = _first_of_equals(training)
    records = training if len(first) == len(training) else training[first]
    if len(records) < 3:
        found, index = nearest(synthetic, records)
        ratios, threshold = (found[:, 0] > 0).astype(np.float64), 0.0
    else:
        found, index = nearest(synthetic, records, k=2)
        ratios = _ratios(found)
        if threshold is None:
            among = nearest(records, records, k=2, leave_self_out=True)[0]
            threshold = float(np.quantile(_ratios(among), share))
    copies = (ratios < threshold) | (found[:, 0] == 0)
    return Copying(float(copies.mean()), copies, found[:, 0], ratios, first[index[:, 0]], threshold)


def _ratios(distances: Floats) -> Floats:
    """Nearest over second nearest; the second is above 0 as records differ."""
    return np.asarray(distances[:, 0] / np.maximum(distances[:, 1], np.finfo(np.float64).tiny))


def _first_of_equals(items: NDArray[Any]) -> NDArray[np.int64]:
    """Positions of the items that no earlier one equals byte for byte (by a hash of 64 bytes)."""
    seen: dict[bytes, int] = {}
    for position, item in enumerate(np.ascontiguousarray(items)):
        seen.setdefault(blake2b(item.data).digest(), position)
    return np.array(list(seen.values()), dtype=np.int64)
