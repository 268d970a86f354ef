"""Image files to square items, by threads ahead of whoever asks for them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assay.data.picture import Facts, Unreadable, prepare, quietly, read_picture

T = TypeVar("T")
AHEAD = 64
"""Images that threads decode before they are asked for."""


@dataclass(frozen=True)
class Decoder:
    """How an image file becomes an item.

    Parameters
    ----------
    background : str
        Colour under transparent pictures.
    draft : bool
        Decode JPEG files at the smallest scale of an eighth, a quarter, a half or one that leaves twice the
        wanted size to the resizing: much faster, and the same up to rounding.
    """

    background: str = "white"
    draft: bool = False

    def __call__(self, path: Path, size: int) -> NDArray[np.uint8]:
        """An image as (3, size, size), its short side resized to `size` and its centre cut out.

        Raises
        ------
        Unreadable
            If it is not a whole image of a format that is read.
        """
        return self.look(path, size)[0]

    def look(self, path: Path, size: int) -> tuple[NDArray[np.uint8], Facts]:
        """The image, and what its file is."""
        from PIL import Image, ImageOps

        picture, facts = read_picture(path, self.background, 2 * size if self.draft else None)
        square = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
        return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1)), facts


read_image, decode = Decoder(), Decoder(draft=True)


def looked_at(
    files: Sequence[Path], look: Callable[[Path], T], threads: int | None = None
) -> Iterator[T | Unreadable]:
    """What `look` says of every file, or why it cannot be read, in the order of the files.

    Parameters
    ----------
    files : sequence of Path
    look : callable
        Called in threads.
    threads : int, optional
        One a core by default; they read ahead of what is asked for, by a bounded number of files.
    """
    prepare()

    def attempt(path: Path) -> T | Unreadable:
        try:
            return look(path)
        except Unreadable as error:
            return error

    with quietly(), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        waiting = deque(pool.submit(attempt, path) for path in files[:AHEAD])
        for path in files[AHEAD:]:
            yield waiting.popleft().result()
            waiting.append(pool.submit(attempt, path))
        yield from (found.result() for found in waiting)
