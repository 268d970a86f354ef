"""Closed solids about the origin, each one part ("body") with its faces turned outwards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .curves import Numbers, Points, circle, rectangle
from .mesh import Floats, Ints, Mesh

Vector = Floats | Sequence[float]


def loft(rings: Floats | Sequence[Points], *, closed: bool = False, smooth: bool = True) -> Mesh:
    """Skin a stack of rings.

    Parameters
    ----------
    rings
        (k, n, 3): k rings of n points, counter-clockwise seen from the last one. A ring whose points all
        coincide is a tip.
    closed
        Join the last ring to the first; otherwise flat faces close the ends.
    smooth
        Whether the sides are shaded as curved; the ends are flat.
    """
    points = np.asarray(rings, dtype=np.float64)
    tips = (points == points[:, :1]).all(axis=(1, 2))
    used, corners, sizes, curved = _skin(points.shape[1], tuple(tips.tolist()), closed, smooth)
    parts = {"body": np.arange(len(sizes), dtype=np.int64)}
    return Mesh(points.reshape(-1, 3)[used], corners, sizes, parts, curved)


@lru_cache(maxsize=1024)  # a keyboard has a hundred boxes, and they differ in their vertices alone
def _skin(
    around: int, tips: tuple[bool, ...], closed: bool, smooth: bool
) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Vertices that faces use, corners (among these) and sizes of the faces, and which are curved.

    The rings have `around` points each; `tips` says which of them are tips. Nobody may write into what this
    returns.
    """
    index = np.arange(len(tips) * around).reshape(len(tips), around)
    index[list(tips)] = index[list(tips), :1]
    after, steps = np.arange(1, around + 1) % around, len(tips) - (not closed)
    low, high = index[:steps], index[np.arange(1, steps + 1) % len(tips)]
    quads = np.stack([low, low[:, after], high[:, after], high], axis=-1)
    ends = np.stack([index[0][::-1], index[-1]])[: 0 if closed else 2]
    trimmed = _without_repeats if any(tips) else _flat
    sides, caps = trimmed(quads.reshape(-1, 4)), trimmed(ends)
    sizes = np.concatenate([sides[1], caps[1]])
    used, corners = np.unique(np.concatenate([sides[0], caps[0]]), return_inverse=True)
    skin = used, corners, sizes, np.arange(len(sizes)) < (len(sides[1]) if smooth else 0)
    for array in skin:
        array.setflags(write=False)
    return skin


def _flat(faces: Ints) -> tuple[Ints, Ints]:
    """Corners and sizes of faces (m, n)."""
    return faces.ravel(), np.full(len(faces), faces.shape[1])


def _without_repeats(faces: Ints) -> tuple[Ints, Ints]:
    """Corners and sizes of faces (m, n) with every corner once, and none of fewer than three."""
    first = np.ones(faces.shape, dtype=bool)
    for corner in range(1, faces.shape[1]):
        first[:, corner] = (faces[:, corner, None] != faces[:, :corner]).all(axis=1)
    first[first.sum(axis=1) < 3] = False
    sizes = first.sum(axis=1)
    return faces[first], sizes[sizes > 0]


def lathe(profile: Points, points: int = 24, *, closed: bool = False, smooth: bool = True) -> Mesh:
    """Turn a profile (k, 2) of radius and z about the z axis.

    The profile runs upwards on the outside of the solid; with `closed` it is a loop around a ring's body.
    """
    line = np.asarray(profile, dtype=np.float64)
    across = line[:, :1, None] * circle(points)[None]
    along = np.broadcast_to(line[:, 1:, None], (len(line), points, 1))
    return loft(np.concatenate([across, along], axis=2), closed=closed, smooth=smooth)


def cylinder(radius: float, height: float, top: float | None = None, points: int = 20) -> Mesh:
    """Upright cylinder, or a cone cut off at the radius `top`."""
    return lathe([[radius, -height / 2], [radius if top is None else top, height / 2]], points)


