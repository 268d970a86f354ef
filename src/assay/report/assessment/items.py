"""Real items beside synthetic ones, by class: the best and the worst where there is a score."""

from __future__ import annotations

from typing import Any

from assay.report.assessment.result import Assessment
from assay.report.portraits import Portraits, portraits
from assay.report.score.items import ranked
from assay.report.sheet import Sheet, first_items
from assay.runs.store import Store


def items(found: Assessment) -> Sheet | None:
    """The table of items; None where none are kept."""
    sheet = ranked(found.score) if found.score else None
    return sheet or _first(found)


def _first(found: Assessment) -> Sheet | None:
    """The first items of every class; of vectors none, whose single ones say nothing: see `sets`."""
    task, arrays = _kept(found)
    return None if arrays is None or task["kind"] == "vector" else first_items(task, arrays)


def sets(found: Assessment) -> Portraits | None:
    """Vectors and signals as sets; None of images, and where none are kept."""
    task, arrays = _kept(found)
    if arrays is None and found.score and found.score.items:
        task, few = found.score.info, found.score.items.parts
        named = {part: few[f"set_{part}"] for part in ("real", "synthetic") if f"set_{part}" in few}
        arrays = {f"{part}_{key}": getattr(of, key) for part, of in named.items() for key in ("x", "y")}
    return portraits(task, arrays) if arrays else None


def _kept(found: Assessment) -> tuple[Any, dict[str, Any] | None]:
    """The task, and the items of it that a comparison and an assessment keep; none where there are none."""
    task: Any = found.asked.get("task") or (found.comparison.info["task"] if found.comparison else None)
    folder = found.comparison.folder if found.comparison else found.folder
    return task, None if task is None or folder is None else Store(folder).samples()
