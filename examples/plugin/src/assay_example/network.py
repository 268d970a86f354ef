"""A network: a module that is made with the shape of an item and gives a row of features for each."""

from __future__ import annotations

import math

from torch import Tensor, nn


class Thin(nn.Sequential):
    """One hidden layer, for items of any shape."""

    def __init__(self, shape: tuple[int, ...], width: int = 16) -> None:
        super().__init__(nn.Flatten(), nn.Linear(math.prod(shape), width), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Features (n, width) of items (n, *shape)."""
        return super().forward(x)
