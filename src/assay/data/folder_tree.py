"""What lies in a folder and the folders below it: pictures, files that cannot be read, and other files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from assay.data.content import is_picture
from assay.errors import UserError

SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".mpo", ".png", ".apng", ".webp", ".avif"),
        *(".bmp", ".dib", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
    )
)
"""Endings of pictures that are read."""
FOREIGN = frozenset(
    (
        *(".heic", ".heif", ".jp2", ".j2k", ".jxl", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"),
        *(".raw", ".exr", ".hdr", ".psd", ".svg", ".dds", ".qoi", ".pcx", ".tga", ".icns", ".ico"),
    )
)
"""Endings of pictures that are not read: never left out unseen."""
SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found"})
"""Names, in small letters, of what systems leave in folders."""
HIDDEN = "hidden or of the system"
Parts = tuple[str, ...]
"""A path below the folder, as names."""


@dataclass
class Tree:
    """Pictures below a folder, none of them opened unless it has no ending.

    Attributes
    ----------
    root : Path
    pictures : list of tuple of str
        Each picture's path below the root, in the order of names.
    bad : list of (tuple of str, str)
        Files that ought to be pictures and are not read, and why.
    others : Counter
        Files that are no pictures, counted by ending; hidden ones and those of the system under `HIDDEN`.
    empty : list of tuple of str
        Folders in which there is nothing to read.
    ignored : Counter
        Folders that were not looked into because the user said so.
    """

    root: Path
    pictures: list[Parts] = field(default_factory=list)
    bad: list[tuple[Parts, str]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    empty: list[Parts] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def walk(root: Path, links: bool = False, ignore: Collection[str] = ()) -> Tree:
    """All that lies below a folder.

    Parameters
    ----------
    root : Path
    links : bool
        Whether symbolic links may lead out of the folder.
    ignore : collection of str
        Names of folders that are not looked into.

    Raises
    ------
    UserError
        If there is no such folder, or it cannot be listed.
    """
    if not root.is_dir():
        raise UserError(f"{root}: no such folder")
    tree = Tree(root)
    _Walk(tree, None if links else os.path.realpath(root), frozenset(ignore)).into(root, (), ())
    return tree


@dataclass(frozen=True)
class _Walk:
    tree: Tree
    within: str | None
    ignore: frozenset[str]

    def into(self, folder: Path, parts: Parts, above: Parts) -> bool:
        """Look into a folder; whether there was anything to read.

        `above` are the real paths of the folders above that were reached by links, so that none is entered
        from within itself.
        """
        found = False
        for entry in _listed(folder):
            here = (*parts, entry.name)
            if entry.name.startswith(".") or entry.name.lower() in SYSTEM:
                self.tree.others[HIDDEN] += 1
            elif reason := self._astray(entry, above):
                self.tree.bad.append((here, reason))
                found = True
            elif entry.is_dir():
                found |= self._folder(entry, here, above)
            else:
                found |= self._file(entry, here)
        if not found:
            self.tree.empty.append(parts)
        return found

    def _folder(self, entry: os.DirEntry[str], here: Parts, above: Parts) -> bool:
        if entry.name in self.ignore:
            self.tree.ignored[entry.name] += 1
            return True
        return self.into(Path(entry.path), here, (*above, os.path.realpath(entry.path)))

    def _file(self, entry: os.DirEntry[str], here: Parts) -> bool:
        ending = ending_of(entry.name)
        if not entry.is_file():
            self.tree.others["no plain file"] += 1
            return False
        if ending in SUFFIXES or (not ending and is_picture(Path(entry.path))):
            self.tree.pictures.append(here)
        elif ending in FOREIGN:
            self.tree.bad.append((here, f"{ending[1:].upper()} is not read: save it as JPEG or PNG"))
        else:
            self.tree.others[ending or "no ending"] += 1
            return False
        return True

    def _astray(self, entry: os.DirEntry[str], above: Parts) -> str:
        """Why a symbolic link is not followed; nothing if it is, or is none."""
        if not entry.is_symlink():
            return ""
        target = os.path.realpath(entry.path)
        if not Path(target).exists():
            return "a broken link"
        if self.within is not None and os.path.commonpath([self.within, target]) != self.within:
            return "a link that leads out of the folder: links=true follows it"
        if entry.is_dir() and os.path.commonpath([target, os.path.realpath(self.tree.root)]) == target:
            return "a link to a folder that holds it"
        return "a link to a folder that holds it" if target in above else ""


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder: files, then folders, by name."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: (entry.is_dir(), entry.name))
    except OSError as error:
        raise UserError(f"{shown(folder)}: {error.strerror}") from None


def ending_of(name: str) -> str:
    """The ending of a file's name in small letters, with its dot; none if it does not begin with a letter."""
    ending = Path(name).suffix.lower()
    return ending if ending[1:2].isalpha() else ""


def shown(path: object) -> str:
    """A path as it can be printed: what is no character, or moves the cursor, is escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in str(path)
    )
