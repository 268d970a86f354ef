"""Items that are made when they are looked up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Lazy(ABC):
    """Items that are made when they are looked up: what `Samples.x` may be where an array would be too large.

    Attributes
    ----------
    shape : tuple of int
        (n, *shape), as an array's.
    dtype : numpy dtype
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @abstractmethod
    def __getitem__(self, index: Any) -> NDArray[Any]:
        """The items at `index` (a slice, a mask or an array of positions), made now."""

    @abstractmethod
    def subset(self, index: Any) -> Self:
        """The items at `index`, none of them made."""

    @abstractmethod
    def joined(self, other: Lazy) -> Self:
        """These items, then others of the same sort."""

    @abstractmethod
    def digest(self) -> str:
        """A hash that changes when the items do."""

    def blocks(self, size: int) -> Iterator[NDArray[Any]]:
        """All items in order, `size` at a time."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def ndim(self) -> int:
        """Axes, the first included."""
        return len(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All items at once: for code that walks over few of them."""
        del copy
        return self[:] if dtype is None else self[:].astype(dtype)


def lazy(x: Any) -> Lazy | None:
    """`x` if it is lazy, None if it is an array."""
    return x if isinstance(x, Lazy) else None
