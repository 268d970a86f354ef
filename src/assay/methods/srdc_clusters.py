"""What SRDC does between epochs: cluster the target, place the centres, choose among the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from assay.methods.base import Pool, in_batches
from assay.methods.clustering import (
    EPS,
    class_means,
    class_sums,
    kernel_kmeans,
    kmeans,
    rbf,
    spherical_kmeans,
    unit,
)
from assay.methods.streamed import Items

Clustering = Literal["kmeans", "spherical", "kernel"]
Levels = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class WeightedPool(Pool):
    """Items with a weight each: `weight` (n,)."""

    weight: Tensor


def levels_of(function: Callable[[Tensor], Levels], x: Items) -> Levels:
    """Feature 1, feature 2 and logits of many items, in batches and without gradients."""
    widths = [part.shape[1] for part in function(x[:2])]
    joined = in_batches(lambda block: torch.cat(function(block), 1), x)
    first, second, logits = torch.split(joined, widths, 1)
    return first, second, logits


def class_centres(features: Tensor, labels: Tensor, classes: int, spherical: bool, eps: float) -> Tensor:
    """Class means (with `eps` in the denominators), or, as published, sums of directions; (classes, d)."""
    if spherical:
        return class_sums(unit(features), labels, classes)
    return class_means(features, labels, classes, eps)


@dataclass(frozen=True)
class Clusterer:
    """How target features become clusters; the fields are those of `Srdc`."""

    clustering: Clustering
    iterations: int
    kernel_gamma: float | None
    kernel_weights: Literal["ones", "row_sums"]

    def __call__(self, features: Tensor, start: Tensor, predicted: Tensor) -> tuple[Tensor, Tensor]:
        """Labels (n,) and centres (classes, d) from start centres, or (kernel) from predicted labels."""
        if self.clustering == "kernel":
            return self._kernel(features, predicted, len(start))
        algorithm = kmeans if self.clustering == "kmeans" else spherical_kmeans
        return algorithm(features, start, self.iterations)

    def _kernel(self, features: Tensor, predicted: Tensor, classes: int) -> tuple[Tensor, Tensor]:
        kernel = rbf(features, self.kernel_gamma)
        weights = kernel.sum(1) if self.kernel_weights == "row_sums" else torch.ones_like(kernel[0])
        labels = kernel_kmeans(kernel, predicted, classes, self.iterations, weights)
        return labels, class_means(features, labels, classes, EPS)
