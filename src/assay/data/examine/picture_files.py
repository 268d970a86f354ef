"""Do real and synthetic pictures differ as files, in ways that a network can tell them apart by?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from assay.data.examine.facts import SYNTHETIC, Facts
from assay.data.listing import some
from assay.findings import Finding
from assay.item_files import ItemFiles

FOLD, ASPECT, SHARE = 2.0, 1.1, 0.5
"""Medians that differ so many fold, and shares by so much, are told."""


LOSSY = frozenset({"JPEG", "WEBP", "AVIF"})
"""Formats that lose detail, or may."""


class Files(NamedTuple):
    """The usual file of a set: share of each format, medians, share with transparency."""

    formats: Mapping[str, float]
    width: float
    height: float
    aspect: float
    bytes_a_pixel: float
    transparent: float

    @property
    def side(self) -> float:
        """The shorter side."""
        return min(self.width, self.height)

    def spoken(self) -> str:
        """``100% JPEG, 640 × 480, 1.33 : 1, 0.31 bytes a pixel``."""
        return (
            f"{self.kinds()}, {self.width:.0f} × {self.height:.0f}, {self.aspect:.2f} : 1, "
            f"{self.bytes_a_pixel:.2g} bytes a pixel"
        )

    def kinds(self) -> str:
        """``80% JPEG, 20% PNG``."""
        return some([f"{share:.0%} {name}" for name, share in self.formats.items()], 3)


def usual(files: ItemFiles) -> Files:
    """The usual file of a set of one or more."""
    counts, pixels = Counter(files.formats.tolist()).most_common(), files.width * files.height
    return Files(
        {name: count / len(files) for name, count in counts},
        float(np.median(files.width)),
        float(np.median(files.height)),
        float(np.median(files.width / files.height)),
        float(np.median(files.bytes / pixels)),
        float(np.mean(files.transparent)),
    )


def unlike_files(facts: Facts) -> Iterator[Finding]:
    """Size, aspect, format and bytes a pixel of real and synthetic files side by side.

    A warning where a difference outlives the resizing to items: where one sort is enlarged and the other is
    not, where traces of compression are not shrunk away, or where one sort alone was composited.
    """
    real, made = facts.task.labelled.files, facts.synthetic.files if facts.synthetic else None
    if not real or not made:
        return
    ours, theirs = usual(real), usual(made)
    differences = [*_sizes(ours, theirs), *_formats(ours, theirs), *_transparency(ours, theirs)]
    lasting = [*_enlarged(ours, theirs, real.size), *_compressed(ours, theirs, real.size)]
    lasting += _transparency(ours, theirs)
    details = (f"labelled: {ours.spoken()}", f"{SYNTHETIC}: {theirs.spoken()}")
    if not differences and not lasting:
        yield Finding(
            "note", "picture_files", "real and synthetic files are alike", SYNTHETIC, details=details
        )
        return
    said = "; ".join(dict.fromkeys([*differences, *lasting]))
    touches = f"real and synthetic pictures differ as files ({'; '.join(lasting)})" if lasting else ""
    yield Finding(
        "warn" if lasting else "note",
        "picture_files",
        f"real files: {ours.spoken()}; synthetic files: {theirs.spoken()}: {said}{_hint(lasting, real.size)}",
        SYNTHETIC,
        way_out="bring both to one size and format the same way" if lasting else "",
        touches=touches,
        details=details,
    )


def _hint(lasting: list[str], size: int) -> str:
    if lasting:
        return "; a network can tell them apart by that"
    return f"; all are shrunk to {size} pixels, which hides most of it"


def _sizes(real: Files, made: Files) -> Iterator[str]:
    if _fold(fold := made.side / real.side, FOLD):
        yield f"synthetic sides are {fold:.2g} times as long"
    if _fold(made.aspect / real.aspect, ASPECT):
        yield f"aspect {made.aspect:.2f} against {real.aspect:.2f}"
    if not _other_formats(real, made) and _fold(fold := made.bytes_a_pixel / real.bytes_a_pixel, FOLD):
        yield f"synthetic files take {fold:.2g} times the bytes a pixel"


def _formats(real: Files, made: Files) -> Iterator[str]:
    if _other_formats(real, made):
        yield f"synthetic files are {made.kinds()}, real ones {real.kinds()}"


def _other_formats(real: Files, made: Files) -> bool:
    """Whether half of the files or more would have to be of another format for both sorts to be alike."""
    return sum(max(0.0, share - made.formats.get(name, 0.0)) for name, share in real.formats.items()) >= SHARE


def _transparency(real: Files, made: Files) -> Iterator[str]:
    if abs(made.transparent - real.transparent) >= SHARE:
        shares = f"{made.transparent:.0%} of the synthetic pictures", f"{real.transparent:.0%} of the real"
        yield f"{shares[0]} have transparency, {shares[1]}"


def _enlarged(real: Files, made: Files, size: int) -> Iterator[str]:
    small, large = sorted((("synthetic", made.side), ("real", real.side)), key=lambda pair: pair[1])
    if small[1] < size and large[1] >= FOLD * small[1]:
        yield f"{small[0]} pictures are enlarged to {size} pixels, {large[0]} ones less or not"


def _compressed(real: Files, made: Files, size: int) -> Iterator[str]:
    """Formats of which some lose detail, in pictures that are not shrunk by half or more."""
    lossy = [files for files in (real, made) if LOSSY & files.formats.keys()]
    if _other_formats(real, made) and any(files.side < FOLD * size for files in lossy):
        yield "traces of compression are left in one sort, or differ"


def _fold(ratio: float, least: float) -> bool:
    return max(ratio, 1 / ratio) >= least
