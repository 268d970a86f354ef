"""Whose a folder is: one set, one process at a time, and whatever became of the process before.

set.json is the first file that is written and the last that goes: what lies beside it is of this set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.files import json_bytes, replace_file
from assay.strict import read_json

NOTE = "set.json"
FILES = "files"
"""The part of set.json that holds fingerprints of files, by the setting that names these."""
HARDLY = ("threads", "device", FILES)
"""With these a set may be gone on with though they differ: fingerprints count for their settings."""
HEAD, END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"


@contextmanager
def claimed(out: Path, ours: Mapping[str, Any], classes: Sequence[str]) -> Iterator[None]:
    """Context in which the folder is that of one set, and this process alone is at work on it.

    If it fails before the first picture, nothing new is left behind.

    Parameters
    ----------
    out : Path
        Made if it is not there.
    ours : mapping
        What set.json is to hold: JSON values, and under `FILES` the fingerprints of files.
    classes : sequence of str
        A folder each.

    Raises
    ------
    UserError
        If the folder holds another set or other files, or another process is at work on it.
    """
    was_there = out.is_dir()
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        _check(out, ours)
        try:
            _prepare(out, ours, classes)
            yield
        except BaseException:
            _withdraw(out, classes, was_there)
            raise


def is_whole(path: Path) -> bool:
    """Whether a PNG file is there, from its first bytes to its last."""
    try:
        with path.open("rb") as file:
            head = file.read(len(HEAD))
            file.seek(-len(END), os.SEEK_END)
            return (head, file.read()) == (HEAD, END)
    except OSError:  # not there, or too short to have an end
        return False


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Context in which no other process of this machine works on the folder.

    The lock is on the folder itself: it leaves no file, and the system takes it from a process that dies.
    """
    handle = os.open(out, os.O_RDONLY)
    try:
        _lock(handle, out)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, out: Path) -> None:
    import fcntl  # where Blender does not run it need not be there

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(
            f"{out}: another process is at work on this folder; wait until it ends, or give another folder"
        ) from None
    except OSError:
        pass  # a file system without locks


def _check(out: Path, ours: Mapping[str, Any]) -> None:
    """See to it that the folder is for this set and no other; nothing is changed."""
    if (out / NOTE).is_file():
        _check_same(out / NOTE, ours)
    elif any(not path.match(f".{NOTE}*.part") for path in out.iterdir()):
        raise UserError(f"{out}: holds other files; expected an empty folder, or one that this wrote")


def _check_same(note: Path, ours: Mapping[str, Any]) -> None:
    theirs = _read(note)
    known = theirs.get(FILES, {})  # there was a time without: paths are compared then
    for name, value in ours.items():
        is_same = known[name] == ours[FILES].get(name) if name in known else theirs.get(name) == value
        if not is_same and name not in HARDLY:
            raise UserError(f"{note}: {_difference(name, theirs.get(name), value)} give another folder")


def _read(note: Path) -> dict[str, Any]:
    theirs = read_json(note, "give another folder")
    if not isinstance(theirs.get(FILES, {}), dict):
        raise UserError(f"{note}: damaged (not the settings of a set); give another folder")
    return theirs


def _difference(name: str, there: Any, here: Any) -> str:
    if there == here:
        return f"{name}: not the files that this set was begun with; put those back, or"
    return f"{name} is {there} there, {here} here;"


def _prepare(out: Path, ours: Mapping[str, Any], classes: Sequence[str]) -> None:
    """Write set.json, make the folders, and remove what a process that was killed left half-written."""
    replace_file(out / NOTE, json_bytes(ours))
    for name in classes:
        (out / name).mkdir(exist_ok=True)
    for left in (*out.glob(".*.part"), *out.glob("*/.*.part")):
        left.unlink(missing_ok=True)


def _withdraw(out: Path, classes: Sequence[str], was_there: bool) -> None:
    """Take away the folders of a set without pictures; set.json too, but only if nothing else is left."""
    if any(out.glob("*/*.png")):
        return
    for name in classes:
        with suppress(OSError):  # one that is not empty stays
            (out / name).rmdir()
    if all(path.name == NOTE for path in out.iterdir()):
        (out / NOTE).unlink(missing_ok=True)
        if not was_there:
            out.rmdir()
