"""Items of somebody's data set, read once; kept if they fit in memory, else read again when looked up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.item_numbers import ODD_NUMBERS, odd_numbers
from assay.lazy import Lazy
from assay.machine.memory import fills

Read = Callable[[int], NDArray[Any]]
"""Of the place of an item."""
TWICE = 8
"""So many items are read twice, to find out whether they change."""
HASH = 8


def read_all(read: Read, n: int, stream: bool | None = None) -> NDArray[Any]:
    """Items 0 to n - 1, as an array or as `LookedUp` ones.

    Parameters
    ----------
    read : callable
        Place to item.
    n : int
        One or more.
    stream : bool, optional
        Keep no numbers, and read items again when they are looked up; by default where they would fill more
        than half of the memory in training.

    Raises
    ------
    UserError
        If an item cannot be read, has another shape than the first, holds no numbers or none that are finite,
        or changes from one time to the next.
    """
    if not n:
        raise UserError("no items")
    _check_steady(read, n)
    first = read(0)
    if stream is None:
        stream = fills(n * first.nbytes, n * first.size)
    if not stream:
        x = np.empty((n, *first.shape), first.dtype)
        for place in range(n):
            x[place] = _checked(read(place), place, first)
        return x
    hashes = np.array([_hash(_checked(read(place), place, first)) for place in range(n)], f"S{2 * HASH}")
    return cast(NDArray[Any], LookedUp(read, np.arange(n), hashes, first.shape, first.dtype))


def _check_steady(read: Read, n: int) -> None:
    for place in np.unique(np.linspace(0, n - 1, min(n, TWICE)).astype(int)).tolist():
        if _hash(read(place)) != _hash(read(place)):
            raise UserError(
                f"item {place} changes each time it is read (a random transform?); take that out: "
                "training augments on request (augment=strong)"
            )


def _checked(item: NDArray[Any], place: int, first: NDArray[Any]) -> NDArray[Any]:
    if item.shape != first.shape:
        raise UserError(f"item {place}: shape {item.shape}; item 0 has {first.shape}")
    if item.dtype.kind in "fc" and odd_numbers(item).any():
        raise UserError(f"item {place}: {ODD_NUMBERS}")
    return item


def _hash(item: NDArray[Any]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(item).tobytes(), digest_size=HASH).hexdigest().encode()


class LookedUp(Lazy):
    """Items that a function reads every time they are looked up.

    Parameters
    ----------
    read : callable
    places : int array, shape (n,)
        What it is asked for.
    hashes : bytes array, shape (n,)
        Of each item, as it was read first.
    shape : tuple of int
        Of one item.
    dtype : numpy dtype

    Raises
    ------
    UserError
        Where an item is looked up that is not what it was.
    """

    def __init__(
        self,
        read: Read,
        places: NDArray[np.int64],
        hashes: NDArray[np.bytes_],
        shape: Sequence[int],
        dtype: np.dtype[Any],
    ) -> None:
        self.read, self.places, self.hashes = read, places, hashes
        self.shape, self.dtype = (len(places), *shape), dtype

    def __getitem__(self, index: Any) -> NDArray[Any]:
        chosen = self.subset(index)
        x = np.empty(chosen.shape, self.dtype)
        for row, (place, known) in enumerate(zip(chosen.places.tolist(), chosen.hashes.tolist())):
            x[row] = item = self.read(place)
            if _hash(item) != known:
                raise UserError(f"item {place} is not what it was when the data set was first read")
        return x

    def subset(self, index: Any) -> LookedUp:
        """The items at `index`, none of them read."""
        return LookedUp(self.read, self.places[index], self.hashes[index], self.shape[1:], self.dtype)

    def joined(self, other: Lazy) -> LookedUp:
        """These items, then others of the same shape."""
        if not isinstance(other, LookedUp) or (other.shape[1:], other.dtype) != (self.shape[1:], self.dtype):
            raise UserError("x: items that are read in different ways cannot be put together")
        hashes = np.concatenate((self.hashes, other.hashes))
        if other.read is self.read:
            places = np.concatenate((self.places, other.places))
            return LookedUp(self.read, places, hashes, self.shape[1:], self.dtype)
        both = _Both(self.read, other.read, int(self.places.max(initial=-1)) + 1)
        places = np.concatenate((self.places, other.places + both.first))
        return LookedUp(both, places, hashes, self.shape[1:], self.dtype)

    def digest(self) -> str:
        """Hash of the numbers of all items."""
        return hashlib.sha256(self.hashes.tobytes()).hexdigest()[:20]


class _Both:
    """Two functions that read, the places of the second after those of the first."""

    def __init__(self, one: Read, other: Read, first: int) -> None:
        self.one, self.other, self.first = one, other, first

    def __call__(self, place: int) -> NDArray[Any]:
        return self.one(place) if place < self.first else self.other(place - self.first)
