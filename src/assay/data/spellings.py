"""Names that people give to parts of a data set and to the arrays of a file, read as the house's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import UserError

PARTS = ("labelled", "shots", "unlabelled", "validation", "test")
PART_SPELLINGS = {
    "labelled": ("labelled", "labeled", "train", "training", "tr"),
    "shots": ("shots", "shot"),
    "unlabelled": ("unlabelled", "unlabeled", "unsupervised"),
    "validation": ("validation", "valid", "val", "dev", "va"),
    "test": ("test", "testing", "eval", "te"),
}
ARRAY_SPELLINGS = {
    "x": ("x", "data", "images", "image", "imgs", "features", "inputs", "samples", "signals", "csi", "arr0"),
    "y": ("y", "labels", "label", "targets", "target", "arr1"),
    "group": ("group", "groups", "subject", "subjects", "user", "users", "recording", "recordings"),
}
TABLE = "table_columns"
"""The array that says what each number of a table's items is: a column, and the category it is 1 for."""
OTHER_KEYS = ("split", "classes", "kind", "normalise", "axes", "origin", TABLE)


def part_named(name: str) -> str | None:
    """The part that is spelled like this, in whatever case: ``Train`` is labelled, ``val`` is validation."""
    spelling = name.strip().casefold()
    return next((part for part, known in PART_SPELLINGS.items() if spelling in known), None)


class Source(NamedTuple):
    """An array of a file: what it holds, of which part ("": of all), its key there, how odd its spelling."""

    what: str
    part: str
    key: str
    rank: int


def sources(keys: Sequence[str]) -> list[Source]:
    """Which arrays of a file to read: those without a part in their name, or those of each part.

    Raises
    ------
    UserError
        If no array is called like items.
    """
    # sorted, so that the house's own spelling comes last and stays
    found = sorted(filter(None, map(_source, keys)), key=lambda source: -source.rank)
    best = {(source.what, source.part): source for source in found}
    if ("x", "") in best:
        return [best[what, ""] for what in ARRAY_SPELLINGS if (what, "") in best]
    parts = [part for part in PARTS if ("x", part) in best]
    if not parts:
        raise UserError(f"x: missing; the file has {', '.join(sorted(keys)) or 'nothing'}")
    return [best[what, part] for part in parts for what in ARRAY_SPELLINGS if (what, part) in best]


def _source(key: str) -> Source | None:
    key_of_numpy = re.sub(
        r"^arr_(?=[01]$)", "arr", key
    )  # as `numpy.savez` calls what it is given no name for
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key_of_numpy).casefold().split("_")
    parts = [part for word in words if (part := part_named(word))]
    whats = [
        (name, known.index(word))
        for word in words
        for name, known in ARRAY_SPELLINGS.items()
        if word in known
    ]
    if len(whats) != 1 or len(parts) > 1 or len(words) > len(parts) + 1:
        return None
    return Source(whats[0][0], "".join(parts), key, whats[0][1])
