"""Arrays in ``.npy`` files that lie together: ``x.npy`` and ``y.npy``, or ``x_train.npy`` and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.data.npz import Arrays
from assay.data.spellings import ARRAY_SPELLINGS, OTHER_KEYS, part_named
from assay.errors import UserError
from assay.files import check_file
from assay.machine.memory import check_fits, fills

SUFFIX = ".npy"
WORDS = {word for words in ARRAY_SPELLINGS.values() for word in words}


def holds_arrays(folder: Path) -> bool:
    """Whether a folder holds the items of a data set as ``.npy`` files."""
    return any(_what(path.stem) in ARRAY_SPELLINGS["x"] for path in folder.glob(f"*{SUFFIX}"))


def read_together(path: Path, stream: bool | None = None) -> Arrays:
    """The arrays of a folder, or those that go with a file, by what each is called.

    Of ``made_x.npy`` the others are those whose names differ in ``x``, or name a part: ``made_y.npy``. Items
    that are streamed, by default those that would fill the memory, stay in their file (`numpy.memmap`).

    Raises
    ------
    UserError
        If a file cannot be read, holds objects, or nothing goes with it.
    """
    files = [path] if path.is_file() else []
    beside = sorted((path if path.is_dir() else path.parent).glob(f"*{SUFFIX}"))
    family = _family(path.stem) if files else None
    files = [one for one in beside if family is None or _family(one.stem) == family]
    named = {_own_key(one.stem, family): one for one in files}
    if path.is_file() and not any(_what(key) in ARRAY_SPELLINGS["y"] for key in named):
        raise UserError(
            f"an array, and no labels beside it; expected {_beside(path.stem)}{SUFFIX} there (of a recording "
            "of Wi-Fi signals `assay data pack` makes items)"
        )
    return {
        key: _read(one, stream if _what(key) in ARRAY_SPELLINGS["x"] else False) for key, one in named.items()
    }


def _words(stem: str) -> list[str]:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", stem).casefold().replace("-", "_").split("_")


def _what(stem: str) -> str:
    """The word that says what an array is; nothing if there is none."""
    return next((word for word in _words(stem) if word in WORDS), "")


def _family(stem: str) -> tuple[str, ...]:
    """What the files of one data set share in their names."""
    known = WORDS | set(OTHER_KEYS)
    return tuple(word for word in _words(stem) if word not in known and part_named(word) is None)


def _own_key(stem: str, family: Iterable[str] | None) -> str:
    """The name of an array without what it shares with the others."""
    shared = set(family or ())
    return "_".join(word for word in _words(stem) if word not in shared)


def _beside(stem: str) -> str:
    words = re.split(r"(_|-)", stem)
    return "".join("y" if word.casefold() in WORDS else word for word in words) if _what(stem) else "y"


def _read(path: Path, stream: bool | None) -> NDArray[np.generic]:
    array = mapped(path)
    if fills(array.nbytes, array.size) if stream is None else stream:
        return array
    check_fits(array.nbytes, str(path))
    return np.array(array)


def mapped(path: Path) -> NDArray[np.generic]:
    """The array of an ``.npy`` file where it lies (`numpy.memmap`), whatever the name of the file.

    Raises
    ------
    UserError
        If there is no such file, it is damaged, claims more than it holds, or holds objects (pickles).
    """
    check_file(path, "an .npy file")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # a header that claims too much fails
    except Exception as error:  # damaged files raise errors of a dozen kinds
        reason = "holds objects (a pickle), never loaded; save numbers or text"
        raise UserError(f"{path}: {reason if 'objects' in str(error) else f'damaged ({error})'}") from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: no single array")
    if max(array.shape, default=0) > path.stat().st_size:  # of items of no bytes
        raise UserError(f"{path}: damaged (claims {array.shape} of {array.dtype})")
    return array
