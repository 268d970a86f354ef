"""Small convolutional networks for signals (1-D) and images (2-D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Generator, Tensor, nn

from assay.models.layers import Dropout, Positive, Share
from assay.models.shapes import as_sequence, sequence_shape


@dataclass(frozen=True)
class Cnn1d:
    """Settings of the 1-D CNN: channels of the first block, number of blocks, dropout before the features."""

    width: Positive = 64
    depth: Positive = 4
    dropout: Share = 0.3

    def build(self, shape: tuple[int, ...], generator: Generator) -> nn.Module:
        """Network for items (channel, time) or (antenna, time, subcarrier)."""
        channels, length = sequence_shape(shape)
        return Cnn(1, channels, length, self.width, self.depth, self.dropout, generator)


@dataclass(frozen=True)
class Cnn2d:
    """Settings of the 2-D CNN: channels of the first block, number of blocks, dropout before the features."""

    width: Positive = 32
    depth: Positive = 3
    dropout: Share = 0.2

    def build(self, shape: tuple[int, ...], generator: Generator) -> nn.Module:
        """Network for items (channel, height, width)."""
        return Cnn(2, shape[0], min(shape[1:]), self.width, self.depth, self.dropout, generator)


class Cnn(nn.Module):
    """Blocks of convolution, batch norm, ReLU and max pool (while the axes last), then a global mean.

    Channels double from block to block, up to four times the first block's.
    """

    def __init__(
        self,
        dim: int,
        channels: int,
        length: int,
        width: int,
        depth: int,
        dropout: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        self.dim = dim
        blocks: list[nn.Module] = []
        for level in range(depth):
            wide = width * min(2**level, 4)
            blocks.append(_block(dim, channels, wide, pool=length >= 4))
            channels, length = wide, length // 2
        self.blocks, self.out_features = nn.Sequential(*blocks), channels
        self.dropout = Dropout(dropout, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        x = self.blocks(as_sequence(x) if self.dim == 1 else x)
        return cast(Tensor, self.dropout(x.flatten(2).mean(2)))


def _block(dim: int, channels: int, wide: int, pool: bool) -> nn.Module:
    conv, norm, maximum = (
        (nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d) if dim == 1 else (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d)
    )
    size = 7 if dim == 1 else 3
    layers: list[nn.Module] = [
        conv(channels, wide, size, padding=size // 2, bias=False),
        norm(wide),
        nn.ReLU(),
    ]
    return nn.Sequential(*layers, *([maximum(2)] if pool else []))
