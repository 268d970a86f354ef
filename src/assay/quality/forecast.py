"""How long a score will take: a small one of a part of the items, its seconds grown to all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from assay.quality.dealing import FEWEST, labelled_real, number_alike
from assay.quality.repeat import Conditions
from assay.quality.repeats import TEACHERS, run_repeats
from assay.quality.samples import known_parts
from assay.quality.stopwatch import Seconds
from assay.types import Samples, Task

WARM_UP, TRIAL, SHARE = 200, 2000, 2
"""Items of the largest part in two small scores; the first pays for what is done once in a process.

The second takes no more than one item in so many, where that leaves as many as the first has.
"""
STEPS = 30
"""The small scores take one step of training in so many."""
ONCE = ("nearest items", "SSIM filter")
"""What is not done in every repeat."""
FIRST = ("judging models", "diversity", "nearest items")
"""What is done, in small jobs, before the repeats."""


def forecast(task: Task, synthetic: Samples, conditions: Conditions, repeats: int, workers: int) -> float:
    """About how many seconds a score will take, from some hundredths of its work.

    What a repeat of a part of the items takes grows with the steps of training, the items or the pairs of
    items that it looks at. The start of the workers is not in it.
    """
    trial = max(WARM_UP, min(TRIAL, _largest(task, synthetic) // SHARE))
    for most in (WARM_UP, trial):
        part = _part(task, synthetic, conditions, most)
        took = run_repeats(*part, range(1), 1).seconds
    growth = _growth(part, (task, synthetic, conditions))
    models = 1 + len(TEACHERS) * ("diversity" in took)

    def spread(name: str, seconds: float) -> float:
        times = 1 if name in ONCE else repeats
        at_a_time = min(workers, repeats * (models if name in FIRST else 1))
        return seconds * growth.get(name, growth["likeness"]) * times / at_a_time

    return sum(spread(name, seconds) for name, seconds in took.items())


Whole = tuple[Task, Samples, Conditions]


def _growth(part: Whole, whole: Whole) -> Seconds:
    """How often the work of a part goes into that of the whole, by what it is; `likeness` for all others."""
    small, large = (_work(*each) for each in (part, whole))
    ratio = {name: large[name] / small[name] for name in large}
    return {
        **dict.fromkeys(("judging models", "diversity"), ratio["steps"]),
        **dict.fromkeys((*ONCE, "copying", "copying_test"), ratio["pairs"]),
        "features": ratio["items"],
        "likeness": ratio["alike"] ** 2,
    }


def _work(task: Task, synthetic: Samples, conditions: Conditions) -> Seconds:
    known = sum(map(len, known_parts(task).values()))
    return {
        "steps": conditions.training.epochs * conditions.training.steps,
        "items": len(synthetic) + len(labelled_real(task)),
        "pairs": len(synthetic) * known,
        "alike": number_alike(task, synthetic, conditions.against, conditions.most),
    }


def _part(task: Task, synthetic: Samples, conditions: Conditions, most: int) -> Whole:
    """About `most` items of the largest part and as large a share of the others; a step in `STEPS`."""
    share = min(1.0, most / _largest(task, synthetic))
    few = number_alike(task, synthetic, conditions.against, conditions.most)
    share = min(1.0, max(share, 2 * conditions.neighbours / few))
    training = conditions.training
    steps = math.ceil(training.epochs * training.steps / STEPS)
    parts = {name: thinned(part, share) for name, part in known_parts(task).items()}
    brief = replace(conditions, training=replace(training, epochs=1, steps=steps))
    return replace(task, **parts), thinned(synthetic, share), brief  # type: ignore[arg-type]


def _largest(task: Task, synthetic: Samples) -> int:
    return max(len(synthetic), *map(len, known_parts(task).values()))


def thinned(samples: Samples, share: float) -> Samples:
    """The first of the items of every class, a share of them, but enough for a score."""
    found = [np.flatnonzero(samples.y == label) for label in np.unique(samples.y)]
    return samples[np.concatenate([each[: max(FEWEST, math.ceil(share * len(each)))] for each in found])]
