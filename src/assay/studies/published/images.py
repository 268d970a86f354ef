"""Published numbers of Tang & Jia (CVPR 2023), looked up by the columns of their tables."""

from __future__ import annotations

import csv
import functools
from importlib.resources import files

SOURCE = "Tang & Jia, CVPR 2023"


@functools.cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """Rows of ``blender_TABLE.csv``."""
    text = (files(__package__) / f"blender_{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def row(table: str, **columns: str) -> dict[str, str]:
    """The first row with these values, empty if there is none."""
    found = (row for row in rows(table) if all(row[name] == value for name, value in columns.items()))
    return next(found, {})


def numbers(found: dict[str, str], names: dict[str, str]) -> dict[str, float]:
    """Per cent by the name of our measure, of the columns that `names` maps to it and that hold a number."""
    return {ours: float(found[theirs]) for theirs, ours in names.items() if found.get(theirs)}
