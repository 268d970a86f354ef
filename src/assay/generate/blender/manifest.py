"""The manifest of a set: a line of JSON for every picture, with all that decides it.

Lines are added as pictures are finished; in the end they are put in the order of the pictures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from assay.errors import UserError
from assay.generate.blender.scene import Scene
from assay.generate.blender.strict import decoded, strict

NAME = "manifest.jsonl"


@strict
@dataclass(frozen=True)
class Entry:
    """A picture: its file in the folder of the set, the error that kept it from being made, and its scene."""

    file: str
    error: str | None
    scene: Scene

    def line(self) -> str:
        """As a line of JSON."""
        scene = self.scene.line()
        return f'{{"file":{json.dumps(self.file)},"error":{json.dumps(self.error)},"scene":{scene}}}\n'


def read_entry(line: str, where: str) -> Entry:
    """The picture that a line of a manifest is about.

    Raises
    ------
    UserError
        If the line is damaged; the message names `where` and the field.
    """
    return decoded(Entry, line, where)


def read_manifest(path: Path) -> list[Entry]:
    """All pictures of a manifest.

    Raises
    ------
    UserError
        If there is no such file, or a line is damaged.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    lines = path.read_text().splitlines()
    return [read_entry(line, f"{path}, line {i}") for i, line in enumerate(lines, start=1)]


class Manifest:
    """The file while pictures are made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places = _places(path)
        self.end = max((stop for _, stop in self.places.values()), default=0)
        if path.exists() and path.stat().st_size > self.end:
            os.truncate(path, self.end)  # the last line was being written when the process was killed

    def add(self, index: int, line: str) -> None:
        """Add the line of a picture; a later line stands for an earlier one of the same picture."""
        content = line.encode()
        with self.path.open("ab") as file:
            file.write(content)
        self.places[index] = self.end, self.end + len(content)
        self.end += len(content)

    def tidy(self, indices: Iterable[int], line_of: Callable[[int], str]) -> None:
        """One line for each of the pictures, in order; `line_of` gives those that are not there."""
        wanted = sorted({*indices, *self.places})
        if [self.places.get(index) for index in wanted] == sorted(self.places.values()) and self._is_full():
            return
        part = self.path.with_name(f".{self.path.name}.part")
        self.path.touch()
        with part.open("wb") as new, self.path.open("rb") as old:
            for index in wanted:
                start, stop = self.places.get(index, (0, 0))
                old.seek(start)
                new.write(old.read(stop - start) or line_of(index).encode())
        part.replace(self.path)
        self.places = _places(self.path)

    def _is_full(self) -> bool:
        """Whether every byte belongs to a line that counts."""
        return sum(stop - start for start, stop in self.places.values()) == self.end


def _places(path: Path) -> dict[int, tuple[int, int]]:
    """Where the whole lines of a manifest begin and end, by index; the last one counts."""
    places: dict[int, tuple[int, int]] = {}
    if not path.exists():
        return places
    with path.open("rb") as file:
        start = 0
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                places[_index(line, f"{path}, line {number}")] = start, start + len(line)
            start += len(line)
    return places


def _index(line: bytes, where: str) -> int:
    try:
        return int(json.loads(line)["scene"]["index"])
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{where}: damaged; remove the line, and its picture is made again") from None
