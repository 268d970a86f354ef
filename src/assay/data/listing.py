"""Images on disk before any is decoded: which files, of which class, in which domain; lists of files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.folder_tree import SUFFIXES
from assay.errors import UserError
from assay.files import read_file

Domain = Literal["synthetic", "real"]
Present = Mapping[str, Sequence[str]]
SHOWN = 5


@dataclass(frozen=True, eq=False)
class Listing:
    """Images of one domain, none of them decoded.

    Parameters
    ----------
    root : Path
        What the paths are relative to.
    paths : tuple of str
        With forward slashes.
    y : int array, shape (n,)
        Class of each image.
    domain : {"synthetic", "real"}
    """

    root: Path
    paths: tuple[str, ...]
    y: NDArray[np.int64]
    domain: Domain

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: NDArray[Any]) -> Listing:
        """The images at `index`, a mask or an array of positions."""
        places = np.arange(len(self))[index]
        return Listing(self.root, tuple(self.paths[i] for i in places), self.y[places], self.domain)

    def none(self) -> Listing:
        """No images, of the same folder and domain."""
        return self[np.zeros(len(self), dtype=bool)]

    def relabelled(self, numbers: NDArray[np.int64]) -> Listing:
        """The images whose class has a new number of 0 or more, under that number."""
        y = numbers[self.y]
        chosen = self[y >= 0]
        return Listing(chosen.root, chosen.paths, y[y >= 0], chosen.domain)

    def files(self) -> list[Path]:
        """Where each image lies."""
        return [self.root / path for path in self.paths]

    def counts(self, classes: int) -> NDArray[np.int64]:
        """Images of each class, shape (classes,)."""
        return np.bincount(self.y, minlength=classes)

    def parted(self, take: Callable[[int], int], seed: int) -> tuple[Listing, Listing]:
        """The first ``take(n)`` of the n images of every class, in an order that `seed` draws, and the rest.

        The order of a class depends on nothing but the seed and its own images, so that fewer images are
        among more of them, whatever the other classes hold.
        """
        first = np.zeros(len(self), dtype=bool)
        for label in np.unique(self.y):
            members = np.flatnonzero(self.y == label)
            drawn = np.random.default_rng([seed, label]).permutation(members)
            first[drawn[: take(len(members))]] = True
        return self[first], self[~first]

    def limited(self, limit: int | None, seed: int) -> Listing:
        """At most `limit` images of every class; all of them if None."""
        return self if limit is None else self.parted(lambda n: min(limit, n), seed)[0]


def list_paths(
    root: Path, paths: Iterable[str], label: Callable[[str], int], domain: Domain = "real"
) -> Listing:
    """A listing of paths in sorted order, each path labelled by a function of it."""
    # sorted, so that neither the file system nor the order of a list decides what a seed draws
    ordered = tuple(sorted(paths))
    return Listing(root, ordered, np.array([label(path) for path in ordered], dtype=np.int64), domain)


def read_lines(path: Path) -> list[str]:
    """The whole lines of a list of files.

    Raises
    ------
    UserError
        If there is no such file, or it is not text in UTF-8.
    """
    try:
        return split_lines(read_file(path, "a list of files").decode())
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not text in UTF-8 (byte {error.start})") from None


def split_lines(text: str) -> list[str]:
    """Lines that end in LF, or all in CRLF; nothing else ends a line, and no character is taken off one."""
    *lines, last = text.split("\n")
    if lines and all(line.endswith("\r") for line in lines):
        lines = [line[:-1] for line in lines]
    return [*lines, last] if last else lines


def check_once(path: Path, lines: Sequence[str]) -> None:
    """Raise `UserError` if a line occurs more than once: an image would count twice."""
    twice = [line for line, n in Counter(lines).items() if n > 1]
    if twice:
        raise UserError(f"{path}: paths that occur more than once, {len(twice)}: {some(twice)}")


def class_images(root: Path) -> dict[str, list[str]]:
    """Names of the images in each folder of `root`, sorted; nothing if there is no such folder."""
    if not root.is_dir():
        return {}
    folders = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return {name: _images(root / name) for name in folders}


def _images(folder: Path) -> list[str]:
    suffixes = tuple(SUFFIXES)
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.lower().endswith(suffixes) and entry.is_file()]
    return sorted(name for name in names if not name.startswith("."))


def in_folder(prefix: str, present: Present) -> list[str]:
    """Relative paths ``prefix/<class>/<file>`` of the images by class."""
    return [f"{prefix}/{name}/{file}" for name, files in present.items() for file in files]


def differences(what: str, expected: Collection[str], found: Collection[str], extra: str) -> list[str]:
    """Sentences about what is expected and not found, and found and not expected."""
    lacking, surplus = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    sentences = [f"{what} not there, {len(lacking)}: {some(lacking)}"] if lacking else []
    return sentences + ([f"{extra}, {len(surplus)}: {some(surplus)}"] if surplus else [])


def wrong_folders(where: str, found: Collection[str], classes: Collection[str]) -> list[str]:
    """Sentences about class folders that are not there, all of them by name, and about unknown ones."""
    lacking = [name for name in classes if name not in found]
    surplus = [name for name in found if name not in classes]
    sentences = [f"{where}: no class folder {', '.join(lacking)}"] if lacking else []
    return sentences + ([f"{where}: unknown class folder {some(surplus)}"] if surplus else [])


def wrong_counts(where: str, found: Mapping[str, int], published: Mapping[str, int]) -> list[str]:
    """A sentence about the classes found that have another number of images than was published."""
    odd = [f"{name} {found[name]} (not {n})" for name, n in published.items() if found.get(name, n) != n]
    return [f"{where}: other numbers of images than published: {some(odd)}"] if odd else []


def some(items: Sequence[str], shown: int = SHOWN) -> str:
    """The first few, and how many more there are."""
    more = len(items) - shown
    return ", ".join(items[:shown]) + (f" and {more} more" if more > 0 else "")
