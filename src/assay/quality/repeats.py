"""All repeats of a score: models trained and items examined in processes that share the cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.quality.measures import Measure, applicable
from assay.quality.repeat import Conditions, Outcome, Taught, judge, repeat, taught
from assay.quality.samples import SampleTable, kept_by_ssim, nearest_items, sample_table
from assay.quality.stopwatch import Seconds, timed, together
from assay.runs.processes import in_processes
from assay.types import UNKNOWN, Samples, Task

Report = Callable[[int, int], None]
Job = tuple[Any, ...]
"""A name, a function and its arguments."""

TEACHERS = ("synthetic", "real", "shuffled")


def silent(done: int, total: int) -> None:
    """Say nothing of how much of the work is done."""
    del done, total


@dataclass(frozen=True)
class Found:
    """What was measured, what every repeat found, a line for every synthetic item, and what took how long."""

    measures: list[Measure]
    outcomes: list[Outcome]
    samples: SampleTable
    seconds: Seconds


def run_repeats(
    task: Task,
    synthetic: Samples,
    conditions: Conditions,
    seeds: Sequence[int],
    workers: int,
    report: Report = silent,
    own: Sequence[Measure] = (),
) -> Found:
    """A repeat for every seed, its measures and further `own` ones; same arguments, same findings.

    Models of all repeats are trained first, so that what is done at a time is small and no core waits long.
    """
    known = bool((synthetic.y != UNKNOWN).any())
    measures = [*applicable(task.kind == "signal" and len(task.shape) == 3, known), *own]
    data, teachers = (task, synthetic), TEACHERS if known else ()
    work = _Work(workers, len(seeds) * (2 + len(teachers)) + 2, report)
    near, *models = work.done(
        [
            ("nearest items", nearest_items, *data),
            *(("judging models", judge, *data, conditions, seed) for seed in seeds),
            *(("diversity", taught, *data, conditions, seed, by) for seed in seeds for by in teachers),
        ]
    )
    both = zip(seeds, _by_repeat(models, len(seeds), len(task.classes)))
    *outcomes, resembles = work.done(
        [
            *(("", repeat, *data, measures, conditions, seed, models, near) for seed, models in both),
            ("SSIM filter", kept_by_ssim, *data),
        ]
    )
    samples = sample_table(task, synthetic, outcomes, near, resembles)
    seconds = together([work.seconds, *(outcome.seconds for outcome in outcomes)])
    return Found(measures, outcomes, samples, seconds)


def _by_repeat(models: list[Any], repeats: int, classes: int) -> Iterator[Taught]:
    """The judge of every repeat with what its three pupils say, or with nothing where there are none."""
    none = [np.empty((0, classes), np.float32)] * len(TEACHERS) * repeats
    said = iter(models[repeats:] or none)
    for weights in models[:repeats]:
        yield Taught(weights, *(next(said) for _ in TEACHERS))


class _Work:
    """Jobs in processes, reported as they are done, their seconds added up by name."""

    def __init__(self, workers: int, total: int, report: Report) -> None:
        self.workers, self.total, self.report, self.finished = workers, total, report, 0
        self.seconds: Seconds = {}
        report(0, total)

    def done(self, jobs: Sequence[Job]) -> list[Any]:
        """What the jobs return, in their order; a job without a name keeps its own time."""
        calls, results = (job[1:] for job in jobs), []
        found = in_processes(timed, calls, min(self.workers, len(jobs)), ordered=True)
        for (name, *_), (result, seconds) in zip(jobs, found):
            results.append(result)
            if name:
                self.seconds = together([self.seconds, {name: seconds}])
            self.finished += 1
            self.report(self.finished, self.total)
        return results
