"""A user's own arrays in an ``.npz`` file.

x        (n, *shape)  numbers; images channels first
y        (n,)         class, 0 to classes - 1; -1 where unknown. Synthetic data: the condition
group    (n,)         user, room or camera (optional)
split    (n,)         labelled, shots, unlabelled, validation or test (optional; dealt out if absent)
classes  (classes,)   names (optional)
origin   (n,)         synthetic data: the real item each was made from, by its place (optional)

and what people call these; `kind`, `normalise` and `axes` may stand in the file as in the options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.arrange import Arranged, Arrangement, arranged
from assay.data.class_names import ClassOptions
from assay.data.labels import decoded_text, matched_labels, own_labels, read_labels
from assay.data.npz import Arrays, naming, read_arrays
from assay.data.spellings import OTHER_KEYS, PARTS, Source, part_named, sources
from assay.data.split import SHARES, Deal, Shares, split_task, task_of_parts
from assay.errors import UserError
from assay.findings import Finding
from assay.settings import replaced
from assay.types import UNKNOWN, Kind, Normalise, Samples, Seed, Task

IN_FILE = ("kind", "normalise", "axes")


@dataclass(frozen=True)
class ArrayFile(ClassOptions, Arrangement):
    """Settings: the file, and what its content would otherwise decide.

    Parameters
    ----------
    path : str
    kind, normalise : str, optional
        As in `Task`; by default what the items look like, and what suits that.
    seed, shares, deal
        As in `assay.data.split.split_task`, where the file has no split.
    """

    path: str = ""
    kind: Kind | None = None
    normalise: Normalise | None = None
    seed: Seed = 0
    shares: Shares = SHARES
    deal: Deal | None = None

    def load(self) -> Task:
        """The task in the file."""
        own = read_own(Path(self.path))
        with naming(self.path):
            return own.said_by(self)._task(own)

    def _task(self, own: Own) -> Task:
        if own.y is None:
            raise UserError("y: missing; a task needs the class of its items")
        items = arranged(own.x, self, self.kind)
        labels, matching = own_labels(read_labels(own.y, own.classes, len(own.x)), self)
        y, kept = labels.by(matching)
        found = (*own.findings, *items.findings, *labels.findings, *matching.findings)
        samples, classes = _samples(items.x, y, own.group, found, kept), matching.classes
        chosen = {"kind": items.kind, **({"normalise": self.normalise} if self.normalise else {})}
        name = Path(self.path).stem
        if own.split is not None:
            return task_of_parts(samples, own.split[kept], classes, name, **chosen)
        return split_task(samples, classes, name, self.seed, self.shares, self.deal, **chosen)


@dataclass(frozen=True)
class SyntheticFile(ClassOptions, Arrangement):
    """Settings of synthetic items in a file."""

    path: str = ""

    def items(self, classes: tuple[str, ...], shape: tuple[int, ...], kind: Kind | None = None) -> Samples:
        """The items, arranged to be of this shape and kind, labelled by their place in known classes."""
        own = read_own(Path(self.path))
        with naming(self.path):
            items = self._like(own.x, shape, kind)
            if own.y is None:
                return _samples(items.x, None, own.group, own.findings + items.findings, origin=own.origin)
            labels = read_labels(own.y, own.classes, len(own.x), "synthetic")
            named, matching = matched_labels(labels, classes, self, Path(self.path).name)
            y, kept = named.by(matching)
            found = (*own.findings, *items.findings, *named.findings, *matching.findings)
            return _samples(items.x, y, own.group, found, kept, own.origin)

    def _like(self, x: NDArray[Any], shape: tuple[int, ...], kind: Kind | None) -> Arranged:
        """Items of that shape as they are; others as they are probably meant, or as the options say."""
        says, stored = any((self.axes, self.shape, self.iq, self.part)), Arranged(x, kind or "signal", ())
        if x.shape[1:] == shape and not says:
            return stored
        turned = arranged(x, self, kind, "synthetic")
        return turned if says or turned.x.shape[1:] == shape else stored


@dataclass(frozen=True, eq=False)
class Own:
    """The arrays of a file under the house's names."""

    x: NDArray[Any]
    y: NDArray[Any] | None
    group: NDArray[np.int64] | None
    split: NDArray[np.str_] | None
    classes: tuple[str, ...] | None
    options: dict[str, Any]
    findings: tuple[Finding, ...]
    origin: NDArray[Any] | None = None

    def said_by(self, settings: ArrayFile) -> ArrayFile:
        """The settings, with what the file says where they say nothing."""
        unsaid = {key: value for key, value in self.options.items() if not getattr(settings, key)}
        return replaced(settings, unsaid, settings.path)


def read_own(path: Path) -> Own:
    """The arrays of a user's file.

    Raises
    ------
    UserError
        If the file is missing or damaged, has no items, or holds text or numbers where the other belongs.
    """
    chosen: list[Source] = []

    def wanted(keys: Sequence[str]) -> list[str]:
        chosen.extend(sources(keys))
        return [*(source.key for source in chosen), *(key for key in OTHER_KEYS if key in keys)]

    arrays = read_arrays(path, wanted)
    with naming(path):
        return _own(arrays, chosen, path.name)


def _own(arrays: Arrays, chosen: Sequence[Source], file: str) -> Own:
    found = {what: [s for s in chosen if s.what == what] for what in ("x", "y", "group")}
    sizes = [_length(source.key, arrays[source.key]) for source in found["x"]]
    split, of_split = _split(arrays, found["x"], sizes)
    return Own(
        _joined("x", arrays, found["x"], chosen, sizes),
        _joined("y", arrays, found["y"], chosen, sizes) if found["y"] else None,
        _group(_joined("group", arrays, found["group"], chosen, sizes)) if found["group"] else None,
        split,
        _class_names(arrays["classes"]) if "classes" in arrays else None,
        {key: _word(key, arrays[key]) for key in IN_FILE if key in arrays},
        (*_renamed_keys(chosen, file), *of_split),
        arrays.get("origin"),
    )


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
    given = _text("split", arrays["split"], sizes[0])
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


def _group(values: NDArray[Any]) -> NDArray[Any]:
    """Groups as numbers; names of people or rooms by their place among all of them."""
    if values.dtype.kind not in "US":
        return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    return np.unique(decoded_text("group", values), return_inverse=True)[1]


def _samples(
    x: NDArray[Any],
    y: NDArray[np.int64] | None,
    group: NDArray[np.int64] | None,
    found: tuple[Finding, ...],
    kept: NDArray[np.bool_] | None = None,
    origin: NDArray[np.int64] | None = None,
) -> Samples:
    samples = Samples(x, y, group, found, origin=origin)  # type: ignore[arg-type]
    return samples if kept is None or kept.all() else samples[kept]


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
