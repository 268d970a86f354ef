"""A polygon mesh whose faces belong to named parts, and how meshes are moved, joined and measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AXES = {"x": 0, "y": 1, "z": 2}
PARTS = (
    "body",
    "trim",
    "metal",
    "wood",
    "screen",
    "keys",
    "cable",
    "wheel",
    "strap",
    "handle",
    "cap",
    "accent",
    "label",
    "shade",
    "light",
    "glass",
    "leaf",
    "cushion",
    "sheet",
)


@dataclass(frozen=True)
class Mesh:
    """A closed surface of polygons; z is up and the front faces -y.

    Parameters
    ----------
    vertices
        (n, 3), in the unit that its maker chose; `normalised` makes the longest extent 1.
    corners
        Indices of vertices, face after face, counter-clockwise seen from outside.
    sizes
        (faces,), how many corners each face has: three or more.
    parts
        Indices of faces by the name of their part (one of `PARTS`); every face is in exactly one.
    smooth
        (faces,), whether a face is shaded as a piece of a curved surface.
    """

    vertices: Floats
    corners: Ints
    sizes: Ints
    parts: dict[str, Ints]
    smooth: NDArray[np.bool_]

    @property
    def faces(self) -> list[tuple[int, ...]]:
        """The corners of every face."""
        return [tuple(face.tolist()) for face in np.split(self.corners, np.cumsum(self.sizes)[:-1])]

    def part(self, name: str) -> Mesh:
        """The same mesh with all its faces in one part."""
        return replace(self, parts={name: np.arange(len(self.sizes), dtype=np.int64)})

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """The mesh further along each axis."""
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def scaled(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Mesh:
        """The mesh stretched from the origin; a negative factor mirrors it, its outside still outside."""
        mirrors = x * y * z < 0
        corners = self.corners[_backwards(self.sizes)] if mirrors else self.corners
        return replace(self, vertices=self.vertices * np.array([x, y, z]), corners=corners)

    def turned(self, axis: str, degrees: float) -> Mesh:
        """The mesh turned about an axis through the origin, counter-clockwise seen from the axis's end."""
        first, second = (AXES[axis] + 1) % 3, (AXES[axis] + 2) % 3
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        vertices = self.vertices.copy()
        vertices[:, first] = cos * self.vertices[:, first] - sin * self.vertices[:, second]
        vertices[:, second] = sin * self.vertices[:, first] + cos * self.vertices[:, second]
        return replace(self, vertices=vertices)


def _backwards(sizes: Ints) -> Ints:
    """Places of the corners, those of each face in reverse."""
    ends = np.cumsum(sizes)
    return np.repeat(2 * ends - sizes - 1, sizes) - np.arange(sizes.sum())


def joined(*meshes: Mesh) -> Mesh:
    """Join meshes into one; parts of the same name become one part."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)]).tolist()
    before = np.cumsum([0, *(len(mesh.sizes) for mesh in meshes)]).tolist()
    parts: dict[str, list[Ints]] = {}
    for mesh, start in zip(meshes, before):
        for name, faces in mesh.parts.items():
            parts.setdefault(name, []).append(faces + start)
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.corners + start for mesh, start in zip(meshes, starts)]),
        np.concatenate([mesh.sizes for mesh in meshes]),
        {name: np.concatenate(faces) for name, faces in parts.items()},
        np.concatenate([mesh.smooth for mesh in meshes]),
    )


def mirrored(*meshes: Mesh, axis: str = "x") -> Mesh:
    """Join meshes and their mirror images on the other side of an axis's origin."""
    side = joined(*meshes)
    return joined(side, side.scaled(**{axis: -1}))


def at_corners(mesh: Mesh) -> Mesh:
    """Join a mesh and its mirror images in all four quarters around the z axis."""
    return mirrored(mirrored(mesh), axis="y")


def normalised(mesh: Mesh) -> Mesh:
    """The mesh with its bounding box centred at the origin and its longest extent 1."""
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    return replace(mesh, vertices=(mesh.vertices - (low + high) / 2) / (high - low).max())


def volume(mesh: Mesh) -> float:
    """Volume inside a closed mesh, negative where its faces look inwards (divergence theorem)."""
    fans = [(face[0], *pair) for face in mesh.faces for pair in pairwise(face[1:])]
    a, b, c = (mesh.vertices[list(corner)] for corner in zip(*fans))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)
