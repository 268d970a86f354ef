"""Tables as text: commas, semicolons or tabs between values, names in the first line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from assay.data.first_bytes import format_of
from assay.data.tabular.naming import check_different
from assay.data.tabular.table import Table
from assay.errors import UserError
from assay.files import content_of, size_of
from assay.findings import Finding
from assay.machine.memory import AS_ARRAYS, check_fits

SUFFIXES = (".csv", ".tsv")
MARKS = ",;\t|"
UNPACKED = 12
"""Bytes of memory that reading takes for each byte of text: lines, values and columns are there together."""


def read_delimited(path: Path) -> tuple[Table, list[Finding]]:
    """The columns of a text file; without names in its first line they are called by their place, from 0.

    Raises
    ------
    UserError
        If it cannot be read, is no text in UTF-8, or rows have other lengths than the first.
    """
    text = _text(path)
    csv.field_size_limit(1 << 24)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text)))
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(map(str.strip, line))]
    if len(numbered) < 2:
        raise UserError("no rows; expected names in the first line and an item in each other")
    has_names = not all(map(_is_number, numbered[0][1]))
    names = (
        [name.strip() for name in numbered[0][1]] if has_names else list(map(str, range(len(numbered[0][1]))))
    )
    check_different(names)
    rows = numbered[1:] if has_names else numbered
    odd = next(((number, line) for number, line in rows if len(line) != len(names)), None)
    if odd:
        raise UserError(f"line {odd[0]}: {len(odd[1])} values; the first line has {len(names)}")
    message = "no names in the first line: columns are called 0, 1, 2 and so on (label=4, say)"
    columns = zip(*(line for _, line in rows))
    table = {name: np.array(column, np.str_) for name, column in zip(names, columns)}
    return table, [Finding("note", "columns", message)] * (not has_names)


def _text(path: Path) -> str:
    kind = format_of(path) if path.is_file() else None
    if kind and kind.name not in ("CSV of numbers", "text"):
        raise UserError(f"{kind.name}: {kind.way}")
    if path.is_file():
        check_fits(
            UNPACKED * path.stat().st_size, f"a table of {size_of(path.stat().st_size)} as text", AS_ARRAYS
        )
    try:
        return content_of(path, "a table").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"not text in UTF-8 (byte {error.start}); save it as UTF-8") from None


def _mark(text: str) -> str:
    """What stands between values: the most frequent mark of the first line, or a comma."""
    first = text.lstrip().partition("\n")[0]
    return max(MARKS, key=lambda mark: (first.count(mark), -MARKS.index(mark)))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
