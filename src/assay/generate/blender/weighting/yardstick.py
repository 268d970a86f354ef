"""Photographs as features: some to weigh pictures by, the others to measure how near a round has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.mmd import mmd

Features = Callable[[NDArray[Any]], NDArray[Any]]
"""From images (n, 3, height, width), 0 to 255, to features (n, d)."""
FEWEST, SPLITS, MEASURING = 30, 40, 3
Doubles = NDArray[np.float64]


def features_of(features: Features, images: NDArray[Any]) -> Doubles:
    """Features as rows of finite numbers.

    Raises
    ------
    UserError
        If the function gives something else.
    """
    found = np.asarray(features(images), dtype=np.float64)
    if found.ndim != 2 or len(found) != len(images) or not np.isfinite(found).all():
        raise UserError(
            f"features: shape {found.shape} for {len(images)} images; expected ({len(images)}, d), all finite"
        )
    return found


@dataclass(frozen=True)
class Yardstick:
    """Features of photographs, split, and the scale of each feature.

    Attributes
    ----------
    weighing, measuring : arrays (n, d)
        Two thirds to weigh pictures by, one third that no weight has seen.
    scale : array (d,)
        Deviation of each feature in the photographs and the pictures of the first round.
    floor : float
        What the distance between photographs and other photographs exceeds in one of twenty splits.
    """

    weighing: Doubles
    measuring: Doubles
    scale: Doubles
    floor: float

    def distance(self, rendered: Doubles) -> float:
        """Squared maximum mean discrepancy to the measuring photographs; 0 where nothing differs."""
        return mmd(self.measuring / self.scale, rendered / self.scale)


def yardstick(real: Doubles, rendered: Doubles, seed: int) -> Yardstick:
    """A yardstick from features of photographs and of the pictures of the first round."""
    rng = np.random.default_rng([seed, 1])
    deviation = np.concatenate([real, rendered]).std(0)
    scale = np.where(deviation > 1e-12, deviation, 1.0) * np.sqrt(real.shape[1])
    measuring, weighing = _split(real, rng)
    scatter = [mmd(*_split(real / scale, rng)) for _ in range(SPLITS)]
    return Yardstick(weighing, measuring, scale, float(np.quantile(scatter, 0.95)))


def _split(rows: Doubles, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """One third and the rest, at random."""
    order = rng.permutation(len(rows))
    third = len(rows) // MEASURING
    return rows[order[:third]], rows[order[third:]]
