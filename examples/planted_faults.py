r"""Does a score notice what is wrong? Faults planted in synthetic data whose truth is known.

    python examples/planted_faults.py digits:labelled=30 --perfect test
    python examples/planted_faults.py simulated-csi:users=3,packets=64,repetitions=40 \
        --backbone cnn1d:width=24,depth=3

The perfect synthetic data are real items that the score does not see otherwise: half of the labelled ones, or
the test items where these are of the same domain. Then one fault at a time, at three strengths. Prints every
measure of every set, marked where it moved for the worse (-) or the better (+) beyond the interval of the
paired difference to the perfect set.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

import assay
from assay.metrics.statistics import UNBOUNDED, Estimate, estimate
from assay.quality.faults import FAULTS, Fault
from assay.quality.measures import Measure
from assay.quality.score import Score, Scoring, score
from assay.settings import with_options
from assay.types import Samples, Task


def perfect_data(task: Task, source: str) -> tuple[Task, Samples]:
    """The task without the items that play the synthetic ones, and these, of group 0."""
    if source == "test":
        return task, dataclasses.replace(task.test, group=np.zeros_like(task.test.group))
    half = np.arange(len(task.labelled)) % 2 == 0
    return dataclasses.replace(task, labelled=task.labelled[half]), task.labelled[~half]


def moved(measure: Measure, before: Score, after: Score) -> Estimate:
    """How much worse the measure got, over paired repeats."""
    sign = 1 if measure.better == "lower" else -1
    values = [next(r.repeats for r in s.rows if r.measure.name == measure.name) for s in (before, after)]
    return estimate([sign * (b - a) for a, b in zip(*values, strict=True)], UNBOUNDED)


def mark(change: Estimate) -> str:
    """ "-" where it got worse, "+" where it got better, nothing where it cannot be told."""
    return " -" if change.is_above_zero else " +" if change.is_below_zero else ""


def cells(before: Score, after: Score, fault: Fault | None) -> Iterator[str]:
    """The value of every measure with its mark, bold where the fault must be noticed."""
    for row in after.rows:
        text = f"{row.value.mean:.2f}{mark(moved(row.measure, before, after)) if fault else ''}"
        yield f"**{text}**" if fault and row.measure.name in fault.worse else text


def complaints(name: str, fault: Fault, before: Score, scores: list[Score]) -> Iterator[str]:
    """What the score should have noticed and did not, or noticed and should not have."""
    measures = {row.measure.name: row.measure for row in before.rows}
    for which in fault.worse:
        changes = [moved(measures[which], before, after) for after in scores]
        if not changes[-1].is_above_zero:
            yield f"{name}: {which} does not notice it"
        elif any(a.mean > b.mean for a, b in pairwise(changes)):
            yield f"{name}: {which} does not grow with it"
    for which in fault.untouched:
        changes = [moved(measures[which], before, after) for after in scores]
        if any(change.is_above_zero for change in changes):
            yield f"{name}: {which} got worse"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("--perfect", choices=("labelled", "test"), default="labelled")
    parser.add_argument("--fault", action="append", choices=list(FAULTS))
    parser.add_argument("--scoring", default="against=labelled")
    parser.add_argument("--training", default="epochs=10,steps=30,batch=32")
    parser.add_argument("--backbone", help="by default the task kind's")
    options = parser.parse_args()
    task, perfect = perfect_data(assay.open_task(options.task), options.perfect)
    real = task.real.joined(task.validation)
    scoring = with_options(Scoring(), options.scoring, "scoring")
    training = with_options(assay.Training(), options.training, "training")

    def scored(items: Samples) -> Score:
        return score(task, items, scoring, options.backbone, training=training)

    before, found = scored(perfect), []
    print("| fault | strength |", *(f" {row.measure.name} |" for row in before.rows))
    print("|---|---|" + "---|" * len(before.rows))
    print("| none | |", *(f" {cell} |" for cell in cells(before, before, None)), flush=True)
    for name in options.fault or FAULTS:
        fault, scores = FAULTS[name], []
        for strength in fault.strengths:
            scores.append(scored(fault.planted(perfect, strength, real, seed=0)))
            line = (f" {cell} |" for cell in cells(before, scores[-1], fault))
            print(f"| {name} | {strength} |", *line, flush=True)
        found += complaints(name, fault, before, scores)
    print(f"\n{len(task.real) + len(task.validation)} real items, {len(perfect)} synthetic ones.")
    print("\n".join(found) or "Every fault moved the measures that name it, the more the stronger it was.")


if __name__ == "__main__":
    main()
