"""The generator of the semi-supervised GAN in CsiGAN (IoT-J 2019), from random vectors to items.

Published for CSI of 3 × 200 × 30: a linear layer to 512 × 25 × 5, then three transposed 5 × 5 convolutions of
strides (2, 1), (2, 3), (2, 2). For items of other shapes the strides follow from the lengths.
"""

from __future__ import annotations

import math
from typing import cast

from torch import Generator, Tensor, nn

from assay.errors import UserError

STRIDES = ((1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 3, 2), (2, 2, 2))
LEAST = 5  # of the first feature map's height and width, where the item is that long
KERNEL = 5
PADDING = {1: (2, 0), 2: (2, 1), 3: (1, 0)}  # and output padding, so that a stride multiplies the length


class VanillaGenerator(nn.Module):
    """From z (n, noise) to items (n, *shape) in (-1, 1).

    Items are not rescaled to what they imitate: as published, tanh bounds them where z-scored items have no
    bound.

    Parameters
    ----------
    shape : tuple of int
        Of an item: (channel, height, width), (channel, time) or (feature,).
    width : int
        Channels after the linear layer, a multiple of 4; then half, then a quarter.
    noise : int
        Length of z.
    """

    def __init__(self, shape: tuple[int, ...], width: int = 512, noise: int = 100) -> None:
        super().__init__()
        self.shape = shape
        channels, *lengths = planar(shape)
        plans = [strides_for(length) for length in lengths]
        base = [-(-length // math.prod(plan)) for length, plan in zip(lengths, plans)]
        self.lengths, self.first = lengths, (width, *base)
        size = math.prod(self.first)
        self.start = nn.Sequential(nn.Linear(noise, size), nn.BatchNorm1d(size), nn.ReLU())
        wide = (width, width // 2, width // 4, channels)
        first, second, third = (upwards(*wide[i : i + 2], *strides) for i, strides in enumerate(zip(*plans)))
        half, quarter = (nn.BatchNorm2d(count) for count in wide[1:3])
        self.grow = nn.Sequential(first, half, nn.ReLU(), second, quarter, nn.ReLU(), third, nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        """Items; what is beyond their length is cut off."""
        height, width = self.lengths
        x = self.grow(self.start(z).unflatten(1, self.first))[..., :height, :width]
        return cast(Tensor, x.reshape(len(z), *self.shape))


def planar(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """(channel, height, width) of any item: a vector is one channel of width 1, a signal has width 1.

    Raises
    ------
    UserError
        If items have more than three axes.
    """
    if len(shape) > 3:
        raise UserError(f"csigan: items of {len(shape)} axes; its generator makes items of one to three")
    channels, height, width = {1: (1, *shape, 1), 2: (*shape, 1), 3: shape}[len(shape)]
    return channels, height, width


def strides_for(length: int) -> tuple[int, int, int]:
    """The strides of the largest product that leaves the first feature map at least 5 long."""
    fitting = [strides for strides in STRIDES if length >= LEAST * math.prod(strides)]
    return fitting[-1] if fitting else STRIDES[0]


def upwards(inputs: int, outputs: int, *strides: int) -> nn.ConvTranspose2d:
    """A transposed convolution that multiplies height and width by `strides`."""
    (top, below), (left, right) = (PADDING[stride] for stride in strides)
    return nn.ConvTranspose2d(
        inputs, outputs, KERNEL, (strides[0], strides[1]), (top, left), output_padding=(below, right)
    )


def initialise_uniformly(network: nn.Module, generator: Generator) -> None:
    """Weights and biases of linear and transposed layers from U(-1/√k, 1/√k), as published.

    It is PyTorch's default, k the number of elements of a weight at one first index, but numbers come from
    `generator` instead of the global random state.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.ConvTranspose2d) and layer.bias is not None:
            bound = 1 / math.sqrt(layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
