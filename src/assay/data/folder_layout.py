"""Which folder of a picture's path names its part of the task, and which its class.

ROOT/<class>/*            ROOT/<part>/<class>/*          parts go by many names: train, val, test ...
ROOT/<domain>/<class>/*   ROOT/<class>/<batch>/*         and a part may stand below the class or the domain
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assay.data.class_names import likeness
from assay.data.folder_tree import Parts, shown
from assay.data.listing import some
from assay.data.spellings import part_named
from assay.errors import UserError
from assay.findings import Finding

NUMBER = re.compile(r"[\W_]*(?<!\d)\d{1,4}(?!\d)")
"""Longer ones are no numbering: ImageNet's classes are called ``n01440764``."""
VAGUE = frozenset(
    {"", "batch", "part", "set", "run", "session", "group", "user", "video", "clip", "data", "samples"}
    | {"image", "images", "img", "imgs", "pic", "pics", "picture", "pictures", "photo", "photos", "frames"}
)
CLASSES = frozenset({"class", "label", "category"})
"""What folders that differ in a number alone are called where they are classes."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
DEEPEST = len(ORDINALS)
"""Of more folders within each other, none is taken for the class."""


class Placed(NamedTuple):
    """A picture: its path, its part ("" where the folder has none), its class folder, and the others."""

    path: Parts
    part: str
    kind: str
    rest: str


@dataclass(frozen=True)
class Layout:
    """How a folder was read.

    Attributes
    ----------
    pictures : tuple of Placed
        Those with a class, and unlabelled ones.
    parts : mapping of str to str
        The parts of the task that there are, and the name of the folder that each is.
    findings : tuple of Finding
    split, level : int
        Which folder of a path is the part (None: the folder has no parts), and which of the others the class.
    """

    pictures: tuple[Placed, ...]
    parts: Mapping[str, str]
    findings: tuple[Finding, ...]
    split: int | None
    level: int

    def of(self, part: str) -> list[Placed]:
        """The pictures of a part."""
        return [picture for picture in self.pictures if picture.part == part]

    def class_folder(self, folders: Parts) -> str | None:
        """The name of the class folder that these folders end in or go through; None if they reach none."""
        others = folders if self.split is None else folders[: self.split] + folders[self.split + 1 :]
        return others[self.level] if len(others) > self.level else None


def lay_out(
    paths: Sequence[Parts],
    known: Sequence[str] = (),
    level: int | None = None,
    deep: bool = False,
    rename: Mapping[str, str] | None = None,
) -> Layout:
    """Part and class of every picture.

    Parameters
    ----------
    paths : sequence of tuple of str
        Of pictures below the folder.
    known : sequence of str
        Names of the classes where they are known: they decide which folder names the class.
    level : int, optional
        Which folder names the class: 1 for the first, where a part's folder does not count.
    deep : bool
        Take pictures in folders below a class folder that holds pictures itself.
    rename : mapping of str to str
        Other names of folders that are parts.

    Raises
    ------
    UserError
        If pictures lie in no class folder.
    """
    names = rename or {}
    split = _part_level([path[:-1] for path in paths], names)
    inside, parts, outside = _parted(paths, split, names)
    at, why = (level - 1, []) if level else _class_level(inside, known)
    taken, findings = _with_classes(inside, at, deep)
    return Layout(tuple(taken), parts, (*outside, *why, *findings), split, at)


def part_of(name: str, rename: Mapping[str, str]) -> str:
    """The part that a folder is by its name (``val``, ``Test``, ``train_set``); "" if it is none."""
    return part_named(re.sub(r"[ _-]?(set|data|images)$", "", rename.get(name, name), flags=re.I)) or ""


def _part_level(folders: Sequence[Parts], rename: Mapping[str, str]) -> int | None:
    """The level of the folders that are parts: two or more, and nothing else but on the first level."""
    for level in range(max(map(len, folders), default=0)):
        names = {names[level] for names in folders if len(names) > level}
        parts = {part_of(name, rename) for name in names}
        if len(parts - {""}) > 1 and (level == 0 or "" not in parts):
            return level
    return None


def _parted(
    paths: Sequence[Parts], split: int | None, rename: Mapping[str, str]
) -> tuple[list[tuple[Placed, Parts]], dict[str, str], list[Finding]]:
    """Pictures of the parts, each with its other folders; the parts' folders; what lies in none."""
    if split is None:
        return [(Placed(path, "", "", ""), path[:-1]) for path in paths], {}, []
    inside, parts, outside = [], {}, []
    for path in paths:
        folders = path[:-1]
        part = part_of(folders[split], rename) if len(folders) > split else ""
        if part:
            parts[part] = folders[split]
            inside.append((Placed(path, part, "", ""), folders[:split] + folders[split + 1 :]))
        else:
            outside.append(path)
    return inside, parts, _count("folders_outside", outside, "in no part of the task: left out", "warn")


