"""Which run of a comparison to take home: chosen as a user without test labels would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.comparison.names import controlled
from assay.errors import UserError
from assay.metrics.table import ACCURACY, Metric
from assay.train.selection import CRITERIA, HONEST

Runs = Sequence[dict[str, Any]]


def best_run(
    runs: Runs, method: str | None = None, seed: int | None = None, metric: Metric = ACCURACY
) -> dict[str, Any]:
    """The run with the highest score of its chosen epoch, of the method with the highest mean score.

    The metric on validation items tells methods and seeds apart, the label-free score only the seeds of one
    method; without either the first seed is taken. Of equals the first.

    Raises
    ------
    UserError
        If no such run has succeeded, or several methods are left and nothing may choose among them.
    """
    good = [run for run in runs if not run["error"]]
    named = good if method is None else [run for run in good if run["label"] == method]
    left = named if seed is None else [run for run in named if run["seed"] == seed]
    if not left:
        known = ", ".join(dict.fromkeys(run["label"] for run in good)) or "none"
        asked = f"method={method}" + ("" if seed is None else f", seed={seed}")
        raise UserError(f"best: {asked}: no such run has succeeded; known methods: {known}")
    label = method or best_method(left, metric)
    mine = [run for run in left if run["label"] == label]
    return max(mine, key=lambda run: score(run, metric)[1])


def best_method(runs: Runs, metric: Metric = ACCURACY) -> str:
    """The method whose chosen epochs are best by a metric on validation items, mean over seeds.

    Raises
    ------
    UserError
        If there are several and no validation items.
    """
    labels = [label for label in dict.fromkeys(run["label"] for run in runs) if not controlled(label)]
    if len(labels) > 1 and any(score(run)[0] != "validation" for run in runs):
        raise UserError(
            "best: no validation items to choose a method by; name one: best(method=...) or --method; "
            f"known: {', '.join(labels)}"
        )
    by_label = {label: [run for run in runs if run["label"] == label] for label in labels}
    return str(max(labels, key=lambda label: mean_score(by_label[label], metric)))


def mean_score(runs: Runs, metric: Metric) -> float:
    """The mean over runs of what they are chosen by."""
    return float(np.mean([score(run, metric)[1] for run in runs]))


def score(run: dict[str, Any], metric: Metric = ACCURACY) -> tuple[str, float]:
    """What chose the epoch of a run, and how good that epoch is, higher is better; 0 for the last epoch.

    The epoch itself goes by accuracy whatever the metric, which tells the chosen epochs of runs apart.
    """
    name = next((name for name in HONEST if name in run["selections"]), "last")
    if name == "last":
        return name, 0.0
    epoch = run["selections"][name]["epoch"]
    record = run["history"][epoch]
    if name == "validation":
        return name, metric.sign * metric.of(record, "validation_")
    return name, CRITERIA[name].values([record])[0]
