"""A user's own arrays in an ``.npz`` file.

x        (n, *shape)  numbers; images channels first
y        (n,)         class, 0 to classes - 1; -1 where unknown. Synthetic data: the condition
group    (n,)         user, room or camera (optional)
split    (n,)         labelled, shots, unlabelled, validation or test (optional; dealt out if absent)
classes  (classes,)   names (optional)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from assay.data.split import numbered, split_task, task_of_parts
from assay.errors import UserError
from assay.types import UNKNOWN, Kind, Normalise, Samples, Seed, Task, check_range

KEYS = ("x", "y", "group", "split", "classes")
Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]


@dataclass(frozen=True)
class ArrayFile:
    """Settings: the file, and what its shape would otherwise decide."""

    path: str = ""
    kind: Kind | None = None
    normalise: Normalise | None = None
    seed: Seed = 0

    def load(self) -> Task:
        """The task in the file."""
        arrays = read_arrays(Path(self.path))
        with naming(self.path):
            return self._task(arrays)

    def _task(self, arrays: Arrays) -> Task:
        if "y" not in arrays:
            raise UserError("y: missing; a task needs the class of its items")
        samples, name = samples_of(arrays), Path(self.path).stem
        classes = class_names(arrays) or numbered(samples.y)
        chosen = {key: value for key in ("kind", "normalise") if (value := getattr(self, key))}
        if "split" in arrays:
            return task_of_parts(samples, _text("split", arrays, len(samples)), classes, name, **chosen)
        return split_task(samples, classes, name, self.seed, **chosen)


def read_samples(path: Path, classes: tuple[str, ...]) -> Samples:
    """Synthetic items of a file, their conditions by the names in the file if it has any."""
    arrays = read_arrays(path)
    with naming(path):
        samples, names = samples_of(arrays), class_names(arrays)
        return samples if names in (None, classes) else renumbered(samples, names or (), classes)


def renumbered(samples: Samples, names: tuple[str, ...], classes: tuple[str, ...]) -> Samples:
    """Items labelled by their place in `names`, labelled by their place in `classes` instead."""
    unknown = [name for name in names if name not in classes]
    if unknown:
        raise UserError(f"classes: '{unknown[0]}' is no class of the task ({', '.join(classes)})")
    check_range("y", samples.y, len(names), UNKNOWN)
    place = np.array([*(classes.index(name) for name in names), UNKNOWN])  # -1 finds the last
    return Samples(samples.x, place[samples.y], samples.group)


def samples_of(arrays: Arrays) -> Samples:
    """Items, classes and groups of the arrays."""
    if "x" not in arrays:
        raise UserError(f"x: missing; the file has {', '.join(sorted(arrays)) or 'nothing'}")
    return Samples(arrays["x"], arrays.get("y"), arrays.get("group"))  # type: ignore[arg-type]


def class_names(arrays: Arrays) -> tuple[str, ...] | None:
    """Names in the file, if it has any."""
    if "classes" not in arrays:
        return None
    return tuple(_text("classes", arrays, None).tolist())


def _text(key: str, arrays: Arrays, n: int | None) -> np.ndarray[Any, np.dtype[np.str_]]:
    array = arrays[key]
    if array.ndim != 1 or array.dtype.kind != "U" or (n is not None and len(array) != n):
        expected = f"({n},)" if n is not None else "(classes,)"
        raise UserError(f"{key}: {array.dtype} of shape {array.shape}; expected text of shape {expected}")
    return array


def read_arrays(path: Path, keys: Sequence[str] = KEYS) -> Arrays:
    """Those of the arrays `keys` that an ``.npz`` file has; objects (pickles) are refused, never loaded.

    Raises
    ------
    UserError
        If the file is missing, damaged, no ``.npz``, or holds objects.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    with naming(path), file, _opened(file) as stored:
        return {key: _member(stored, key) for key in keys if key in stored}


def _opened(file: IO[bytes]) -> np.lib.npyio.NpzFile:
    try:
        stored = np.load(file, allow_pickle=False)
    except Exception as error:  # damaged files raise errors of a dozen kinds
        # numpy takes foreign bytes for a pickle and advises to load it unsafely: that is not passed on
        reason = "a pickle or other foreign content, never loaded" if "pickle" in str(error) else error
        raise UserError(f"damaged or not an .npz file ({reason})") from None
    if not isinstance(stored, np.lib.npyio.NpzFile):
        raise UserError("one array; expected an .npz file of several")
    return stored


def _member(stored: np.lib.npyio.NpzFile, key: str) -> np.ndarray[Any, np.dtype[Any]]:
    try:
        array = stored[key]
    except Exception as error:
        if "pickle" in str(error):
            raise UserError(f"{key}: holds objects (a pickle), never loaded; save numbers or text") from None
        raise UserError(f"{key}: damaged ({error})") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{key}: not an array")
    return array


class naming:  # noqa: N801 - reads as a verb where it is used
    """Context that puts the file's name before the message of a `UserError` that does not begin with it."""

    def __init__(self, path: str | Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UserError) and not str(error).startswith(str(self.path)):
            raise UserError(f"{self.path}: {error}") from None
