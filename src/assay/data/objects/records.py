"""Tables that no library holds: a list of rows, a dict of columns, an array with names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.data.spellings import ARRAY_SPELLINGS
from assay.data.tabular.table import Table
from assay.errors import UserError

SCALARS = (int, float, str, bytes, bool, np.generic, type(None))


def table_of_records(data: Any) -> Table | None:
    """The columns of what is such a table, none of anything else.

    Raises
    ------
    UserError
        If rows or columns differ in what they have.
    """
    if isinstance(data, Mapping):
        return _of_columns(data) if _is_columns(data) else None
    if isinstance(data, list) and data and all(map(_is_row, data)):
        return _of_rows(data)
    names = getattr(getattr(data, "dtype", None), "names", None)
    return {name: data[name] for name in names} if names and np.ndim(data) == 1 else None


def _is_row(row: Any) -> bool:
    return isinstance(row, Mapping) and all(isinstance(value, SCALARS) for value in row.values())


def _of_rows(rows: list[Mapping[Any, Any]]) -> Table:
    names = list(rows[0])
    odd = next((place for place, row in enumerate(rows) if set(row) != set(names)), None)
    if odd is not None:
        name = sorted(map(str, set(rows[odd]) ^ set(names)))[0]
        raise UserError(f"row {odd}: column '{name}' is there or in row 0 alone; expected the same columns")
    return {str(name): _objects([row[name] for row in rows]) for name in names}


def _is_columns(data: Mapping[Any, Any]) -> bool:
    """Whether no key is called like items, and each holds one value a row."""
    names = {str(key).casefold() for key in data}
    if len(data) < 2 or names & set(ARRAY_SPELLINGS["x"]):
        return False
    return all(_is_column(values) for values in data.values())


def _is_column(values: Any) -> bool:
    if hasattr(values, "shape"):
        return len(values.shape) == 1
    return isinstance(values, list | tuple) and all(isinstance(value, SCALARS) for value in values)


def _of_columns(data: Mapping[Any, Any]) -> Table:
    lengths = {str(name): len(values) for name, values in data.items()}
    first, n = next(iter(lengths.items()))
    odd = next((name for name, length in lengths.items() if length != n), None)
    if odd:
        raise UserError(f"column '{odd}': {lengths[odd]} values; column '{first}' has {n}")
    return {
        str(name): values if hasattr(values, "shape") else _objects(values) for name, values in data.items()
    }


def _objects(values: Any) -> Any:
    array = np.empty(len(values), object)
    array[:] = values
    return array
