"""Where shapes come from: the catalogue of made-up objects, and folders of mesh files by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.errors import UserError
from assay.generate.blender import catalogue
from assay.generate.blender.scene import Model

CATALOGUE = "catalogue"
SUFFIXES = (".ply", ".obj", ".gltf", ".glb", ".stl")
UPS = ("auto", "y", "z")


@dataclass(frozen=True)
class Models:
    """The models of every class: files, or None for one out of the catalogue.

    A class that has both is made up as often as it is taken from a file.
    """

    by_class: Mapping[str, tuple[Path | None, ...]]
    up: str = "auto"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in their order."""
        return tuple(self.by_class)

    def restricted(self, classes: Sequence[str]) -> Models:
        """Only these classes.

        Raises
        ------
        UserError
            If there is no model of one of them.
        """
        missing = [name for name in classes if name not in self.by_class]
        if missing:
            raise UserError(f"classes: no model of '{missing[0]}'; known: {', '.join(self.classes)}")
        return Models({name: self.by_class[name] for name in classes}, self.up)


def find_models(sources: Sequence[str], up: str = "auto") -> Models:
    """All models of some sources.

    Parameters
    ----------
    sources : sequence of str
        "catalogue", or folders with a folder for every class, in which mesh files (PLY, OBJ, glTF, STL) may
        lie at any depth, as in ShapeNet's ``class/model/models/model_normalized.obj``.
    up : {"auto", "y", "z"}
        Which axis of the files points up; "auto" is y for OBJ and glTF, z for PLY and STL.

    Raises
    ------
    UserError
        If a folder does not exist or holds no mesh.
    """
    if not sources:
        raise UserError("models: none given; expected 'catalogue' or a folder")
    found: dict[str, list[Path | None]] = {}
    for source in sources:
        for name, models in (_made_up() if source == CATALOGUE else _in_folder(Path(source))).items():
            found.setdefault(name, []).extend(models)
    return Models({name: tuple(found[name]) for name in sorted(found)}, up)


def _made_up() -> dict[str, list[Path | None]]:
    return {name: [None] for name in catalogue.CLASSES}


def _in_folder(root: Path) -> dict[str, list[Path | None]]:
    if not root.is_dir():
        raise UserError(f"models: {root}: no such folder (or write 'catalogue')")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = {folder.name: _meshes(folder) for folder in folders}
    filled = {name: models for name, models in found.items() if models}
    if not filled:
        raise UserError(f"models: {root}: no meshes in it; expected {root.name}/<class>/<mesh>{SUFFIXES[0]}")
    return filled


def _meshes(folder: Path) -> list[Path | None]:
    return [path.resolve() for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]


def model_rand(rng: np.random.Generator, models: Models, label: str) -> Model:
    """A model of a class; one made up where chance falls on the catalogue."""
    files = [path for path in models.by_class[label] if path]
    share = rng.random()
    if len(files) < len(models.by_class[label]):
        if not files or share < 0.5:
            return Model("catalogue", label, catalogue.sample(label, rng))
        share = 2 * share - 1
    path = files[int(share * len(files))]
    return Model("file", label, {}, str(path), models.up)
