"""A network behind the size and the scale of the images that it was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate

from assay.data.normalise import channel_statistics
from assay.errors import UserError
from assay.lazy import lazy
from assay.types import Samples, Task


class AsTrained(nn.Module):
    """Images as a task has them, to images as a network was trained on, to its features.

    They are resized as a whole (nothing is cropped), grey ones repeated in three channels.

    Parameters
    ----------
    network : nn.Module
        With `out_features`.
    size : int
        Side in pixels.
    mean, deviation : sequence of three floats
        Of pixels in [0, 1]: what the network's training took away and divided by.
    mode : {"bicubic", "bilinear"}
        How its images were resized.
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self, network: nn.Module, size: int, mean: Sequence[float], deviation: Sequence[float], mode: str
    ) -> None:
        super().__init__()
        self.network, self.out_features = network, cast(int, network.out_features)
        self.size, self.mode = size, mode
        self.mean, self.deviation = (torch.tensor(part).view(-1, 1, 1) for part in (mean, deviation))
        self.register_buffer("scale", 1 / self.deviation)
        self.register_buffer("shift", -self.mean / self.deviation)

    def forward(self, x: Tensor) -> Tensor:
        """Features, shape (n, out_features), of images (n, 1 or 3, height, width)."""
        if x.shape[2:] != (self.size, self.size):
            x = interpolate(x, (self.size, self.size), mode=self.mode, antialias=True)
        return cast(Tensor, self.network(x * self.scale + self.shift))

    def sees(self, mean: Tensor, deviation: Tensor) -> None:
        """From now on images are pixels in [0, 1] less `mean`, over `deviation`, each (1 or 3, 1, 1)."""
        self.scale.copy_((deviation / self.deviation).expand_as(self.scale))
        self.shift.copy_(((mean - self.mean) / self.deviation).expand_as(self.shift))

    def sees_standard(self) -> None:
        """From now on images have mean 0 and deviation 1 of their own, and are taken as they are."""
        self.sees(self.mean, self.deviation)


def adjusted(network: nn.Module, task: Task) -> nn.Module:
    """The network, told how the task normalises its items if it asks.

    Raises
    ------
    UserError
        If it does, and the items' numbers are no pixels.
    """
    for part in network.modules():
        if isinstance(part, AsTrained):
            _adjust(part, task)
    return network


def _adjust(network: AsTrained, task: Task) -> None:
    if task.normalise == "item":
        return network.sees_standard()
    top = highest(task.labelled)
    known = channel_statistics(task) if task.normalise == "channel" else (np.zeros((1, 1, 1, 1)), np.ones(1))
    mean, deviation = (torch.tensor(part / top, dtype=torch.float32).reshape(-1, 1, 1) for part in known)
    return network.sees(mean, deviation)


def highest(samples: Samples) -> float:
    """The number that stands for white: 255 in whole numbers, 1 in real ones.

    Raises
    ------
    UserError
        If real numbers are outside [0, 1].
    """
    if samples.x.dtype.kind in "ui":
        return 255.0
    x = samples.x if lazy(samples.x) is None else samples.x[:256]
    _check_pixels(x)
    return 1.0


def _check_pixels(x: NDArray[Any]) -> None:
    if x.size and not 0 <= x.min() <= x.max() <= 1:
        raise UserError(
            f"x: from {x.min():.4g} to {x.max():.4g}; a pre-trained network takes pixels: uint8, or real "
            "numbers in [0, 1]"
        )
