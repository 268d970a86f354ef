"""Items that are kept for pictures: a few of each part of the data, with what they are called."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.data.npz import read_arrays
from assay.errors import UserError
from assay.types import UNKNOWN, Kind, Samples

FIRST, SET, BYTES = 8, 200, 4_000_000
"""Items of a class that are seen one by one, others that are drawn as a set, and bytes of these, at most."""


class Few(NamedTuple):
    """A few items of one part: their places in it, ascending, what they hold, class or -1, and names."""

    places: NDArray[np.int64]
    x: NDArray[Any]
    y: NDArray[np.int64]
    names: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Pictured:
    """A few items of some parts, looked up by part and place."""

    parts: Mapping[str, Few]

    def has(self, part: str, places: Iterable[int]) -> bool:
        """Whether all of these items are here."""
        return part in self.parts and set(places) <= set(self.parts[part].places.tolist())

    def x(self, part: str, places: Sequence[int] | NDArray[np.int64]) -> NDArray[Any]:
        """The items at these places of a part, (n, *shape)."""
        at = self._at(part, places)
        found: NDArray[Any] = self.parts[part].x[at]
        return found

    def y(self, part: str, place: int) -> int:
        """The class of an item, -1 where unknown."""
        at = self._at(part, [place])
        return int(self.parts[part].y[at[0]])

    def names(self, part: str, places: Sequence[int] | NDArray[np.int64]) -> list[str]:
        """What they are called."""
        at = self._at(part, places)
        return [str(name) for name in self.parts[part].names[at]]

    def _at(self, part: str, places: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Where items are among the few; `UserError` if one is not, as what names it is damaged then."""
        if not self.has(part, map(int, places)):
            raise UserError(
                f"{part}: an item that was not kept for pictures; the files are damaged: make them again"
            )
        return np.asarray(np.searchsorted(self.parts[part].places, places))

    def content(self) -> bytes:
        """As an ``.npz`` file."""
        buffer = io.BytesIO()
        arrays = {f"{part}_{key}": getattr(few, key) for part, few in self.parts.items() for key in KEYS}
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()


KEYS = Few._fields


def pictured(parts: Mapping[str, Samples], wanted: Mapping[str, Iterable[int]]) -> Pictured:
    """The items at the `wanted` places of each part, in any order."""
    found = {}
    for part, places in wanted.items():
        index = np.unique(np.fromiter(places, np.int64))
        if len(index):
            some = parts[part][index]
            found[part] = Few(index, np.asarray(some.x), some.y, names_of(parts[part], index))
    return Pictured(found)


def some_of_each(samples: Samples, classes: int, kind: Kind) -> NDArray[np.int64]:
    """Places of the first items of every class; of vectors and signals others too, evenly from all of it.

    Images are seen one by one; vectors and signals say little alone, and are drawn as sets.
    """
    labels = range(classes) if (samples.y >= 0).any() else [UNKNOWN]
    of_class = np.dtype(samples.x.dtype).itemsize * math.prod(samples.shape) * len(labels)
    more = 0 if kind == "image" else min(SET, BYTES // of_class)
    return np.concatenate([_some(np.flatnonzero(samples.y == label), more) for label in labels])


def _some(places: NDArray[np.int64], more: int) -> NDArray[np.int64]:
    first, rest = places[:FIRST], places[FIRST:]
    chosen = np.linspace(0, len(rest) - 1, min(more, len(rest))).round().astype(np.int64)
    return np.concatenate([first, rest[chosen]])


def names_of(samples: Samples, places: NDArray[np.int64]) -> NDArray[np.str_]:
    """The files of items, or their places where they have none."""
    files = samples.files
    return np.array([files.names[i] if files else f"item {i}" for i in places.tolist()], dtype=np.str_)


def read_pictured(path: Path, classes: int) -> Pictured | None:
    """The items of so many classes of a file that `Pictured.content` is in; None where there is none.

    Raises
    ------
    UserError
        If it is damaged.
    """
    if not path.is_file():
        return None
    arrays = read_arrays(path, lambda keys: keys)
    parts = [key.removesuffix("_places") for key in arrays if key.endswith("_places")]
    try:
        found = {part: Few(*(arrays[f"{part}_{key}"] for key in KEYS)) for part in parts}
    except KeyError as error:
        raise UserError(f"{path}: damaged ({error.args[0]}: not there); remove it") from None
    for part, few in found.items():
        if not _fits(few, classes):
            raise UserError(
                f"{path}: damaged ({part}: places, items, classes and names do not fit); remove it"
            )
    return Pictured(found)


def _fits(few: Few, classes: int) -> bool:
    whole = all(numbers.dtype.kind == "i" and numbers.ndim == 1 for numbers in (few.places, few.y))
    known = whole and few.x.ndim > 1 and few.x.dtype.kind in "uif" and few.names.dtype.kind == "U"
    of_classes = whole and bool(((few.y >= UNKNOWN) & (few.y < classes)).all())
    return known and of_classes and len({*map(len, few)}) == 1 and bool((np.diff(few.places) > 0).all())
