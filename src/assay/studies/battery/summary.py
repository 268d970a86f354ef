"""What the battery says of each method in one half of its tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.comparison.names import BASELINE
from assay.metrics.hierarchical_bootstrap import known_mean, simultaneous
from assay.metrics.statistics import DIFFERENCE, Estimate
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.tasks import Half

ALONE = "real_unlabelled"
"""The best use of real data alone, which synthetic data must beat to be worth anything."""
POINT = 0.01
"""A loss of more, as the mean over seeds, is one that hurts."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Against:
    """A method against another, over the tasks of a half.

    Attributes
    ----------
    gain : Estimate
        In accuracy, mean over tasks of the mean over seeds, paired; intervals of all methods hold together.
    by_task : dict of float
        Gain on each task, mean over seeds.
    """

    gain: Estimate
    by_task: dict[str, float]

    @property
    def worst(self) -> tuple[str, float]:
        """The task on which it gains least, and how much that is."""
        return min(self.by_task.items(), key=lambda pair: pair[1])

    @property
    def hurts(self) -> dict[str, float]:
        """Tasks on which it loses more than a point, the worst first."""
        return dict(sorted(((k, v) for k, v in self.by_task.items() if v < -POINT), key=lambda pair: pair[1]))


@dataclass(frozen=True)
class Line:
    """A method in one half.

    Attributes
    ----------
    method : str
    accuracy : float
        Mean over tasks.
    over_real, over_alone : Against or None
        Against `real_only` and against `ALONE`; None for itself, or without runs in common.
    rank : float
        Mean over tasks of its place among the methods (1 is the best; equals share theirs), by the mean over
        seeds.
    seconds, cost : float
        Processor seconds of a run, mean over tasks; and as a multiple of those of `real_only`, likewise.
    runs : int
        That succeeded.
    """

    method: str
    accuracy: float
    over_real: Against | None
    over_alone: Against | None
    rank: float
    seconds: float
    cost: float
    runs: int


def summarise(runs: BatteryRuns, half: Half, selection: str | None = None) -> list[Line]:
    """A line for every method that has finished runs in a half, in the order of the battery."""
    names, found = runs.task_names(half), runs.accuracies(half, selection)
    if not names:
        return []
    mean, seconds = known_mean(found), known_mean(runs.seconds(half))
    over = {base: against(found, runs.methods, names, base) for base in (BASELINE, ALONE)}
    rank, cost = known_mean(ranks(mean)), known_mean(_ratio(seconds, runs.methods))
    return [
        Line(
            method,
            float(known_mean(mean[i])),
            over[BASELINE].get(method),
            over[ALONE].get(method),
            float(rank[i]),
            float(known_mean(seconds[i])),
            float(cost[i]),
            int(np.isfinite(found[i]).sum()),
        )
        for i, method in enumerate(runs.methods)
        if np.isfinite(found[i]).any()
    ]


def against(found: Floats, methods: list[str], names: list[str], base: str) -> dict[str, Against]:
    """Every other method against `base`.

    Parameters
    ----------
    found : float array, shape (methods, tasks, seeds)
        Accuracies; NaN where there is none.
    """
    if base not in methods:
        return {}
    others = [i for i, method in enumerate(methods) if method != base]
    gains = found[others] - found[methods.index(base)]
    return {
        methods[i]: Against(told, _by_task(names, own))
        for i, told, own in zip(others, simultaneous(gains, DIFFERENCE), gains)
        if told is not None
    }


def _by_task(names: list[str], gains: Floats) -> dict[str, float]:
    means = known_mean(gains)
    return {name: float(gain) for name, gain in zip(names, means) if np.isfinite(gain)}


def ranks(means: Floats) -> Floats:
    """Place of each method on each task, shape (methods, tasks): 1 for the highest; NaN where it has none."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(-means, axis=0, nan_policy="omit"))


def _ratio(seconds: Floats, methods: list[str]) -> Floats:
    """Seconds of each method on each task over those of the baseline."""
    return np.asarray(seconds / seconds[methods.index(BASELINE)])
