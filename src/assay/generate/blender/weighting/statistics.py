"""What a picture looks like at a glance, in numbers that need no network and no download."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

GRID = 4
TURNS = 8
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LUMA = (0.299, 0.587, 0.114)
Floats = NDArray[np.float64]


def image_statistics(images: NDArray[Any]) -> Floats:
    """Features (n, 74) of images (n, 3, height, width).

    The middle (half the sides) and what is around it apart, for one shows the object and the other what is
    behind: mean and deviation of each channel, quantiles of brightness, colourfulness, and how strong edges
    of each direction are. And the brightness of each field of a grid of 4 × 4.
    """
    pixels = as_shares(images)
    middle = _middle(*pixels.shape[2:])
    grey = np.tensordot(LUMA, pixels, (0, 1))
    parts = [_in_part(pixels, grey, part) for part in (middle, ~middle)]
    return np.concatenate([*parts, _thumbnail(grey)], axis=1)


def as_shares(images: NDArray[Any]) -> Floats:
    """Images in [0, 1]: whole numbers and those beyond 1 are of 255."""
    full = 1.0 if images.dtype.kind == "f" and images.max(initial=0.0) <= 1 else 255.0
    return np.asarray(images, dtype=np.float64) / full


def _middle(height: int, width: int) -> NDArray[np.bool_]:
    rows, columns = (np.abs((np.arange(side) + 0.5) / side - 0.5) < 0.25 for side in (height, width))
    return np.logical_and.outer(rows, columns)


def _in_part(pixels: Floats, grey: Floats, part: NDArray[np.bool_]) -> Floats:
    """Statistics of the pixels of a part, shape (n, 29)."""
    own = pixels[:, :, part]
    quantiles = np.quantile(grey[:, part], QUANTILES, axis=1).T
    colourful = (own.max(1) - own.min(1)).mean(1, keepdims=True)
    spread = grey[:, part].std(1, keepdims=True)
    edges = _edges(grey)[:, :, part].mean(2)
    return np.hstack([own.mean(2), own.std(2), quantiles, colourful, spread, np.sqrt(edges), _fine(edges)])


def _edges(grey: Floats) -> Floats:
    """Strength of edges by direction, shape (n, TURNS, height, width)."""
    down, across = np.gradient(grey, axis=(1, 2))
    turn = (np.arctan2(down, across) % np.pi) * (TURNS / np.pi)
    which = np.minimum(turn.astype(np.int64), TURNS - 1)
    strength = np.hypot(down, across)
    return np.stack([strength * (which == i) for i in range(TURNS)], axis=1)


def _fine(edges: Floats) -> Floats:
    """Share of each direction among all edges."""
    return np.asarray(edges / (edges.sum(1, keepdims=True) + 1e-3))


def _thumbnail(grey: Floats) -> Floats:
    """Mean brightness of each field of a grid, shape (n, GRID²)."""
    rows = np.array_split(grey, GRID, axis=1)
    fields = [field.mean((1, 2)) for row in rows for field in np.array_split(row, GRID, axis=2)]
    return np.stack(fields, axis=1)
