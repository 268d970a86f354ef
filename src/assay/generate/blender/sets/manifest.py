"""The manifest of a set: a line of JSON for every picture, with all that decides it.

The line of a picture is written before it is made, and another one if that fails; in the end the lines are
put in the order of the pictures, one for each.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from annotated_types import Interval

from assay.errors import UserError
from assay.files import FORMAT, at_once, read_file
from assay.generate.blender.scene.values import Scene
from assay.strict import decoded, json_values, strict

NAME = "manifest.jsonl"
REMEDY = "remove the line, and its picture is made again"


@strict
@dataclass(frozen=True)
class Entry:
    """A picture: its file in the folder of the set, the error that kept it from being made, and its scene.

    Lines of before there was a format are read as of format 1.
    """

    file: str
    error: str | None
    scene: Scene
    format: Annotated[int, Interval(ge=1, le=FORMAT)] = FORMAT

    def line(self) -> str:
        """As a line of JSON."""
        file, error, scene = json.dumps(self.file), json.dumps(self.error), self.scene.line()
        return f'{{"format":{self.format},"file":{file},"error":{error},"scene":{scene}}}\n'


def read_entry(line: str, where: str) -> Entry:
    """The picture that a line of a manifest is about.

    Raises
    ------
    UserError
        If the line is damaged, or of a later Assay; the message names `where` and the field.
    """
    try:
        return decoded(Entry, line, where)
    except UserError:
        json_values(line, where)  # of a line of a later Assay this says more
        raise


def read_manifest(path: Path) -> list[Entry]:
    """All pictures of a manifest.

    Raises
    ------
    UserError
        If there is no such file, or a line is damaged.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    try:
        lines = read_file(path, "a manifest").decode().splitlines()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: damaged ({error})") from None
    return [read_entry(line, f"{path}, line {i}") for i, line in enumerate(lines, start=1)]


class Place(NamedTuple):
    """Where a line begins and ends in its file, and whether it tells of no error."""

    start: int
    stop: int
    is_good: bool


class Manifest:
    """The file while pictures are made; threads may share it.

    Raises
    ------
    UserError
        If a line is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.guard = path, threading.Lock()
        self._read()

    def _read(self) -> None:
        self.places = _places(self.path)
        self.end = max((place.stop for place in self.places.values()), default=0)

    def is_good(self, index: int) -> bool:
        """Whether a picture has a line, and that tells of no error."""
        return index in self.places and self.places[index].is_good

    def add(self, entry: Entry) -> None:
        """Add the line of a picture; a later line stands for an earlier one of the same picture."""
        content = entry.line().encode()
        with self.guard, self.path.open("ab") as file:
            file.truncate(self.end)  # what a killed process or a full disk left of a line
            file.write(content)
            file.flush()
            place = Place(self.end, self.end + len(content), entry.error is None)
            self.places[entry.scene.index], self.end = place, place.stop

    def tidy(self, is_there: Callable[[int], bool]) -> None:
        """One line for each picture, in order; that of a picture which was begun and is not there goes."""
        kept = [place for index, place in sorted(self.places.items()) if is_there(index) or not place.is_good]
        if kept and kept == sorted(kept) and self.path.stat().st_size == sum(p.stop - p.start for p in kept):
            return
        if kept:
            self._rewrite(kept)
        else:
            self.path.unlink(missing_ok=True)
        self._read()

    def _rewrite(self, kept: list[Place]) -> None:
        with at_once(self.path) as part, part.open("wb") as new, self.path.open("rb") as old:
            for place in kept:
                old.seek(place.start)
                new.write(old.read(place.stop - place.start))


def _places(path: Path) -> dict[int, Place]:
    """Where the whole lines of a manifest are, by index; the last one counts."""
    places: dict[int, Place] = {}
    if not path.exists():
        return places
    with path.open("rb") as file:
        start = 0
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                index, is_good = _told(line, f"{path}, line {number}")
                places[index] = Place(start, start + len(line), is_good)
            start += len(line)
    return places


def _told(line: bytes, where: str) -> tuple[int, bool]:
    """The index that a line is about, and whether it tells of no error."""
    values = json_values(line, where, REMEDY)
    try:
        index, error = values["scene"]["index"], values["error"]
    except (KeyError, TypeError):
        raise UserError(f"{where}: damaged (no scene.index, or no error); {REMEDY}") from None
    if type(index) is not int or index < 0:
        raise UserError(f"{where}: damaged (scene.index: {index!r}; expected a place, 0 or more); {REMEDY}")
    return index, error is None
