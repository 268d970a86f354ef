"""The battery and what it measured so far: the accuracy of every method on every task, by seed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.methods.base import uses_synthetic
from assay.runs.runner import versions
from assay.settings import as_dict
from assay.studies.battery.plan import Planned
from assay.studies.battery.tasks import Half
from assay.studies.forms import read_study
from assay.studies.runs import StudyRuns

SELECTION = "last"
"""Of every method on every task: half of them have no validation items of the place of the test."""


class BatteryRuns(StudyRuns):
    """The battery and those of its runs that are finished."""

    def task_names(self, half: Half) -> list[str]:
        """Tasks of a half of which a run is finished."""
        mine = [task["name"] for task in self.info["battery"] if task["half"] == half]
        done = {cell["task"] for cell in self.info["cells"] if self._records(cell)}
        return [name for name in mine if name in done]

    @property
    def methods(self) -> list[str]:
        """In the order of the table."""
        return list(dict.fromkeys(cell["method"] for cell in self.info["cells"]))

    @property
    def seeds(self) -> list[int]:
        """All of them, in order."""
        return sorted({run["seed"] for cell in self.info["cells"] for run in cell["runs"]})

    def accuracies(self, half: Half, selection: str | None = None) -> NDArray[np.float64]:
        """On the test items, shape (method, task, seed); NaN where a run failed or is not finished."""
        chosen = self._checked(selection or self.info["selection"])
        return self._array(half, lambda record: float(record["selections"][chosen]["accuracy"]))

    def seconds(self, half: Half) -> NDArray[np.float64]:
        """Processor seconds of each run, likewise; of the clock where these were not measured."""
        return self._array(
            half, lambda record: record["about"].get("cpu_seconds", record["about"]["seconds"])
        )

    def errors(self) -> dict[str, str]:
        """Of the runs that failed, by task, method and seed."""
        return {
            f"{cell['task']}, {cell['method']}, seed {seed}": record["error"]
            for cell in self.info["cells"]
            for seed, record in self._records(cell).items()
            if record["error"]
        }

    def _array(self, half: Half, number: Any) -> NDArray[np.float64]:
        names, methods, seeds = self.task_names(half), self.methods, self.seeds
        found = np.full((len(methods), len(names), len(seeds)), np.nan)
        for cell in self.info["cells"]:
            if cell["task"] in names:
                for seed, record in self._records(cell).items():
                    place = methods.index(cell["method"]), names.index(cell["task"]), seeds.index(seed)
                    found[place] = np.nan if record["error"] else number(record)
        return found


def described(
    about: Mapping[str, Any], grid: Sequence[Planned], left_out: Mapping[str, str], device: str
) -> dict[str, Any]:
    """The battery as JSON values."""
    return {
        **about,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "selection": SELECTION,
        "device": device,
        "versions": versions(),
        "left_out": dict(left_out),
        "battery": _tasks(grid),
        "cells": _cells(grid),
    }


def _tasks(grid: Sequence[Planned]) -> list[dict[str, Any]]:
    some = {run.cell.task.name: run for run in grid if run.job.synthetic is not None}
    return [
        {
            **{key: getattr(run.cell.task, key) for key in ("name", "half", "family", "about")},
            "counts": {part: len(samples) for part, samples in run.job.task.parts()},
            "synthetic": len(run.job.synthetic or ()),
            "training": as_dict(run.job.cell.run.training),
            "backbone": as_dict(run.job.cell.run.backbone),
        }
        for run in some.values()
    ]


def _cells(grid: Sequence[Planned]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in grid:
        task, method, settings = run.cell.task.name, run.cell.method, run.job.cell.run.method
        start = {
            "task": task,
            "method": method,
            "settings": as_dict(settings),
            "synthetic": uses_synthetic(settings),
            "runs": [],
        }
        found.setdefault((task, method), start)["runs"].append({"seed": run.seed, "key": run.job.cell.key})
    return list(found.values())


def joined(path: Path, info: dict[str, Any]) -> dict[str, Any]:
    """The battery with the tasks that it had and that were not asked for now, if the same code ran them."""
    if not path.is_file():
        return info
    there = read_study(path)
    if any(there[key] != info[key] for key in ("origin", "versions")):
        return info
    mine = {task["name"] for task in info["battery"]} | set(info["left_out"])
    kept = [task for task in there["battery"] if task["name"] not in mine]
    names = {task["name"] for task in kept}
    cells = [cell for cell in there["cells"] if cell["task"] in names]
    return {**info, "battery": [*kept, *info["battery"]], "cells": [*cells, *info["cells"]]}
