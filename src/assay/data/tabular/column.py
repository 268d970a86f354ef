"""One column of a table, whatever library holds it, as numbers, text or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

NOTHING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "?")
"""How files write that a number is missing."""
NOT_AVAILABLE = ("NoneType", "NAType", "NaTType")


class Column(NamedTuple):
    """Values of one sort.

    Attributes
    ----------
    name : str
    values : array, shape (n,) or (n, *shape)
        Numbers, booleans, text, or dates.
    missing : bool array, shape (n,)
    """

    name: str
    values: NDArray[Any]
    missing: NDArray[np.bool_]

    @property
    def is_text(self) -> bool:
        """Whether it holds words."""
        return self.values.dtype.kind == "U"


def column_of(name: str, raw: Any) -> Column:
    """A column as numpy holds it.

    Raises
    ------
    UserError
        If its values are of several sorts, or no numbers, text or arrays.
    """
    values = np.asarray(raw)
    if values.dtype.kind == "O":
        return _of_objects(name, values.tolist())
    if values.dtype.kind in "US" or type(values.dtype).__name__ == "StringDType":
        return _of_text(name, np.char.strip(values.astype(np.str_)))
    if values.dtype.kind == "f" and values.ndim == 1:
        return Column(name, values, np.isnan(values))
    if values.dtype.kind in "biufcMm":
        return Column(name, values, np.zeros(len(values), np.bool_))
    raise UserError(f"column '{name}': {values.dtype}; expected numbers or text")


def _of_text(name: str, text: NDArray[np.str_]) -> Column:
    """Words, or numbers if all of them are, what is missing apart."""
    nothing = np.isin(np.char.lower(text), NOTHING)
    numbers = _numbers(text[~nothing])
    if numbers is None or not len(numbers):
        return Column(name, text, text == "")
    values = np.full(len(text), np.nan) if nothing.any() else np.zeros(len(text), numbers.dtype)
    values[~nothing] = numbers
    return Column(name, values, nothing)


def _numbers(text: NDArray[np.str_]) -> NDArray[Any] | None:
    for kind in (np.int64, np.float64):
        try:
            return text.astype(kind)
        except (ValueError, OverflowError):
            continue
    return None


def _of_objects(name: str, values: Sequence[Any]) -> Column:
    missing = np.array([_is_nothing(value) for value in values], np.bool_)
    there = [value for value, none in zip(values, missing) if not none]
    if all(isinstance(value, str | bytes) for value in there):
        words = ["" if none else _decoded(value) for value, none in zip(values, missing)]
        return _of_text(name, np.char.strip(np.array(words, np.str_)))
    if all(np.ndim(value) == 0 for value in there):
        return _of_scalars(name, values, missing, there)
    if missing.any():
        raise UserError(
            f"column '{name}': no array in row {int(np.argmax(missing))}; fill it, or leave it out"
        )
    try:
        stacked = np.stack([np.asarray(value) for value in there])
    except ValueError:
        raise UserError(f"column '{name}': arrays of several shapes; expected one shape") from None
    if stacked.dtype.kind == "O":
        stacked = _of_nested(name, stacked)
    return Column(name, stacked, missing)


def _of_nested(name: str, stacked: NDArray[Any]) -> NDArray[Any]:
    """Lists of lists, which arrow gives as arrays of arrays."""
    try:
        return np.array(stacked.tolist(), np.float32)
    except (ValueError, TypeError):
        raise UserError(
            f"column '{name}': no arrays of numbers of one shape; drop={name} leaves it out"
        ) from None


def _of_scalars(name: str, values: Sequence[Any], missing: NDArray[np.bool_], there: Sequence[Any]) -> Column:
    sorts = {np.asarray(value).dtype.kind for value in there}
    if sorts == {"b"} and not missing.any():
        return Column(name, np.array(values, np.bool_), missing)
    if sorts <= set("iu") and not missing.any():
        return Column(name, np.array(values, np.int64), missing)
    if sorts & set("Mm") or any(hasattr(value, "isoformat") for value in there):
        return Column(name, np.array(list(map(str, values)), "datetime64"), missing)
    try:
        numbers = [np.nan if none else float(value) for value, none in zip(values, missing)]
    except (TypeError, ValueError):
        sort = sorted({type(value).__name__ for value in there})
        raise UserError(
            f"column '{name}': values of type {', '.join(sort)}; expected numbers or text (drop={name})"
        ) from None
    return Column(name, np.array(numbers), missing)


def _is_nothing(value: Any) -> bool:
    return type(value).__name__ in NOT_AVAILABLE or (isinstance(value, float) and value != value)


def _decoded(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
