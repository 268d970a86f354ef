"""Furniture libraries of Sweet Home 3D (``.sh3f``): unpacked into a folder of OBJ models for every class.

An archive holds an OBJ file with its materials for every model, and ``PluginFurnitureCatalog.properties``:

    name#7=Desk lamp
    model#7=/lamps/desk-lamp/desk-lamp.obj
    modelRotation#7=1 0 0 0 0 1 0 -1 0

The class is the thing that the name means: its last word, before any number, "with", "of", "for" ...
"""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path, PurePosixPath

import numpy as np

from assay.errors import UserError
from assay.files import at_once, check_file, size_of, writing

CATALOGUE = "PluginFurnitureCatalog.properties"
NOTE = "models.csv"
LIMITS = re.compile(r" (?:and|for|in|of|on|with|without) | \d|[,(]")
MOST_BYTES, MOST_RATIO = 2**28, 100
"""Bytes of a file in a library, and of what all of it unpacks to as a multiple of its size."""
WANTED = (".obj", ".mtl", ".png", ".jpg", ".jpeg", ".bmp", ".txt")


@dataclass(frozen=True)
class Piece:
    """A model of an archive: its class, English name, maker, licence, and file in the archive."""

    label: str
    name: str
    creator: str
    license: str
    file: str
    rotation: str = ""


def unpack_furniture(archives: Sequence[Path], out: Path) -> dict[str, int]:
    """Unpack archives into ``OUT/<class>/<archive>-<model>/<model>.obj``; ``OUT/models.csv`` says whose.

    The folder appears at once, when all is in it.

    Returns
    -------
    dict
        Models of every class, the largest first.

    Raises
    ------
    UserError
        If there is nothing to unpack, a file is no such archive or is damaged, or `out` cannot be written.
    """
    if not archives:
        raise UserError("furniture: none given; expected .sh3f files")
    if out.is_dir() and any(out.iterdir()):
        raise UserError(f"{out}: not empty; give a new folder")
    with writing(out), at_once(out) as part:
        part.mkdir()
        rows = [(row, path) for archive in archives for row, path in _unpack(archive, part)]
        if not rows:
            raise UserError(f"furniture: {', '.join(map(str, archives))}: no OBJ models in it")
        with (part / NOTE).open("w", newline="", encoding="utf-8") as note:
            table = csv.writer(note)
            table.writerow([*(field.name for field in fields(Piece)), "path"])
            table.writerows([*astuple(piece), path.relative_to(part).as_posix()] for piece, path in rows)
    return dict(Counter(piece.label for piece, _ in rows).most_common())


def _unpack(archive: Path, out: Path) -> Iterator[tuple[Piece, Path]]:
    if not archive.exists():
        raise UserError(f"furniture: {archive}: no such file")
    if archive.is_dir():
        raise UserError(f"furniture: {archive}: a folder; expected a .sh3f file")
    check_file(archive, "a .sh3f file")
    try:
        with zipfile.ZipFile(archive) as opened:
            _check_unpacked(opened, archive.stat().st_size)
            for piece in read_catalogue(opened):
                yield piece, _unpack_piece(opened, piece, out / piece.label, archive.stem)
    except UserError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"furniture: {archive}: not a furniture library, or damaged ({error})") from None


def read_catalogue(archive: zipfile.ZipFile) -> list[Piece]:
    """The OBJ models that a library lists and has.

    Raises
    ------
    KeyError
        If the archive has no catalogue.
    """
    lines = _content(archive, CATALOGUE).decode("latin-1").splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith(("#", "!")))
    values = {key.strip(): _plain(value) for key, _, value in pairs}
    numbers = [key.partition("#")[2] for key in values if key.startswith("model#")]
    pieces, there = [_piece(values, number) for number in numbers], {*archive.namelist()}
    return [piece for piece in pieces if piece.file.lower().endswith(".obj") and piece.file in there]


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    if (there := archive.getinfo(name).file_size) > MOST_BYTES:
        raise ValueError(f"{name}: unpacks to {size_of(there)}; at most {size_of(MOST_BYTES)} are read")
    return archive.read(name)


def _check_unpacked(archive: zipfile.ZipFile, stored: int) -> None:
    """Raise `ValueError` if a library unpacks to far more than models ever do."""
    whole = sum(info.file_size for info in archive.infolist())
    if whole > max(MOST_BYTES, MOST_RATIO * stored):
        raise ValueError(f"unpacks from {size_of(stored)} to {size_of(whole)}")


def _plain(value: str) -> str:
    r"""The value of a property, whose letters outside Latin-1 are written ``\u20ac``."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), value.strip())


def _piece(values: dict[str, str], number: str) -> Piece:
    name, license_ = values.get(f"name#{number}", ""), values.get("license", "")
    return Piece(
        class_of(name),
        name,
        values.get(f"creator#{number}", ""),
        values.get(f"license#{number}", license_),
        values[f"model#{number}"].lstrip("/"),
        values.get(f"modelRotation#{number}", ""),
    )


def class_of(name: str) -> str:
    """The last word before any number, "with", "of", "for" ..., in small letters: "Desk lamp 2" is a lamp."""
    words = re.findall(r"[^\W\d_]{2,}", LIMITS.split(name)[0])
    return words[-1].lower() if words else "other"


def _unpack_piece(archive: zipfile.ZipFile, piece: Piece, folder: Path, prefix: str) -> Path:
    """The model's folder of the archive, flat as it is there; the path of its OBJ file."""
    inside = PurePosixPath(piece.file).parent
    members = [name for name in archive.namelist() if PurePosixPath(name).parent == inside]
    target = folder / f"{prefix}-{PurePosixPath(piece.file).parent.name}"
    target.mkdir(parents=True, exist_ok=True)
    for name in members:
        if name.lower().endswith(WANTED):
            (target / PurePosixPath(name).name).write_bytes(_content(archive, name))
    path = target / PurePosixPath(piece.file).name
    if piece.rotation:
        path.write_text(turned(path.read_text("latin-1"), piece.rotation), "latin-1")
    return path


def turned(text: str, rotation: str) -> str:
    """An OBJ file whose points and normals are turned by a matrix, nine numbers row by row."""
    matrix = np.array(rotation.split(), float).reshape(3, 3)

    def turn(line: str) -> str:
        kind, *values = line.split()
        return " ".join([kind, *(f"{value:.7g}" for value in matrix @ np.array(values[:3], float))])

    lines = text.splitlines()
    return "\n".join(turn(line) if line.startswith(("v ", "vn ")) else line for line in lines) + "\n"
