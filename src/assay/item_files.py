"""The files that items were read from: a row an item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

TEXTS = ("paths", "names")
COLUMNS = ("formats", "width", "height", "bytes", "transparent")


@dataclass(frozen=True, eq=False)
class ItemFiles:
    """Picture files, in the order of the items.

    Parameters
    ----------
    paths : tuple of str
    names : tuple of str
        The paths below the folder that was read, as they can be printed.
    formats : text array, shape (n,)
        ``JPEG``, ``PNG`` ...
    width, height : int array, shape (n,)
        In pixels, before they were made square.
    bytes : int array, shape (n,)
        Length of the file.
    transparent : bool array, shape (n,)
    size : int
        Side of the items in pixels.
    background : str
        What transparent ones were composited on.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    formats: NDArray[np.str_]
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    bytes: NDArray[np.int64]
    transparent: NDArray[np.bool_]
    size: int
    background: str

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: Any) -> ItemFiles:
        """The files of the items at `index` (a slice, a mask or an array of positions)."""
        places = np.arange(len(self))[index]
        chosen: dict[str, Any] = {name: getattr(self, name)[places] for name in COLUMNS}
        for name in TEXTS:
            chosen[name] = tuple(getattr(self, name)[place] for place in places)
        return replace(self, **chosen)

    def joined(self, other: ItemFiles) -> ItemFiles:
        """These files, then others."""
        both: dict[str, Any] = {
            name: np.concatenate((getattr(self, name), getattr(other, name))) for name in COLUMNS
        }
        return replace(self, paths=self.paths + other.paths, names=self.names + other.names, **both)
