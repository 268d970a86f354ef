"""Whatever a user holds in Python to items, labels, groups and parts: what an object offers decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from annotated_types import Ge, Le

from assay.data.formats.read import read_own
from assay.data.objects import arrays, frames, hugging_face, image_folder, map_style, parts, records
from assay.data.own import Own
from assay.data.own_task import OwnSynthetic, OwnTask
from assay.data.tabular.encode import reordered
from assay.data.tabular.naming import Naming
from assay.data.tabular.table import Table, own_of_table
from assay.errors import UserError
from assay.settings import replaced
from assay.table_columns import Features
from assay.types import Samples, Task

S = TypeVar("S")
EXPECTED = (
    "expected a path, (x, y), (x, y, group), a dict of arrays or of parts, a data frame, a data set of "
    "PyTorch or Hugging Face, Samples or a Task"
)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Options of pictures in memory.

    Parameters
    ----------
    size : int, optional
        Side in pixels; by default 64, or that of the first if it is smaller.
    """

    size: Annotated[int, Ge(4), Le(1024)] | None = None


@dataclass(frozen=True, kw_only=True)
class ObjectTask(OwnTask, Pictures):
    """What the content of real data in memory would otherwise decide."""


@dataclass(frozen=True, kw_only=True)
class ObjectSynthetic(OwnSynthetic, Pictures):
    """What the content of synthetic data in memory would otherwise decide."""


def samples(data: Any, **options: Any) -> Samples:
    """Labelled items of whatever holds them, for `assay.split_task`, `assay.compare` and the others.

    Parameters
    ----------
    data : object
        A path of a file, ``(x, y)``, ``(x, y, group)``, a dict of arrays (x, y, group), a pandas or polars
        DataFrame, a PyTorch or Hugging Face data set, a torchvision ImageFolder. Several parts are put
        together.
    **options
        ``label``, ``group``: names of columns. ``columns``: those to learn from. ``drop``: others.
        ``missing="drop"``: leave out rows that lack a number. ``size``: side of pictures in pixels.
        ``stream``: read items where they are looked up. ``kind``, ``axes``, ``rename`` ... as of files.

    Raises
    ------
    UserError
        If the data are of no known kind, or no label can be found; with the way out.
    """
    settings = options_of(ObjectTask(), options)
    own = own_of_any(data, settings)
    return settings.with_said(own, "data").labelled(own)[0]


def task_of_object(data: Any, name: str = "data", **options: Any) -> Task:
    """A task from whatever a user holds; its own parts are kept, else items are dealt out.

    Raises
    ------
    UserError
        As `samples`; if parts are missing or classes have too few items.
    """
    settings = options_of(ObjectTask(), options)
    return settings.task(own_of_any(data, settings), name)


def synthetic_of_object(data: Any, task: Task, **options: Any) -> Samples:
    """Synthetic items for a task from whatever a user holds, their conditions matched by name.

    Raises
    ------
    UserError
        As `samples`; if a condition is no class of the task.
    """
    if task.kind == "image" and "size" not in options:
        options = {**options, "size": task.shape[-1]}
    settings = options_of(ObjectSynthetic(), options)
    own = own_of_any(data, settings, task.labelled.features)
    return settings.of(own, task.classes, task.shape, task.kind, "the synthetic data")


def options_of(settings: S, options: Mapping[str, Any]) -> S:
    """Settings with options replaced; one word stands for a tuple of it."""
    tuples = {field.name for field in fields(settings) if isinstance(field.default, tuple)}  # type: ignore[arg-type]
    given = {key: tuple(v) if key in tuples and isinstance(v, list) else v for key, v in options.items()}
    return replaced(settings, given, "data")


def own_of_any(data: Any, settings: Any, known: Features | None = None) -> Own:
    """What a user holds, under the house's names.

    Parameters
    ----------
    data : object
    settings : ObjectTask or ObjectSynthetic
    known : Features, optional
        How the real table was read, of a synthetic one.

    Raises
    ------
    UserError
        If an object is of no known kind.
    """
    if parts.is_parts(data):
        tables = [table_of(part, settings) for part in data.values()]
        if all(table is not None for table in tables):
            parts.check_whole([str(name) for name in data] if known is None else [])
            return own_of_table(_under(dict(zip(data, tables))), settings, known, _classes(data))
        return parts.joined({str(name): _own(part, settings, known) for name, part in data.items()})
    return _own(data, settings, known)


