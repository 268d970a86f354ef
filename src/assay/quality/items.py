"""Items that are examined: as networks see them, and what a model trained on real data says of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.types import Samples

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Items:
    """Real or synthetic items before the eyes of one model.

    Attributes
    ----------
    samples : Samples
        As recorded.
    x : float array, shape (n, *shape)
        Normalised as the task says.
    features : float array, shape (n, d)
        In which likeness is measured.
    probabilities : float array, shape (n, classes)
        What a model trained on other real items says.
    """

    samples: Samples
    x: Floats
    features: Floats
    probabilities: Floats

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: Any) -> Items:
        """The items at `index` (a slice, a mask or an array of positions)."""
        return Items(self.samples[index], self.x[index], self.features[index], self.probabilities[index])

    @property
    def y(self) -> NDArray[np.int64]:
        """Classes or conditions, -1 where unknown."""
        return self.samples.y

    def relabelled(self, y: NDArray[np.int64]) -> Items:
        """The same items under other labels."""
        return dataclasses.replace(self, samples=Samples(self.samples.x, y, self.samples.group))
