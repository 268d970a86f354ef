"""A trunk that does not learn, and the perceptron behind it that does."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from assay.models.layers import Dropout
from assay.models.mlp import MlpNetwork


class Frozen(nn.Module):
    """A perceptron on standardised features of a trunk; alone, on features that are known already.

    Parameters
    ----------
    trunk : nn.Module, optional
        With `out_features`. Without it items are features: (n, inputs), or (n, inputs, views), of which the
        first view is taken.
    inputs, width : int
        Features of the trunk, and neurons of both hidden layers behind it.
    dropout : Dropout
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, trunk: nn.Module | None, inputs: int, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.trunk = trunk.requires_grad_(False).eval() if trunk else None
        self.behind = MlpNetwork(inputs, width, dropout)
        self.out_features = width
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("deviation", torch.ones(inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, width)."""
        if self.trunk is not None:
            x = (self.trunk(x).float() - self.mean) / self.deviation
        elif x.ndim == 3:
            x = x[..., 0]
        return cast(Tensor, self.behind(x))

    def train(self, mode: bool = True) -> Frozen:
        """As of any module, but for the trunk, which stays as it is used."""
        super().train(mode)
        if self.trunk is not None:
            self.trunk.eval()
        return self
