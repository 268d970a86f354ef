"""Mesh files to one mesh, z up, whatever was in the file joined."""

from __future__ import annotations

from collections.abc import Callable
from math import radians
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from .mend import check, mend
from .ply_header import check_ply
from .worn import worn

Y_TO_Z = Matrix.Rotation(radians(90), 4, "X")
UP = {".ply": "z", ".stl": "z", ".obj": "y", ".gltf": "y", ".glb": "y"}
"""Which way is up where nobody says: as the format's programs have it."""
KINDS = (
    *("objects", "meshes", "curves", "cameras", "lights", "armatures", "actions", "collections"),
    *("materials", "images"),
)
"""All that readers make."""


def read_mesh(path: Path, up: str) -> Any:
    """One mesh, mended; `up` is "y", "z" or "auto"."""
    kind, before, kept = path.suffix.lower(), _blocks(), set()
    try:
        _read(path, kind)
        meshes = [thing for thing in _blocks() - before if _has_faces(thing)]
        if not meshes:
            raise ValueError(f"mesh {path}: no faces in it")
        mesh = _joined(sorted(meshes, key=lambda thing: thing.name))
        check(mesh, path)
        mesh.transform(_turn(kind, UP[kind] if up == "auto" else up))
        kept |= {mend(mesh, path), *worn(mesh)}
    finally:  # what a damaged file left would stand in the next picture
        bpy.data.batch_remove(_blocks() - before - kept)
    return mesh


def _blocks() -> set[Any]:
    return {block for kind in KINDS for block in getattr(bpy.data, kind)}


def _has_faces(block: Any) -> bool:
    return isinstance(block, bpy.types.Object) and block.type == "MESH" and len(block.data.polygons) > 0


def _read(path: Path, kind: str) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"mesh {path}: no such file")
    try:
        if kind == ".ply":
            check_ply(path)
        _reader(kind)(str(path))
    except Exception as error:  # readers of damaged files raise errors of many kinds
        raise ValueError(f"mesh {path}: {_told(error)}") from None


def _told(error: Exception) -> str:
    """The last line of what went wrong; readers written in Python tell where, too."""
    lines = [line.strip() for line in str(error).splitlines()]
    return [line for line in lines if line and not line.startswith("Location:")][-1]


def _turn(kind: str, up: str) -> Any:
    """What stands upright after it; the reader of glTF has turned y up to z up already."""
    is_turned = kind in (".gltf", ".glb")
    if is_turned:
        return Matrix.Identity(4) if up == "y" else Y_TO_Z.inverted()
    return Y_TO_Z if up == "y" else Matrix.Identity(4)


def _joined(things: list[Any]) -> Any:
    """Meshes of all objects in one, each where its object is, with the materials of all."""
    bpy.context.view_layer.update()
    for thing in things:
        thing.data = thing.data.copy()
        thing.data.transform(thing.matrix_world)
        thing.parent = None
        thing.matrix_world = Matrix.Identity(4)
    if len(things) > 1:
        with bpy.context.temp_override(
            active_object=things[0], object=things[0], selected_editable_objects=things
        ):
            bpy.ops.object.join()
    return things[0].data


def _reader(kind: str) -> Callable[[str], Any]:
    """The reader of a format, axes as in the file; before Blender 4 some have other names."""
    if kind in (".gltf", ".glb"):
        return _read_gltf
    name = f"{kind[1:]}_import"
    if name in dir(bpy.ops.wm):
        return lambda path: getattr(bpy.ops.wm, name)(filepath=path, forward_axis="Y", up_axis="Z")
    return lambda path: getattr(bpy.ops.import_mesh, kind[1:])(filepath=path)


def _read_gltf(path: str) -> None:
    import addon_utils

    if not hasattr(np, "bool"):  # the reader of Blender 3.4 wants a name that NumPy 1.24 has not
        vars(np)["bool"] = np.bool_
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=path)
