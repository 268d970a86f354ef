"""The head of two levels of SRDC and DisClusterDA: a second, narrower feature before the logits."""

from __future__ import annotations

from torch import Tensor, nn


class TwoLevelHead(nn.Module):
    """Linear (d to 4 · neurons), batch normalisation and ReLU give feature 2; a linear layer the logits."""

    def __init__(self, inputs: int, neurons: int, classes: int) -> None:
        super().__init__()
        width = 4 * neurons
        self.first = nn.Sequential(nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU())
        self.second = nn.Linear(width, classes)
        self.width = width

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Feature 2, shape (n, 4 · neurons), and logits, shape (n, classes)."""
        narrow: Tensor = self.first(features)
        return narrow, self.second(narrow)
