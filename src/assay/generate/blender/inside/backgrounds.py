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

Floats = NDArray[np.float32]
MOST_KEPT = 256
"""Photographs kept in memory, each no larger than `LONGEST`."""
LONGEST = 512


class Backgrounds:
    """Photographs, read once as long as there is room."""

    def __init__(self) -> None:
        self.photographs: OrderedDict[str, Floats] = OrderedDict()

    def get(self, values: Mapping[str, Any], size: tuple[int, int]) -> Floats:
        """Colours behind the picture, shape (*size, 3), range [0, 1]."""
        if values["kind"] == "photograph":
            return resized(self._piece(values, size), size)
        if values["kind"] == "drawing":
            return drawing(values["seed"], size)
        return np.broadcast_to(np.array(values["colour"], np.float32), (*size, 3))

    def _piece(self, values: Mapping[str, Any], size: tuple[int, int]) -> Floats:
        """The largest piece of the picture's shape, times `zoom`; where it lies, by `across` and `down`."""
        whole = self._photograph(values["path"])
        height, width = whole.shape[:2]
        fit = min(height / size[0], width / size[1]) * values["zoom"]
        tall, wide = max(1, round(size[0] * fit)), max(1, round(size[1] * fit))
        top, left = round(values["down"] * (height - tall)), round(values["across"] * (width - wide))
        piece = whole[top : top + tall, left : left + wide]
        return piece[:, ::-1] if values["mirror"] else piece

    def _photograph(self, path: str) -> Floats:
        if path in self.photographs:
            self.photographs.move_to_end(path)
        else:
            self.photographs[path] = _read(path)
        if len(self.photographs) > MOST_KEPT:
            self.photographs.popitem(last=False)
        return self.photographs[path]


def _read(path: str) -> Floats:
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
    finally:
        bpy.data.images.remove(image)
    share = min(1.0, LONGEST / max(height, width))
    return resized(colours, (max(1, round(share * height)), max(1, round(share * width))))


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
