"""A folder of S2RDA: its images, its split files, and what was published of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal

from assay.data.listing import (
    Domain,
    Listing,
    check_once,
    class_images,
    differences,
    in_folder,
    list_paths,
    read_lines,
    some,
    wrong_counts,
    wrong_folders,
)
from assay.errors import UserError

SYNTHETIC = 12_000
DOMAINS: tuple[Domain, ...] = ("synthetic", "real")
SPLITS: tuple[Literal["val", "test"], ...] = ("val", "test")
Part = Literal["synthetic", "val", "test", "all"]
Counts = dict[str, int]


@dataclass(frozen=True)
class Published:
    """What was published of a benchmark.

    Parameters
    ----------
    val, test : dict of str to int
        Real images of each class in the two split files.
    synthetic : int
        Synthetic images of every class.
    """

    val: Counts
    test: Counts
    synthetic: int = SYNTHETIC

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; class i has the label i."""
        return tuple(sorted(self.val))

    def counts(self, domain: Domain) -> Counts:
        """Images of each class in a domain."""
        if domain == "synthetic":
            return dict.fromkeys(self.classes, self.synthetic)
        return {name: self.val[name] + self.test[name] for name in self.classes}


def class_table() -> list[dict[str, str]]:
    """The published facts of the 49 classes, in index order.

    Columns: class; ShapeNet synset and number of models where listed; real images of S2RDA-49 by origin
    (visda, objectnet, imagenet, web) and by split (val_49, test_49); the MetaShift class, the number of its
    subsets that were kept, and its images by split (val_ms39, test_ms39), empty where MS-39 has none.
    """
    text = (files("assay.data") / "tables" / "s2rda.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def published_counts(task: Literal["49", "ms39"]) -> Published:
    """What was published of S2RDA-49 or S2RDA-MS-39."""
    rows = [row for row in class_table() if row[f"val_{task}"]]
    val, test = ({row["class"]: int(row[f"{split}_{task}"]) for row in rows} for split in SPLITS)
    return Published(val, test)


@dataclass(frozen=True)
class Tree:
    """A folder of one of the benchmarks, looked at once."""

    root: Path
    published: Published

    @cached_property
    def present(self) -> dict[Domain, dict[str, list[str]]]:
        """Images there, by domain and class folder."""
        return {domain: class_images(self.root / domain) for domain in DOMAINS}

    @cached_property
    def splits(self) -> dict[str, list[str]]:
        """Paths in the split files, whether they are there or not.

        Raises
        ------
        UserError
            If a file is missing, a line is not ``real/<class>/<image>``, or a path occurs twice.
        """
        read: dict[str, list[str]] = {
            split: read_split(self.split_file(split), self.published.classes) for split in SPLITS
        }
        both = sorted(set(read["val"]) & set(read["test"]))
        if both:
            raise UserError(
                f"{self.split_file('val')}: paths also in real_test.txt, {len(both)}: {some(both)}"
            )
        return read

    def split_file(self, split: str) -> Path:
        """Where a split file is, or should be: beside the domains or, else, in ``splits``."""
        beside = self.root / f"real_{split}.txt"
        return beside if beside.is_file() else self.root / "splits" / beside.name

    def listing(self, part: Part) -> Listing:
        """The images that are there of the synthetic domain, of a split, or of both splits."""
        label = {name: index for index, name in enumerate(self.published.classes)}
        domain: Domain = "synthetic" if part == "synthetic" else "real"
        paths = set(in_folder(domain, self.present[domain]))
        if domain == "real":
            splits = SPLITS if part == "all" else (part,)
            paths = paths.intersection(path for split in splits for path in self.splits[split])
        known = [path for path in paths if path.split("/")[1] in label]
        return list_paths(self.root, known, lambda path: label[path.split("/")[1]], domain)

    def findings(self, domains: Sequence[Domain] = DOMAINS) -> list[str]:
        """What is missing, extra or wrong in the domains: a sentence each."""
        found = []
        for domain in domains:
            found += folder_findings(domain, self.present[domain], self.published.counts(domain))
        try:
            return found + (self._split_findings() if "real" in domains else [])
        except UserError as error:
            return [*found, str(error)]

    def _split_findings(self) -> list[str]:
        listed = [path for split in SPLITS for path in self.splits[split]]
        there = in_folder("real", self.present["real"])
        found = differences("paths of the split files", listed, there, "images in no split")
        for split, expected in zip(SPLITS, (self.published.val, self.published.test)):
            counts = dict.fromkeys(expected, 0)
            for path in self.splits[split]:
                counts[path.split("/")[1]] += 1
            found += wrong_counts(f"real_{split}.txt", counts, expected)
        return found


def folder_findings(domain: str, there: Mapping[str, Sequence[str]], expected: Counts) -> list[str]:
    """What is wrong with the class folders of a domain and with the number of images in them."""
    if not there:
        return [f"{domain}: no such folder, or no class folder in it"]
    return [
        *wrong_folders(domain, there, expected),
        *wrong_counts(domain, {name: len(images) for name, images in there.items()}, expected),
    ]


def read_split(path: Path, classes: Sequence[str]) -> list[str]:
    """The paths in a split file, in its order.

    Raises
    ------
    UserError
        If it is missing, a line is not ``real/<class>/<image>`` with a known class, or one occurs twice.
    """
    lines, known = read_lines(path), set(classes)
    for number, line in enumerate(lines, 1):
        parts = line.split("/")
        # three parts of which the first two are known names cannot lead out of the folder
        if len(parts) != 3 or parts[0] != "real" or parts[1] not in known or parts[2] in ("", ".", ".."):
            raise UserError(f"{path}: line {number}: '{line}'; expected real/<class>/<image>")
    check_once(path, lines)
    return lines
