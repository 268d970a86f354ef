"""What the numbers of items, labels and groups must be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.lazy import lazy

LARGEST = 2.0**64
"""Of the numbers of items: they are squared in float32, whose numbers end at 2^128."""
ODD_NUMBERS = "NaN, infinity or a number beyond 2^64 either way (a mark of what is missing?)"


def check_numbers(x: NDArray[Any]) -> None:
    """Raise `UserError` unless these can be items: (n, *shape) of numbers that can be learned from."""
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise UserError(f"x: shape {x.shape}; expected (n, *shape) with at least one number an item")
    if x.dtype.kind not in "uifc":
        raise UserError(f"x: dtype {x.dtype}; expected numbers")
    if lazy(x) is None and x.dtype.kind in "fc" and len(bad := np.argwhere(odd_numbers(x))):
        raise UserError(f"x: {ODD_NUMBERS}, first in item {bad[0, 0]}")


def odd_numbers(x: NDArray[Any]) -> NDArray[np.bool_]:
    """Where numbers are NaN, infinite or too large to be learned from: `ODD_NUMBERS`."""
    with np.errstate(over="ignore"):
        return np.asarray(~(np.abs(x) <= min(LARGEST, float(np.finfo(x.dtype).max))))


def whole_numbers(name: str, values: NDArray[Any] | None, n: int, default: int) -> NDArray[np.int64]:
    """Values as whole numbers, one for each of `n` items; `default` for all of them if there are none.

    Raises
    ------
    UserError
        If they are of another number, or not whole; with the first that is not.
    """
    if values is None:
        return np.full(n, default, dtype=np.int64)
    array = np.asarray(values)
    if array.shape != (n,):
        raise UserError(f"{name}: shape {array.shape}; expected ({n},), one for each item of x")
    if array.dtype.kind not in "iuf":
        raise UserError(f"{name}: dtype {array.dtype}; expected whole numbers")
    bad = np.flatnonzero(~(np.abs(array.astype(np.float64)) < 2**53) | (array != np.floor(array)))
    if len(bad):
        raise UserError(f"{name}: {array[bad[0]]} of item {bad[0]}; expected whole numbers")
    return array.astype(np.int64)


def check_range(name: str, y: NDArray[np.int64], classes: int, lowest: int) -> None:
    """Raise `UserError` unless all numbers are `lowest` to `classes` - 1."""
    bad = np.flatnonzero((y < lowest) | (y >= classes))
    if len(bad):
        raise UserError(f"{name}: {y[bad[0]]} of item {bad[0]}; expected {lowest} to {classes - 1}")
