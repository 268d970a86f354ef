"""Arrays in Python: ``(x, y)``, ``(x, y, group)``, and dicts of arrays under the keys of an ``.npz`` file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.objects.item import of_tensor
from assay.data.own import Own, own_of
from assay.data.tabular.column import column_of
from assay.errors import UserError

KEYS = ("x", "y", "group")


def own_of_tuple(data: tuple[Any, ...]) -> Own:
    """The items of ``(x, y)`` or ``(x, y, group)``; y and group may be None.

    Raises
    ------
    UserError
        If lengths differ, or what is given holds no numbers.
    """
    arrays = {key: part for key, part in zip(KEYS, data) if part is not None}
    return own_of_dict(arrays)


def own_of_dict(data: Mapping[str, Any]) -> Own:
    """The items of a dict with the keys that an ``.npz`` file may have."""
    return own_of({key: array_of(key, part) for key, part in data.items()}, "data")


def array_of(key: str, values: Any) -> NDArray[Any]:
    """Numbers or text, of whatever holds them: lists, tensors, columns of frames.

    Raises
    ------
    UserError
        If it holds neither.
    """
    if hasattr(values, "detach"):
        return of_tensor(values)
    if hasattr(values, "toarray"):
        raise UserError(f"{key}: a sparse {type(values).__name__}; give its .toarray()")
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        raise UserError(f"{key}: items of several shapes; expected one") from None
    if array.dtype.kind in "US" and array.ndim == 1:
        return array
    if array.ndim == 1 and key != "x":
        column = column_of(key, values)
        return (
            np.where(column.missing, -1, column.values) if column.values.dtype.kind == "f" else column.values
        )
    if array.dtype.kind == "O":
        raise UserError(f"{key}: {type(values).__name__} of objects; expected numbers or text")
    return array
