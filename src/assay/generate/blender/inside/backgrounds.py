"""What stands behind the rendered things: nothing, a colour, a drawing, or a piece of a photograph."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .drawings import drawing
from .orientation import orientation, upright

Floats = NDArray[np.float32]
MOST_KEPT = 800_000_000
"""Bytes of photographs kept in memory, the one at hand aside."""
LONGEST = 512
"""Side to which photographs are shrunk where the picture, at its zoom, is not larger."""


class Backgrounds:
    """Photographs, read once as long as there is room."""

    def __init__(self) -> None:
        self.photographs: OrderedDict[tuple[str, bool], Floats] = OrderedDict()

    def get(self, values: Mapping[str, Any], size: tuple[int, int]) -> Floats:
        """Colours behind the picture, shape (*size, 3), range [0, 1]."""
        if values["kind"] == "photograph":
            return resized(self._piece(values, size), size)
        if values["kind"] == "drawing":
            return drawing(values["seed"], size)
        return np.broadcast_to(np.array(values["colour"], np.float32), (*size, 3))

    def _piece(self, values: Mapping[str, Any], size: tuple[int, int]) -> Floats:
        """The largest piece of the picture's shape, times `zoom`; where it lies, by `across` and `down`."""
        whole = self._photograph(values["path"], max(size) <= LONGEST * values["zoom"])
        height, width = whole.shape[:2]
        fit = min(height / size[0], width / size[1]) * values["zoom"]
        tall, wide = max(1, round(size[0] * fit)), max(1, round(size[1] * fit))
        top, left = round(values["down"] * (height - tall)), round(values["across"] * (width - wide))
        piece = whole[top : top + tall, left : left + wide]
        return piece[:, ::-1] if values["mirror"] else piece

    def _photograph(self, path: str, is_shrunk: bool) -> Floats:
        key = path, is_shrunk
        if key not in self.photographs:
            self.photographs[key] = _shrunk(_read(path)) if is_shrunk else _read(path)
        self.photographs.move_to_end(key)
        self._make_room()
        return self.photographs[key]

    def _make_room(self) -> None:
        """Forget the photographs that were not wanted for longest."""
        held = sum(photograph.nbytes for photograph in self.photographs.values())
        while held > MOST_KEPT and len(self.photographs) > 1:
            held -= self.photographs.popitem(last=False)[1].nbytes


def _read(path: str) -> Floats:
    """Colours as displayed, shape (height, width, 3), range [0, 1], the right way up."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"background {path}: no such file")
    image = bpy.data.images.load(path)
    try:
        width, height = image.size
        if not width * height:
            raise ValueError(f"background {path}: not a readable image")
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        colours = pixels.reshape(height, width, image.channels)[::-1, :, :3]
        return upright(_as_displayed(colours) if image.is_float else colours, orientation(Path(path)))
    finally:
        bpy.data.images.remove(image)


def _as_displayed(linear: Floats) -> Floats:
    """Linear light in sRGB (IEC 61966-2-1): Blender has images of more than 8 bits as linear."""
    light = np.clip(linear, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def _shrunk(image: Floats) -> Floats:
    """No side longer than `LONGEST`."""
    height, width = image.shape[:2]
    share = min(1.0, LONGEST / max(height, width))
    return resized(image, (max(1, round(share * height)), max(1, round(share * width))))


def resized(image: Floats, size: tuple[int, int]) -> Floats:
    """An image at another size: means over areas where it shrinks, straight lines where it grows."""
    if image.shape[:2] == size:
        return image
    rows, columns = _weights(image.shape[0], size[0]), _weights(image.shape[1], size[1])
    across = np.tensordot(columns, image, axes=(1, 1))  # (new width, old height, 3)
    return np.tensordot(rows, across, axes=(1, 1)).astype(np.float32)


def _weights(old: int, new: int) -> Floats:
    """Weight of each old pixel in each new one, shape (new, old): a triangle as wide as the larger pixel."""
    step = old / new
    centres = (np.arange(new) + 0.5) * step - 0.5
    distance = np.abs(np.arange(old) - centres[:, None]) / max(step, 1.0)
    weights = np.maximum(1 - distance, 1e-9 * (distance < 2))
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)
