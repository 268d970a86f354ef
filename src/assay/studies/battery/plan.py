"""The battery as jobs: every method on every task, each seed complete before the next begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assay.comparison.plan import plan as plan_of_comparison
from assay.errors import UserError
from assay.runs.runner import Job
from assay.settings import once, with_options
from assay.studies.battery.sources import Data
from assay.studies.battery.tasks import METHODS, BatteryTask

FIELDS = ("task", "half", "family", "method", "seed")
Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Cell:
    """A method on a task."""

    task: BatteryTask
    method: str

    def fields(self, seed: int) -> dict[str, str]:
        """What ``--only`` can name."""
        values = (self.task.name, self.task.half, self.task.family, self.method, str(seed))
        return dict(zip(FIELDS, values))


@dataclass(frozen=True)
class Planned:
    """A cell with one seed, and its job."""

    cell: Cell
    seed: int
    job: Job


def cells(tasks: Sequence[BatteryTask], more: Sequence[str]) -> list[Cell]:
    """Every task under every method: the battery's own, then `more`."""
    methods = dict.fromkeys((*METHODS, *more))
    return [Cell(task, method) for task in tasks for method in methods]


def planned(
    cells: Sequence[Cell], data: Data, seeds: Sequence[int], training: str, device: str
) -> tuple[list[Planned], dict[str, str]]:
    """The runs of the cells of one task, and why a method cannot be trained on it, by its name."""
    found, left_out = [], {}
    for cell in cells:
        try:
            found += _of_cell(cell, data, seeds, training, device)
        except UserError as error:
            left_out[f"{cell.task.name}, {cell.method}"] = str(error)
    return found, left_out


def _of_cell(cell: Cell, data: Data, seeds: Sequence[int], training: str, device: str) -> list[Planned]:
    """As a comparison would plan and check it."""
    settings = with_options(cell.task.training, training, "training")
    jobs = plan_of_comparison(*data, [cell.method], seeds, cell.task.backbone, settings, None, device)
    mine = [job for job in jobs if job.cell.label == cell.method]
    return [
        Planned(cell, job.cell.run.seed, _called(job, f"{cell.method}, {cell.task.name}")) for job in mine
    ]


def _called(job: Job, label: str) -> Job:
    """The job under the name that progress lines call it."""
    return replace(job, cell=replace(job.cell, label=label))


def wanted(cell: Cell, seed: int, only: Filters) -> bool:
    """Whether a cell is among those asked for."""
    return all(cell.fields(seed)[field] in values for field, values in only.items())


def parse_only(text: str, cells: Sequence[Cell], seeds: Sequence[int]) -> Filters:
    """``field=value+value,...`` as the values wanted by field.

    Raises
    ------
    UserError
        If a field or a value is not there.
    """
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    only = once(((field, values.split("+")) for field, _, values in pairs), "--only")
    known = [cell.fields(seed) for cell in cells for seed in seeds]
    for field, values in only.items():
        if field not in FIELDS:
            raise UserError(f"--only: {field}; expected field=value+value; fields: {', '.join(FIELDS)}")
        there = dict.fromkeys(fields[field] for fields in known)
        for value in values:
            if value not in there:
                raise UserError(f"--only: {field}={value}: no such cell; known: {', '.join(there)}")
    return only
