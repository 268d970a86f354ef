"""An image study and what it measured so far: numbers on several test sets, ours and published."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.metrics.statistics import SHARE, Estimate, estimate, paired_difference
from assay.runs.runner import versions
from assay.settings import as_dict
from assay.studies.images.plan import Planned
from assay.studies.images.study import ImageStudy, Measure
from assay.studies.runs import StudyRuns

Record = Mapping[str, Any]
BEST = "best"
"""The highest value over the epochs on each test set by itself, as published: it looks at test labels."""


@dataclass(frozen=True)
class ImageRow:
    """A row of the table.

    Attributes
    ----------
    labels : dict of str
        What it is, by column.
    images : int
        Rendered images that it learns from.
    values : dict of dict of float
        By the name of the measure and by seed, range [0, 1], under the selection asked for.
    best : dict of dict of float
        Likewise, the highest over the epochs.
    difference : dict of Estimate or None
        Paired difference to the baseline, by measure; None for the baseline itself.
    published : dict of float
        Range [0, 1], by measure.
    errors : dict of str
        Error by seed.
    missing : int
        Runs that are not finished.
    is_baseline : bool
        Whether others are compared with it and it with none.
    """

    labels: dict[str, str]
    images: int
    values: dict[str, dict[int, float]]
    best: dict[str, dict[int, float]]
    difference: dict[str, Estimate | None]
    published: dict[str, float]
    errors: dict[int, str]
    missing: int
    is_baseline: bool

    def mean(self, measure: Measure, best: bool = False) -> Estimate | None:
        """Mean over the seeds that succeeded, None if none did."""
        values = (self.best if best else self.values)[measure.name]
        return estimate(list(values.values()), SHARE) if values else None


class ImageRuns(StudyRuns):
    """A study of images and those of its runs that are finished."""

    @property
    def measures(self) -> list[Measure]:
        """The columns of numbers."""
        return [Measure(*measure) for measure in self.info["measures"]]

    def table(self, selection: str | None = None) -> list[ImageRow]:
        """Every cell, under the study's selection or another."""
        chosen = self._checked(selection or self.info["selection"])
        found = {_named(cell["labels"]): self._values(cell, chosen) for cell in self.info["cells"]}
        return [self._image_row(cell, found) for cell in self.info["cells"]]

    def _values(self, cell: dict[str, Any], selection: str) -> dict[str, dict[int, float]]:
        good = {seed: record for seed, record in self._records(cell).items() if not record["error"]}
        return {
            measure.name: {seed: value(record, measure, selection) for seed, record in good.items()}
            for measure in self.measures
        }

    def _image_row(self, cell: dict[str, Any], found: dict[str, dict[str, dict[int, float]]]) -> ImageRow:
        own, base = _named(cell["labels"]), _named(cell["baseline"])
        records, values = self._records(cell), found[own]
        difference = {
            name: paired_difference(seeds, found[base][name]) if base != own and base in found else None
            for name, seeds in values.items()
        }
        return ImageRow(
            cell["labels"],
            cell["synthetic"],
            values,
            self._values(cell, BEST),
            difference,
            {name: number / 100 for name, number in cell["published"].items()},
            {seed: record["error"] for seed, record in records.items() if record["error"]},
            len(cell["runs"]) - len(records),
            base == own,
        )


def value(record: Record, measure: Measure, selection: str) -> float:
    """What a run measured, at the epoch of a selection or, for `BEST`, the highest over the epochs."""
    if selection == BEST:
        return max(at_epoch(epoch, measure) for epoch in record["history"])
    return at_epoch(record["history"][record["selections"][selection]["epoch"]], measure)


def at_epoch(epoch: Record, measure: Measure) -> float:
    """A measure in the record of an epoch."""
    if measure.test == "test":
        return float(epoch[f"test_{measure.metric}"])
    return float(epoch["further"][measure.test][measure.metric])


def _named(labels: Mapping[str, str]) -> str:
    return repr(sorted(labels.items()))


def describe(study: ImageStudy, grid: Sequence[Planned], own: bool) -> dict[str, Any]:
    """The study as JSON values; on the user's `own` photographs without the published numbers."""
    run = grid[0].job.cell.run
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "question": study.question,
        "source": study.source,
        "measures": [list(measure) for measure in study.measures],
        "published_at": study.published_at,
        "selection": "last",
        "device": run.device,
        "tasks": _tasks(grid),
        "versions": versions(),
        "own": own,
        "cells": _cells(study, grid, own),
    }


def _tasks(grid: Sequence[Planned]) -> dict[str, Any]:
    tasks = {planned.cell.task: planned.job.task for planned in grid}
    return {
        role: {"name": task.name, "counts": {part: len(samples) for part, samples in task.parts()}}
        for role, task in tasks.items()
    }


def _cells(study: ImageStudy, grid: Sequence[Planned], own: bool) -> list[dict[str, Any]]:
    cells: dict[str, dict[str, Any]] = {}
    for planned in grid:
        cell, run = planned.cell, planned.job.cell.run
        start = {
            "labels": dict(cell.labels),
            "baseline": dict(study.baseline(cell.labels)),
            "task": cell.task,
            "synthetic": len(planned.job.synthetic or ()),
            "method": as_dict(run.method),
            "backbone": as_dict(run.backbone),
            "training": as_dict(run.training),
            "published": {} if own else dict(cell.published),
            "runs": [],
        }
        cells.setdefault(_named(cell.labels), start)["runs"].append(
            {"seed": planned.seed, "key": planned.job.cell.key}
        )
    return list(cells.values())