def sphere(radius: float, points: int = 16) -> Mesh:
    """Sphere of `points` meridians and half as many parallels."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, points // 2 + 1)[1:-1]
    middle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return lathe(radius * np.concatenate([[[0.0, -1.0]], middle, [[0.0, 1.0]]]), points)


def torus(radius: float, thickness: float, points: int = 32, around: int = 10) -> Mesh:
    """Ring about the z axis; `radius` to the middle of a round body of radius `thickness`."""
    return lathe(circle(around, thickness) + np.array([radius, 0.0]), points, closed=True)


def sweep(
    path: Points,
    outline: Points,
    *,
    normal: Numbers = (0.0, 1.0, 0.0),
    size: Numbers = 1.0,
    smooth: bool = True,
) -> Mesh:
    """Move an outline along a path, without twist (parallel transport).

    Parameters
    ----------
    path
        (k, 3).
    outline
        (n, 2), counter-clockwise; its x axis starts along `normal`.
    normal
        Any direction that is not along the path's start.
    size
        Factor of the outline's size, or (k,) of them.
    """
    line, flat = np.asarray(path, dtype=np.float64), np.asarray(outline, dtype=np.float64)
    along = _unit(np.gradient(line, axis=0))
    aside = _transported(along, np.asarray(normal, dtype=np.float64))
    up = np.cross(along, aside)
    scale = np.broadcast_to(np.asarray(size, dtype=np.float64), len(line))[:, None, None]
    across = flat[None, :, :1] * aside[:, None] + flat[None, :, 1:] * up[:, None]
    return loft(line[:, None] + scale * across, smooth=smooth)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _transported(along: Floats, normal: Floats) -> Floats:
    """Directions across a path, each the one before it made perpendicular to the path."""
    across = []
    for tangent in along:
        normal = _unit(normal - (normal @ tangent) * tangent)
        across.append(normal)
    return np.array(across)


def tube(path: Points, radius: Numbers, points: int = 8) -> Mesh:
    """Round tube along a path (k, 3); `radius` is a number or (k,)."""
    line = np.asarray(path, dtype=np.float64)
    start = np.eye(3)[np.argmin(np.abs(line[1] - line[0]))]  # the axis that the path is furthest from
    return sweep(line, circle(points), normal=start, size=radius)


def rod(start: Vector, end: Vector, radius: float, top: float | None = None, points: int = 8) -> Mesh:
    """Straight round rod from one point to another, its end of radius `top`."""
    return tube([start, end], np.array([radius, radius if top is None else top]), points)


def extruded(outline: Points, depth: float, bevel: float = 0.0, steps: int = 3) -> Mesh:
    """Prism of an outline (n, 2) about the origin, along z, the edges of its two faces rounded by `bevel`."""
    flat = np.asarray(outline, dtype=np.float64)
    half = np.ptp(flat, axis=0) / 2
    reach = float(np.clip(bevel, 0, 0.49 * min(depth, *half)))
    angle = np.linspace(0, np.pi / 2, steps) if reach else np.array([np.pi / 2])
    inset, height = reach * (1 - np.sin(angle)), depth / 2 - reach * (1 - np.cos(angle))
    insets, heights = np.concatenate([inset, inset[::-1]]), np.concatenate([-height, height[::-1]])
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    rings = middle + (flat - middle)[None] * (1 - insets[:, None, None] / half)
    along = np.broadcast_to(heights[:, None, None], (len(heights), len(flat), 1))
    return loft(np.concatenate([rings, along], axis=2), smooth=reach > 0)


def box(x: float, y: float, z: float, top: float = 1.0) -> Mesh:
    """Box of the given sizes, its upper face `top` times as wide and deep."""
    flat = rectangle(x, y)
    low = np.concatenate([flat, np.full((4, 1), -z / 2)], axis=1)
    high = np.concatenate([flat * top, np.full((4, 1), z / 2)], axis=1)
    return loft([low, high], smooth=False)


def slab(x: float, y: float, z: float, radius: float, bevel: float = 0.0) -> Mesh:
    """Box whose upright edges are rounded by `radius` and whose other edges by `bevel`."""
    return extruded(rectangle(x, y, radius), z, bevel)


def panel(x: float, y: float, z: float, radius: float, bevel: float = 0.0) -> Mesh:
    """Slab that stands: its rounded outline faces the front."""
    return slab(x, z, y, radius, bevel).turned("x", 90)
