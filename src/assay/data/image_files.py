"""Image files as an array that is decoded where it is looked up: for sets larger than the memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.folder_tree import shown
from assay.data.picture import quietly
from assay.errors import UserError
from assay.lazy import Lazy

Read = Callable[[Path, int], NDArray[np.uint8]]


class ImageFiles(Lazy):
    """Images of (3, size, size) in [0, 255], uint8, each read from its file every time it is looked up.

    Parameters
    ----------
    paths : sequence of Path
    size : int
        Side in pixels.
    read : callable
        Path and size to the image (3, size, size): an `assay.data.decode.Decoder`. What it does is told by
        its ``repr``.

    Raises
    ------
    UserError
        Where an image is looked up that cannot be read: its file and why.
    """

    def __init__(self, paths: Sequence[Path], size: int, read: Read) -> None:
        self.paths, self.size, self.read = tuple(paths), size, read
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
        return ImageFiles(self._paths(index), self.size, self.read)

    def joined(self, other: Lazy) -> ImageFiles:
        """These images, then others that are read in the same way."""
        if not isinstance(other, ImageFiles) or (other.size, other.read) != (self.size, self.read):
            raise UserError("x: image files of another size or reading; expected the same")
        return ImageFiles(self.paths + other.paths, self.size, self.read)

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
