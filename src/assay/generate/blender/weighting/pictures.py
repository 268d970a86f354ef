"""The pictures of one round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.blender.sets.render_set import file_of, render_set
from assay.generate.blender.stream import Stream


@dataclass(frozen=True)
class Pictures:
    """Images (m, 3, height, width) and the index of each in its stream; those that failed are left out."""

    x: NDArray[np.uint8]
    indices: tuple[int, ...]


Progress = Callable[[int, int, float], None]
Render = Callable[[Stream, int, Path, int, Progress], Pictures]
"""From a stream, how many pictures, a folder for them, workers, and whom to tell."""


def render_pictures(stream: Stream, n: int, folder: Path, workers: int, report: Progress) -> Pictures:
    """The first `n` pictures of a stream, by Blender; those in the folder already are kept.

    Raises
    ------
    UserError
        If there is no Blender, or not one picture could be made.
    """
    done = render_set(stream.settings, folder, n, stream.seed, stream.part, workers, report)
    made = tuple(index for index in range(n) if index not in done.failed)
    if not made:
        raise UserError(f"blender: no image could be made: {done.failed[0]}")
    return Pictures(np.stack([_read(folder / file_of(stream, index)) for index in made]), made)


def _read(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(path, formats=("PNG",)) as picture:
        return np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
