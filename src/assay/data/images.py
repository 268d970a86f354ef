"""Folders of images: ``ROOT/<class>/*`` or ``ROOT/<part>/<class>/*``, parts under the names that they have.

Every image becomes three channels in [0, 255], its short side resized and its centre cut out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.data.class_names import ClassOptions, Matching, matched, own_classes
from assay.data.decode import check_memory
from assay.data.decoder import Decoder
from assay.data.folder_items import Bad, read_pictures
from assay.data.folder_layout import Layout, Placed, lay_out
from assay.data.folder_tree import Tree, shown, walk
from assay.data.folder_words import (
    about,
    check_named,
    check_no_class_empty,
    check_parts,
    joined_parts,
    left_out,
    nothing_in,
    renamed_parts,
    warn_of_empty,
)
from assay.data.npz import naming
from assay.data.spellings import PARTS
from assay.data.split import SHARES, Deal, Shares, split_task, task_of_parts
from assay.errors import UserError
from assay.lazy import lazy
from assay.types import UNKNOWN, Samples, Seed, Task

SYNTHETIC = "synthetic"


@dataclass(frozen=True)
class ImageFolder(ClassOptions):
    """Settings of a folder of images, real or synthetic.

    Parameters
    ----------
    path : str
    size : int
        Side of the square items in pixels.
    seed : int
        Of the split, if the folder has none.
    shares : four floats that sum to 1
        Of the labelled, unlabelled, validation and test part, if the folder has none.
    deal : {"groups", "items"}, optional
        What is dealt out: whole groups where there are some, by default.
    stream : bool
        Read images from their files while a model trains, not before: for sets larger than the memory.
    background : str
        Colour under transparent images.
    bad : {"refuse", "skip"}
        What to do where files cannot be read.
    level : int, optional
        Which folder names the class: 1 for the first, where a part's folder does not count. By default that
        is found out, and told.
    deep : bool
        Take images in folders below a class folder that holds images itself.
    group : bool
        The folders that name neither part nor class name the group: user, room or camera.
    links : bool
        Follow symbolic links that lead out of the folder.
    """

    path: str = ""
    size: Annotated[int, Ge(4), Le(1024)] = 64
    seed: Seed = 0
    shares: Shares = SHARES
    deal: Deal | None = None
    stream: bool = False
    background: str = "white"
    bad: Bad = "refuse"
    level: Annotated[int, Ge(1), Le(5)] | None = None
    deep: bool = False
    group: bool = False
    links: bool = False

    def __post_init__(self) -> None:
        _check_colour(self.background)

    def load(self) -> Task:
        """The task in the folder.

        Raises
        ------
        UserError
            If folders name no parts or classes of a task, files cannot be read or would fill the memory.
        """
        root = Path(self.path)
        with naming(root):
            tree, layout = self._looked_at(())
            check_parts(layout)
            check_no_class_empty(tree, layout)
            classes, matching = self._classes_of_parts(layout)
            samples, parts = self._read(tree, layout, matching)
            found = [*left_out(tree), *renamed_parts(layout), *layout.findings]
            found += [finding for of_part in matching.values() for finding in of_part.findings]
            findings = tuple(dict.fromkeys([*found, *samples.findings]))
            samples, name = replace(samples, findings=()), shown(root.resolve().name)
            if layout.parts:
                return task_of_parts(samples, parts, classes, name, findings=findings)
            dealt = self.seed, self.shares, self.deal
            return split_task(samples, classes, name, *dealt, findings=findings)

    def items(self, classes: Sequence[str], part: str = "", skippable: bool = True) -> Samples:
        """All images of the folder, labelled by their place in known classes.

        Parameters
        ----------
        classes : sequence of str
        part : str
            What the findings are about.
        skippable : bool
            Whether the user can give options.

        Raises
        ------
        UserError
            If a class is unknown, with the nearest one; else as `load`.
        """
        with naming(self.path):
            tree, layout = self._looked_at(classes)
            matching = self._matched(layout.pictures, classes, part)
            samples, _ = self._read(tree, layout, dict.fromkeys(("", *PARTS), matching), skippable)
            found = [*left_out(tree), *joined_parts(layout), *layout.findings, *warn_of_empty(tree, layout)]
            return replace(
                samples, findings=tuple(about(part, [*found, *matching.findings, *samples.findings]))
            )

    def like(self, task: Task) -> ImageFolder:
        """These settings with those that a task's images were read with, for images that go with them.

        Raises
        ------
        UserError
            If the items of the task are no square colour images.
        """
        if task.kind != "image" or task.shape[0] != 3 or task.shape[1] != task.shape[2]:
            what = f"the task has items of shape {task.shape}"
            raise UserError(f"{self.path}: a folder of colour images; {what}")
        files = task.labelled.files
        background = files.background if files else self.background
        stream = lazy(task.labelled.x) is not None
        return replace(self, size=task.shape[1], stream=stream, background=background)

    def _looked_at(self, known: Sequence[str]) -> tuple[Tree, Layout]:
        tree = walk(Path(self.path), self.links, self.ignore)
        if not tree.pictures:
            raise UserError(nothing_in(tree))
        names = {name for path in tree.pictures for name in path[:-1]}
        check_named("ignore", [name for name in self.ignore if name not in tree.ignored], names)
        check_named("rename", self._renames(), names)
        return tree, lay_out(tree.pictures, known, self.level, self.deep, self._renames())

    def _renames(self) -> dict[str, str]:
        return {old: new for old, _, new in (text.partition(":") for text in self.rename)}

    def _options(self, found: Sequence[str]) -> ClassOptions:
        """The options that concern classes of these names: parts are none, what is ignored is not read."""
        rename = tuple(text for text in self.rename if text.partition(":")[0] in found)
        return ClassOptions(rename=rename, classes=self.classes)

    def _matched(self, pictures: Sequence[Placed], classes: Sequence[str], part: str) -> Matching:
        found = _kinds(pictures)
        return matched(found, classes, self._options(found), part)

    def _classes_of_parts(self, layout: Layout) -> tuple[tuple[str, ...], dict[str, Matching]]:
        """The classes of the task, and which of them each folder is, part by part."""
        first = "labelled" if layout.parts else ""
        found = _kinds(layout.of(first))
        base = own_classes(found, self._options(found))
        others = [part for part in layout.parts if part not in (first, "unlabelled")]
        further = {part: self._matched(layout.of(part), base.classes, layout.parts[part]) for part in others}
        return base.classes, {first: base} | further

    def _read(
        self, tree: Tree, layout: Layout, matching: Mapping[str, Matching], skippable: bool = True
    ) -> tuple[Samples, NDArray[np.str_]]:
        """The items of the classes that are wanted, and the part of each."""
        ordered = sorted(layout.pictures, key=lambda picture: ("", *PARTS).index(picture.part))
        wanted = [(picture, label) for picture in ordered if (label := _label(picture, matching)) is not None]
        bad = [(path, why) for path, why in tree.bad if _concerns(layout.class_folder(path[:-1]), matching)]
        if not self.stream:
            check_memory(self.path, [wanted], self.size)
        paths = [picture.path for picture, _ in wanted]
        decoder = Decoder(self.background)
        read = read_pictures(tree.root, paths, self.size, decoder, self.stream, self.bad, bad, skippable)
        kept = [wanted[place] for place in read.kept]
        y = np.array([label for _, label in kept], np.int64)
        group = _groups([picture.rest for picture, _ in kept]) if self.group else None
        parts = np.array([picture.part for picture, _ in kept], "U10")
        return Samples(read.x, y, group, read.findings, read.files), parts  # type: ignore[arg-type]


def _kinds(pictures: Sequence[Placed]) -> list[str]:
    """Names of the class folders, sorted."""
    return sorted({picture.kind for picture in pictures if picture.kind and picture.part != "unlabelled"})


def _label(picture: Placed, matching: Mapping[str, Matching]) -> int | None:
    """The class of a picture, -1 where it has none; None if its class is not wanted."""
    if picture.part == "unlabelled":
        return UNKNOWN
    return matching[picture.part].place.get(picture.kind)


def _concerns(kind: str | None, matching: Mapping[str, Matching]) -> bool:
    """Whether a file in the class folder of this name is of a class that is wanted, or of none."""
    return kind is None or any(kind in part.place for part in matching.values())


def _groups(folders: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(folders, object), return_inverse=True)[1].astype(np.int64)


def _check_colour(name: str) -> None:
    """Raise `UserError` unless Pillow knows the colour."""
    from PIL import ImageColor

    try:
        ImageColor.getrgb(name)
    except ValueError:
        raise UserError(f"background={name}: no colour; white, say, or #808080") from None


def class_folders(root: Path) -> tuple[str, ...]:
    """Names of the folders below `root`, sorted: the classes."""
    if not root.is_dir():
        raise UserError(f"{root}: no such folder")
    names = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not names:
        raise UserError(f"{root}: no class folders in it; expected {root.name}/<class>/<image>")
    return tuple(names)


def read_folder(root: Path, classes: Sequence[str], size: int, stream: bool = False) -> Samples:
    """All images of a folder by class, wherever links lead; with `stream` no pixels are kept.

    Raises
    ------
    UserError
        If a class folder is unknown, or an image cannot be read.
    """
    return ImageFolder(path=str(root), size=size, stream=stream, links=True).items(classes, skippable=False)


def read_unsorted(root: Path, size: int) -> Samples:
    """All images of a folder and the folders below it, in any order, of no class.

    Raises
    ------
    UserError
        If there is no image, or one cannot be read.
    """
    tree = walk(root, links=True)
    if not tree.pictures:
        raise UserError(f"{root}: no images in it")
    with naming(root):
        read = read_pictures(root, tree.pictures, size, Decoder(), also_bad=tree.bad, skippable=False)
    return Samples(read.x, findings=(*left_out(tree), *read.findings), files=read.files)
