"""Tables in Parquet files, by pyarrow where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assay.data.tabular.table import Table
from assay.errors import UserError
from assay.machine.memory import AS_ARRAYS, check_fits, check_unpacked

SUFFIXES = (".parquet", ".pq")
UNPACKED = 3
"""Bytes of memory that reading takes for each byte of a column."""
LEAST = {"INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "BYTE_ARRAY": 8}
"""Bytes of a value in memory."""


def read_parquet(path: Path) -> Table:
    """The columns of a Parquet file.

    Raises
    ------
    UserError
        If pyarrow is not installed, or the file cannot be read.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise UserError("a Parquet file; pip install 'assay[parquet]' reads it, or save it as .csv") from None
    try:
        size = _unpacked(parquet, path)
        check_fits(UNPACKED * size, "its columns", AS_ARRAYS)
        check_unpacked(size, path.stat().st_size, "its columns")
        stored = parquet.read_table(path)
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"no Parquet file that can be read ({_first_line(error)})") from None
    except Exception as error:  # damaged files raise errors of several kinds
        raise UserError(f"damaged ({_first_line(error)})") from None
    return {name: _values(stored[name]) for name in stored.column_names if name != "__index_level_0__"}


def _unpacked(parquet: Any, path: Path) -> int:
    """Bytes of all columns: as they are told, or at least so many for each value, which may be told once."""
    about = parquet.read_metadata(path)
    told = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
    types = [about.schema.column(place).physical_type for place in range(about.num_columns)]
    return max(int(told), int(about.num_rows * sum(LEAST.get(kind, 1) for kind in types)))


def _values(column: Any) -> Any:
    """Numbers without gaps as an array, all else as Python values."""
    if column.null_count == 0 and str(column.type).startswith(
        ("int", "uint", "float", "double", "bool", "half")
    ):
        return column.to_numpy()
    return _objects(column.to_pylist())


def _objects(values: list[Any]) -> Any:
    import numpy as np

    array = np.empty(len(values), object)
    array[:] = values
    return array


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
