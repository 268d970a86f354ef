"""Meshes from the wild: double corners and faces removed, faces turned outwards, creases kept."""

from __future__ import annotations

from math import radians
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np

NEAR = 1e-5
"""Corners nearer than this share of the size are one."""
CREASE = radians(35)


def check(mesh: Any, path: Path) -> None:
    """Refuse what cannot be mended.

    Raises
    ------
    ValueError
        If no face is left that has corners which exist, or all corners are in one place.
    """
    mesh.validate()
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    if not len(mesh.polygons):
        raise ValueError(f"mesh {path}: no faces in it")
    if not np.ptp(points.reshape(-1, 3), axis=0).any():
        raise ValueError(f"mesh {path}: all corners in one place")


def mend(mesh: Any, path: Path) -> Any:
    """The same mesh, mended in place.

    Raises
    ------
    ValueError
        If nothing of it would show.
    """
    work = bmesh.new()
    work.from_mesh(mesh)
    _mend(work)
    work.to_mesh(mesh)
    work.free()
    mesh.validate()
    _forget_normals(mesh)
    if not any(face.area > 0 for face in mesh.polygons):
        raise ValueError(f"mesh {path}: no face with an area")
    return mesh


def _mend(work: Any) -> None:
    _remove_loose_corners(work)  # they do not show, but would make the size
    bmesh.ops.remove_doubles(work, verts=work.verts, dist=NEAR * _size(work))
    bmesh.ops.dissolve_degenerate(work, edges=work.edges, dist=NEAR * _size(work))
    _remove_loose_corners(work)
    _remove_double_faces(work)
    bmesh.ops.recalc_face_normals(work, faces=work.faces)
    _shade(work)


def _size(work: Any) -> float:
    lows, highs = zip(*[(min(axis), max(axis)) for axis in zip(*(v.co for v in work.verts))])
    return float(max(high - low for low, high in zip(lows, highs)))


def _remove_loose_corners(work: Any) -> None:
    """Corners of no face."""
    loose = [corner for corner in work.verts if not corner.link_faces]
    bmesh.ops.delete(work, geom=loose, context="VERTS")


def _remove_double_faces(work: Any) -> None:
    """Of faces with the same corners, whichever way round, the first stays."""
    seen, doubles = set(), []
    for face in work.faces:
        corners = frozenset(v.index for v in face.verts)
        (doubles.append(face) if corners in seen else seen.add(corners))
    bmesh.ops.delete(work, geom=doubles, context="FACES_ONLY")


def _shade(work: Any) -> None:
    """Smooth but for edges where the surface bends sharply."""
    for face in work.faces:
        face.smooth = True
    for edge in work.edges:
        edge.smooth = len(edge.link_faces) == 2 and edge.calc_face_angle(0.0) < CREASE


def _forget_normals(mesh: Any) -> None:
    """Normals that the file came with would outvote the mended ones."""
    if bpy.app.version < (4, 1, 0):
        mesh.use_auto_smooth, mesh.auto_smooth_angle = True, radians(180)
    if mesh.has_custom_normals and "custom_normal" in mesh.attributes:
        mesh.attributes.remove(mesh.attributes["custom_normal"])
