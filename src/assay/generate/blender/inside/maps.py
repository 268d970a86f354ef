"""Environment maps in a form that is quick to read: Cycles reads its map anew for every picture.

Copies are not compressed. Where a map gives light and is not itself seen, a coarser copy gives the same.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .backgrounds import resized
from .temporary import as_floats, written

Floats = NDArray[np.float32]
LUMINANCE = (0.2126, 0.7152, 0.0722)
WIDEST = 512
"""Of a map that is not seen, pixels."""


class Maps:
    """Copies in a folder, made when they are first wanted, and the mean luminance of each map."""

    def __init__(self, folder: Path, scene: Any) -> None:
        self.folder, self.scene, self.number = folder, scene, count()
        self.copies: dict[tuple[str, bool], Any] = {}
        self.brightness: dict[str, float] = {}
        self.sizes: dict[tuple[str, bool], int] = {}

    def get(self, name: str, is_seen: bool) -> Any:
        """The image of a map.

        Raises
        ------
        FileNotFoundError
            If there is no such map.
        """
        if (name, is_seen) not in self.copies:
            self.copies[name, is_seen] = self._copy(name, is_seen)
        return self.copies[name, is_seen]

    def forget(self, name: str, is_seen: bool) -> None:
        """Remove a copy, if there is one, and its file."""
        image = self.copies.pop((name, is_seen), None)
        if image:
            del self.sizes[name, is_seen]
            Path(image.filepath).unlink(missing_ok=True)
            bpy.data.images.remove(image)

    def held(self) -> int:
        """Bytes of all copies."""
        return sum(self.sizes.values())

    def _copy(self, name: str, is_seen: bool) -> Any:
        colours = _read(map_path(name))
        self.brightness[name] = _mean_luminance(colours)
        height, width = colours.shape[:2]
        if not is_seen and width > WIDEST:
            colours = resized(colours, (max(1, round(height * WIDEST / width)), WIDEST))
        path = self.folder / f"map{next(self.number)}.exr"
        _write(path, colours, self.scene)
        self.sizes[name, is_seen] = colours.nbytes
        return bpy.data.images.load(str(path))


def map_path(name: str) -> Path:
    """One of the maps that come with Blender, by its name, or else a file of the user's."""
    inbuilt = Path(bpy.utils.system_resource("DATAFILES"), "studiolights", "world", f"{name}.exr")
    is_name = Path(name).name == name
    path = inbuilt if is_name and inbuilt.is_file() else Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"environment map {name}: no such file, nor a map of this Blender")
    return path


def _read(path: Path) -> Floats:
    """Linear colours (height, width, 3), as Blender has them: the lowest row first."""
    image = bpy.data.images.load(str(path))
    try:
        width, height = image.size
        if not width * height:
            raise ValueError(f"environment map {path}: not a readable image")
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        return pixels.reshape(height, width, image.channels)[..., :3]
    finally:
        bpy.data.images.remove(image)


def _write(path: Path, colours: Floats, scene: Any) -> None:
    height, width, _ = colours.shape
    as_floats(scene.render.image_settings, "RGB")
    image = bpy.data.images.new("map", width, height, float_buffer=True)
    try:
        image.pixels.foreach_set(np.dstack([colours, np.ones((height, width), np.float32)]).ravel())
        with written(path, colours.nbytes):
            image.save_render(str(path), scene=scene)
    finally:
        bpy.data.images.remove(image)


def _mean_luminance(colours: Floats) -> float:
    """Mean over the sphere: rows near the poles count for less."""
    rows = (colours @ np.array(LUMINANCE, np.float32)).mean(1)
    weights = np.sin(np.pi * (np.arange(len(rows)) + 0.5) / len(rows))
    return max(float((rows * weights).sum() / weights.sum()), 1e-6)
