"""The page of a score: one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay.metrics.statistics import ENOUGH
from assay.quality.score import Score
from assay.report.contact_sheet import reading_note
from assay.report.findings import findings_list
from assay.report.score.figure import places
from assay.report.score.items import closest, ranked
from assay.report.score.numbers import blind, cells, class_cells, group_cells, sharp, worse_than_real
from assay.report.score.text import sentences
from assay.report.template import render, words
from assay.types import Samples, Task
from assay.version import __version__


def page(score: Score, task: Task | None = None, synthetic: Samples | None = None) -> str:
    """The page as text; same score, same bytes.

    Parameters
    ----------
    score : Score
    task, synthetic : Task, Samples, optional
        What was scored; without it items are not pictured.
    """
    content = {
        "info": score.info,
        "sentences": sentences(score),
        "rows": [(cells(row), _verdict(score, i)) for i, row in enumerate(score.rows)],
        "findings": findings_list(score.info),
        "places": places(score),
        "classes": class_cells(score),
        "groups": group_cells(score),
        **_items(score, task, synthetic),
        "settings": dict(_facts(score)),
        "version": __version__,
    }
    return render("score/page.html.jinja", content)


def _items(score: Score, task: Task | None, synthetic: Samples | None) -> dict[str, Any]:
    """Pictures of the best, the worst and the closest items; none without the items."""
    if task is None or synthetic is None:
        return {"ranked": [], "pairs": [], "note": ""}
    drawn = {"kind": task.kind, "normalise": task.normalise, "classes": task.classes}
    return {
        "ranked": ranked(score, task, synthetic),
        "pairs": closest(score, task, synthetic),
        "note": reading_note(drawn, task.shape),
    }


def _verdict(score: Score, i: int) -> str:
    row = score.rows[i]
    told = row.value.n >= ENOUGH and sharp(row) and not blind(row)
    return "loss" if told and worse_than_real(row) else ""


def _facts(score: Score) -> Iterator[tuple[str, str]]:
    info: dict[str, Any] = score.info
    yield "scoring", words(info["scoring"])
    yield "likeness against", f"{info['against']} real items"
    yield "features", "of the backbone" if info["features"] == "backbone" else "given by the user"
    yield "backbone", words(info["backbone"])
    yield "training", words({key: value for key, value in info["training"].items() if key != "kind"})
    yield "device", info["device"]
    yield "real data (hash)", info["task_digest"]
    yield "synthetic data (hash)", info["synthetic_digest"]
