"""Data frames: whatever has columns, as pandas and polars have them."""

from __future__ import annotations

from typing import Any

import numpy as np

from assay.data.tabular.naming import check_different
from assay.data.tabular.table import Table
from assay.errors import UserError


def is_frame(data: Any) -> bool:
    """Whether an object is a data frame."""
    return hasattr(type(data), "columns") and hasattr(type(data), "dtypes")


def table_of_frame(data: Any) -> Table:
    """The columns of a frame.

    Raises
    ------
    UserError
        If it is not collected yet, or columns share a name.
    """
    if hasattr(data, "collect") and not hasattr(data, "to_numpy"):
        raise UserError("a frame that is not collected yet; give frame.collect()")
    names = list(data.columns)
    odd = next((name for name in names if isinstance(name, tuple)), None)
    if odd is not None:
        raise UserError(f"column {odd}: names of several levels; give every column one name")
    check_different(names)
    return {str(name): _values(data[name]) for name in names}


def _values(column: Any) -> Any:
    """Numbers as an array, all else as Python values."""
    values = column.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufcMm":
        return values
    values = np.empty(len(column), object)
    values[:] = column.to_list()
    return values
