"""What a recording is of: class, person, room and the like, from its path by a pattern, or from a list."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.errors import UserError
from assay.files import read_file

CLASS = "class"
TAKEN = ("x", "y", "group", "split", "classes", "kind", "normalise", "start")
SHOWN = 3
Fields = dict[str, str]


@dataclass(frozen=True)
class Listed:
    """Recordings and what is known about them.

    Parameters
    ----------
    paths : tuple of Path
        Sorted.
    fields : tuple of dict of str to str
        Of every recording; "class" among them.
    left_out : tuple of str
        Files of the folder that the pattern does not fit, relative to it.
    """

    paths: tuple[Path, ...]
    fields: tuple[Fields, ...]
    left_out: tuple[str, ...] = ()


def by_pattern(folder: Path, pattern: str) -> Listed:
    """The files of a folder whose path below it fits a pattern like ``{class}/{user}-{trial}.dat``.

    A name in braces is any text without a slash, as short as may be, or digits where it ends in ``:d``, as in
    ``{trial:d}``; ``*`` is any text without a slash and ``**`` any with. A name that comes twice must be the
    same text twice.

    Raises
    ------
    UserError
        If the pattern has no ``{class}``, or fits no file.
    """
    expression = _expression(pattern)
    files = sorted(_files(folder))
    matches = [(path, expression.fullmatch(path.relative_to(folder).as_posix())) for path in files]
    fits = [(path, match.groupdict()) for path, match in matches if match]
    left_out = tuple(path.relative_to(folder).as_posix() for path, match in matches if not match)
    if not fits:
        some = ", ".join(left_out[:SHOWN]) or "nothing"
        raise UserError(f"{folder}: no file fits the pattern {pattern}; there is {some}")
    return Listed(tuple(path for path, _ in fits), tuple(fields for _, fields in fits), left_out)


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder")
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _expression(pattern: str) -> re.Pattern[str]:
    parts, seen = list[str](), set[str]()
    for literal, name in re.findall(r"([^{}]*)(?:\{([^{}]*)\})?", pattern):
        escaped = re.escape(literal).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        parts += [escaped, _group(name, seen) if name else ""]
    check_names(seen, f"pattern {pattern}")
    return re.compile("".join(parts))


def _group(text: str, seen: set[str]) -> str:
    name, _, kind = text.partition(":")
    if not name.isidentifier():
        raise UserError(f"pattern: '{{{name}}}' is no name; expected letters, as in {{user}}")
    if kind not in ("", "d"):
        raise UserError(f"pattern: '{{{text}}}': expected {{{name}}}, or {{{name}:d}} for digits")
    again = name in seen
    seen.add(name)
    return f"(?P={name})" if again else f"(?P<{name}>" + (r"\d+)" if kind else "[^/]+?)")


def check_names(names: set[str], where: str) -> None:
    """Raise `UserError` if there is no class among the names, or one that the file keeps for itself."""
    if CLASS not in names:
        raise UserError(f"{where}: no {{class}}; what do the recordings show?")
    if taken := sorted(names & set(TAKEN)):
        raise UserError(f"{where}: '{taken[0]}' is a name of the packed file's own; choose another")


def by_list(folder: Path, path: Path) -> Listed:
    """The files that a CSV list names, with its columns: path (below the folder), class, and any others.

    Raises
    ------
    UserError
        If a column is missing, or a file is not there or listed twice.
    """
    try:
        text = read_file(path, "a list of files").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), restval=""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: {error}") from None
    if not rows or "path" not in rows[0]:
        raise UserError(
            f"{path}: no column 'path'; expected path, class and others, with a first line of names"
        )
    names = {name for name in rows[0] if name} - {"path"}
    check_names(names, str(path))
    fields = tuple({name: row[name] for name in sorted(names)} for row in rows)
    return Listed(tuple(_listed(folder, path, [row["path"] for row in rows])), fields)


def _listed(folder: Path, path: Path, names: list[str]) -> Iterator[Path]:
    seen: set[str] = set()
    for line, name in enumerate(names, 2):
        if not (folder / name).is_file():
            raise UserError(f"{path}: line {line}: no such file: {folder / name}")
        if name in seen:
            raise UserError(f"{path}: line {line}: {name} is listed twice")
        if not (folder / name).absolute().is_relative_to(folder.absolute()) or ".." in Path(name).parts:
            raise UserError(f"{path}: line {line}: {name} is not below {folder}")
        seen.add(name)
        yield folder / name


def numbered(texts: list[str]) -> tuple[tuple[str, ...], list[int]]:
    """Different texts, numbers by value before others, and the place of each among them."""
    names = sorted(
        set(texts), key=lambda text: (not text.isdecimal(), int(text) if text.isdecimal() else 0, text)
    )
    place = {name: number for number, name in enumerate(names)}
    return tuple(names), [place[text] for text in texts]


def _order(text: str) -> tuple[bool, int, str]:
    return not text.isdecimal(), int(text) if text.isdecimal() else 0, text
