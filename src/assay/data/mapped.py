"""Items in an ``.npy`` file that would fill the memory: looked up there, block by block, and never held."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.item_numbers import ODD_NUMBERS, odd_numbers
from assay.lazy import Lazy

AT_ONCE = 2**24
"""Bytes that are read at a time where all items are walked over."""
FEW, SCATTERED = 64, 2**18
"""Items, or bytes if these are more items, that are looked up at a time."""


class View(NamedTuple):
    """An array in a file, whatever was turned of it.

    Attributes
    ----------
    path : str
    dtype : str
    offset : int
        Bytes before its first number.
    shape, strides : tuple of int
    """

    path: str
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of all items."""
        return max(1, np.dtype(self.dtype).itemsize * math.prod(self.shape))

    def open(self) -> NDArray[Any]:
        """The array; the file is let go with it, and with the file the memory of all that was looked at.

        Raises
        ------
        UserError
            If the file is gone, or shorter than it was.
        """
        try:
            content = np.memmap(self.path, np.uint8, "r")
            return np.ndarray(self.shape, self.dtype, content.data, self.offset, self.strides)
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{self.path}: is not what it was when it was first read ({error})") from None


def mapped(array: np.memmap[Any, Any]) -> Mapped:
    """The items of a memory-mapped array, each of them looked at once.

    Raises
    ------
    UserError
        If a number is not finite in float32.
    """
    address, start = (part.__array_interface__["data"][0] for part in (array, _whole(array)))
    offset = int(_whole(array).offset) + address - start
    view = View(str(Path(str(array.filename)).resolve()), array.dtype.str, offset, array.shape, array.strides)
    return Mapped(view, np.arange(len(array)), _looked_over(view))


def _whole(array: np.memmap[Any, Any]) -> np.memmap[Any, Any]:
    """The array as it was opened, which knows where in the file it begins."""
    base = array.base
    return _whole(base) if isinstance(base, np.memmap) else array


def _looked_over(view: View) -> str:
    """The hash of all items in their order."""
    sha = hashlib.blake2b(repr((view.dtype, view.shape)).encode(), digest_size=16)
    step = max(1, AT_ONCE * view.shape[0] // view.size)
    for start in range(0, view.shape[0], step):
        block = np.ascontiguousarray(view.open()[start : start + step])
        if block.dtype.kind in "fc":
            bad = np.argwhere(odd_numbers(block))
            if len(bad):
                where = f"first in item {start + bad[0, 0]}"
                raise UserError(f"x: {ODD_NUMBERS}, {where}")
        sha.update(block.data)
    return sha.hexdigest()


class Mapped(Lazy):
    """Items of a file.

    Parameters
    ----------
    view : View
    places : int array, shape (n,)
        Which of them.
    content : str
        The hash of the whole view.
    """

    def __init__(self, view: View, places: NDArray[np.int64], content: str) -> None:
        self.view, self.places, self.content = view, places, content
        self.shape, self.dtype = (len(places), *view.shape[1:]), np.dtype(view.dtype)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        places = self.places[index]
        x = np.empty((len(places), *self.shape[1:]), self.dtype)
        step = max(FEW, SCATTERED * self.view.shape[0] // self.view.size)
        # block by block: a system may map megabytes around each item until the view is let go
        for start in range(0, len(places), step):
            x[start : start + step] = self.view.open()[places[start : start + step]]
        return x

    def subset(self, index: Any) -> Mapped:
        """The items at `index`, none of them read."""
        return Mapped(self.view, self.places[index], self.content)

    def joined(self, other: Lazy) -> Mapped:
        """These items, then others of the same file."""
        if not isinstance(other, Mapped) or other.view != self.view:
            raise UserError("x: items of different files cannot be put together while they are streamed")
        return Mapped(self.view, np.concatenate((self.places, other.places)), self.content)

    def digest(self) -> str:
        """Hash of the content of the file and of the places."""
        sha = hashlib.sha256(self.content.encode())
        sha.update(np.ascontiguousarray(self.places).data)
        return sha.hexdigest()[:20]
