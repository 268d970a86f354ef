"""The page of a study: one HTML file that needs nothing but itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay.report.comparison import against_oracle
from assay.report.comparison.page import CAVEATS, COLOURED, MEANINGS
from assay.report.findings import findings_list
from assay.report.study.figure import figure_of
from assay.report.study.numbers import control_of, finished, is_baseline, selections
from assay.report.study.table import REMARKS, SEEDS, notes, table, troubles
from assay.report.study.text import sentences
from assay.report.template import render, words
from assay.studies.protocol import Protocol
from assay.studies.runs import Row, StudyRuns
from assay.version import __version__


@dataclass(frozen=True)
class Line:
    """A row of the table on the page.

    Attributes
    ----------
    cells : dict of str
    verdict : str
        "gain", "loss" or nothing.
    control : bool
        Whether it is the random control of a filter.
    troubles : list of str
        What failed and what is missing.
    """

    cells: dict[str, str]
    verdict: str
    control: bool
    troubles: list[str]


@dataclass(frozen=True)
class Result:
    """The table under one selection."""

    selection: str
    meaning: str
    caveat: str
    lines: list[Line]
    notes: list[str]


def page(runs: StudyRuns) -> str:
    """The page as text; same study, same bytes."""
    content = {
        "info": runs.info,
        "sentences": sentences(runs),
        "findings": findings_list(runs.info),
        "own": runs.is_own,
        "figure_": figure_of(runs),
        "results": [_result(runs, name) for name in selections(runs)],
        "against": against_oracle.of_study(runs),
        "against_note": against_oracle.NOTE,
        "switches": shown_switches(runs),
        "scope": switch_scope(),
        "settings": dict(_facts(runs)),
        "cells": {_named(cell): words(cell["method"]) for cell in runs.info["cells"]},
        "failed": list(_failed(runs)),
        "version": __version__,
        "name": runs.name,
    }
    return render("study/page.html.jinja", content)


# -- tables -------------------------------------------------------------------------------------------


def _result(runs: StudyRuns, selection: str) -> Result:
    rows, texts = finished(runs.rows(selection)), table(runs, selection)
    controls = {control.key for row in rows if (control := control_of(row, rows))}
    lines = [_line(row, text, row.key in controls) for row, text in zip(rows, texts)]
    said = notes(runs, selection)
    return Result(selection, MEANINGS[selection], CAVEATS.get(selection, ""), lines, said)


def _line(row: Row, text: dict[str, str], control: bool) -> Line:
    told = COLOURED.get(row.difference.outcome, "") if row.difference and not is_baseline(row) else ""
    cells = {name: value for name, value in text.items() if name not in (REMARKS, SEEDS)}
    cells[SEEDS] = text[SEEDS]  # last: a telephone shows the first columns
    return Line(cells, told, control, list(troubles(row)))


# -- settings -----------------------------------------------------------------------------------------


def shown_switches(runs: StudyRuns) -> list[tuple[str, bool, str]]:
    """Every switch of the protocol; on the user's data those alone that are on."""
    return [switch for switch in switches(runs) if switch[1] or not runs.is_own]


def switches(runs: StudyRuns) -> list[tuple[str, bool, str]]:
    """Every switch of the protocol: its name, whether it is on, what it does."""
    meanings = switch_meanings()
    return [(name, bool(on), meanings.get(name, "")) for name, on in runs.info["switches"].items()]


def switch_meanings() -> dict[str, str]:
    """What each switch does, from the docstring that declares them."""
    text = inspect.getdoc(Protocol) or ""
    found = re.findall(r"^(\w+) : bool\n((?:    .*\n?)+)", text, re.MULTILINE)
    return {name: " ".join(said.replace("`", "").split()) for name, said in found}


def switch_scope() -> str:
    """Which set-ups the switches concern, from the same docstring: what stands before its first section."""
    before = (inspect.getdoc(Protocol) or "").split("\nParameters\n")[0].split("\n\n")[1:]
    return " ".join(" ".join(before).replace("`", "").split())


def _facts(runs: StudyRuns) -> Iterator[tuple[str, str]]:
    info = runs.info
    task, synthetic = info["task"], info["synthetic"]
    yield "task", f"{task['name']}, {len(task['classes'])} classes: {', '.join(task['classes'])}"
    yield "items", f"{task['kind']}, shape {' × '.join(map(str, task['shape']))}; {words(task['counts'])}"
    yield "real data (hash)", task["digest"]
    for name, source in synthetic.items():
        if name not in ("count", "unit"):
            yield f"synthetic data ({name})", str(source)
    yield "synthetic items", f"{synthetic['count']} at hand; ratio 1 stands for {synthetic['unit']}"
    yield "preset", str(info["preset"])
    yield "training", words({key: value for key, value in info["training"].items() if key != "kind"})
    yield "backbones", "; ".join(dict.fromkeys(words(cell["backbone"]) for cell in info["cells"]))
    yield "device", str(info["device"])
    yield "versions", words(info["versions"])
    yield "begun", str(info["created"])


def _named(cell: dict[str, Any]) -> str:
    return f"{cell['series']}, {cell['place']}"


def _failed(runs: StudyRuns) -> Iterator[dict[str, str]]:
    for cell in runs.info["cells"]:
        for run in cell["runs"]:
            record = runs.records.get(run["key"])
            if record and record["error"]:
                yield {
                    "cell": _named(cell),
                    "seed": str(run["seed"]),
                    "error": record["error"],
                    "run": run["key"],
                }
