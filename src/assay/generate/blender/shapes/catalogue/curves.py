"""Curves and outlines from which the primitives are made: arrays of points, (n, 2) or (n, 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .mesh import Floats

Points = Floats | Sequence[Sequence[float] | Floats]
Numbers = float | Floats | Sequence[float]


def circle(points: int, radius: float = 1.0) -> Floats:
    """Points of a circle about the origin, counter-clockwise, (points, 2)."""
    angle = 2 * np.pi * np.arange(points) / points
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def rectangle(width: float, height: float, radius: float = 0.0) -> Floats:
    """Rectangle about the origin, counter-clockwise, its corners rounded."""
    x, y = width / 2, height / 2
    corners = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    return rounded(corners, radius) if radius > 0 else corners


def rounded(corners: Points, radius: Numbers, steps: int = 4, closed: bool = True) -> Floats:
    """Round the corners of a line or an outline by quadratic Bézier arcs.

    Parameters
    ----------
    corners
        (n, 2) or (n, 3).
    radius
        How far from a corner its arc begins, or (n,) of them; at most half of the shorter side there.
    steps
        Points of an arc.
    closed
        Whether the last point is joined to the first; the ends of an open line stay where they are.

    Returns
    -------
    Floats
        (n * steps, 2 or 3), or of an open line ((n - 2) * steps + 2, 2 or 3).
    """
    at = np.asarray(corners, dtype=np.float64)
    t = np.linspace(0, 1, steps)[:, None, None]
    ways = [np.roll(at, 1, axis=0) - at, np.roll(at, -1, axis=0) - at]
    lengths = [np.maximum(np.linalg.norm(way, axis=1), 1e-12) for way in ways]
    reach = np.minimum(np.asarray(radius), 0.49 * np.minimum(*lengths))
    start, end = (at + way * (reach / length)[:, None] for way, length in zip(ways, lengths))
    arcs = (1 - t) ** 2 * start + 2 * t * (1 - t) * at + t**2 * end
    inner = np.swapaxes(arcs, 0, 1)
    if closed:
        return np.concatenate(list(inner))
    return np.concatenate([at[:1], *inner[1:-1], at[-1:]])


def spline(through: Points, points: int) -> Floats:
    """Smooth curve through given points, evenly spread between them (Catmull-Rom), (points, 2 or 3)."""
    given = np.asarray(through, dtype=np.float64)
    padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    place = np.linspace(0, len(given) - 1, points)
    left = np.minimum(place.astype(int), len(given) - 2)
    t = (place - left)[:, None]
    a, b, c, d = (padded[left + shift] for shift in range(4))
    bent: Floats = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return bent / 2


def arc(start: float, end: float, points: int, width: float = 1.0, height: float = 1.0) -> Floats:
    """Piece of an ellipse about the origin, from one angle to another (degrees), (points, 2)."""
    angle = np.radians(np.linspace(start, end, points))
    return np.stack([width * np.cos(angle), height * np.sin(angle)], axis=1)


def upright(curve: Points, y: float = 0.0) -> Floats:
    """Put a flat curve into the plane that faces the front: (n, 2) of x and z to (n, 3)."""
    flat = np.asarray(curve, dtype=np.float64)
    return np.stack([flat[:, 0], np.full(len(flat), y), flat[:, 1]], axis=1)
