"""Image files to arrays: decoded by threads into one, after a look at the memory it takes, or streamed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assay.data.image_files import ImageFiles
from assay.data.listing import Listing
from assay.data.picture import Facts, Unreadable, prepare, quietly, read_picture, unreadable
from assay.errors import UserError
from assay.types import Samples

AHEAD = 64
"""Images that threads decode before they are asked for."""
# a number is a byte as it is read and four as a network learns from it, both at hand in training
BYTES_A_NUMBER = 5
Look = tuple[NDArray[np.uint8], Facts]


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

    def look(self, path: Path, size: int) -> Look:
        """The image, and what its file is."""
        from PIL import Image, ImageOps

        picture, facts = read_picture(path, self.background, 2 * size if self.draft else None)
        square = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
        return np.asarray(square).transpose(2, 0, 1), facts


read_image, decode = Decoder(), Decoder(draft=True)


def looked_at(
    files: Sequence[Path], size: int, decoder: Decoder, threads: int | None = None
) -> Iterator[Look | Unreadable]:
    """Every image with what its file is, or why it cannot be read, in the order of the files.

    Parameters
    ----------
    files : sequence of Path
    size : int
    decoder : Decoder
    threads : int, optional
        One a core by default; they decode ahead of what is asked for, by a bounded number of images.
    """
    prepare()

    def attempt(path: Path) -> Look | Unreadable:
        try:
            return decoder.look(path, size)
        except Unreadable as error:
            return error

    with quietly(), ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        waiting = deque(pool.submit(attempt, path) for path in files[:AHEAD])
        for path in files[AHEAD:]:
            yield waiting.popleft().result()
            waiting.append(pool.submit(attempt, path))
        yield from (found.result() for found in waiting)


def decoded(listing: Listing, size: int, threads: int | None = None) -> Samples:
    """All images of a listing, (n, 3, size, size) in [0, 255], whatever the number of threads.

    Raises
    ------
    UserError
        If images cannot be read, with the first ten of them in the listing.
    """
    x, bad = np.empty((len(listing), 3, size, size), dtype=np.uint8), []
    for place, found in enumerate(looked_at(listing.files(), size, decode, threads)):
        if isinstance(found, Unreadable):
            bad.append((listing.paths[place], found.reason))
        else:
            x[place] = found[0]
    if bad:
        raise UserError(f"{listing.root}: {unreadable(bad, len(listing))}")
    return Samples(x, listing.y)


def streamed(listing: Listing, size: int) -> Samples:
    """All images of a listing, none of them read before it is looked up; then as `decoded` reads them."""
    return Samples(cast(NDArray[np.uint8], ImageFiles(listing.files(), size, decode)), listing.y)


def check_memory(
    name: str, parts: Iterable[Sized], size: int, fewer: str = "", memory: int | None = None
) -> None:
    """Raise `UserError` if training on these images would take more than half of the memory.

    Parameters
    ----------
    name : str
        Of the data set.
    parts : iterable of sized
    size : int
        Side of the images in pixels.
    fewer : str
        An option that takes fewer images, if there is one.
    memory : int, optional
        In bytes; this machine's by default.
    """
    have = memory or physical_memory()
    n = sum(map(len, parts))
    need = n * 3 * size**2 * BYTES_A_NUMBER
    if have and 2 * need > have:
        smaller = f"a smaller size, or {fewer}" if fewer else "or a smaller size"
        raise UserError(
            f"{name}: size={size}: {n:,} images take about {need / 1e9:.1f} GB in training, more than half "
            f"of the {have / 1e9:.1f} GB of memory; give stream=true to read images while a model trains, "
            f"{smaller}"
        )


def physical_memory() -> int | None:
    """Bytes of memory of this machine, where the system says so."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
