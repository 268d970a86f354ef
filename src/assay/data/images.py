"""Folders of images: ``ROOT/<class>/*`` or ``ROOT/<part>/<class>/*``.

Parts are labelled, shots, unlabelled, validation and test; unlabelled images may lie in ``unlabelled``
without class folders. Every image becomes three channels in [0, 255], its short side
resized and its centre cut out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.data.image_files import ImageFiles
from assay.data.npz import naming
from assay.data.spellings import PARTS
from assay.data.split import split_task, task_of_parts
from assay.errors import UserError
from assay.types import UNKNOWN, Samples, Seed, Task

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
Listing = list[tuple[Path, int]]


@dataclass(frozen=True)
class ImageFolder:
    """Settings: the folder, the side of the square images, and the seed of the split if none is given.

    With `stream`, images are read from their files while a model trains, not before.
    """

    path: str = ""
    size: Annotated[int, Ge(4), Le(1024)] = 64
    seed: Seed = 0
    stream: bool = False

    def load(self) -> Task:
        """The task in the folder."""
        root = Path(self.path)
        with naming(root):
            given = [part for part in PARTS if (root / part).is_dir()]
            if given:
                return self._given_parts(root, given)
            classes = class_folders(root)
            samples = read_folder(root, classes, self.size, stream=self.stream)
            return split_task(samples, classes, root.name, self.seed)

    def _given_parts(self, root: Path, given: Sequence[str]) -> Task:
        labelled = [part for part in given if part != "unlabelled"]
        if "labelled" not in labelled or "test" not in labelled:
            raise UserError(f"has {', '.join(given)}; a task needs at least labelled and test")
        classes = tuple(sorted({name for part in labelled for name in class_folders(root / part)}))
        parts = [
            read_folder(root / part, classes, self.size, part == "unlabelled", self.stream) for part in given
        ]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.joined(part)
        names = np.repeat(np.array(given), [len(part) for part in parts])
        return task_of_parts(joined, names, classes, root.name)


def class_folders(root: Path) -> tuple[str, ...]:
    """Names of the folders below `root`, sorted: the classes."""
    if not root.is_dir():
        raise UserError(f"{root}: no such folder")
    names = [path.name for path in _visible(root) if path.is_dir()]
    if not names:
        raise UserError(f"{root}: no class folders in it; expected {root.name}/<class>/<image>")
    return tuple(names)


def read_folder(
    root: Path, classes: Sequence[str], size: int, flat: bool = False, stream: bool = False
) -> Samples:
    """All images of a folder by class; `flat` also takes images that lie in no class folder (class -1).

    With `stream` none is read yet.

    Raises
    ------
    UserError
        If a class folder is unknown or empty, or an image cannot be read.
    """
    listing = list_images(root, classes, flat)
    files = ImageFiles([path for path, _ in listing], size, read_image)
    y = np.array([label for _, label in listing], dtype=np.int64)
    return Samples(cast(NDArray[np.uint8], files) if stream else files[:], y)


def list_images(root: Path, classes: Sequence[str], flat: bool) -> Listing:
    """Path and class of every image, in a fixed order."""
    listing = [(path, UNKNOWN) for path in _images(root)] if flat else []
    for name in (path.name for path in _visible(root) if path.is_dir()):
        label = classes.index(name) if name in classes else UNKNOWN
        if label == UNKNOWN and not flat:
            raise UserError(f"{root / name}: unknown class; known: {', '.join(classes)}")
        found = [(path, label) for path in _images(root / name)]
        if not found:
            raise UserError(f"{root / name}: no images in it")
        listing += found
    if not listing:
        raise UserError(f"{root}: no images in it")
    return listing


def _images(folder: Path) -> Iterable[Path]:
    return [path for path in _visible(folder) if path.is_file() and path.suffix.lower() in SUFFIXES]


def _visible(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def read_image(path: Path, size: int) -> NDArray[np.uint8]:
    """An image as (3, size, size), its short side resized to `size` and the centre cut out."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise UserError(f"mode {image.mode}; expected 8 bits a channel")
            square = ImageOps.fit(
                ImageOps.exif_transpose(image).convert("RGB"), (size, size), Image.Resampling.BICUBIC
            )
    except Exception as error:  # decoders of damaged files raise errors of a dozen kinds
        raise UserError(f"{path}: not a readable image ({error})") from None
    return np.asarray(square).transpose(2, 0, 1).copy()
