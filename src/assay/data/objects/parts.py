"""Several data sets under the names of parts: ``{"train": ..., "test": ...}``, a DatasetDict among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.own import Own
from assay.data.spellings import part_named
from assay.errors import UserError
from assay.findings import Finding
from assay.lazy import lazy


def is_parts(data: Any) -> bool:
    """Whether an object holds data sets by the names of parts, and not arrays by theirs."""
    return isinstance(data, Mapping) and bool(data) and all(part_named(str(key)) for key in data)


def joined(parts: Mapping[str, Own]) -> Own:
    """The items of all parts, one after another, and the part of each.

    A single part is no split: its items are dealt out.

    Raises
    ------
    UserError
        If shapes differ, or a part other than the unlabelled has no labels.
    """
    first = next(iter(parts.values()))
    if len(parts) == 1:
        name = next(iter(parts))
        note = Finding("note", "split_names", f"one part, {name}: its items are dealt out")
        return replace(first, findings=(*first.findings, note))
    for name, own in parts.items():
        if own.x.shape[1:] != first.x.shape[1:]:
            raise UserError(
                f"{name}: items of shape {own.x.shape[1:]}; the first part has {first.x.shape[1:]}"
            )
    check_whole(list(parts))
    y, classes = _labels(parts)
    group = None if any(own.group is None for own in parts.values()) else _groups(parts)
    split = np.repeat([str(part_named(name)) for name in parts], [len(own.x) for own in parts.values()])
    findings = tuple(dict.fromkeys(finding for own in parts.values() for finding in own.findings))
    return Own(
        _items(parts), y, group, split, classes, first.options, findings, first.features, _files(parts)
    )


def check_whole(parts: Sequence[str]) -> None:
    """Raise `UserError` unless there is a part to learn from and one to measure on, or one to deal out."""
    if len(parts) > 1 and not {"labelled", "test"} <= {str(part_named(name)) for name in parts}:
        raise UserError(
            f"parts {', '.join(parts)}; a task needs train and test, or one part alone to deal out"
        )


def _items(parts: Mapping[str, Own]) -> NDArray[Any]:
    xs = [own.x for own in parts.values()]
    items = [lazy(x) for x in xs]
    if any(one is None for one in items):
        return np.concatenate([np.asarray(x) for x in xs])
    whole: Any = items[0]
    for one in items[1:]:
        whole = whole.joined(one)
    return whole  # type: ignore[no-any-return]


def _labels(parts: Mapping[str, Own]) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """Labels of all parts, as names where parts number their classes differently."""
    for name, own in parts.items():
        if own.y is None and part_named(name) != "unlabelled":
            raise UserError(f"{name}: no labels")
    labelled = [own for own in parts.values() if own.y is not None]
    classes = labelled[0].classes
    if all(own.classes == classes for own in labelled):
        return np.concatenate([_or_unknown(own, labelled[0]) for own in parts.values()]), classes
    names = tuple(dict.fromkeys(name for own in labelled for name in own.classes or ()))
    return np.concatenate([_named(own) for own in parts.values()]), names


def _or_unknown(own: Own, like: Own) -> NDArray[Any]:
    if own.y is not None:
        return own.y
    text = like.y is not None and like.y.dtype.kind in "US"
    return np.full(len(own.x), "") if text else np.full(len(own.x), -1)


def _named(own: Own) -> NDArray[np.str_]:
    if own.y is None or own.classes is None:
        return np.full(len(own.x), "") if own.y is None else own.y.astype(np.str_)
    names: NDArray[np.str_] = np.array([*own.classes, ""])[own.y]
    return names


def _groups(parts: Mapping[str, Own]) -> NDArray[Any]:
    """Groups of all parts; what is called alike in several of them is the same group."""
    groups = [own.group for own in parts.values() if own.group is not None]
    text = any(group.dtype.kind in "US" for group in groups)
    return np.concatenate([group.astype(np.str_) if text else group for group in groups])


def _files(parts: Mapping[str, Own]) -> Any:
    files = [own.files for own in parts.values()]
    if any(one is None for one in files):
        return None
    whole: Any = files[0]
    for one in files[1:]:
        whole = whole.joined(one)
    return whole
