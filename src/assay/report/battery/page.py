"""The page of the battery: one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.report.battery.figure import on_page
from assay.report.battery.text import MEANINGS, gains_on_paper, halves_of, hurts, notes, sentences, table
from assay.report.inline import Drawing
from assay.report.template import render, words
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.summary import summarise
from assay.studies.battery.tasks import HALVES, Half
from assay.version import __version__


@dataclass(frozen=True)
class Part:
    """A half on the page."""

    half: Half
    meaning: str
    tables: list[list[dict[str, str]]]
    gains: list[list[dict[str, str]]]
    hurts: list[str]
    drawings: list[Drawing]


def page(runs: BatteryRuns) -> str:
    """The page as text; same study, same bytes."""
    content = {
        "name": runs.name,
        "info": runs.info,
        "sentences": list(sentences(runs)),
        "parts": [part for half in reversed(HALVES) if (part := _part(runs, half))],
        "notes": list(notes(runs)),
        "tasks": {task["name"]: _told(task) for task in runs.info["battery"]},
        "version": __version__,
    }
    return render("battery/page.html.jinja", content)


def _part(runs: BatteryRuns, half: Half) -> Part | None:
    lines = summarise(runs, half)
    if not lines:
        return None
    said = list(hurts(lines))
    tables = halves_of(table(lines))
    return Part(half, MEANINGS[half], tables, gains_on_paper(lines), said, on_page(runs, half))


def _told(task: Mapping[str, Any]) -> str:
    """A task in one line: what is labelled, what is synthetic, how many of each, and how it is trained."""
    counts = words({part: n for part, n in task["counts"].items() if n} | {"synthetic": task["synthetic"]})
    steps = " × ".join(str(task["training"][key]) for key in ("epochs", "steps", "batch"))
    return f"{task['half']}: {task['about']}; {counts}; {steps}, {words(task['backbone'])}"
