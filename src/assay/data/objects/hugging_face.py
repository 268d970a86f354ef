"""Data sets of Hugging Face: columns with features, an image and a class label among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.objects.item import is_picture, item_of, size_of
from assay.data.objects.looked_up import read_all
from assay.data.own import Own
from assay.data.tabular.column import column_of
from assay.data.tabular.naming import Naming, roles
from assay.data.tabular.table import Table
from assay.errors import UserError


def is_dataset(data: Any) -> bool:
    """Whether an object is such a data set."""
    return isinstance(getattr(data, "features", None), Mapping) and hasattr(data, "column_names")


def images_in(data: Any, naming: Naming) -> list[str]:
    """The columns of images that are meant.

    Raises
    ------
    UserError
        If the data set cannot be indexed.
    """
    if not hasattr(data, "__len__"):
        raise UserError(
            "a data set that streams from its source; give one that can be indexed (streaming=False)"
        )
    found = [name for name, feature in data.features.items() if type(feature).__name__ == "Image"]
    left = [name for name in found if name not in naming.drop]
    return [name for name in left if not naming.columns or name in naming.columns]


def classes_in(data: Any) -> dict[str, tuple[str, ...]]:
    """Names of the classes of each column of class labels."""
    return {name: tuple(map(str, f.names)) for name, f in data.features.items() if hasattr(f, "names")}


def table_of_dataset(data: Any) -> Table:
    """The columns of a data set but its images."""
    return _columns(_plain(data), [n for n, f in data.features.items() if type(f).__name__ != "Image"])


def own_of_images(data: Any, naming: Naming, size: int | None, stream: bool | None) -> Own:
    """The images of a data set; they stay where they are if they would fill the memory.

    Raises
    ------
    UserError
        If several columns hold images, or they cannot be decoded.
    """
    images, plain = images_in(data, naming), _plain(data)
    if len(images) > 1:
        raise UserError(f"columns {', '.join(images)}: each holds images; columns={images[0]} says which")
    if not len(data):
        raise UserError("a data set without items")
    return _of_images(plain, images[0], naming, classes_in(data), size, stream)


def _plain(data: Any) -> Any:
    return data.with_format(None) if hasattr(data, "with_format") else data


def _columns(data: Any, names: list[str]) -> dict[str, Any]:
    """Columns by name, each decoded as Python values."""
    found = data.select_columns(names)[:]
    return {name: _objects(found[name]) for name in names}


def _objects(values: list[Any]) -> NDArray[Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _of_images(
    data: Any,
    image: str,
    naming: Naming,
    classes: Mapping[str, tuple[str, ...]],
    size: int | None,
    stream: bool | None,
) -> Own:
    first = data[0][image]
    if not is_picture(first):
        raise UserError(
            f"column '{image}': images that are not decoded; expected datasets.Image(decode=True)"
        )
    pictures = Pictures(data.select_columns([image]), image, size_of(first, size))
    x = read_all(pictures, len(data), stream)
    others = [
        name for name in data.column_names if name != image and type(data.features[name]).__name__ != "Image"
    ]
    wanted = _roles(others, image, naming, classes)
    table = _columns(data, list(wanted.values()))
    labels, group = table.get(wanted.get("label", "")), table.get(wanted.get("group", ""))
    named = classes.get(wanted.get("label", ""))
    return Own(x, _numbers(labels, named), _groups(group), None, named, {})


def _roles(names: list[str], image: str, naming: Naming, classes: Mapping[str, Any]) -> dict[str, str]:
    """The columns of class and group beside the images."""
    if naming.label is None and not classes and not names:
        return {}
    asked = Naming(label=naming.label, group=naming.group, columns=(image,))
    role = roles([*names, image], asked, None, next(iter(classes)) if len(classes) == 1 else "")
    return {what: name for what, name in (("label", role.label), ("group", role.group)) if name}


def _numbers(values: NDArray[Any] | None, named: tuple[str, ...] | None) -> NDArray[Any] | None:
    """Labels as numbers of their names, or as they are; -1 where one is missing."""
    if values is None:
        return None
    column = column_of("label", values)
    filled = column.values if column.is_text else np.where(column.missing, -1, column.values)
    return filled.astype(np.int64) if named else filled


def _groups(values: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if values is None else column_of("group", values).values


class Pictures:
    """Reads the image of a row.

    Raises
    ------
    UserError
        If it cannot be decoded.
    """

    def __init__(self, data: Any, column: str, size: int) -> None:
        self.data, self.column, self.size = data, column, size

    def __call__(self, place: int) -> NDArray[Any]:
        """The image of a row as an item."""
        try:
            return item_of(self.data[place][self.column], self.size)
        except UserError:
            raise
        except Exception as error:  # decoders raise errors of a dozen kinds
            raise UserError(f"column '{self.column}': row {place}: {error}") from None
