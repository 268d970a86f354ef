"""Squared Euclidean distances between features and centres, with exact gradients."""

from __future__ import annotations

from torch import Tensor


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """|a_i - b_j|², shape (n, m), of rows a (n, d) and b (m, d); zero, with zero gradient, between equals."""
    return (a[:, None] - b[None]).square().sum(2)
