"""The networks of the CycleGAN that CsiGAN publishes for Wi-Fi CSI across people (IEEE IoT Journal, 2019).

They come in the form in which SynCheck (MobiSys 2025) trains them: zero padding, and instance normalisation
with learnt scale and shift. Parameters carry the published names, so that published weights load as they are.
"""

from __future__ import annotations

import math
from typing import Literal, cast

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.nn.functional import leaky_relu, relu

Output = Literal["tanh", "added"]

BLOCKS = 9
LEAST = 16
"""Shorter axes are filled up to this length with zeros, so that every layer has something to look at."""


class CycleGenerator(nn.Module):
    """Planes of one domain to planes of the other: (n, channels, height, width) to the same shape.

    Two halvings, nine residual blocks, two doublings. Where 4 does not divide an axis, the doublings give
    1 to 3 too many, of which the last convolution pads an even number less (as published for a width of 30)
    and an odd one is cut off.

    Parameters
    ----------
    channels : int
        Planes of an item (published: 3 antennas).
    width : int
        Channels of the first layer (published: 64; 11,388,675 parameters).
    output : {"tanh", "added"}
        Outputs are tanh of the last layer, in (-1, 1) (as published), or the input plus the last layer.
    """

    def __init__(self, channels: int, width: int = 64, output: Output = "tanh") -> None:
        super().__init__()
        self.output = output
        self.conv1 = nn.Conv2d(channels, width, 7, padding=3)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1)
        self.residual_blocks = nn.ModuleList(ResidualBlock(4 * width) for _ in range(BLOCKS))
        self.deconv1 = nn.ConvTranspose2d(4 * width, 2 * width, 3, stride=2, padding=1, output_padding=1)
        self.deconv2 = nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1)
        self.conv4 = nn.Conv2d(width, channels, 7)
        self.instance_norm1, self.instance_norm5 = _norm(width), _norm(width)
        self.instance_norm2, self.instance_norm4 = _norm(2 * width), _norm(2 * width)
        self.instance_norm3 = _norm(4 * width)

    def forward(self, x: Tensor) -> Tensor:
        """The items as the other domain would show them, float32."""
        last = self._last_layer(_filled(x))[:, :, : x.shape[2], : x.shape[3]].float()
        return torch.tanh(last) if self.output == "tanh" else x.float() + last

    def _last_layer(self, x: Tensor) -> Tensor:
        padding = [3 - (-size % 4) // 2 for size in x.shape[2:]]
        x = self._decoded(self._encoded(x))
        return functional.conv2d(x, self.conv4.weight, self.conv4.bias, padding=padding)

    def _encoded(self, x: Tensor) -> Tensor:
        x = relu(self.instance_norm1(self.conv1(x)))
        x = relu(self.instance_norm2(self.conv2(x)))
        x = relu(self.instance_norm3(self.conv3(x)))
        for block in self.residual_blocks:
            x = block(x)
        return x

    def _decoded(self, x: Tensor) -> Tensor:
        x = relu(self.instance_norm4(self.deconv1(x)))
        return relu(self.instance_norm5(self.deconv2(x)))


class ResidualBlock(nn.Module):
    """x + IN(conv(ReLU(IN(conv(x))))), nothing after the sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.instance_norm1, self.instance_norm2 = _norm(width), _norm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as `x`."""
        inner = relu(self.instance_norm1(self.conv1(x)))
        return x + cast(Tensor, self.instance_norm2(self.conv2(inner)))


class CycleDiscriminator(nn.Module):
    """Planes to a map of scores, one a patch: high for real ones of its domain, low for generated ones.

    Parameters
    ----------
    channels : int
        Planes of an item.
    width : int
        Channels of the first layer (published: 64; 2,766,529 parameters).
    """

    def __init__(self, channels: int, width: int = 64) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 4, stride=2, padding=(1, 2))
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)
        self.conv4 = nn.Conv2d(4 * width, 8 * width, 4, padding=2)
        self.conv5 = nn.Conv2d(8 * width, 1, 4, padding=1)
        self.instance_norm1, self.instance_norm2 = _norm(2 * width), _norm(4 * width)
        self.instance_norm3 = _norm(8 * width)

    def forward(self, x: Tensor) -> Tensor:
        """Scores without bounds, (n, 1, height / 8, width / 8) and the like, float32."""
        x = leaky_relu(self.conv1(_filled(x)), 0.2)
        x = leaky_relu(self.instance_norm1(self.conv2(x)), 0.2)
        x = leaky_relu(self.instance_norm2(self.conv3(x)), 0.2)
        x = leaky_relu(self.instance_norm3(self.conv4(x)), 0.2)
        return cast(Tensor, self.conv5(x)).float()


class CycleGan(nn.Module):
    """Both generators and both discriminators (published: 28.3 million parameters).

    Parameters
    ----------
    channels, width : int
        As of each network.
    output : {"tanh", "added"}
        Of the generators; "added" ones begin as the identity, their last layer all zeros.
    generator : torch.Generator
        Initial weights come from it.
    """

    def __init__(self, channels: int, width: int, output: Output, generator: Generator) -> None:
        super().__init__()
        self.a_to_b, self.b_to_a = (CycleGenerator(channels, width, output) for _ in range(2))
        self.judge_a, self.judge_b = (CycleDiscriminator(channels, width) for _ in range(2))
        initialise(self, generator)
        if output == "added":
            for parameter in (*self.a_to_b.conv4.parameters(), *self.b_to_a.conv4.parameters()):
                nn.init.zeros_(parameter)

    @property
    def generators(self) -> nn.ModuleList:
        """A to B, and B to A."""
        return nn.ModuleList([self.a_to_b, self.b_to_a])

    @property
    def judges(self) -> nn.ModuleList:
        """The discriminators of A and of B."""
        return nn.ModuleList([self.judge_a, self.judge_b])


def initialise(module: nn.Module, generator: Generator) -> None:
    """Weights and biases of convolutions from U(-1/√f, 1/√f), f = weight[0].numel(): PyTorch's own rule.

    Drawn from `generator` instead of the global random state. Normalisation layers keep ones and zeros.
    """
    for layer in module.modules():
        if isinstance(layer, nn.modules.conv._ConvNd):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for parameter in (layer.weight, cast(Tensor, layer.bias)):
                nn.init.uniform_(parameter, -bound, bound, generator=generator)


def _norm(width: int) -> nn.Module:
    """(x - mean) / deviation over the plane of each item and channel, then scale and shift by channel."""
    return nn.InstanceNorm2d(width, affine=True)


def _filled(x: Tensor) -> Tensor:
    """Zeros after the end of each short axis."""
    height, width = x.shape[2:]
    return functional.pad(x, (0, max(0, LEAST - width), 0, max(0, LEAST - height)))
