"""The settings of the renderer: models, factors, and pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from annotated_types import Ge, Le

from assay.errors import UserError
from assay.generate.blender.scene.factors.background import BackgroundFactors
from assay.generate.blender.scene.factors.camera import CameraFactors
from assay.generate.blender.scene.factors.clutter import ClutterFactors
from assay.generate.blender.scene.factors.light import NO_MAP, LightFactors
from assay.generate.blender.scene.factors.material import MaterialFactors
from assay.generate.blender.scene.factors.object import ObjectFactors
from assay.generate.blender.scene.factors.within import check_factors
from assay.generate.blender.shapes.models import CATALOGUE, Models, find_models
from assay.strict import check_fields
from assay.types import Task

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
MAP_MARKS = (b"\x76\x2f\x31\x01", b"#?")
"""The first bytes of OpenEXR and Radiance HDR files."""
Side = Annotated[int, Ge(4), Le(4096)]


@dataclass(frozen=True)
class BlenderSettings(
    ObjectFactors, MaterialFactors, LightFactors, CameraFactors, BackgroundFactors, ClutterFactors
):
    """Images of 3-D models, rendered by Blender's Cycles with domain randomisation (Tobin et al., IROS 2017).

    Every factor is a distribution (`distribution`): one value, a range, a choice, or a mixture; what they
    mean and their units stand with `ObjectFactors`, `MaterialFactors`, `LightFactors`, `CameraFactors`,
    `BackgroundFactors` and `ClutterFactors`.

    Parameters
    ----------
    models : tuple of str
        "catalogue" (objects made up in code) or folders of meshes by class.
    classes : tuple of str
        Only these classes; all by default.
    alias : tuple of str
        "bike:bicycle": the class bike is shown by models of bicycle.
    up : {"auto", "y", "z"}
        Which axis of mesh files points up.
    size : int
        Width of the picture in pixels, and height if none is given.
    height : int, optional
        Height in pixels.
    samples : int
        Light paths a pixel.
    denoise : bool
        Whether to take the noise off (Open Image Denoise): 16 samples then are cleaner than 32 without.
    mask, depth : bool
        Whether to write, beside each picture, which thing every pixel shows and how far away it is.
    threads : int
        Of each worker; small pictures are best at 1, whose bytes are the same every time.
    device : {"cpu", "gpu"}
        Where Cycles computes.

    Raises
    ------
    UserError
        If a field is of another type or out of its range, a choice is unknown, or a folder that is needed is
        not there.
    """

    models: tuple[str, ...] = (CATALOGUE,)
    classes: tuple[str, ...] = ()
    alias: tuple[str, ...] = ()
    up: Literal["auto", "y", "z"] = "auto"
    size: Side = 64
    height: Side | None = None
    samples: Annotated[int, Ge(1), Le(65536)] = 16
    denoise: bool = True
    mask: bool = False
    depth: bool = False
    threads: Annotated[int, Ge(1), Le(1024)] = 1
    device: Literal["cpu", "gpu"] = "cpu"

    def __post_init__(self) -> None:
        check_factors(self)
        check_fields(self)
        self._aliases()
        _check_folder("photographs", self.photographs, "photograph" in self.background.words)
        _check_folder("textures", self.textures, "image" in self.material.words)
        for name in self.environment.words:
            _check_map(name)

    def find_models(self) -> Models:
        """The models, under the names of the classes that they show.

        Raises
        ------
        UserError
            If a folder holds no models, or there is none of a class.
        """
        found, aliases = find_models(self.models, self.up), self._aliases()
        shown = {name: source for name, source in aliases.items() if source not in found.by_class}
        if shown:
            name, source = next(iter(shown.items()))
            raise UserError(f"alias: {name}:{source}: no such models; known: {', '.join(found.classes)}")
        renamed = {name: found.by_class[source] for name, source in aliases.items()}
        kept = {name: paths for name, paths in found.by_class.items() if name not in aliases.values()}
        models = Models(dict(sorted({**kept, **renamed}.items())), self.up)
        return models.restricted(self.classes) if self.classes else models

    def _aliases(self) -> dict[str, str]:
        pairs = [alias.partition(":") for alias in self.alias]
        wrong = [alias for alias, pair in zip(self.alias, pairs) if not (pair[0] and pair[2])]
        if wrong:
            raise UserError(f"alias: '{wrong[0]}'; expected CLASS:MODELS, as in bike:bicycle")
        names = [name for name, _, _ in pairs]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UserError(f"alias: '{twice[0]}' stands there twice; expected each class once")
        return {name: source for name, _, source in pairs}

    def of_task(self, task: Task) -> Self:
        """These settings for the task's classes at the size of its images.

        Raises
        ------
        UserError
            If the task's items are not images of three channels, there are no models of one of its classes,
            or the settings ask for other classes or another size than the task's.
        """
        if task.kind != "image" or len(task.shape) != 3 or task.shape[0] != 3:
            raise UserError(
                f"blender: makes images (3, height, width); {task.name} has {task.kind} {task.shape}: name "
                "an image task, or a folder (-o FOLDER) that needs none"
            )
        fitted = replace(self, size=task.shape[2], height=task.shape[1], classes=())
        names = _matched(task.classes, fitted.find_models().classes, task.name)
        self._check_left_to(task, names)
        return replace(fitted, classes=names)

    def _check_left_to(self, task: Task, names: tuple[str, ...]) -> None:
        """Classes and size are the task's: nobody shall wonder where those of the settings went."""
        if self.classes not in ((), names):
            raise UserError(f"classes: images for {task.name} are of its own classes; leave this out")
        wanted, own = {"size": self.size, "height": self.height}, task.shape[:0:-1]
        for (name, pixels), theirs in zip(wanted.items(), own):
            if pixels not in (getattr(type(self), name), theirs):
                raise UserError(f"{name}: {pixels}: images for {task.name} are of {theirs}; leave this out")


