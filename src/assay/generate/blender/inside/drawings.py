"""Backgrounds that need no download: gradients, clouds, shapes, stripes and rooms, one on another.

A picture is decided by a seed; the host draws the seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Layer = Callable[[np.random.Generator, NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def drawing(seed: int, size: tuple[int, int]) -> Floats:
    """A picture, shape (*size, 3), range [0, 1]: same seed, same picture at any size."""
    rng = np.random.default_rng(seed)
    y, x = np.meshgrid(*((np.arange(n) + 0.5) / max(size) for n in size), indexing="ij")
    picture = _blend(_gradient(rng, x, y), rng)
    for _ in range(int(rng.integers(1, 4))):
        layer = LAYERS[int(rng.integers(len(LAYERS)))]
        share = layer(rng, x, y)[..., None] * rng.uniform(0.3, 1.0)
        picture = picture * (1 - share) + _blend(_clouds(rng, x, y), rng) * share
    grain = 0.03 * rng.random() * (_clouds(rng, 12 * x, 12 * y) - 0.5)
    return np.clip(picture + grain[..., None], 0, 1).astype(np.float32)


def _blend(share: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """From one colour to another that is not far away, greyish as most surfaces are."""
    one = rng.uniform(0.05, 0.95) + rng.normal(0, 0.13, 3)
    other = one + rng.uniform(-0.35, 0.35) + rng.normal(0, 0.08, 3)
    mixed: NDArray[np.float64] = one + share[..., None] * (other - one)
    return np.clip(mixed, 0, 1)


def _gradient(
    rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    angle = rng.uniform(0, 2 * np.pi)
    slope: NDArray[np.float64] = 0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    return np.clip(slope, 0, 1)


def _clouds(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Waves of many directions, each octave 0.6 times as high as the one before.

    sin(a + b) = sin a cos b + cos a sin b, where a depends on x alone and b on y: a product of matrices.
    """
    drawn, octave = rng.random((18, 3, 1)), np.repeat(np.arange(6.0), 3)[:, None]
    angle, phase, step = 2 * np.pi * drawn[:, 0], 2 * np.pi * drawn[:, 1], 0.6 + 0.8 * drawn[:, 2]
    wave = 2 * np.pi * 2**octave * step
    a, b = wave * np.cos(angle) * x[0] + phase, wave * np.sin(angle) * y[:, 0]
    total = (0.6**octave * np.cos(b)).T @ np.sin(a) + (0.6**octave * np.sin(b)).T @ np.cos(a)
    return np.asarray(1 / (1 + np.exp(-1.5 * total)))


def _edge(distance: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 inside, 0 outside, one pixel of slope between."""
    pixel = max(float(x[0, 1] - x[0, 0]) if x.shape[1] > 1 else 1.0, 1e-6)
    return np.clip(0.5 - distance / pixel, 0, 1)


def _boxes(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A few rectangles, turned: furniture, windows, books."""
    cover = np.zeros_like(x)
    for _ in range(int(rng.integers(1, 8))):
        (u, v), angle = rng.uniform(0, 1, 2), rng.choice([0.0, rng.uniform(-0.5, 0.5)])
        across = (x - u) * np.cos(angle) + (y - v) * np.sin(angle)
        down = (y - v) * np.cos(angle) - (x - u) * np.sin(angle)
        sides = rng.uniform(0.03, 0.35, 2)
        cover = np.maximum(cover, _edge(np.maximum(abs(across) - sides[0], abs(down) - sides[1]), x))
    return cover


def _discs(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A few ellipses."""
    cover = np.zeros_like(x)
    for _ in range(int(rng.integers(1, 8))):
        (u, v), (a, b) = rng.uniform(0, 1, 2), rng.uniform(0.03, 0.3, 2)
        distance = (np.hypot((x - u) / a, (y - v) / b) - 1) * min(a, b)
        cover = np.maximum(cover, _edge(distance, x))
    return cover


def _stripes(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boards, blinds, tiles."""
    angle, count = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)]), rng.uniform(3, 14)
    along = (x * np.cos(angle) + y * np.sin(angle)) * count + rng.uniform()
    distance = np.abs(along % 1 - 0.5) - rng.uniform(0.05, 0.45)
    return _edge(distance / count, x)


def _floor(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is below a line: ground, a table, the sea."""
    level, slope = rng.uniform(0.3, 0.85), rng.normal(0, 0.08)
    return _edge(level + slope * (x - 0.5) - y, x)


def _patches(rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Soft patches: leaves, light, crowds."""
    return np.clip((_clouds(rng, x, y) - rng.uniform(0.3, 0.7)) * rng.uniform(1, 6) + 0.5, 0, 1)


LAYERS: tuple[Layer, ...] = (_boxes, _discs, _stripes, _floor, _patches)
