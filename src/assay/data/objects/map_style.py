"""Data sets of PyTorch: whatever has a length and items by their place, each of them ``(x, y)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.objects.arrays import own_of_tuple
from assay.data.objects.item import is_picture, item_of, size_of
from assay.data.objects.looked_up import read_all
from assay.data.own import Own
from assay.data.spellings import ARRAY_SPELLINGS
from assay.data.tabular.column import column_of
from assay.data.tabular.naming import GROUPS, LABELS, Naming
from assay.errors import UserError

ITEMS = (*ARRAY_SPELLINGS["x"], "img", "pixel_values", "input", "signal")


def is_map_style(data: Any) -> bool:
    """Whether an object has a length and items by their place."""
    return hasattr(data, "__getitem__") and hasattr(data, "__len__") and not hasattr(data, "shape")


def own_of_map_style(data: Any, naming: Naming, size: int | None, stream: bool | None) -> Own:
    """The items of a data set, read once; ``(x, y)``, ``(x, y, group)``, x alone, or a dict of them.

    Parameters
    ----------
    data : object
    naming : Naming
        Keys of label, group and item, where items are dicts.
    size : int, optional
        Side of pictures in pixels.
    stream : bool, optional
        As in `assay.data.objects.looked_up.read_all`.

    Raises
    ------
    UserError
        If an item cannot be read, or is of none of these forms.
    """
    if not len(data):
        raise UserError("a data set without items")
    if len(tensors := getattr(data, "tensors", ())) in (1, 2, 3):
        return replace(own_of_tuple(tuple(tensors)), classes=names_of(data))
    items = Items(data, naming)
    first = items.parts(0)[0]
    items.size = size_of(first, size) if is_picture(first) else 0
    x = read_all(items, len(data), stream)
    y, groups = items.labels()
    return Own(x, y, groups, None, names_of(data) if y is None or y.dtype.kind != "U" else None, {})


def names_of(data: Any) -> tuple[str, ...] | None:
    """Names of the classes, as torchvision's data sets have them; of subsets too."""
    names = getattr(data, "classes", None)
    if isinstance(names, list | tuple) and names and all(isinstance(name, str) for name in names):
        return tuple(map(str, names))
    within = getattr(data, "dataset", None) or next(iter(getattr(data, "datasets", ())), None)
    return None if within is None else names_of(within)


class Items:
    """Reads an item, and remembers what comes with it: its label and its group."""

    def __init__(self, data: Any, naming: Naming) -> None:
        self.data, self.label, self.group, self.size = data, naming.label, naming.group, 0
        self.column = next(iter(naming.columns), None)
        self.beside: dict[int, tuple[Any, Any]] = {}

    def __call__(self, place: int) -> NDArray[Any]:
        """The item at a place; what comes with it is remembered."""
        x, *beside = self.parts(place)
        self.beside[place] = (beside[0], beside[1])
        try:
            return item_of(x, self.size)
        except UserError as error:
            raise UserError(f"item {place}: {error}") from None

    def parts(self, place: int) -> tuple[Any, Any, Any]:
        """x, y and group of an item, None for what it has not."""
        try:
            item = self.data[place]
        except Exception as error:  # of somebody else's code
            raise UserError(f"item {place}: {type(error).__name__}: {error}") from None
        if isinstance(item, Mapping):
            return self._named(item, place)
        if isinstance(item, tuple | list):
            if not 1 <= len(item) <= 3:
                raise UserError(f"item {place}: {len(item)} values; expected (x, y) or (x, y, group)")
            x, y, group = (*item, None, None)[:3]
            return x, y, group
        return item, None, None

    def labels(self) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
        """Labels and groups of the items that were read, and nothing more to remember."""
        read = [self.beside[place] for place in range(len(self.beside))]
        self.beside = {}
        y, groups = ([one[k] for one in read] for k in (0, 1))
        labels = None if any(one is None for one in y) else column_of("label", _objects(y)).values
        if any(one is None for one in groups):
            return labels, None
        return labels, column_of("group", _objects(groups)).values

    def _named(self, item: Mapping[str, Any], place: int) -> tuple[Any, Any, Any]:
        usual = ((ITEMS, self.column), (LABELS, self.label), (GROUPS, self.group))
        x, y, group = (
            next((key for key in ((own,) if own else known) if key in item), None) for known, own in usual
        )
        left = [key for key in item if key not in (y, group)]
        x = left[0] if x is None and len(left) == 1 and not self.column else x
        lacks = next((own for own in (self.column, self.label, self.group) if own and own not in item), None)
        if x is None or lacks:
            keys, way_out = (
                ", ".join(map(str, item)),
                "" if lacks else f"; columns={left[0]} says which it is",
            )
            raise UserError(
                f"item {place}: no '{lacks or 'image'}' among {keys}; expected image and label{way_out}"
            )
        return item[x], None if y is None else item[y], None if group is None else item[group]


def _objects(values: list[Any]) -> NDArray[Any]:
    """Labels as Python values: tensors and arrays of one number as that number."""
    array = np.empty(len(values), object)
    array[:] = [value.item() if hasattr(value, "item") and np.size(value) == 1 else value for value in values]
    return array
