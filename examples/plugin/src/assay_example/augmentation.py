"""An augmentation: a function of a batch, as networks see it, and a source of random numbers."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def louder(x: Tensor, generator: Generator, most: float = 0.1) -> Tensor:
    """Each item times a factor of its own, at most so far from 1."""
    factor = torch.rand(len(x), *[1] * (x.ndim - 1), generator=generator, device=x.device)
    return x * (1 + most * (2 * factor - 1))
