"""Files of arrays, read without ever loading a pickle; what they are if they are something else."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from assay.data.first_bytes import named
from assay.errors import UserError
from assay.files import check_file, size_of
from assay.machine.memory import check_unpacked
from assay.settings import once

Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]


def read_arrays(path: Path, keys: Sequence[str] | Callable[[Sequence[str]], Sequence[str]]) -> Arrays:
    """Those of the arrays `keys` that an ``.npz`` file has; objects (pickles) are refused, never loaded.

    Parameters
    ----------
    path : Path
    keys : sequence of str, or callable
        Which arrays to read, or what says so of the keys that there are.

    Raises
    ------
    UserError
        If the file is missing, damaged, no ``.npz``, or holds objects.
    """
    check_file(path, "an .npz file")
    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    with naming(path), file, _opened(file, path) as stored:
        archive = stored.zip
        assert archive is not None, "it is open"
        once(((name, None) for name in archive.namelist()), "members")
        wanted = [key for key in (keys(stored.files) if callable(keys) else keys) if key in stored]
        check_unpacked(sum(_size(archive, key) for key in wanted), path.stat().st_size, "its arrays")
        return {key: _member(stored, key) for key in wanted}


def _size(archive: zipfile.ZipFile, key: str) -> int:
    """Bytes of an array, which its header may not claim more of than are there."""
    name = f"{key}.npy" if f"{key}.npy" in archive.namelist() else key
    there = archive.getinfo(name).file_size
    try:
        with archive.open(name) as member:
            shape, dtype = _header(member)
    except Exception:  # damaged files raise errors of a dozen kinds: reading it will say which
        return there
    claimed = math.prod(shape) * dtype.itemsize
    if not dtype.hasobject and (claimed > there or max(shape, default=0) > there):
        amounts = f"{size_of(claimed)}; there are {size_of(there)}"
        raise UserError(f"{key}: damaged (claims {shape} of {dtype}, {amounts})")
    return there


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    return shape, dtype


def _opened(file: IO[bytes], path: Path) -> np.lib.npyio.NpzFile:
    try:
        stored = np.load(file, allow_pickle=False)
    except Exception as error:  # damaged files raise errors of a dozen kinds
        # numpy takes foreign bytes for a pickle and advises to load it unsafely: that is not passed on
        kind = named(path) or "of no kind that is known"
        reason = error if kind.startswith("an .npz file") else kind
        raise UserError(f"damaged, or not an .npz file: {reason}") from None
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