def _own(data: Any, settings: Any, known: Features | None) -> Own:
    if isinstance(data, Samples):
        return _of_samples(data, known)
    if isinstance(data, str | Path):
        return read_own(Path(data), settings, known)
    if isinstance(data, tuple) and len(data) in (2, 3):
        return _of_tuple(data, settings, known)
    if (table := table_of(data, settings)) is not None:
        return own_of_table(table, settings, known, _classes({"": data}))
    if hugging_face.is_dataset(data):
        return hugging_face.own_of_images(data, settings, settings.size, settings.stream)
    _check_no_columns(settings, isinstance(data, Mapping) or not map_style.is_map_style(data))
    if isinstance(data, Mapping):
        return arrays.own_of_dict(data)
    if image_folder.is_image_folder(data):
        return image_folder.own_of_image_folder(data, settings.size, settings.stream, settings.background)
    if map_style.is_map_style(data) and (not isinstance(data, list | tuple) or _of_pairs(data)):
        return map_style.own_of_map_style(data, settings, settings.size, settings.stream)
    raise UserError(f"data: {_said(data)}; {EXPECTED}")


def table_of(data: Any, naming: Naming) -> Table | None:
    """The columns of what is a table, by name; none of anything else."""
    if frames.is_frame(data):
        return frames.table_of_frame(data)
    if hugging_face.is_dataset(data) and not hugging_face.images_in(data, naming):
        return hugging_face.table_of_dataset(data)
    return records.table_of_records(data)


def _classes(data: Mapping[Any, Any]) -> dict[str, tuple[str, ...]]:
    first = next(iter(data.values()))
    return hugging_face.classes_in(first) if hugging_face.is_dataset(first) else {}


def _under(tables: Mapping[Any, Any]) -> Table:
    """Tables of parts as one, with a column that says which part a row is of."""
    first_name, first = next(iter(tables.items()))
    for name, table in tables.items():
        if set(table) != set(first):
            odd = sorted(set(table) ^ set(first))[0]
            raise UserError(f"column '{odd}': in {first_name} or in {name} alone; expected the same columns")
    whole = {column: _stacked([table[column] for table in tables.values()]) for column in first}
    if len(tables) == 1:
        return whole
    sizes = [len(next(iter(table.values()))) for table in tables.values()]
    return {**whole, "split": np.repeat([str(name) for name in tables], sizes)}


def _stacked(columns: list[Any]) -> Any:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def _of_tuple(data: tuple[Any, ...], settings: Any, known: Features | None) -> Own:
    """``(x, y)`` and ``(x, y, group)``; of a frame as x the others may be names of its columns."""
    x, *others = data
    if not frames.is_frame(x):
        _check_no_columns(settings, True)
        return arrays.own_of_tuple(data)
    table = frames.table_of_frame(x)
    words = dict(zip(("label", "group"), others))
    named = {key: value for key, value in words.items() if isinstance(value, str)}
    free = {
        _free(key, table): value for key, value in words.items() if value is not None and key not in named
    }
    beside = {name: arrays.array_of(name, value) for name, value in free.items()}
    naming = replaced(settings, {**dict(zip((k for k in words if k not in named), free)), **named}, "data")
    return own_of_table({**table, **beside}, naming, known)


def _free(name: str, table: Table) -> str:
    if name in table:
        raise UserError(f"column '{name}': in the frame and given beside it; give it once")
    return name


def _of_samples(data: Samples, known: Features | None) -> Own:
    x = reordered(data.x, data.features, known)
    y = np.array([*data.classes, ""])[data.y] if data.classes else data.y
    group = data.group if len(np.unique(data.group)) > 1 else None
    said = {"kind": data.kind} if data.kind else {}
    return Own(
        x, y, group, None, data.classes, said, data.findings, known or data.features, data.files, data.origin
    )


def _of_pairs(data: Any) -> bool:
    """Whether a list holds an item, with its label, at every place."""
    return len(data) > 0 and all(isinstance(item, tuple | Mapping) for item in data)


def _check_no_columns(settings: Naming, none: bool) -> None:
    said = next((f.name for f in fields(Naming) if getattr(settings, f.name) != f.default), None)
    if none and said:
        raise UserError(f"{said}: of tables and data sets of columns; arrays are given as (x, y, group)")


def _said(data: Any) -> str:
    """What an object is, as far as it is known to be no data."""
    name = type(data).__name__
    if hasattr(data, "dataset") and hasattr(data, "batch_size"):
        return f"a {name}: give its .dataset"
    if hasattr(data, "to_pandas"):
        return f"a {name}: give its .to_pandas()"
    if hasattr(data, "shape"):
        return f"a {name} of shape {tuple(data.shape)} without labels: give (x, y)"
    if hasattr(data, "__iter__") and not hasattr(data, "__len__"):
        return f"a {name} that can only be walked through: give one with __getitem__ and __len__"
    if hasattr(data, "__getitem__") and not hasattr(data, "__len__"):
        return f"a {name} that does not say how many items it has: give it a __len__"
    return f"a {name}"
