"""Meshes: from files, from the catalogue of made-up objects, and plain solids; all of size 1, z up.

Size 1 means: the diagonal of the bounding box, as in ShapeNet.
"""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .read_mesh import read_mesh
from .scratch import Scratch
from .solids import solid

Floats = NDArray[np.float64]
Ints = NDArray[Any]
MOST_CORNERS = 2_000_000
"""Of all meshes of files that are kept, together."""


class Meshes:
    """Meshes of files, read once as long as there is room; no two of the catalogue are the same."""

    def __init__(self) -> None:
        self.known: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def get(self, model: Mapping[str, Any], scratch: Scratch) -> Any:
        """The mesh of a model; its property ``parts`` names the part of every material slot."""
        if model["kind"] == "catalogue":
            return scratch.keep(_made(model["name"], model["parameters"]))
        name = model["path"] if model["kind"] == "file" else model["name"]
        key = name, model["up"]
        if key not in self.known:
            is_file = model["kind"] == "file"
            self.known[key] = _from_file(Path(name), model["up"]) if is_file else _solid(name)
        self.known.move_to_end(key)
        self._make_room(scratch)
        return self.known[key]

    def _make_room(self, scratch: Scratch) -> None:
        """Forget those that were not wanted for longest, and what they wear, once the picture is made."""
        corners = sum(len(mesh.vertices) for mesh in self.known.values())
        while corners > MOST_CORNERS and len(self.known) > 1:
            _, mesh = self.known.popitem(last=False)
            corners -= len(mesh.vertices)
            for block in (mesh, *(material for material in mesh.materials if material)):
                scratch.keep(block)


def _made(name: str, parameters: Mapping[str, Any]) -> Any:
    catalogue = importlib.import_module("catalogue.makers")
    built = catalogue.build(name, parameters)
    mesh = new_mesh(unit(np.asarray(built.vertices, dtype=np.float64)), built.corners, built.sizes)
    number = np.zeros(len(built.sizes), np.int32)
    for i, faces in enumerate(built.parts.values()):
        number[faces] = i
    mesh.polygons.foreach_set("material_index", number)
    mesh.polygons.foreach_set("use_smooth", np.asarray(built.smooth, dtype=bool))
    return _with_slots(mesh, list(built.parts))


def _from_file(path: Path, up: str) -> Any:
    mesh = read_mesh(path, up)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    mesh.vertices.foreach_set("co", unit(points.reshape(-1, 3).astype(np.float64)).astype(np.float32).ravel())
    mesh.update()
    return _with_slots(mesh, ["body"] * max(1, len(mesh.materials)))


def _solid(name: str) -> Any:
    vertices, faces = solid(name)
    sizes = np.fromiter(map(len, faces), np.int32, len(faces))
    mesh = new_mesh(unit(vertices), np.concatenate(faces), sizes)
    mesh.polygons.foreach_set("use_smooth", np.full(len(faces), name not in ("box", "wedge")))
    return _with_slots(mesh, ["body"])


def new_mesh(vertices: Floats, corners: Ints, sizes: Ints) -> Any:
    """A mesh of Blender's from vertices, the corners of face after face, and how many each face has."""
    mesh = bpy.data.meshes.new("mesh")
    mesh.vertices.add(len(vertices))
    mesh.loops.add(len(corners))
    mesh.polygons.add(len(sizes))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    mesh.loops.foreach_set("vertex_index", corners.astype(np.int32))
    mesh.polygons.foreach_set("loop_start", (np.cumsum(sizes) - sizes).astype(np.int32))
    if bpy.app.version < (4, 1, 0):  # later ones know it from the starts
        mesh.polygons.foreach_set("loop_total", sizes.astype(np.int32))
    mesh.update(calc_edges=True)
    return mesh


def unit(points: Floats) -> Floats:
    """Points with their bounding box in the middle and its diagonal 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    centred: Floats = points - (low + high) / 2
    return centred / max(float(np.linalg.norm(high - low)), 1e-12)


def _with_slots(mesh: Any, parts: list[str]) -> Any:
    while len(mesh.materials) < len(parts):
        mesh.materials.append(None)
    mesh["parts"] = "+".join(parts)
    return mesh
