"""What a user brings, whatever it came in: items, labels, groups and parts under the house's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.labels import decoded_text
from assay.data.npz import Arrays
from assay.data.spellings import PARTS, TABLE, Source, part_named, sources
from assay.errors import UserError
from assay.findings import Finding
from assay.item_files import ItemFiles
from assay.table_columns import Features
from assay.types import UNKNOWN

IN_FILE = ("kind", "normalise", "axes")


@dataclass(frozen=True, eq=False)
class Own:
    """What a user brings, under the house's names, before labels are read and axes turned.

    Attributes
    ----------
    x : array or `Lazy` items, shape (n, *shape)
    y, group, split : arrays, shape (n,), optional
        Groups as numbers or names.
    classes : tuple of str, optional
    options : dict
        What is said there of `kind`, `normalise` and `axes`.
    findings : tuple of Finding
    features : Features, optional
        The columns of a table.
    files : ItemFiles, optional
        Of pictures.
    origin : int array, shape (n,), optional
        As in `Samples`.
    """

    x: NDArray[Any]
    y: NDArray[Any] | None
    group: NDArray[Any] | None
    split: NDArray[np.str_] | None
    classes: tuple[str, ...] | None
    options: dict[str, Any]
    findings: tuple[Finding, ...] = ()
    features: Features | None = None
    files: ItemFiles | None = None
    origin: NDArray[Any] | None = None


def own_of(arrays: Arrays, file: str, chosen: Sequence[Source] | None = None) -> Own:
    """Arrays under the names that people give them, in a file or in a dict.

    Parameters
    ----------
    arrays : mapping of str to array
    file : str
        What the findings call it.
    chosen : sequence of Source, optional
        Which of them are meant, if that is known; then no other is there.

    Raises
    ------
    UserError
        If there are no items, or text or numbers stand where the other belongs.
    """
    chosen = sources(list(arrays)) if chosen is None else chosen
    found = {what: [s for s in chosen if s.what == what] for what in ("x", "y", "group")}
    sizes = [_length(source.key, arrays[source.key]) for source in found["x"]]
    split, of_split = _split(arrays, found["x"], sizes)
    return Own(
        _joined("x", arrays, found["x"], chosen, sizes),
        _joined("y", arrays, found["y"], chosen, sizes) if found["y"] else None,
        _joined("group", arrays, found["group"], chosen, sizes) if found["group"] else None,
        split,
        _class_names(arrays["classes"]) if "classes" in arrays else None,
        {key: _word(key, arrays[key]) for key in IN_FILE if key in arrays},
        (*_renamed_keys(chosen, file), *of_split),
        _columns(arrays[TABLE], arrays[found["x"][0].key]) if TABLE in arrays else None,
        origin=arrays.get("origin"),
    )


def _columns(array: NDArray[Any], x: NDArray[Any]) -> Features:
    if array.dtype.kind not in "US" or array.shape != (x.shape[1], 2):
        raise UserError(f"{TABLE}: {array.dtype} of shape {array.shape}; expected text ({x.shape[1]}, 2)")
    return Features.of_numbers(map(tuple, decoded_text(TABLE, array).tolist()))


def _length(key: str, items: NDArray[Any]) -> int:
    if items.ndim < 2:
        raise UserError(f"{key}: shape {items.shape}; expected (n, *shape) with at least one number an item")
    return len(items)


def _joined(
    what: str, arrays: Arrays, found: Sequence[Source], chosen: Sequence[Source], sizes: Sequence[int]
) -> NDArray[Any]:
    """The array of a file, or those of its parts one after another; of parts without it what is unknown."""
    if len(sizes) == 1 and len(found) == 1:
        return arrays[found[0].key]
    by_part = {source.part: arrays[source.key] for source in found}
    large = next((source.key for source in found if isinstance(arrays[source.key], np.memmap)), None)
    if large:
        raise UserError(f"{large}: parts that are streamed lie in one file: x.npy, with split.npy beside it")
    like, parts = next(iter(by_part.values())), [source.part for source in chosen if source.what == "x"]
    missing = [part for part in parts if part not in by_part and part != "unlabelled"]
    if missing and what == "y":
        raise UserError(f"y: missing for {missing[0]}, where there are items of it")
    try:
        return np.concatenate(
            [by_part.get(part, _unknown(like, n)) for part, n in zip(parts, sizes)], dtype=None
        )
    except (ValueError, TypeError) as error:
        raise UserError(f"{what}: the arrays of the parts do not fit together ({error})") from None


def _unknown(like: NDArray[Any], n: int) -> NDArray[Any]:
    if like.dtype.kind in "US":
        return np.full((n, *like.shape[1:]), "", like.dtype)
    return np.full((n, *like.shape[1:]), 0 if like.ndim > 1 else UNKNOWN, np.int64)


def _split(
    arrays: Arrays, items: Sequence[Source], sizes: Sequence[int]
) -> tuple[NDArray[np.str_] | None, list[Finding]]:
    """The part of each item, as the house calls it."""
    if items[0].part:
        return np.repeat([source.part for source in items], sizes), []
    if "split" not in arrays:
        return None, []
    found, said = parts_named(_text("split", arrays["split"], sizes[0]))
    return found, said


def parts_named(given: NDArray[np.str_]) -> tuple[NDArray[np.str_], list[Finding]]:
    """Names of parts as the house calls them, and a note of those that are called otherwise.

    Raises
    ------
    UserError
        If one is no part's.
    """
    names = {name: part_named(name) for name in sorted(set(given.tolist()))}
    unknown = [name for name, part in names.items() if part is None]
    if unknown:
        raise UserError(f"split: '{unknown[0]}'; expected one of {', '.join(PARTS)} (or train, val, test)")
    odd = [f"{name} as {part}" for name, part in names.items() if name != part]
    note = Finding("note", "split_names", f"split: {', '.join(odd)}")
    return np.array([names[name] for name in given.tolist()], dtype="U10"), [note] * bool(odd)


def _renamed_keys(chosen: Sequence[Source], file: str) -> list[Finding]:
    odd = [f"{s.key} as {s.what}{f' of {s.part}' if s.part else ''}" for s in chosen if s.key != s.what]
    return [Finding("note", "keys", f"{file}: read {', '.join(odd)}")] * bool(odd)


def numbered_groups(values: NDArray[Any]) -> NDArray[Any]:
    """Groups as numbers; names of people or rooms by their place among all of them."""
    if values.dtype.kind not in "US":
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    return np.unique(decoded_text("group", values), return_inverse=True)[1]


def _class_names(array: NDArray[Any]) -> tuple[str, ...]:
    names = tuple(str(name) for name in _text("classes", array, None).tolist())
    if len(set(names)) < len(names):
        raise UserError(f"classes: {', '.join(names)}; expected different names")
    return names


def _word(key: str, array: NDArray[Any]) -> Any:
    if array.dtype.kind not in "US":
        raise UserError(f"{key}: {array.dtype}; expected text")
    words = tuple(str(word) for word in np.atleast_1d(decoded_text(key, array)).tolist())
    return words if key == "axes" and len(words) > 1 else "+".join(words)


def _text(key: str, array: NDArray[Any], n: int | None) -> NDArray[np.str_]:
    if array.ndim != 1 or array.dtype.kind not in "US" or (n is not None and len(array) != n):
        expected = f"({n},)" if n is not None else "(classes,)"
        raise UserError(f"{key}: {array.dtype} of shape {array.shape}; expected text of shape {expected}")
    return decoded_text(key, array)
