"""Residual networks for signals (1-D, as in SynCheck) and images (2-D, He et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Generator, Tensor, nn
from torch.nn.functional import conv1d, conv2d, relu

from assay.models.layers import Positive
from assay.models.shapes import as_sequence, sequence_shape

BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}
Depth = Literal[10, 18, 34, 50]


@dataclass(frozen=True)
class ResNet1d:
    """Settings of the 1-D ResNet: depth, and the widths of its four stages (published: the default)."""

    depth: Depth = 34
    widths: tuple[Positive, Positive, Positive, Positive] = (128, 128, 256, 512)

    def build(self, shape: tuple[int, ...], generator: Generator) -> ResNet:
        """Network for items (channel, time) or (antenna, time, subcarrier)."""
        return ResNet(1, sequence_shape(shape)[0], self.depth, self.widths, small=False)


@dataclass(frozen=True)
class ResNet2d:
    """Settings of the image ResNet.

    `small` starts with a 3×3 convolution and no pooling, for images under 100 pixels or so.
    """

    depth: Depth = 18
    widths: tuple[Positive, Positive, Positive, Positive] = (64, 128, 256, 512)
    small: bool = False

    def build(self, shape: tuple[int, ...], generator: Generator) -> ResNet:
        """Network for items (channel, height, width)."""
        return ResNet(2, shape[0], self.depth, self.widths, self.small)


class ResNet(nn.Module):
    """Stem, four stages (the last three halve the axes), global mean.

    Basic blocks up to depth 34, bottlenecks with expansion 4 from depth 50 on.
    """

    def __init__(self, dim: int, channels: int, depth: int, widths: tuple[int, ...], small: bool) -> None:
        super().__init__()
        self.dim, self.depth = dim, depth
        block = Bottleneck if depth >= 50 else Basic
        self.stem = _small_stem(dim, channels, widths[0]) if small else _stem(dim, channels, widths[0])
        stages, inputs = [], widths[0]
        for stage, (width, count) in enumerate(zip(widths, BLOCKS[depth])):
            for index in range(count):
                stages.append(block(dim, inputs, width, stride=2 if stage and not index else 1))
                inputs = width * block.expansion
        self.stages, self.out_features = nn.Sequential(*stages), inputs

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features)."""
        x = self.stages(self.stem(as_sequence(x) if self.dim == 1 else x))
        return x.flatten(2).mean(2)


class Basic(nn.Module):
    """Two 3-tap convolutions and a shortcut."""

    expansion = 1

    def __init__(self, dim: int, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(dim, inputs, width, 3, stride), nn.ReLU(), _conv(dim, width, width, 3)
        )
        self.shortcut = _shortcut(dim, inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Output of the block."""
        return relu(self.body(x) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1-tap, 3-tap (strided) and widening 1-tap convolutions and a shortcut."""

    expansion = 4

    def __init__(self, dim: int, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(dim, inputs, width, 1),
            nn.ReLU(),
            _conv(dim, width, width, 3, stride),
            nn.ReLU(),
            _conv(dim, width, 4 * width, 1),
        )
        self.shortcut = _shortcut(dim, inputs, 4 * width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Output of the block."""
        return relu(self.body(x) + self.shortcut(x))


class Conv1d(nn.Conv1d):
    """A convolution that does not stride along an axis of length 1, where there is nothing to skip.

    The result is the same. Weight gradients of strided convolutions of such axes in bf16 read memory that
    was never written (PyTorch 2.13 on CPUs): other numbers every time, NaN at worst.
    """

    def forward(self, input: Tensor) -> Tensor:
        """As that of the parent."""
        return conv1d(input, self.weight, self.bias, _strides(self, input), self.padding)


class Conv2d(nn.Conv2d):
    """As `Conv1d`, along two axes."""

    def forward(self, input: Tensor) -> Tensor:
        """As that of the parent."""
        return conv2d(input, self.weight, self.bias, _strides(self, input), self.padding)


def _strides(conv: nn.Conv1d | nn.Conv2d, x: Tensor) -> list[int]:
    return [1 if length == 1 else stride for length, stride in zip(x.shape[2:], conv.stride)]


def _conv(dim: int, inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Sequential:
    conv, norm = (Conv1d, nn.BatchNorm1d) if dim == 1 else (Conv2d, nn.BatchNorm2d)
    return nn.Sequential(conv(inputs, outputs, size, stride, size // 2, bias=False), norm(outputs))


def _shortcut(dim: int, inputs: int, outputs: int, stride: int) -> nn.Module:
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    return _conv(dim, inputs, outputs, 1, stride)


def _stem(dim: int, channels: int, width: int) -> nn.Sequential:
    pool = nn.MaxPool1d if dim == 1 else nn.MaxPool2d
    return nn.Sequential(_conv(dim, channels, width, 7, 2), nn.ReLU(), pool(3, 2, 1))


def _small_stem(dim: int, channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(_conv(dim, channels, width, 3), nn.ReLU())
