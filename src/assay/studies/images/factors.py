"""The worth of each factor of variation: one fixed, all others random (table 2 of Tang & Jia, CVPR 2023)."""

from __future__ import annotations

from assay.studies.images.study import Cell, ImageStudy, Measure, PublishedProtocol, Size
from assay.studies.images.supervised import FULL, NAMES, SMALL
from assay.studies.published.images import SOURCE, numbers, row

MEASURES = (
    Measure("iid", "accuracy", "IID"),
    Measure("iid_no_background", "accuracy", "IID, no background"),
    Measure("test", "accuracy", "photographs"),
)
PUBLISHED = {
    "scale": "object scale",
    "material": "material texture",
    "light": "illumination",
    "camera": "camera viewpoint",
    "no": "background",
    "random": "full randomisation",
}
ROWS = (
    *("scale 1", "scale 1.5", "scale 2", "scale mix"),
    *("material metal", "material plastic", "material fingerprints", "material moss"),
    *("light location 1", "light location 2", "light radius", "light elevation"),
    *("camera location 1", "camera location 2", "camera location 3", "camera location 4"),
    "no background",
    "random",
)


def _cells(size: Size, protocol: PublishedProtocol) -> list[Cell]:
    del protocol
    return [
        Cell({"fixed": name}, synthetic=name, items=size.images[""], published=_published(name))
        for name in ROWS
    ]


def _published(name: str) -> dict[str, float]:
    word, _, rest = name.partition(" ")
    value = {"no": "No Background", "random": "Random"}.get(word, rest.capitalize())
    return numbers(row("table2_factors", factor=PUBLISHED[word], value=value), NAMES)


FACTORS = ImageStudy(
    "What does it cost to fix one factor of variation, all others random?",
    f"{SOURCE}, table 2",
    MEASURES,
    lambda labels: {**labels, "fixed": "random"},
    _cells,
    {"small": SMALL, "full": FULL},
)