def _check_folder(field: str, folder: Path | None, needed: bool) -> None:
    if needed and folder is None:
        raise UserError(f"{field}: none given; expected a folder of images")
    if folder is not None and not folder.is_dir():
        raise UserError(f"{field}: {folder}: no such folder")


def _check_map(name: str) -> None:
    from assay.generate.blender.scene.factors.light import INBUILT_MAPS

    if name in (*INBUILT_MAPS, NO_MAP):
        return
    if not Path(name).is_file():
        known = ", ".join((*INBUILT_MAPS, NO_MAP))
        raise UserError(f"environment: '{name}': no such file; maps that come with Blender: {known}")
    with Path(name).open("rb") as file:
        if not file.read(4).startswith(MAP_MARKS):
            raise UserError(f"environment: {name}: neither OpenEXR nor Radiance HDR")


def _matched(wanted: tuple[str, ...], known: tuple[str, ...], task: str) -> tuple[str, ...]:
    """The models of every class, whatever the case and the hyphens of its name."""
    plain = {_plain(name): name for name in known}
    missing = [name for name in wanted if _plain(name) not in plain]
    if missing:
        raise UserError(
            f"blender: no models of the class '{missing[0]}' of {task}; there are {', '.join(known)} "
            f"(alias={missing[0]}:NAME says which to show)"
        )
    return tuple(plain[_plain(name)] for name in wanted)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def images_in(folder: Path | None, field: str) -> tuple[Path, ...]:
    """All images under a folder, sorted.

    Raises
    ------
    UserError
        If there is none; the message names the field.
    """
    folder = folder or Path()
    found = tuple(
        sorted(p.resolve() for p in folder.rglob("*") if p.suffix.lower() in IMAGES and p.is_file())
    )
    if not found:
        raise UserError(f"{field}: {folder}: no images in it")
    return found
