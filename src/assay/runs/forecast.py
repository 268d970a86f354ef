"""How long runs will take and how much memory: each kind of run is tried for a few steps."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assay.machine.memory import peak_mib
from assay.runs.runner import Job, describe
from assay.train.one_run import train

STEPS = (1, 3)
"""Of the two trials; what the second takes longer is the steps', the rest the evaluation's."""
IRRELEVANT = ("seed", "init_seed", "ratio")


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds on its threads, and MiB of a process that runs it, at most."""

    seconds: float
    memory: float


def forecast(jobs: Iterable[Job], tried: Callable[[int], None]) -> dict[str, Cost]:
    """Cost by key of every job; jobs that differ in seed, ratio or rate alone are tried once.

    Parameters
    ----------
    jobs : iterable of Job
    tried : callable
        Told after every trial how many there have been.
    """
    kinds: dict[str, Cost] = {}
    found = {}
    for job in jobs:
        name = kind(job)
        if not kinds:
            _seconds(job, 1)  # whatever the first run of a process costs
        if name not in kinds:
            kinds[name] = _cost(job)
            tried(len(kinds))
        found[job.cell.key] = kinds[name]
    return found


def kind(job: Job) -> str:
    """Everything about a run that its cost depends on."""
    settings = {key: value for key, value in describe(job.cell.run).items() if key not in IRRELEVANT}
    settings["training"] = {**settings["training"], "learning_rate": None}
    return json.dumps(settings, sort_keys=True)


def _cost(job: Job) -> Cost:
    training = job.cell.run.training
    short, long = (_seconds(job, steps) for steps in STEPS)
    step = max(0.0, (long - short) / (STEPS[1] - STEPS[0]))
    evaluation = max(0.0, short - STEPS[0] * step)
    return Cost(training.epochs * (training.steps * step + evaluation), peak_mib())


def _seconds(job: Job, steps: int) -> float:
    """Of one epoch of so many steps, with what goes before it."""
    training = dataclasses.replace(job.cell.run.training, epochs=1, steps=steps)
    start = time.perf_counter()
    train(job.task, job.synthetic, dataclasses.replace(job.cell.run, training=training))
    return time.perf_counter() - start
