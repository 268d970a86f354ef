"""Where shapes come from: the catalogue of made-up objects, and folders of mesh files by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.errors import UserError
from assay.generate.blender.scene.values import Model
from assay.generate.blender.shapes.catalogue import makers as catalogue
from assay.generate.blender.shapes.shapenet import class_names

CATALOGUE = "catalogue"
SUFFIXES = (".ply", ".obj", ".gltf", ".glb", ".stl")
UPS = ("auto", "y", "z")


@dataclass(frozen=True)
class Models:
    """The models of every class: files, or for one out of the catalogue its name there.

    A class that has both is made up as often as it is taken from a file.
    """

    by_class: Mapping[str, tuple[Path | str, ...]]
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
        lie at any depth, as in ShapeNet's ``class/model/models/model_normalized.obj``. Where all the folders
        are ShapeNet's numbers, the classes get their names (`shapenet.class_names`).
    up : {"auto", "y", "z"}
        Which axis of the files points up; "auto" is y for OBJ and glTF, z for PLY and STL.

    Raises
    ------
    UserError
        If a folder does not exist, or it or a class in it holds no mesh.
    """
    if not sources:
        raise UserError("models: none given; expected 'catalogue' or a folder")
    found: dict[str, list[Path | str]] = {}
    for source in sources:
        for name, models in (_made_up() if source == CATALOGUE else _in_folder(Path(source))).items():
            found.setdefault(name, []).extend(models)
    return Models({name: tuple(found[name]) for name in sorted(found)}, up)


def _made_up() -> dict[str, list[Path | str]]:
    return {name: [name] for name in catalogue.CLASSES}


def _in_folder(root: Path) -> dict[str, list[Path | str]]:
    if not root.is_dir():
        raise UserError(f"models: {root}: no such folder (or write 'catalogue')")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    name_of = class_names([folder.name for folder in folders])
    found = {name_of[folder.name]: _meshes(folder) for folder in folders}
    if not any(found.values()):
        raise UserError(f"models: {root}: no meshes in it; expected {root.name}/<class>/<mesh>{SUFFIXES[0]}")
    for folder in folders:
        if not found[name_of[folder.name]]:
            raise UserError(f"models: {folder}: no meshes in it ({', '.join(SUFFIXES)}); take the folder out")
    return found


def _meshes(folder: Path) -> list[Path | str]:
    return [
        path.resolve()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]


def model_rand(rng: np.random.Generator, models: Models, label: str) -> Model:
    """A model of a class; one made up where chance falls on the catalogue."""
    files = [path for path in models.by_class[label] if isinstance(path, Path)]
    made_up = [name for name in models.by_class[label] if isinstance(name, str)]
    share = rng.random()
    if made_up:
        if not files or share < 0.5:
            return Model("catalogue", made_up[0], catalogue.sample(made_up[0], rng))
        share = 2 * share - 1
    path = files[int(share * len(files))]
    return Model("file", label, {}, str(path), models.up)
