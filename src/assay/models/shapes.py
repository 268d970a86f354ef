"""Items of other shapes as the sequences that 1-D networks take."""

from __future__ import annotations

import math

from torch import Tensor


def as_sequence(x: Tensor) -> Tensor:
    """(n, antenna, time, subcarrier) to (n, antenna · subcarrier, time); (n, channel, time) as it is."""
    if x.ndim == 4:
        return x.transpose(2, 3).flatten(1, 2)
    return x if x.ndim == 3 else x.flatten(1).unsqueeze(1)


def sequence_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    """Channels and length of items of `shape` once they are sequences."""
    if len(shape) == 3:
        return shape[0] * shape[2], shape[1]
    return (shape[0], shape[1]) if len(shape) == 2 else (1, math.prod(shape))
