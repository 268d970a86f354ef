"""Precision, recall, density and coverage: overlap of the manifolds of two sets.

A set's manifold is the union of balls around its items, each with its item's distance to its k-th nearest
other item of the same set as radius.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.nearest import smallest_squares
from assay.metrics.pairs import Doubles, Floats, blocks, centred, check_same_width, flat, squared_distances

SLACK = 1e-12  # far above rounding, so that a point on the sphere is inside whatever the blocks


class Manifold(NamedTuple):
    """The four scores; higher is better."""

    precision: float
    recall: float
    density: float
    coverage: float


def precision_recall_density_coverage(real: NDArray[Any], synthetic: NDArray[Any], k: int = 5) -> Manifold:
    """Precision and recall (Kynkäänniemi et al., NeurIPS 2019, eq. 2), density and coverage (Naeem et al.,
    ICML 2020, section 3).

    - precision, range [0, 1]: share of synthetic items inside some real item's ball;
    - recall, range [0, 1]: share of real items inside some synthetic item's ball;
    - density, range [0, m]: how many real balls a synthetic item lies in on average, divided by k; about 1
      for a second draw of the real distribution;
    - coverage, range [0, 1]: share of real balls with a synthetic item inside; about 1 - 2^-k for a second
      draw as large as the first.

    Balls are closed (≤), as in the first paper; the second's code has open ones, which differs only on ties
    and lets k + 1 equal items have empty balls. A collapsed set lowers recall and coverage, items that are
    unlike any real one lower precision and density. Memory stays bounded.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), more than `k` items each
    k : int
        The first paper uses 3, the second 5.

    Raises
    ------
    UserError
        If a set has `k` items or fewer.
    """
    x, y = flat(real), flat(synthetic)
    check_same_width(x, y)
    if not 1 <= k < min(len(x), len(y)):
        raise UserError(
            f"k: {k}; expected 1 or more, and fewer than the {min(len(x), len(y))} items of a set"
        )
    hit, recalled, held, often = _inside(x, y, _squared_radii(x, k), _squared_radii(y, k))
    return Manifold(float(hit.mean()), float(recalled.mean()), often / (k * len(y)), float(held.mean()))


def _squared_radii(rows: Floats, k: int) -> Doubles:
    own = np.arange(len(rows))
    found = [smallest_squares(rows[part], rows, k, own[part]).squares[:, -1] for part in blocks(rows)]
    return np.concatenate(found)


def _inside(
    x: Floats, y: Floats, radii_x: Doubles, radii_y: Doubles
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], int]:
    """Which `y` lie in a ball of `x`, which `x` in one of `y`, which balls of `x` hold a `y`; how often."""
    hit, recalled, held = np.zeros(len(y), bool), np.zeros(len(x), bool), np.zeros(len(x), bool)
    centre, often = x.mean(0, dtype=np.float64), 0
    for i in blocks(x):
        rows = centred(x[i], centre)
        for j in blocks(y):
            squares = squared_distances(rows, centred(y[j], centre), SLACK)
            inside = squares <= radii_x[i, None]
            hit[j] |= inside.any(0)
            held[i] |= inside.any(1)
            often += int(np.count_nonzero(inside))
            recalled[i] |= (squares <= radii_y[j]).any(1)
    return hit, recalled, held, often
