"""What all backbones share: dropout with its own randomness, and initial weights from a generator."""

from __future__ import annotations

from typing import Annotated, TypeVar, cast

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Generator, Tensor, nn

Positive = Annotated[int, Gt(0), Le(1_000_000)]
N = TypeVar("N", bound=nn.Module)
Share = Annotated[float, Ge(0), Lt(1)]


class Dropout(nn.Module):
    """Dropout whose masks come from a given generator instead of the global random state.

    Parameters
    ----------
    p : float
        Share of elements set to zero; the rest is scaled by 1 / (1 - p).
    generator : torch.Generator
        Lives on the device of the inputs.
    """

    def __init__(self, p: float, generator: Generator) -> None:
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x: Tensor) -> Tensor:
        """Masked `x` in training, `x` itself otherwise."""
        if not self.training or self.p == 0:
            return x
        return x * _kept(x, self.p, self.generator).to(x.dtype).mul_(1 / (1 - self.p))


def _kept(x: Tensor, p: float, generator: Generator) -> Tensor:
    """A mask in the memory layout of `x`, False with probability `p` (to 1/65536).

    Four 16-bit numbers from each 64-bit draw: about four times as fast as drawing Bernoulli variables.
    """
    draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
    bits = draws.random_(-(2**63), None, generator=generator).view(torch.int16)[: x.numel()]
    mask = bits >= round(p * 2**16) - 2**15
    return mask.as_strided(x.shape, torch.empty_like(x, device="meta").stride())


def feed_forward(width: int, hidden: int, dropout: Dropout) -> nn.Sequential:
    """Two linear layers, GELU between them, over the last axis of length `width`; dropout after each."""
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), dropout, nn.Linear(hidden, width), dropout)


def keep_weights(module: N, trained: bool = True) -> N:
    """`module`, marked so that `initialise` leaves its weights alone; are they `trained` or new?"""
    module.keeps_weights, module.is_trained = True, trained  # type: ignore[assignment]
    return module


def _keeps(module: nn.Module) -> bool:
    return bool(getattr(module, "keeps_weights", False))


def pretrained_parameters(module: nn.Module) -> list[nn.Parameter]:
    """Parameters that `keep_weights` marked as trained and that learn."""
    parts = [part for part in module.modules() if _keeps(part) and part.is_trained]
    return list({id(p): p for part in parts for p in part.parameters() if p.requires_grad}.values())


def initialise(module: nn.Module, generator: Generator) -> nn.Module:
    """Xavier-uniform weights and zero biases for every convolution and linear layer, from `generator`.

    Normalisation layers keep ones and zeros. Further parameters of two or more axes (tokens, position
    embeddings) are drawn from N(0, s²), s the ``initial_deviation`` of the module that owns them or 0.02.
    Parts that `keep_weights` marked are left as they are.
    """
    drawn = {id(p) for layer in module.modules() if _keeps(layer) for p in layer.parameters()}
    for layer in module.modules():
        if isinstance(layer, nn.modules.conv._ConvNd | nn.Linear) and id(layer.weight) not in drawn:
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(
            layer, nn.modules.conv._ConvNd | nn.Linear | nn.modules.batchnorm._BatchNorm | nn.LayerNorm
        ):
            drawn.update(id(p) for p in layer.parameters(recurse=False))
    for layer in module.modules():
        for parameter in layer.parameters(recurse=False):
            if id(parameter) not in drawn and parameter.ndim > 1:
                deviation = cast(float, getattr(layer, "initial_deviation", 0.02))
                nn.init.normal_(parameter, std=deviation, generator=generator)
                drawn.add(id(parameter))
    return module
