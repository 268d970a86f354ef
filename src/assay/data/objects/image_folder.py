"""Folders of images as torchvision lists them: `samples` of path and class, a `loader`, no transform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from assay.data.decode import BYTES_A_NUMBER
from assay.data.decoder import Decoder
from assay.data.folder_items import read_pictures
from assay.data.objects.item import SIZE
from assay.data.own import Own
from assay.errors import UserError
from assay.machine.memory import memory

LOADERS = ("default_loader", "pil_loader", "accimage_loader")


def is_image_folder(data: Any) -> bool:
    """Whether an object lists image files that nothing else than a decoder is meant to change."""
    listed = hasattr(data, "samples") and hasattr(data, "loader") and hasattr(data, "classes")
    usual = listed and getattr(data.loader, "__name__", "") in LOADERS
    changed = any(getattr(data, name, None) is not None for name in ("transform", "target_transform"))
    return usual and not changed


def own_of_image_folder(data: Any, size: int | None, stream: bool | None, background: str) -> Own:
    """The pictures of a folder, read as a folder given by its path is: files are known to the examination.

    Raises
    ------
    UserError
        If there are none, or files cannot be read.
    """
    if not data.samples:
        raise UserError(f"{data.root}: no images in it")
    root, side = Path(data.root), size or SIZE
    paths = [Path(path).relative_to(root).parts for path, _ in data.samples]
    need = len(paths) * 3 * side**2 * BYTES_A_NUMBER
    streams = stream if stream is not None else 2 * need > memory()
    read = read_pictures(root, paths, side, Decoder(background), streams, skippable=False)
    y = np.array([label for _, label in data.samples], np.int64)[read.kept]
    return Own(read.x, y, None, None, tuple(map(str, data.classes)), {}, read.findings, None, read.files)
