"""A table of items by class, real beside synthetic, each strip with the names of what is on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.quality.shown import CLASSES_SHOWN
from assay.report.contact_sheet import reading_note, strip_pictures, tiles_in_strip
from assay.report.drawing import Picture
from assay.report.item_names import called
from assay.types import UNKNOWN

TITLES = {"real": "real", "synthetic": "synthetic (condition = class)"}
ALTS = {"real": "Real items", "synthetic": "Synthetic items"}


@dataclass(frozen=True)
class Strip:
    """Items side by side, and what is to be said of them."""

    picture: Picture
    words: str


@dataclass(frozen=True)
class SheetRow:
    """The items of one class, a strip for every column; None where it has none."""

    name: str
    strips: tuple[Strip | None, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows, what their columns are, and what a reader must know to read them."""

    columns: tuple[str, ...]
    rows: list[SheetRow]
    note: str

    @property
    def width(self) -> int:
        """Pixels of the widest strip: all shrink alike, so that items keep one scale on narrow screens."""
        return max((s.picture.width for row in self.rows for s in row.strips if s), default=0)


def first_items(task: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Sheet:
    """The first items of every class, real and synthetic on one scale.

    Parameters
    ----------
    task : mapping
        Its kind, normalise and classes.
    arrays : mapping
        real_x, real_y and, if there are any, synthetic_x, synthetic_y; the items' names, real_names and
        synthetic_names, where they are known.
    """
    parts = [part for part in TITLES if f"{part}_x" in arrays]
    shape, classes = arrays["real_x"].shape[1:], task["classes"]
    places = [_places(arrays[f"{part}_y"], tiles_in_strip(shape, task["kind"])) for part in parts]
    groups = [
        {label: arrays[f"{part}_x"][index] for label, index in of_part.items()}
        for part, of_part in zip(parts, places)
    ]
    drawn = strip_pictures(groups, task["kind"], task["normalise"])
    shown = [*range(min(len(classes), CLASSES_SHOWN)), *([UNKNOWN] if UNKNOWN in drawn[-1] else [])]

    def strip(column: int, label: int) -> Strip | None:
        if label not in drawn[column]:
            return None
        part, index = parts[column], places[column][label]
        names = arrays[f"{part}_names"][index] if f"{part}_names" in arrays else ()
        picture = replace(drawn[column][label], alt=f"{ALTS[part]}: {class_named(classes, label)}")
        return Strip(picture, called([str(name) for name in names]) if len(names) else "")

    rows = [
        SheetRow(class_named(classes, label), tuple(strip(column, label) for column in range(len(parts))))
        for label in shown
    ]
    note = f"The first items of each class, not chosen. {reading_note(task, shape)}"
    return Sheet(tuple(TITLES[part] for part in parts), rows, note)


def _places(y: NDArray[Any], most: int) -> dict[int, NDArray[np.int64]]:
    """Of the first items of every class that is shown."""
    labels = [int(label) for label in np.unique(y) if label < CLASSES_SHOWN]
    return {label: np.flatnonzero(y == label)[:most] for label in labels}


def class_named(classes: Sequence[str], label: int) -> str:
    """A class, or that none was given."""
    return "condition not given" if label == UNKNOWN else classes[label]
