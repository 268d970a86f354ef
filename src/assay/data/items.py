"""Items that a model is asked about: a file or folder with or without labels, or the test items of a task."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from assay.data.arrays import naming, read_samples
from assay.data.image_files import ImageFiles
from assay.data.images import list_images, read_image
from assay.errors import UserError
from assay.types import Samples


class NamedItems(NamedTuple):
    """Items, and what each is called: its place in a file of arrays, or its path in a folder."""

    samples: Samples
    names: NDArray[np.str_]


def read_items(path: Path, classes: tuple[str, ...], shape: tuple[int, ...]) -> NamedItems:
    """The items of an ``.npz`` file (x, and y if it is known) or of a folder of images, by class or not.

    Images are read when they are looked up. Folders that are named as no class hold unlabelled images.

    Raises
    ------
    UserError
        If there is no such file or folder, or items of such a shape are no images.
    """
    if path.is_dir():
        return _images(path, classes, shape)
    samples = read_samples(path, classes)
    return NamedItems(samples, np.arange(len(samples)).astype(np.str_))


def images_of(folder: Path, classes: tuple[str, ...]) -> list[Path]:
    """The files of a folder of images by class, in the order in which its items are read."""
    return [path for path, _ in list_images(folder, classes, flat=False)]


def check_place(out: Path, data: str) -> None:
    """Raise `UserError` if a folder is to be filled with links, and the data are no folder of images."""
    if out.suffix != ".npz" and not Path(data).is_dir():
        raise UserError(f"out: {out}: a folder of links is for synthetic images in a folder; give FILE.npz")


def _images(folder: Path, classes: tuple[str, ...], shape: tuple[int, ...]) -> NamedItems:
    if len(shape) != 3 or shape[0] != 3 or shape[1] != shape[2]:
        raise UserError(f"{folder}: a folder of colour images; the model takes items of shape {shape}")
    with naming(folder):
        listing = list_images(folder, classes, flat=True)
    paths = [path for path, _ in listing]
    x = cast(NDArray[np.uint8], ImageFiles(paths, shape[1], read_image))
    names = np.array([path.relative_to(folder).as_posix() for path in paths])
    return NamedItems(Samples(x, np.array([label for _, label in listing])), names)
