"""A network of unit inputs and outputs as a prediction of x₀.

D(x, σ) = x / (σ² + 1) + σ / √(σ² + 1) · F(x / √(σ² + 1), σ) (Karras et al., NeurIPS 2022, table 1, with
σ_data = 1): where noise is little the item is what is seen, and the network adds what is left; where it is
much, the network says all. Weighted by 1 + 1/σ², squared errors of D are those of F, alike at all levels.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


def denoised(network: Callable[[Tensor], Tensor], x: Tensor, sigma: Tensor) -> Tensor:
    """D(x, σ), float32; `sigma` spreads over `x`."""
    whole = sigma.square() + 1
    return x / whole + sigma / whole.sqrt() * network(x / whole.sqrt()).float()


def weighted_error(predicted: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """mean (1 + 1/σ²) (D - x)²: 1 for a network that says nothing of items of unit variance."""
    return ((1 + 1 / sigma.square()) * (predicted - x).square()).mean()
