"""Plain solids for clutter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Faces = list[tuple[int, ...]]
Solid = tuple[Floats, Faces]
AROUND = 32


def _turned(profile: list[tuple[float, float]], around: int = AROUND) -> Solid:
    """A solid of revolution about z from (radius, height), bottom first."""
    angles = 2 * np.pi * np.arange(around) / around
    rings = [np.stack([r * np.cos(angles), r * np.sin(angles), np.full(around, z)], 1) for r, z in profile]
    faces: Faces = [tuple(reversed(range(around)))]
    for ring in range(len(profile) - 1):
        start, above = ring * around, (ring + 1) * around
        steps = [(i, (i + 1) % around) for i in range(around)]
        faces += [(start + i, start + j, above + j, above + i) for i, j in steps]
    faces.append(tuple(range((len(profile) - 1) * around, len(profile) * around)))
    return np.concatenate(rings), faces


def box() -> Solid:
    """A cube."""
    return _turned([(1.0, -0.7), (1.0, 0.7)], around=4)


def wedge() -> Solid:
    """A three-sided prism."""
    return _turned([(1.0, -0.6), (1.0, 0.6)], around=3)


def ball() -> Solid:
    """A sphere."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 17)[1:-1]
    return _turned([(float(np.cos(a)), float(np.sin(a))) for a in angles])


def drum() -> Solid:
    """A cylinder."""
    return _turned([(0.9, -0.8), (0.9, 0.8)])


def cone() -> Solid:
    """A cone with a blunt tip."""
    return _turned([(1.0, -0.7), (0.05, 0.9)])


def rod() -> Solid:
    """A thin cylinder."""
    return _turned([(0.12, -1.0), (0.12, 1.0)])


SOLIDS: dict[str, Callable[[], Solid]] = {f.__name__: f for f in (box, wedge, ball, drum, cone, rod)}


def solid(name: str) -> Solid:
    """Corners and faces of a solid by name."""
    return SOLIDS[name]()
