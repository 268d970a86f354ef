"""Image files as an array that is decoded where it is looked up: for sets larger than the memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.decoder import looked_at
from assay.data.folder_tree import shown
from assay.data.picture import Unreadable, quietly, unreadable
from assay.errors import UserError
from assay.lazy import Lazy

Read = Callable[..., NDArray[np.uint8]]
"""Of a path and a `size`."""


class ImageFiles(Lazy):
    """Images of (3, size, size) in [0, 255], uint8, each read from its file every time it is looked up.

    Parameters
    ----------
    paths : sequence of Path
    size : int
        Side in pixels.
    read : callable
        Path and size to the image (3, size, size): a `Decoder`, say. What it does is told by its ``repr``.
    rows : structured array, shape (n,), optional
        What was learnt of the images when they were read before (`assay.data.examine.rows`).

    Raises
    ------
    UserError
        Where an image is looked up that cannot be read: its file and why.
    """

    def __init__(
        self, paths: Sequence[Path], size: int, read: Read, rows: NDArray[Any] | None = None
    ) -> None:
        self.paths, self.size, self.read, self.rows = tuple(paths), size, read, rows
        self.shape, self.dtype = (len(self.paths), 3, size, size), np.dtype(np.uint8)

    def __getitem__(self, index: Any) -> NDArray[np.uint8]:
        chosen = self._paths(index)
        x = np.empty((len(chosen), *self.shape[1:]), np.uint8)
        with quietly():
            for place, path in enumerate(chosen):
                x[place] = self.read(path, self.size)
        return x

    def subset(self, index: Any) -> ImageFiles:
        """The images at `index` (a slice, a mask or an array of positions), none of them read."""
        rows = None if self.rows is None else self.rows[index]
        return ImageFiles(self._paths(index), self.size, self.read, rows)

    def joined(self, other: Lazy) -> ImageFiles:
        """These images, then others that are read in the same way."""
        if not isinstance(other, ImageFiles) or (other.size, other.read) != (self.size, self.read):
            raise UserError("x: image files of another size or reading; expected the same")
        both = None if self.rows is None or other.rows is None else np.concatenate((self.rows, other.rows))
        return ImageFiles(self.paths + other.paths, self.size, self.read, both)

    def blocks(self, size: int) -> Iterator[NDArray[np.uint8]]:
        """All images in order, `size` at a time, read by threads ahead of what is asked for.

        Raises
        ------
        UserError
            After the last block, if images could not be read, with the first ten of them.
        """
        block, bad = [], []
        for path, found in zip(self.paths, looked_at(self.paths, partial(self.read, size=self.size))):
            if isinstance(found, Unreadable):
                bad.append((shown(path), found.reason))
                continue
            block.append(found)
            if len(block) == size:
                yield np.stack(block)
                block = []
        if block:
            yield np.stack(block)
        if bad:
            raise UserError(unreadable(bad, len(self)))

    def digest(self) -> str:
        """Hash of path, length in bytes and time of change of every file, not of what is in it.

        A set that lies elsewhere, or was touched, counts as another; a file that was changed and given its
        old time and length does not.
        """
        sha = hashlib.sha256(f"{self.size} {self.read!r}".encode())
        for path in self.paths:
            sha.update(b"\n%b %b" % (os.fsencode(path), _stamp(path).encode()))
        return sha.hexdigest()[:20]

    def _paths(self, index: Any) -> list[Path]:
        return [self.paths[place] for place in np.arange(len(self.paths))[index]]


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError as error:
        raise UserError(f"{shown(path)}: {error.strerror}") from None
    return f"{found.st_size} {found.st_mtime_ns}"
