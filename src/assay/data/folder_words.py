"""What is said of a folder of images: what was left out, how folders were read, what is no task."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from assay.data.class_names import nearest
from assay.data.folder_layout import Layout
from assay.data.folder_tree import Parts, Tree, shown
from assay.data.listing import some
from assay.data.picture import unreadable
from assay.errors import UserError
from assay.findings import Finding


def left_out(tree: Tree) -> list[Finding]:
    """A note of the files that are no pictures, by ending, and of the folders that were not looked into."""
    found = []
    if n := sum(tree.others.values()):
        message = (
            f"left out: {files(n)} that {'is no picture' if n == 1 else 'are no pictures'}: {_others(tree)}"
        )
        found.append(Finding("note", "files_left_out", message, count=n))
    if tree.ignored:
        names = some([shown(name) for name in sorted(tree.ignored)])
        found.append(Finding("note", "folders_ignored", f"left out as asked: {names}"))
    return found


def files(n: int) -> str:
    """``1 file``, ``2 files``."""
    return f"{n} file{'s' * (n != 1)}"


def _others(tree: Tree) -> str:
    return some([f"{ending} ({n})" for ending, n in tree.others.most_common()])


def renamed_parts(layout: Layout) -> list[Finding]:
    """A note of the folders that are parts of the task under other names."""
    odd = [f"{shown(folder)} is {part}" for part, folder in layout.parts.items() if folder != part]
    return [Finding("note", "folder_parts", f"folders read as parts: {', '.join(odd)}")] if odd else []


def joined_parts(layout: Layout) -> list[Finding]:
    """A note that synthetic data come in parts, of which all are taken."""
    names = ", ".join(shown(folder) for folder in layout.parts.values())
    way_out = "ignore=NAME leaves one out"
    message = f"has the parts {names}: all of them are taken"
    return [Finding("note", "folder_parts", message, way_out=way_out)] if layout.parts else []


def nothing_in(tree: Tree) -> str:
    """Why a folder without pictures is refused."""
    if tree.bad:
        bad = [(shown("/".join(path)), reason) for path, reason in tree.bad]
        return f"{unreadable(bad, len(bad))}; nothing else is in it"
    name = shown(tree.root.resolve().name)
    empty = [shown("/".join(path)) for path in tree.empty if path]
    if not empty:
        there = f"; it holds {_others(tree)}" if tree.others else ""
        return f"no class folders in it; expected {name}/<class>/<image>{there}"
    return f"no images in its folders ({some(empty)}); expected {name}/<class>/<image>"


def empty_classes(tree: Tree, layout: Layout) -> list[str]:
    """Paths of the class folders in which there is nothing to read."""

    def is_class(path: Parts) -> bool:
        return layout.class_folder(path) is not None and layout.class_folder(path[:-1]) is None

    return [shown("/".join(path)) for path in tree.empty if path and is_class(path)]


def check_no_class_empty(tree: Tree, layout: Layout) -> None:
    """Raise `UserError` if a class folder of a task holds no pictures."""
    if empty := empty_classes(tree, layout):
        names = "+".join(dict.fromkeys(path.rpartition("/")[2] for path in empty))
        raise UserError(
            f"no images in {some(empty)}; ignore={names} leaves {'it' if len(empty) == 1 else 'them'} out"
        )


def warn_of_empty(tree: Tree, layout: Layout) -> list[Finding]:
    """A warning of class folders of synthetic data that hold no pictures."""
    empty = empty_classes(tree, layout)
    return (
        [Finding("warn", "folders_empty", f"no images in {some(empty)}", count=len(empty))] if empty else []
    )


def check_parts(layout: Layout) -> None:
    """Raise `UserError` unless a folder with parts has those that a task needs, their pictures by class."""
    parts = layout.parts
    for part, folder in parts.items():
        if part != "unlabelled" and not layout.of(part):
            raise UserError(_flat_part(shown(folder)))
    if parts and not {"labelled", "test"} <= set(parts):
        raise UserError(_lacking(parts))


def _flat_part(folder: str) -> str:
    return (
        f"{folder}: its pictures lie in no class folder, so that their class is not known; expected "
        f"{folder}/<class>/<image>; rename={folder}:unlabelled takes them without classes, ignore={folder} "
        "leaves them out"
    )


def _lacking(parts: Mapping[str, str]) -> str:
    has = [shown(folder) + f" ({part})" * (folder != part) for part, folder in parts.items()]
    way_out = ""
    if "test" not in parts and "validation" in parts:
        other = shown(parts["validation"])
        way_out = f"; rename={other}:test takes {other} for the test, ignore={other} deals out the rest"
    return f"has {', '.join(has)}; a task needs at least labelled (or train) and test{way_out}"


def check_named(option: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise `UserError` if an option names a folder that is not there."""
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = (
                f"did you mean '{shown(near)}'?"
                if near
                else f"there are {some([*map(shown, sorted(known))])}"
            )
            raise UserError(f"{option}: no folder '{name}'; {hint}")


def about(part: str, findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which each says what it is about."""
    if not part:
        return list(findings)
    return [
        finding if finding.part else replace(finding, part=part, message=f"{part}: {finding.message}")
        for finding in findings
    ]
