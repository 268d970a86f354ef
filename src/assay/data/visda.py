"""VisDA-2017, the classification track: rendered images, and photographs cut out of two other data sets.

Peng et al., "VisDA: The Visual Domain Adaptation Challenge", 2017.

    visda-2017/train/<class>/<image>.png           152,397 rendered
    visda-2017/validation/<class>/<image>.jpg      55,388 of COCO
    visda-2017/test/<trunk>/<image>.jpg            72,372 of YouTube-BoundingBoxes
    visda-2017/<part>/image_list.txt               a line an image: <folder>/<image> <label>
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from assay.data.adaptation import Adaptation, Domains
from assay.data.listing import (
    Listing,
    check_once,
    class_images,
    differences,
    in_folder,
    list_paths,
    read_lines,
    wrong_counts,
    wrong_folders,
)
from assay.errors import UserError

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
TEST_IMAGES = 72_372


def class_table() -> list[dict[str, str]]:
    """The twelve classes in index order: name, name in SubVisDA-10 (empty if not in it), published counts."""
    text = (files("assay.data") / "tables" / "visda.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


CLASSES = tuple(row["class"] for row in class_table())
SUBVISDA = {row["class"]: row["subvisda"] for row in class_table() if row["subvisda"]}
LABELS = {str(label) for label in range(len(CLASSES))}


@dataclass(frozen=True)
class VisdaTree:
    """A folder of VisDA-2017, looked at once.

    Parameters
    ----------
    root : Path
    published : dict of str to dict of str to int
        Images of each class of ``train`` and ``validation``; of the ``test`` all, under the name ``all``.
    """

    root: Path
    published: dict[str, dict[str, int]]

    @cached_property
    def present(self) -> dict[str, dict[str, list[str]]]:
        """Images there, by part and folder."""
        return {part: class_images(self.root / part) for part in PARTS}

    def labels(self, part: Part) -> dict[str, int]:
        """Label of every path of a part, there or not: by its list, or by its folders where it has none.

        Raises
        ------
        UserError
            If the test has no list, a line is not ``<folder>/<image> <label>``, or a path occurs twice.
        """
        path = self.root / part / "image_list.txt"
        if part != "test" and not path.is_file():
            there = in_folder(part, self.present[part])
            return {image: CLASSES.index(name) for image in there if (name := image.split("/")[1]) in CLASSES}
        listed = read_list(path, folders_are_classes=part != "test")
        return {f"{part}/{image}": label for image, label in listed.items()}

    def listing(self, part: Part) -> Listing:
        """The images of a part that are listed and there."""
        labels = self.labels(part)
        there = labels.keys() & set(in_folder(part, self.present[part]))
        return list_paths(self.root, there, labels.__getitem__, "synthetic" if part == "train" else "real")

    def findings(self, parts: Sequence[Part]) -> list[str]:
        """What is missing, extra or wrong in the parts: a sentence each."""
        return [sentence for part in parts for sentence in self._part_findings(part)]

    def _part_findings(self, part: Part) -> list[str]:
        there = self.present[part]
        if not there:
            return [f"{part}: no such folder, or no folder of images in it"]
        found = [] if part == "test" else wrong_folders(part, there, CLASSES)
        try:
            labels = self.labels(part)
        except UserError as error:
            return [*found, str(error)]
        found += differences(
            f"images of {part}", labels, in_folder(part, there), f"images not in {part}'s list"
        )
        return found + wrong_counts(part, self._counts(part, labels), self.published[part])

    def _counts(self, part: Part, labels: dict[str, int]) -> dict[str, int]:
        if part == "test":
            return {"all": len(labels)}
        return dict(zip(CLASSES, np.bincount([*labels.values()], minlength=len(CLASSES)).tolist()))


def published_counts() -> dict[str, dict[str, int]]:
    """Images of each class by part; of the test only their sum was published, under the name ``all``."""
    rows = class_table()
    counts = {part: {row["class"]: int(row[part]) for row in rows} for part in ("train", "validation")}
    return {**counts, "test": {"all": TEST_IMAGES}}


def read_list(path: Path, folders_are_classes: bool = True) -> dict[str, int]:
    """Label of every path in a list ``<folder>/<image> <label>``.

    Raises
    ------
    UserError
        If it is missing, a line is otherwise, its label is not its folder's, or a path occurs twice.
    """
    paths, labels = [], []
    for number, line in enumerate(read_lines(path), 1):
        image, _, label = line.rpartition(" ")
        parts = image.split("/")
        if len(parts) != 2 or {"", ".", ".."} & {*parts} or label not in LABELS:
            raise UserError(f"{path}: line {number}: '{line}'; expected <folder>/<image> <label>, 0 to 11")
        if folders_are_classes and parts[0] != CLASSES[int(label)]:
            raise UserError(f"{path}: line {number}: '{line}'; label {label} is {CLASSES[int(label)]}")
        paths.append(image)
        labels.append(int(label))
    check_once(path, paths)
    return dict(zip(paths, labels))


@dataclass(frozen=True)
class Visda2017(Adaptation):
    """Settings of VisDA-2017; most of them are `Adaptation`'s.

    ``corrected`` (the default) halves every class of the real part by the seed: ⌊n/2⌋ images are learned from
    without labels, the others are the test. ``released`` is the challenge's evaluation, and that of most
    papers: all images of the real part are both. Its ranking is by the mean recall of the classes.

    Parameters
    ----------
    target : {"validation", "test"}
        The real part: of COCO, or of YouTube-BoundingBoxes.
    classes : {12, 10}
        10 is SubVisDA-10: without horse and person, and with the names of the S2RDA classes (aeroplane is
        airplane there), in the same order.
    """

    target: Literal["validation", "test"] = "validation"
    classes: Literal[12, 10] = 12

    name: ClassVar[str] = "visda-2017"
    folder: ClassVar[Path] = Path("visda-2017")
    published: ClassVar[dict[str, dict[str, int]]] = published_counts()

    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; class i has the label i."""
        return CLASSES if self.classes == 12 else tuple(SUBVISDA.values())

    def domains(self) -> Domains:
        """The images of the request; nothing is decoded."""
        train: tuple[Part, ...] = ("train",) if self.source == "synthetic" else ()
        tree = self._accepted((*train, self.target))
        synthetic = self._chosen(tree.listing("train")) if train else None
        real = self._chosen(tree.listing(self.target))
        if self.protocol == "released":
            return Domains(synthetic, real, real.none())
        other, test = real.parted(lambda n: n // 2, self.seed)
        return Domains(synthetic, test, other)

    def synthetic_listing(self) -> Listing:
        """All synthetic images; nothing is decoded."""
        return self._chosen(self._accepted(("train",)).listing("train"))

    def findings(self) -> list[str]:
        """What is missing, extra or wrong in the whole set; the test may be absent where it is no target."""
        return self._tree().findings(self._whole())

    def contents(self) -> str:
        """What the whole set holds."""
        return ", ".join(f"{sum(self.published[part].values())} {part} images" for part in self._whole())

    def title(self) -> str:
        """Name of the task in tables."""
        return f"{self.name} {self.source} to {self.target}, {self.classes} classes"

    def _chosen(self, listing: Listing) -> Listing:
        """Images of the chosen classes, numbered as those are."""
        if self.classes == 12:
            return listing
        numbers = np.array([[*SUBVISDA].index(name) if name in SUBVISDA else -1 for name in CLASSES])
        return listing.relabelled(numbers)

    def _whole(self) -> tuple[Part, ...]:
        test = self.target == "test" or (self.place() / "test").is_dir()
        return PARTS if test else PARTS[:2]

    def _tree(self) -> VisdaTree:
        return VisdaTree(self.place(), self.published)

    def _accepted(self, parts: Sequence[Part]) -> VisdaTree:
        tree = self._tree()
        self.accept(tree.findings(parts))
        return tree