def _class_level(inside: Sequence[tuple[Placed, Parts]], known: Sequence[str]) -> tuple[int, list[Finding]]:
    """The level of the folders that name classes, and what must be said of it."""
    folders = [names for picture, names in inside if names and picture.part != "unlabelled"]
    lengths = set(map(len, folders))
    if not lengths or max(lengths) == 1:
        return 0, []
    if known:
        at = _level_of(known, folders)
    elif min(lengths) == 1:
        return 0, []
    else:
        at = _likely_level(folders, min(*lengths, DEEPEST))
    return at, [_level_finding(at, folders, bool(known))]


def _level_of(known: Sequence[str], folders: Sequence[Parts]) -> int:
    """The level on which most pictures have a folder of a known name."""
    alike = set(map(likeness, known))
    hits = Counter(
        level for names in folders for level, name in enumerate(names[:DEEPEST]) if likeness(name) in alike
    )
    return max(hits, key=lambda level: (hits[level], -level), default=0)


def _likely_level(folders: Sequence[Parts], depth: int) -> int:
    """The level of the classes where nothing but the folders tells.

    A lone folder names no class, nor do numbered ones below others; the deepest of the other levels whose
    names recur under different folders does (as under each domain), or else the first.
    """
    names = [{folder[level] for folder in folders} for level in range(depth)]
    first = next((level for level in range(depth) if len(names[level]) > 1), 0)
    below = range(depth - 1, first, -1)
    unnumbered = [level for level in below if _numbered(names[first]) or not _numbered(names[level])]
    return next((level for level in unnumbered if _recurs(folders, level)), first)


def _numbered(names: set[str]) -> bool:
    """Whether names are numbers, differ in a number alone, or say nothing: ``01``, ``rec7``, ``images``."""
    stems = {NUMBER.sub("", name.casefold()) for name in names}
    return stems <= VAGUE or (len(stems) == 1 < len(names) and not stems & CLASSES)


def _recurs(folders: Sequence[Parts], level: int) -> bool:
    """Whether most names of a level stand under more than one folder."""
    above = defaultdict(set)
    for names in folders:
        above[names[level]].add(names[:level])
    return sum(len(parents) > 1 for parents in above.values()) > len(above) / 2


def _level_finding(at: int, folders: Sequence[Parts], known: bool) -> Finding:
    """What is said of folders within folders: a warning where the other reading is as good."""
    deepest = min(DEEPEST, max(map(len, folders)))
    other = next(k for k in (at - 1, at + 1) if 0 <= k < deepest)
    named = {k: sorted({shown(names[k]) for names in folders if len(names) > k}) for k in (at, other)}
    message = f"the {ORDINALS[at]} folder names the class ({some(named[at])}), the {ORDINALS[other]} does not"
    doubtful = not known and len(named[other]) > 1 and not _numbered(set(named[other])) and other < at
    return Finding(
        "warn" if doubtful else "note",
        "folder_levels",
        f"{message} ({some(named[other])})",
        way_out=f"level={other + 1} takes that for the class" if len(named[other]) > 1 else "",
    )


def _with_classes(
    inside: Sequence[tuple[Placed, Parts]], at: int, deep: bool
) -> tuple[list[Placed], list[Finding]]:
    """The pictures with their class, and findings about those that have none or lie too deep."""
    direct = {(picture.part, names) for picture, names in inside if len(names) == at + 1}
    taken: list[Placed] = []
    flat: list[Parts] = []
    below: list[Parts] = []
    for picture, names in inside:
        if picture.part != "unlabelled" and len(names) <= at:
            flat.append(picture.path)
        elif picture.part != "unlabelled" and not deep and _is_below(picture.part, names, at, direct):
            below.append(picture.path)
        else:
            others = "/".join(names[:at] + names[at + 1 :])
            taken.append(picture._replace(kind=names[at] if len(names) > at else "", rest=others))
    _check_flat(flat, taken)
    findings = _count("folders_flat", flat, "in no class folder: left out", "note")
    way_out = "deep=true takes them"
    what = "in folders below class folders that hold pictures themselves: left out"
    return taken, [*findings, *_count("folders_below", below, what, "warn", way_out)]


def _is_below(part: str, names: Parts, at: int, direct: set[tuple[str, Parts]]) -> bool:
    return len(names) > at + 1 and (part, names[: at + 1]) in direct


def _check_flat(flat: Sequence[Parts], taken: Sequence[Placed]) -> None:
    """Raise `UserError` if all pictures of a folder lie in no class folder."""
    if flat and not any(picture.kind for picture in taken):
        first = shown("/".join(flat[0]))
        raise UserError(
            f"{len(flat)} pictures lie in no class folder (first: {first}); expected <class>/<image>"
        )


def _count(code: str, paths: Sequence[Parts], what: str, severity: str, way_out: str = "") -> list[Finding]:
    if not paths:
        return []
    plural = "s lie" if len(paths) > 1 else " lies"
    first = shown("/".join(paths[0]))
    message = f"{len(paths)} picture{plural} {what} (first: {first})"
    return [Finding(severity, code, message, count=len(paths), way_out=way_out)]  # type: ignore[arg-type]
