"""Rows as a table of the library that is there."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from assay.data.columns import Columns


def frame_of(rows: Sequence[dict[str, Any]]) -> Any:
    """A pandas DataFrame if pandas is installed, else one of polars, else the rows themselves."""
    if find_spec("pandas"):
        return import_module("pandas").DataFrame(list(rows))
    if find_spec("polars"):
        return import_module("polars").DataFrame(list(rows), infer_schema_length=None)
    return list(rows)


def columns_of(rows: Sequence[dict[str, Any]]) -> Columns:
    """Every key that a row has as a column of text or numbers; empty where a row lacks it."""
    keys = dict.fromkeys(key for row in rows for key in row)
    return {key: np.array([_blank(row.get(key)) for row in rows], dtype=object) for key in keys}


def _blank(value: Any) -> Any:
    return "" if value is None else value
