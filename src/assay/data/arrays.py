"""A user's own arrays in an ``.npz`` file.

x        (n, *shape)  numbers; images channels first
y        (n,)         class, 0 to classes - 1; -1 where unknown. Synthetic data: the condition
group    (n,)         user, room or camera (optional)
split    (n,)         labelled, shots, unlabelled, validation or test (optional; dealt out if absent)
classes  (classes,)   names (optional)
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assay.data.split import numbered, split_task, task_of_parts
from assay.errors import UserError
from assay.types import Kind, Normalise, Samples, Task

KEYS = ("x", "y", "group", "split", "classes")
Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]


@dataclass(frozen=True)
class ArrayFile:
    """Settings: the file, and what its shape would otherwise decide."""

    path: str = ""
    kind: Kind | None = None
    normalise: Normalise | None = None
    seed: int = 0

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


def read_samples(path: Path) -> Samples:
    """Synthetic items of a file."""
    arrays = read_arrays(path)
    with naming(path):
        return samples_of(arrays)


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
    if array.ndim != 1 or array.dtype.kind not in "US" or (n is not None and len(array) != n):
        expected = f"({n},)" if n is not None else "(classes,)"
        raise UserError(f"{key}: {array.dtype} of shape {array.shape}; expected text of shape {expected}")
    return array.astype(np.str_)


def read_arrays(path: Path) -> Arrays:
    """The known arrays of an ``.npz`` file; objects (pickles) are refused, never loaded.

    Raises
    ------
    UserError
        If the file is missing, damaged, no ``.npz``, or holds objects.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as stored:
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise UserError(f"{path}: one array; expected an .npz with x and y")
            return {key: _member(stored, key, path) for key in KEYS if key in stored}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise UserError(f"{path}: damaged or not an .npz file ({error})") from None
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path}: not an .npz file ({error})") from None


def _member(stored: Any, key: str, path: Path) -> np.ndarray[Any, np.dtype[Any]]:
    try:
        array = stored[key]
    except ValueError as error:
        reason = "holds objects (a pickle), which are never loaded" if "pickle" in str(error) else str(error)
        raise UserError(f"{path}: {key}: {reason}; save plain numbers or text") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: {key}: not an array")
    return array


class naming:  # noqa: N801 - reads as a verb where it is used
    """Context that puts the file's name before the message of a `UserError`."""

    def __init__(self, path: str | Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UserError):
            raise UserError(f"{self.path}: {error}") from None
