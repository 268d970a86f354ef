"""A two-layer perceptron, for vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from torch import Generator, Tensor, nn

from assay.models.layers import Dropout, Positive, Share


@dataclass(frozen=True)
class Mlp:
    """Settings: neurons of both hidden layers, and the dropout after each."""

    width: Positive = 128
    dropout: Share = 0.2

    def build(self, shape: tuple[int, ...], generator: Generator) -> MlpNetwork:
        """Network for items of any shape, flattened."""
        return MlpNetwork(math.prod(shape), self.width, Dropout(self.dropout, generator))


class MlpNetwork(nn.Module):
    """Linear, ReLU, dropout; twice."""

    def __init__(self, inputs: int, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.out_features = width
        self.layers = nn.Sequential(
            nn.Linear(inputs, width), nn.ReLU(), dropout, nn.Linear(width, width), nn.ReLU(), dropout
        )

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, width)."""
        return cast(Tensor, self.layers(x.flatten(1)))
