"""The test items that most methods get wrong: what they are, and what they are taken for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from assay.comparison.hardest import HARDEST, PICTURED
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.report.assessment.result import Assessment
from assay.report.contact_sheet import strip_pictures
from assay.report.drawing import Picture
from assay.runs.pictured import Pictured, read_pictured

SHOWN = 12


@dataclass(frozen=True)
class Hard:
    """A test item: its name, its class, what it is taken for, by how many, and its picture if it is kept."""

    name: str
    of_class: str
    taken_for: str
    methods: str
    picture: Picture | None


def hard_items(found: Assessment) -> list[Hard]:
    """Those that more than half of the methods get wrong, the hardest first, at most `SHOWN`."""
    if found.comparison is None:
        return []
    try:
        rows = found.comparison.hardest(PICTURED)
    except UserError:  # runs of earlier versions have not kept what they predict
        return []
    rows = [row for row in rows if 2 * row["methods"] > row["of"]][:SHOWN]
    return list(_shown(rows, found.comparison))


def _shown(rows: list[dict[str, Any]], comparison: Comparison) -> Iterator[Hard]:
    task = comparison.info["task"]
    kept = read_pictured(comparison.folder / HARDEST, len(task["classes"]))
    pictures = _pictures(rows, kept, task) if kept else {}
    for row in rows:
        item = row["item"]
        name = kept.names("test", [item])[0] if kept and item in pictures else f"item {item}"
        picture = pictures.get(item)
        alt = f"Test {name}, {row['class']}, taken for {row['taken_for']}"
        shown = replace(picture, alt=alt) if picture else None
        yield Hard(name, row["class"], row["taken_for"], f"{row['methods']} of {row['of']}", shown)


def _pictures(rows: list[dict[str, Any]], kept: Pictured, task: dict[str, Any]) -> dict[int, Picture]:
    here = {row["item"]: kept.x("test", [row["item"]]) for row in rows if kept.has("test", [row["item"]])}
    return strip_pictures([here], task["kind"], task["normalise"])[0] if here else {}
