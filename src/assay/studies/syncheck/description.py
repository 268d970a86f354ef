"""A study of SynCheck on given data as JSON values: what is kept beside its runs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

from assay.runs.runner import versions
from assay.settings import as_dict
from assay.studies.published.syncheck import Key
from assay.studies.syncheck.data import StudyData
from assay.studies.syncheck.grid import OWN, Planned, Settings


def describe(settings: Settings, data: StudyData, grid: Sequence[Planned]) -> dict[str, Any]:
    """The study as JSON values; on the user's data without the words of the published set-up."""
    task = data.task
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "published": settings.study.published,
        "question": settings.study.question,
        "axis": settings.study.axis,
        "scenario": OWN if settings.own else settings.scenario.title,
        "own": settings.own,
        "findings": data.findings.as_dicts(),
        "switches": dataclasses.asdict(settings.protocol),
        "selection": _selection(settings),
        "training": as_dict(settings.training),
        "task": {
            "name": task.name,
            "kind": task.kind,
            "classes": list(task.classes),
            "shape": list(task.shape),
            "counts": {part: len(samples) for part, samples in task.parts()},
            "digest": task.digest(),
        },
        "synthetic": {**data.names, "count": len(data.more), "unit": data.unit},
        "device": settings.device,
        "versions": versions(),
        "cells": _cells(grid),
    }


def _selection(settings: Settings) -> str:
    found = settings.protocol.best_on_test and settings.scenario.flawed
    return "oracle" if found else settings.scenario.selection


def _cells(grid: Sequence[Planned]) -> list[dict[str, Any]]:
    cells: dict[Key, dict[str, Any]] = {}
    for planned in grid:
        entry, cell = planned.entry, planned.job.cell
        start = {
            "key": dataclasses.asdict(entry.key),
            "series": entry.series,
            "place": entry.place,
            "method": as_dict(entry.method),
            "backbone": as_dict(cell.run.backbone),
            "runs": [],
        }
        cells.setdefault(entry.key, start)["runs"].append({"seed": planned.seed, "key": cell.key})
    return list(cells.values())
