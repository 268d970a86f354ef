"""The page of the battery: one HTML file that needs nothing but itself."""

from __future__ import annotations

from dataclasses import dataclass

from assay.report.battery.figure import on_page
from assay.report.battery.text import MEANINGS, gains, hurts, notes, sentences, table
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
    rows: list[dict[str, str]]
    gains: list[dict[str, str]]
    hurts: list[str]


def page(runs: BatteryRuns) -> str:
    """The page as text; same study, same bytes."""
    content = {
        "name": runs.name,
        "info": runs.info,
        "sentences": list(sentences(runs)),
        "parts": [part for half in reversed(HALVES) if (part := _part(runs, half))],
        "figure_": on_page(runs),
        "notes": list(notes(runs)),
        "tasks": [_task(task) for task in runs.info["battery"]],
        "version": __version__,
    }
    return render("battery/page.html.jinja", content)


def _part(runs: BatteryRuns, half: Half) -> Part | None:
    lines = summarise(runs, half)
    return Part(half, MEANINGS[half], table(lines), gains(lines), list(hurts(lines))) if lines else None


def _task(task: dict[str, object]) -> dict[str, str]:
    counts: dict[str, int] = task["counts"]  # type: ignore[assignment]
    training: dict[str, object] = task["training"]  # type: ignore[assignment]
    return {
        "task": str(task["name"]),
        "half": str(task["half"]),
        "labelled; synthetic": str(task["about"]),
        "items": words({part: n for part, n in counts.items() if n} | {"synthetic": task["synthetic"]}),
        "training": " × ".join(str(training[key]) for key in ("epochs", "steps", "batch")),
        "network": words(task["backbone"]),  # type: ignore[arg-type]
    }
