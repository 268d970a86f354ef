"""Real items beside synthetic ones, by class: the best and the worst where there is a score."""

from __future__ import annotations

from typing import Any

from assay.report.assessment.result import Assessment
from assay.report.score.items import ranked
from assay.report.sheet import Sheet, first_items
from assay.runs.store import Store


def items(found: Assessment) -> Sheet | None:
    """The table of items; None where none are kept."""
    sheet = ranked(found.score) if found.score else None
    return sheet or _first(found)


def _first(found: Assessment) -> Sheet | None:
    """The first items of every class, as a comparison and an assessment keep them."""
    task: Any = found.asked.get("task") or (found.comparison.info["task"] if found.comparison else None)
    folder = found.comparison.folder if found.comparison else found.folder
    if task is None or folder is None:
        return None
    return first_items(task, Store(folder).samples())
