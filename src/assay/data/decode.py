"""Image files to arrays: decoded by threads into one, after a look at the memory it takes, or streamed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sized
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from assay.data.decoder import decode, looked_at
from assay.data.image_files import ImageFiles
from assay.data.listing import Listing
from assay.data.picture import Unreadable, unreadable
from assay.errors import UserError
from assay.types import Samples

# a number is a byte as it is read and four as a network learns from it, both at hand in training
BYTES_A_NUMBER = 5


def decoded(listing: Listing, size: int, threads: int | None = None) -> Samples:
    """All images of a listing, (n, 3, size, size) in [0, 255], whatever the number of threads.

    Raises
    ------
    UserError
        If images cannot be read, with the first ten of them in the listing.
    """
    x, bad = np.empty((len(listing), 3, size, size), dtype=np.uint8), []
    for place, found in enumerate(looked_at(listing.files(), partial(decode, size=size), threads)):
        if isinstance(found, Unreadable):
            bad.append((listing.paths[place], found.reason))
        else:
            x[place] = found
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
