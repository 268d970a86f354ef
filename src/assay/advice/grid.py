"""Which runs an advice consists of: real fractions × amounts of synthetic data × uses of its labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.comparison.plan import check_data, listed_seeds
from assay.errors import UserError
from assay.methods.anchored import Anchored
from assay.methods.base import MethodSettings
from assay.methods.mcc import Mcc
from assay.methods.mixed import Mixed
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.real_only import RealOnly
from assay.methods.real_unlabelled import RealUnlabelled
from assay.methods.training import Training
from assay.methods.trts_filter import TrtsFilter
from assay.models.device import chosen_device
from assay.models.table import AnyBackbone, chosen
from assay.runs.runner import Job, job_of
from assay.train.building import needed
from assay.train.one_run import Run
from assay.types import Samples, Task

FRACTIONS = (0.25, 0.5, 1.0)
USES: dict[str, MethodSettings] = {"condition": Mixed(), "pseudo": PseudoLabel(), "drop": TrtsFilter()}
"""What becomes of the labels: believed, replaced by a model's own, or items dropped where both differ."""
BESIDE_UNLABELLED: dict[str, MethodSettings] = {"condition": Mixed(), "mcc": Mcc(), "anchored": Anchored()}
"""Where there are unlabelled items: believed, alone or beside those; or weighed as they are borne out."""
AMOUNTS, STEP = 4, 4
"""Amounts by default: all there is, and three times a quarter of the one before."""
HELD_OUT = 5
"""Without validation items, one labelled item in so many becomes one."""


@dataclass(frozen=True)
class Point:
    """A run and its place in the grid.

    Attributes
    ----------
    job : Job
        On a task with as many labelled items as the run learns from.
    real, synthetic : int
        Items to learn from.
    labels : {"none", "unlabelled", "condition", "pseudo", "drop", "mcc", "anchored"}
        The first two are of real data alone.
    """

    job: Job
    real: int
    synthetic: int
    labels: str


def grid(
    task: Task,
    synthetic: Samples,
    seeds: int | Sequence[int],
    sizes: Sequence[int],
    backbone: AnyBackbone | None,
    training: Training,
    device: str | None,
) -> list[Point]:
    """Every run, ordered so that each seed completes before the next begins.

    All uses of the labels at the full real size, conditions alone at the smaller ones. Which real items a
    smaller size holds depends on the seed, so that its luck is part of the scatter.
    """
    check_data(task, synthetic)
    network, place = chosen(backbone, task.kind, task.shape, len(task.classes)), chosen_device(device)
    base = Run(RealOnly(), network, training, 0, None, place)
    return [
        point
        for seed in listed_seeds(seeds)
        for part in _thinnings(task, seed)
        for point in _points(part, part is task, synthetic, sizes, dataclasses.replace(base, seed=seed))
    ]


def _thinnings(task: Task, seed: int) -> list[Task]:
    """The task at each real size once, the smallest first."""
    found = [thinned(task, fraction, seed) for fraction in FRACTIONS]
    return list({len(part.real): part for part in found}.values())


def _points(task: Task, full: bool, synthetic: Samples, sizes: Sequence[int], base: Run) -> Iterator[Point]:
    real, uses = len(task.real), usable(task, synthetic)
    yield Point(job_of(f"{real} real", base, task, synthetic), real, 0, "none")
    if full and len(task.unlabelled):
        run = dataclasses.replace(base, method=RealUnlabelled())
        yield Point(job_of(f"{real} real and unlabelled", run, task, synthetic), real, 0, "unlabelled")
    for labels in uses if full else uses.keys() & {"condition"}:
        for m in sizes:
            ratio = None if m == len(synthetic) else m / real  # None: as in a comparison of all there is
            run = dataclasses.replace(base, method=uses[labels], ratio=ratio)
            name = f"{real} real + {m} synthetic ({labels})"
            yield Point(job_of(name, run, task, synthetic), real, m, labels)


def usable(task: Task, synthetic: Samples) -> dict[str, MethodSettings]:
    """Uses of the labels that make sense: without all conditions, only one."""
    if bool((synthetic.y >= 0).all()):
        return BESIDE_UNLABELLED if len(task.unlabelled) else USES
    return {labels: method for labels, method in USES.items() if "conditions" not in method.needs}


def amounts(ratios: Sequence[float] | None, task: Task, synthetic: Samples) -> list[int]:
    """Numbers of synthetic items, ascending.

    Parameters
    ----------
    ratios : sequence of float, optional
        Synthetic items per labelled real one, cut at what there is. By default all there is and a quarter,
        a sixteenth and a 64th of it, as long as that is one item a class.

    Raises
    ------
    UserError
        If a ratio is not a number above 0 or asks for no item.
    """
    if ratios is None:
        sizes = {len(synthetic) // STEP**k for k in range(AMOUNTS)}
        return sorted({m for m in sizes if m >= len(task.classes)} or {len(synthetic)})
    for ratio in checked(ratios):
        if needed(task, ratio) < 1:
            raise UserError(f"--ratios: {ratio} asks for no synthetic item of {len(synthetic)}")
    if not ratios:
        raise UserError("--ratios: none; give one or more")
    return sorted({min(needed(task, ratio), len(synthetic)) for ratio in ratios})


def checked(ratios: Sequence[float]) -> Sequence[float]:
    """The ratios, each a finite number above 0: `UserError` otherwise."""
    for ratio in ratios:
        if not 0 < ratio < math.inf:
            raise UserError(f"--ratios: {ratio}; expected numbers above 0")
    return ratios


# -- smaller real data --------------------------------------------------------------------------------


def thinned(task: Task, fraction: float, seed: int) -> Task:
    """The task with a fraction of its labelled items and shots, each by class; smaller parts are nested.

    At least one item of each class remains.
    """
    if fraction == 1:
        return task
    labelled, shots = (_first(part, fraction, seed) for part in (task.labelled, task.shots))
    return dataclasses.replace(task, labelled=labelled, shots=shots)


def _first(samples: Samples, fraction: float, seed: int) -> Samples:
    order = by_turns(samples.y, np.random.default_rng([seed, len(samples)]))
    count = max(len(np.unique(samples.y)), round(fraction * len(samples)))
    return samples[np.sort(order[:count])]


def by_turns(y: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """An order of the items in which one of each class comes first, and every beginning is stratified."""
    share, first = np.zeros(len(y)), np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        share[members] = (np.arange(len(members)) + 0.5) / len(members)
        first[members[0]] = True
    return np.lexsort((rng.random(len(y)), share, ~first))


def with_validation(task: Task) -> tuple[Task, str]:
    """The task with validation items, and what was done to have them (nothing if it has some).

    Raises
    ------
    UserError
        If there are none, and a class has fewer labelled items than it takes to hold one out.
    """
    if len(task.validation):
        return task, ""
    counts = task.labelled.counts(len(task.classes))
    if counts.min() < HELD_OUT:
        raise UserError(
            f"validation: no items, and class '{task.classes[int(counts.argmin())]}' has {counts.min()} "
            f"labelled; give validation items, or {HELD_OUT} labelled ones a class to hold some of them out"
        )
    order = by_turns(task.labelled.y, np.random.default_rng(0))
    count = max(len(counts), len(order) // HELD_OUT)
    held, rest = (task.labelled[np.sort(part)] for part in (order[:count], order[count:]))
    note = f"No validation items were given: {count} of the {len(order)} labelled ones were held out as such."
    return dataclasses.replace(task, labelled=rest, validation=held), note
