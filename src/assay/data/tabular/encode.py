"""Columns to the numbers of an item: numbers as they are, a 0 or 1 for each category of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.tabular.column import Column
from assay.data.tabular.naming import listed
from assay.errors import UserError
from assay.findings import Finding
from assay.table_columns import Feature, Features

MOST = 50
"""Categories of a text; a text with more is a name or a sentence."""


def feature_of(column: Column, n: int) -> Feature:
    """What a column becomes: one number, or one for each of its categories.

    Raises
    ------
    UserError
        If it holds dates, or texts that are no categories.
    """
    if column.values.dtype.kind in "Mm":
        raise UserError(f"column '{column.name}': dates; drop={column.name} leaves it out, or give numbers")
    if not column.is_text:
        return Feature(column.name)
    found = tuple(sorted(set(column.values.tolist()) - {""}))
    if len(found) > min(MOST, max(n // 2, 2)):
        raise UserError(
            f"column '{column.name}': {len(found)} different texts in {n} rows are no categories; "
            f"drop={column.name} leaves it out"
        )
    return Feature(column.name, found)


def encoded(
    columns: Sequence[Column], features: Sequence[Feature], part: str = ""
) -> tuple[NDArray[np.float32], list[Finding]]:
    """The items of a table, shape (n, numbers), and what was done to texts.

    Raises
    ------
    UserError
        If a column of numbers holds text, or the other way round.
    """
    with np.errstate(over="ignore"):
        blocks = [_block(column, feature) for column, feature in zip(columns, features)]
    where = f"{part}: " if part else ""
    words = [f"{f.name} ({len(f.categories)})" for f in features if f.categories]
    note = f"{where}text columns read as categories, a 0 or 1 for each: {', '.join(words)}"
    notes = [Finding("note", "categories", note, part)] * bool(words)
    return np.concatenate(blocks, 1), [*notes, *_strange(columns, features, part)]


def reordered(x: NDArray[Any], features: Features | None, known: Features | None) -> NDArray[Any]:
    """Items of a table in the order of another one's columns; 0 for categories that are not among theirs.

    Items stay as they are if it is not known what their numbers are, or those of the other table.

    Raises
    ------
    UserError
        If a column of the other table is not there.
    """
    if features is None or known is None or features.columns == known.columns:
        return x
    there = {column.name: bool(column.categories) for column in features.columns}
    for name, categories in known.columns:
        if there.get(name) is not bool(categories):
            sort = "text" if categories else "numbers"
            raise UserError(f"column '{name}': not there, as {sort}; {listed(list(there))}")
    places = {number: place for place, number in enumerate(features.numbers)}
    wanted = [places.get(number, len(places)) for number in known.numbers]
    return np.concatenate((x, np.zeros((len(x), 1), x.dtype)), 1)[:, wanted]


def _block(column: Column, feature: Feature) -> NDArray[np.float32]:
    if column.is_text != bool(feature.categories):
        said = ("text", "numbers") if column.is_text else ("numbers", "text")
        raise UserError(f"column '{column.name}': {said[0]}; the real data has {said[1]} there")
    if not feature.categories:
        return column.values.astype(np.float32)[:, None]
    same: NDArray[np.bool_] = column.values[:, None] == np.array(feature.categories)
    return same.astype(np.float32)


def _strange(columns: Sequence[Column], features: Sequence[Feature], part: str) -> list[Finding]:
    """A warning of each text that the real data has not: all its categories are 0."""
    found = []
    for column, feature in zip(columns, features):
        if not feature.categories:
            continue
        new = sorted(set(column.values.tolist()) - {*feature.categories, ""})
        count, n = int(np.isin(column.values, new).sum()), len(column.values)
        words = f"{part}: column '{column.name}': {', '.join(new[:5])}: in no real row ({count} of {n})"
        found += [Finding("warn", "categories", words, part, count, n, touches=words)] * bool(new)
    return found
