"""Soft neighbourhood density: a score of a model on unlabelled items."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLOCK = 2048


def soft_neighbourhood_density(
    probability: NDArray[np.floating[Any]], temperature: float = 0.05, block: int = BLOCK
) -> float:
    """How many items share an item's prediction, softly: mean entropy of similarities, in nats.

    With S_ij the cosine of predictions i and j and P_ij ∝ exp(S_ij / τ) over j ≠ i, the mean over i of
    -Σ_j P_ij log P_ij (Saito et al., ICCV 2021; on softmax outputs, as there). High where
    predictions form dense clusters; a model that takes every item for one class scores best of all. Range
    [0, log(n - 1)]; higher is better, and only values of the same n compare.

    Parameters
    ----------
    probability : array, shape (n, classes), two items or more
        Rows sum to 1.
    temperature : float
        τ (published: 0.05).
    block : int
        Rows compared at a time; memory is `block` × n numbers.
    """
    p = probability.astype(np.float64)
    directions = p / np.linalg.norm(p, axis=1, keepdims=True)
    starts = range(0, len(p), block)
    return float(np.concatenate([_entropies(directions, i, block, temperature) for i in starts]).mean())


def _entropies(directions: Floats, start: int, block: int, temperature: float) -> Floats:
    """Entropy of the similarities of each item from `start` on to all others, shape (block,)."""
    scaled = directions[start : start + block] @ directions.T / temperature
    rows = np.arange(len(scaled))
    scaled[rows, start + rows] = -np.inf
    scaled -= scaled.max(1, keepdims=True)
    weight = np.exp(scaled)
    total = weight.sum(1)
    scaled[rows, start + rows] = 0  # its weight is zero: 0 · -inf would be NaN
    entropies: Floats = np.log(total) - (weight * scaled).sum(1) / total
    return entropies
