"""Listed images to arrays: decoded by threads into one, after a look at the memory it takes, or streamed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assay.data.image_files import ImageFiles
from assay.data.listing import Listing
from assay.errors import UserError
from assay.types import Samples

CHUNK = 32
# a number is a byte as it is read and four as a network learns from it, both at hand in training
BYTES_A_NUMBER = 5


def decode(path: Path, size: int) -> NDArray[np.uint8]:
    """An image as (3, size, size), its short side resized to `size` and its centre cut out.

    JPEG files are decoded at the smallest scale of an eighth, a quarter, a half or one that leaves twice the
    wanted size to the resizing: much faster, and the same up to rounding.

    Raises
    ------
    UserError
        If it is not a whole image of 8 bits a channel.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise UserError(f"mode {image.mode}; expected 8 bits a channel")
            image.draft("RGB", (2 * size, 2 * size))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            square = ImageOps.fit(upright, (size, size), Image.Resampling.BICUBIC)
    except Exception as error:  # decoders of damaged files raise errors of a dozen kinds
        raise UserError(f"{path}: not a readable image ({error})") from None
    return np.asarray(square).transpose(2, 0, 1)


def decoded(listing: Listing, size: int, threads: int | None = None) -> Samples:
    """All images of a listing, (n, 3, size, size) in [0, 255], whatever the number of threads.

    Raises
    ------
    UserError
        If an image cannot be read: the first of them in the listing.
    """
    from PIL import Image

    Image.preinit()  # the table of formats is filled here, not by many threads at once
    files = listing.files()
    x = np.empty((len(files), 3, size, size), dtype=np.uint8)

    def fill(start: int) -> None:
        for place, path in enumerate(files[start : start + CHUNK], start):
            x[place] = decode(path, size)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for _ in pool.map(fill, range(0, len(files), CHUNK)):
            pass  # an error rises here, in the order of the listing
    return Samples(x, listing.y)


def streamed(listing: Listing, size: int) -> Samples:
    """All images of a listing, none of them read before it is looked up; then as `decoded` reads them."""
    return Samples(cast(NDArray[np.uint8], ImageFiles(listing.files(), size, decode)), listing.y)


def check_memory(name: str, listings: Iterable[Listing], size: int, memory: int | None = None) -> None:
    """Raise `UserError` if training on these images would take more than half of the memory.

    Parameters
    ----------
    name : str
        Of the data set.
    listings : iterable of Listing
    size : int
        Side of the images in pixels.
    memory : int, optional
        In bytes; this machine's by default.
    """
    have = memory or physical_memory()
    n = sum(map(len, listings))
    need = n * 3 * size**2 * BYTES_A_NUMBER
    if have and 2 * need > have:
        raise UserError(
            f"{name}: size={size}: {n:,} images take about {need / 1e9:.1f} GB in training, more than half "
            f"of the {have / 1e9:.1f} GB of memory; give stream=true to read images while a model trains, a "
            "smaller size, or limit=images of each class"
        )


def physical_memory() -> int | None:
    """Bytes of memory of this machine, where the system says so."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
