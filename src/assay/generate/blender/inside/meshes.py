"""Meshes: from files, from the catalogue of made-up objects, and plain solids; all of size 1, z up.

Size 1 means: the diagonal of the bounding box, as in ShapeNet.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .mend import mend
from .read_mesh import read_mesh
from .scratch import Scratch
from .solids import solid

Floats = NDArray[np.float64]


class Meshes:
    """Meshes of files, read once; those of the catalogue are never the same twice."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Any] = {}

    def get(self, model: Mapping[str, Any], scratch: Scratch) -> Any:
        """The mesh of a model; its property ``parts`` names the part of every material slot."""
        if model["kind"] == "catalogue":
            return scratch.keep(_made(model["name"], model["parameters"]))
        name = model["path"] if model["kind"] == "file" else model["name"]
        key = name, model["up"]
        if key not in self.known:
            is_file = model["kind"] == "file"
            self.known[key] = _from_file(Path(name), model["up"]) if is_file else _solid(name)
        return self.known[key]


def _made(name: str, parameters: Mapping[str, Any]) -> Any:
    catalogue = importlib.import_module("catalogue")
    built = catalogue.build(name, parameters)
    mesh = new_mesh(unit(np.asarray(built.vertices, dtype=np.float64)), built.faces)
    number = np.zeros(len(built.faces), np.int32)
    for i, faces in enumerate(built.parts.values()):
        number[faces] = i
    mesh.polygons.foreach_set("material_index", number)
    mesh.polygons.foreach_set("use_smooth", np.asarray(built.smooth, dtype=bool))
    return _with_slots(mesh, list(built.parts))


def _from_file(path: Path, up: str) -> Any:
    mesh = mend(read_mesh(path, up))
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    mesh.vertices.foreach_set("co", unit(points.reshape(-1, 3).astype(np.float64)).astype(np.float32).ravel())
    mesh.update()
    return _with_slots(mesh, ["body"] * max(1, len(mesh.materials)))


def _solid(name: str) -> Any:
    vertices, faces = solid(name)
    mesh = new_mesh(unit(vertices), faces)
    mesh.polygons.foreach_set("use_smooth", np.full(len(faces), name not in ("box", "wedge")))
    return _with_slots(mesh, ["body"])


def new_mesh(vertices: Floats, faces: list[tuple[int, ...]]) -> Any:
    """A mesh of Blender's from corners and faces."""
    mesh = bpy.data.meshes.new("mesh")
    counts = np.array([len(face) for face in faces], np.int32)
    mesh.vertices.add(len(vertices))
    mesh.loops.add(int(counts.sum()))
    mesh.polygons.add(len(faces))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    mesh.loops.foreach_set("vertex_index", np.array([i for face in faces for i in face], np.int32))
    mesh.polygons.foreach_set("loop_start", (np.cumsum(counts) - counts).astype(np.int32))
    if bpy.app.version < (4, 1, 0):  # later ones know it from the starts
        mesh.polygons.foreach_set("loop_total", counts)
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
