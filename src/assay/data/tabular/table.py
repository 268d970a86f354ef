"""A table (columns by name) to items, labels, groups and parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.own import Own, parts_named
from assay.data.spellings import ARRAY_SPELLINGS
from assay.data.tabular.column import Column, column_of
from assay.data.tabular.encode import encoded, feature_of
from assay.data.tabular.naming import NUMBERINGS, Naming, Roles, roles
from assay.errors import UserError
from assay.findings import Finding
from assay.machine.memory import AS_ARRAYS
from assay.table_columns import Features

MOST_COLUMNS = 100_000
Table = Mapping[str, Any]
"""Columns by name, each of whatever `numpy.asarray` takes."""


def own_of_table(
    table: Table,
    naming: Naming,
    known: Features | None = None,
    classes: Mapping[str, tuple[str, ...]] | None = None,
    labelled: bool = True,
) -> Own:
    """The items of a table.

    Parameters
    ----------
    table : mapping of str to columns of equal length
    naming : Naming
    known : Features, optional
        Of the real items, where this table is of synthetic ones.
    classes : mapping of str to tuple of str, optional
        Names for the numbers of a column.
    labelled : bool
        Whether there must be a class.

    Raises
    ------
    UserError
        If columns are missing, hold no numbers or categories, or lack values.
    """
    names, named = [str(name) for name in table], classes or {}
    likely = next(iter(named)) if len(named) == 1 else ""
    part = "synthetic" if known else ""
    _check_width(names)
    role = roles(names, naming, known, likely, labelled)
    used = _used(role)
    columns = {str(name): column_of(str(name), values) for name, values in table.items() if str(name) in used}
    features, counting = _without_numberings(role.features, columns, bool(naming.columns or known))
    held = [columns[name] for name in features]
    kept, of_missing = _whole_rows(held, naming, part)
    x, read, of_text = _items(held, known, part)
    guessed = Finding("note", "columns", _told(role), part)
    return Own(
        x[kept],
        _labels(columns, role.label)[kept] if role.label else None,
        _groups(columns[role.group])[kept] if role.group else None,
        parts_named(columns[role.split].values[kept].astype(np.str_))[0] if role.split else None,
        named.get(role.label),
        {},
        (guessed, *counting, *of_missing, *of_text),
        Features(read, role.label, role.group) if read else None,
    )


def _check_width(names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise UserError(f"{len(names):,} columns; at most {MOST_COLUMNS:,} are read one by one; {AS_ARRAYS}")


def _used(role: Roles) -> set[str]:
    return {role.label, role.group, role.split, *role.features}


def _told(role: Roles) -> str:
    others = {"class": role.label, "group": role.group, "part": role.split}
    said = [f"{what}: column {name}" for what, name in others.items() if name]
    n = len(role.features)
    return ", ".join([*said, f"{n} column{'s' * (n > 1)} to learn from"])


def _without_numberings(
    names: Sequence[str], columns: Mapping[str, Column], asked: bool
) -> tuple[list[str], list[Finding]]:
    """The columns but those that only count the rows: where rows are sorted by class they give it away."""
    counting = [name for name in names if not asked and _counts(columns[name])]
    message = f"columns that only count the rows are left out: {', '.join(counting)} (columns=... takes them)"
    left = [name for name in names if name not in counting]
    if not left:
        raise UserError(f"column '{counting[0]}' only counts the rows; no other is left to learn from")
    return left, [Finding("note", "columns", message)] * bool(counting)


def _counts(column: Column) -> bool:
    if column.name.strip().casefold() not in NUMBERINGS or column.values.dtype.kind not in "iuf":
        return False
    return column.values.ndim == 1 and len(np.unique(column.values)) == len(column.values)


def _whole_rows(
    columns: Sequence[Column], naming: Naming, part: str
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """The rows to keep: those in which nothing is missing."""
    lacking = np.any([column.missing for column in columns], axis=0)
    if not lacking.any():
        return ~lacking, []
    first = next(column for column in columns if column.missing.any())
    count, n, row = int(lacking.sum()), len(lacking), int(np.argmax(first.missing))
    if naming.missing == "refuse":
        raise UserError(
            f"column '{first.name}': no value in {int(first.missing.sum())} of {n} rows, first in row {row}; "
            f"missing=drop leaves such rows out ({count}), drop={first.name} the column"
        )
    message = f"{count} of {n} rows lack a value: left out"
    return ~lacking, [Finding("warn", "missing", message, part, count, n)]


def _items(
    columns: Sequence[Column], known: Features | None, part: str
) -> tuple[NDArray[Any], tuple[Any, ...], list[Finding]]:
    """Items, the features that they consist of (none if a column holds whole items), and what was done."""
    arrays = [column for column in columns if column.values.ndim > 1]
    meant = [column for column in arrays if column.name.casefold() in ARRAY_SPELLINGS["x"]] or arrays
    if len(meant) > 1:
        names = ", ".join(column.name for column in meant)
        raise UserError(
            f"columns {names}: each holds arrays; columns={meant[0].name} says which are the items"
        )
    if meant and len(columns) > 1 and meant[0].name.casefold() not in ARRAY_SPELLINGS["x"]:
        raise UserError(
            f"column '{meant[0].name}': arrays beside other columns; columns={meant[0].name} takes it alone"
        )
    if meant:
        out = [column.name for column in columns if column is not meant[0]]
        note = Finding(
            "note", "columns", f"column {meant[0].name} holds the items; left out: {', '.join(out)}"
        )
        return meant[0].values, (), [note] * bool(out)
    features = known.columns if known else tuple(feature_of(column, len(column.values)) for column in columns)
    x, found = encoded(columns, features, part)
    return x, features, found


def _labels(columns: Mapping[str, Column], name: str) -> NDArray[Any]:
    """Classes as numbers or text; -1 or nothing where they are missing."""
    column = columns[name]
    if column.values.dtype.kind == "f" and column.values.ndim == 1:
        return np.where(column.missing, -1, column.values)
    return column.values


def _groups(column: Column) -> NDArray[Any]:
    if column.missing.any():
        raise UserError(
            f"column '{column.name}': no group in row {int(np.argmax(column.missing))}; expected one a row"
        )
    return column.values
