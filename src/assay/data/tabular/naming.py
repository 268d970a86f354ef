"""Which columns of a table, or arrays of a file, are meant: said by the user, or by their usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from assay.data.spellings import ARRAY_SPELLINGS
from assay.errors import UserError
from assay.table_columns import Features

LABELS = ("label", "labels", "y", "target", "targets", "class")
GROUPS = (*ARRAY_SPELLINGS["group"], "person", "patient")
SPLIT = "split"
NUMBERINGS = ("", "unnamed: 0", "index", "id", "row", "__index_level_0__")
"""Columns that only count rows, if they do."""
SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Options of whatever has columns.

    Parameters
    ----------
    label : str, optional
        The column of the class (in synthetic data: of the condition).
    group : str, optional
        The column of the person, room or recording.
    columns : tuple of str
        Those to learn from; by default all others.
    drop : tuple of str
        Columns to leave out.
    missing : {"refuse", "drop"}
        What to do with rows that lack a number.
    """

    label: str | None = None
    group: str | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    missing: Literal["refuse", "drop"] = "refuse"


@dataclass(frozen=True, kw_only=True)
class Reading(Naming):
    """Options of how what is brought is read.

    Parameters
    ----------
    stream : bool, optional
        Read items where they are looked up (``.npy`` files, data sets in Python); by default if they would
        fill the memory.
    """

    stream: bool | None = None


class Roles(NamedTuple):
    """What each column is for; empty text where there is no such column."""

    label: str
    group: str
    split: str
    features: tuple[str, ...]


def roles(
    names: Sequence[str],
    naming: Naming,
    known: Features | None,
    likely: str = "",
    labelled: bool = True,
) -> Roles:
    """What each column is for.

    Parameters
    ----------
    names : sequence of str
    naming : Naming
    known : Features, optional
        Of the real items that this table must be like: its columns are taken, and a label may be missing.
    likely : str
        A column that its own library calls a class.
    labelled : bool
        Whether there must be a class, though nothing is known of the real items.

    Raises
    ------
    UserError
        If a column is not there, no column can be told to be the class, or none is left to learn from.
    """
    for option in (naming.label, naming.group, *naming.columns, *naming.drop):
        _check_there(option, names)
    label = _label(names, naming, known, likely, labelled)
    left = [name for name in names if name not in (label, *naming.drop, *naming.columns)]
    group = naming.group or _usual(left, (known.group,) if known else GROUPS)
    split = _usual(left, (SPLIT,)) if known is None else ""
    features = _features(names, naming, known, (label, group, split))
    return Roles(label, group, split, features)


def check_different(names: Sequence[Any]) -> None:
    """Raise `UserError` if columns share a name."""
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise UserError(f"column '{name}' is there twice; name every column differently")
        seen.add(name)


def _check_there(name: str | None, names: Sequence[str]) -> None:
    if name is not None and name not in names:
        raise UserError(f"column '{name}': not there; {listed(names)}")


def listed(names: Sequence[str]) -> str:
    """``columns: a, b, c``."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"columns: {', '.join(names[:SHOWN])}{more}"


def _usual(names: Sequence[str], usual: Sequence[str]) -> str:
    """The first column of one of these names, in whatever case."""
    by_name: Mapping[str, str] = {name.strip().casefold(): name for name in reversed(names)}
    return next((by_name[name.casefold()] for name in usual if name and name.casefold() in by_name), "")


def _label(names: Sequence[str], naming: Naming, known: Features | None, likely: str, labelled: bool) -> str:
    if naming.label is not None:
        return naming.label
    if known is not None and (same := _usual(names, (known.label,))):
        return same
    found = [name for name in names if name.strip().casefold() in LABELS and name not in naming.columns]
    taken = {column.name for column in known.columns} if known else set()
    found = [name for name in found if name not in taken]
    if len(found) > 1 and likely not in found:
        raise UserError(f"columns {', '.join(found)}: each may be the class; label={found[0]} says which")
    if labelled and not found and not likely and known is None:
        raise UserError(
            f"no column is called label, y, target or class; label=COLUMN says it ({listed(names)})"
        )
    return likely or (found[0] if found else "")


def _features(
    names: Sequence[str], naming: Naming, known: Features | None, others: Sequence[str]
) -> tuple[str, ...]:
    if known is not None:
        wanted = tuple(column.name for column in known.columns)
        lacking = [name for name in wanted if name not in names]
        if lacking:
            raise UserError(f"column '{lacking[0]}': not there, as in the real data; {listed(names)}")
        return wanted
    left = tuple(name for name in names if name not in others and name not in naming.drop)
    chosen = naming.columns or left
    if not chosen:
        raise UserError(f"no column is left to learn from; {listed(names)}")
    return chosen
