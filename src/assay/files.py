"""The one way to write: beside its place, through to the disk, and there by one rename."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.temporary import partial, remove, sweep_once


@contextmanager
def at_once(path: Path) -> Iterator[Path]:
    """Context that gives a name to write a file or a folder to; readers see the old or the new one, whole.

    Whatever ends the context early, nothing is left behind; what was killed leaves a temporary file, which
    goes when the next process writes there. A folder does not replace one that has something in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_once(path.parent)
    part = partial(path)
    try:
        yield part
        if part.is_file():
            _through(part)
        part.replace(path)
    except OSError as error:  # of a full disk it names no file
        if error.errno is not None:
            error.filename = str(error.filename or path).replace(str(part), str(path))
        raise
    finally:
        remove(part)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file at once: readers see the old or the new one, whole."""
    with at_once(path) as part:
        part.write_bytes(content)


FORMAT = 1
"""Of the JSON files that Assay writes; files of before there was a number are read as of format 1."""


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Readable JSON that begins with its format; NaN is refused."""
    return (json.dumps({"format": FORMAT, **value}, indent=1, allow_nan=False) + "\n").encode()


def plain(value: Any) -> Any:
    """JSON values: keys are text, and numbers that are not finite are null."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Context that turns a place that cannot be written to into a `UserError`."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        inside = Path(str(error.filename or path)).parent.is_relative_to(path.parent)
        place = error.filename if error.filename and inside else path
        raise UserError(f"out: {place}: cannot be written ({why}); what is finished is kept") from None


def check_place(path: Path) -> None:
    """Raise `UserError` where a file could not be written, so that nobody waits for it in vain."""
    if _is(Path.is_dir, path):
        raise UserError(f"out: {path}: is a folder; expected the name of a file")
    if _is(Path.exists, path) and not _is(Path.is_file, path):
        raise UserError(f"out: {path}: is no file but a pipe, a socket or a device; give another name")
    check_writable(path.parent, path)


def check_writable(folder: Path, named: Path | None = None) -> None:
    """Raise `UserError`, which names the folder or what is `named`, where no file could be written.

    The folder and a file in it are made and removed again: permissions do not tell all, to root least. What
    dead processes left half-written there goes.
    """
    probe = partial(named or folder / "probe")
    absent = [path for path in (folder, *folder.absolute().parents) if not _is(Path.exists, path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if named:
            named.is_file()  # a name may be too long
        probe.touch()
        sweep_once(folder)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"out: {named or folder}: cannot be written ({why})") from None
    finally:
        with suppress(OSError, ValueError):
            probe.unlink()
        for path in absent:
            with suppress(OSError):
                path.rmdir()


def _is(asked: Callable[[Path], bool], path: Path) -> bool:
    try:
        return asked(path)
    except (OSError, ValueError):
        return False


def _through(path: Path) -> None:
    """To the disk: after a power cut a renamed file is whole, or the old one is there."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def content_of(source: Path | str | bytes, expected: str) -> bytes:
    """The bytes of a file, or the bytes themselves.

    Raises
    ------
    UserError
        If the file cannot be read; `expected` says what it should be.
    """
    return source if isinstance(source, bytes) else read_file(Path(source), expected)


def read_file(path: Path, expected: str, most: int | None = None) -> bytes:
    """The bytes of a file, at most so many; a pipe or a device, which may never end, is not begun.

    Raises
    ------
    UserError
        If it cannot be read, is no file, or holds more.
    """
    check_file(path, expected, most)
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; expected {expected}") from None


def check_file(path: Path, expected: str, most: int | None = None) -> None:
    """Raise `UserError` unless there is a file, of at most so many bytes, that can be read to its end."""
    try:
        status = path.stat()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; expected {expected}") from None
    except ValueError as error:  # a name with a null byte in it
        raise UserError(f"{path!r}: {error}; expected {expected}") from None
    if stat.S_ISDIR(status.st_mode):
        raise UserError(f"{path}: is a folder; expected {expected}")
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"{path}: is no file but a pipe, a socket or a device; expected {expected}")
    if most is not None and status.st_size > most:
        raise UserError(f"{path}: {size_of(status.st_size)}; expected {expected}, {size_of(most)} at most")


def size_of(count: float) -> str:
    """So many bytes, for people: ``1.5 GiB``."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:,.4g} TiB"
