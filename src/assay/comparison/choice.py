"""Which run of a comparison to take home: chosen as a user without test labels would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.comparison.names import controlled
from assay.errors import UserError
from assay.train.selection import CRITERIA, HONEST

Runs = Sequence[dict[str, Any]]


def best_run(runs: Runs, method: str | None = None, seed: int | None = None) -> dict[str, Any]:
    """The run with the highest score of its chosen epoch, of the method with the highest mean score.

    Validation accuracy tells methods and seeds apart, the label-free score only the seeds of one method;
    without either the first seed is taken. Of equals the first.

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
    label = method or best_method(left)
    mine = [run for run in left if run["label"] == label]
    return max(mine, key=lambda run: score(run)[1])


def best_method(runs: Runs) -> str:
    """The method whose chosen epochs have the highest accuracy on validation items, mean over seeds.

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
    means = [np.mean([score(run)[1] for run in runs if run["label"] == label]) for label in labels]
    return str(labels[int(np.argmax(means))])


def score(run: dict[str, Any]) -> tuple[str, float]:
    """What chose the epoch of a run, and the value that it went by; 0 for the last epoch."""
    name = next((name for name in HONEST if name in run["selections"]), "last")
    if name == "last":
        return name, 0.0
    epoch = run["selections"][name]["epoch"]
    return name, CRITERIA[name].values([run["history"][epoch]])[0]
