"""The CNN of the SignFi experiments (CsiGAN; SynCheck, MobiSys 2025)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Generator, Tensor, nn
from torch.nn.functional import leaky_relu

from assay.models.layers import Dropout, Positive


@dataclass(frozen=True)
class SignFiCnn:
    """Settings: `width` is the number of channels of the first three layers (published: 64, 128, 256)."""

    width: Positive = 128

    def build(self, shape: tuple[int, ...], generator: Generator) -> SignFiNetwork:
        """Network for items of `shape` (antenna, time, subcarrier)."""
        return SignFiNetwork(shape[0], self.width, generator)


class SignFiNetwork(nn.Module):
    """Nine convolutions with LeakyReLU 0.2, no normalisation, dropout 0.2 / 0.5 / 0.5, global max.

    Items (antenna, time, subcarrier), at least 53 × 28 of the last two (published: 3 × 200 × 30), become
    2 · `width` features.
    """

    def __init__(self, channels: int, width: int, generator: Generator) -> None:
        super().__init__()
        wide = 2 * width
        self.out_features = wide
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv3 = nn.Conv2d(width, width, 3, stride=(5, 2), padding=1)
        self.conv4 = nn.Conv2d(width, wide, 3, padding=1)
        self.conv5 = nn.Conv2d(wide, wide, 3, padding=1)
        self.conv6 = nn.Conv2d(wide, wide, 3, stride=(5, 2), padding=1)
        self.conv7 = nn.Conv2d(wide, wide, 3)
        self.nin1 = nn.Conv2d(wide, wide, 1)
        self.nin2 = nn.Conv2d(wide, wide, 1)
        self.light, self.heavy = Dropout(0.2, generator), Dropout(0.5, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, 2 · width)."""
        stages = (
            (self.light, self.conv1, self.conv2, self.conv3),
            (self.heavy, self.conv4, self.conv5, self.conv6),
            (self.heavy, self.conv7, self.nin1, self.nin2),
        )
        for dropout, *convolutions in stages:
            x = dropout(x)
            for convolution in convolutions:
                x = leaky_relu(convolution(x), 0.2)
        return x.amax((2, 3))
