"""An image study as jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assay.errors import UserError
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.networks import Backbone
from assay.models.table import chosen
from assay.runs.runner import Job, job_of
from assay.settings import once, parse, replaced
from assay.studies.images.data import Images
from assay.studies.images.study import Cell, ImageStudy, Size
from assay.train.loop import Run

Filters = Mapping[str, Sequence[str]]
Trunk = Callable[[Cell, int], Backbone | None]
"""The pre-trained network of a cell and a seed; None if it starts from scratch."""


@dataclass(frozen=True)
class Planned:
    """A cell of the table with one seed, and its job."""

    cell: Cell
    seed: int
    job: Job


def plan(
    cells: Sequence[Cell],
    study: ImageStudy,
    size: Size,
    images: Images,
    seeds: Sequence[int],
    device: str,
    trunk: Trunk,
) -> list[Planned]:
    """Every run of the study, each seed complete before the next begins."""
    return [
        Planned(cell, seed, _job(cell, seed, study, size, images, device, trunk(cell, seed)))
        for seed in seeds
        for cell in cells
    ]


def _job(
    cell: Cell,
    seed: int,
    study: ImageStudy,
    size: Size,
    images: Images,
    device: str,
    trunk: Backbone | None,
) -> Job:
    task, made = images.open(cell, study.rendered_tests)
    network = trunk or chosen(size.backbones[cell.backbone], task.kind, task.shape)
    method = parse(cell.method, METHODS, "method")
    return job_of(cell.label, Run(method, network, training_of(cell, size), seed, None, device), task, made)


def check_never_repeats(cell: Cell, size: Size, there: int) -> None:
    """Raise `UserError` if images that are to be new would come twice: `there` are so many."""
    training = training_of(cell, size)
    seen = training.epochs * training.steps * training.batch
    if cell.never_repeats and seen > there:
        raise UserError(
            f"{cell.label}: epochs x steps x batch is {seen} images, and {cell.synthetic} has {there}: "
            "render more, or shorten the training"
        )


def training_of(cell: Cell, size: Size) -> Training:
    """The settings of training of a cell."""
    return replaced(size.training, cell.training, cell.label)


def wanted(cell: Cell, seed: int, only: Filters) -> bool:
    """Whether a cell is among those asked for."""
    fields = {**cell.labels, "seed": str(seed)}
    return all(fields.get(field) in values for field, values in only.items())


def parse_only(text: str, cells: Sequence[Cell], seeds: Sequence[int]) -> dict[str, list[str]]:
    """``column=value+value,...`` as the values wanted by column.

    Raises
    ------
    UserError
        If a column or a value is not there.
    """
    known: dict[str, set[str]] = {"seed": {str(seed) for seed in seeds}}
    for cell in cells:
        for column, value in cell.labels.items():
            known.setdefault(column, set()).add(value)
    only: list[tuple[str, list[str]]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        column, _, values = part.partition("=")
        if column not in known:
            raise UserError(f"--only: {part}; expected column=value+value; columns: {', '.join(known)}")
        only.append((column, values.split("+")))
        for value in only[-1][1]:
            if value not in known[column]:
                names = ", ".join(sorted(known[column]))
                raise UserError(f"--only: {column}={value}: no such cell; known: {names}")
    return once(only, "--only")
