"""The test items that most methods get wrong, and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.comparison.names import controlled
from assay.data.npz import read_arrays
from assay.errors import UserError
from assay.files import replace_file, writing
from assay.runs.pictured import pictured
from assay.runs.store import PREDICTIONS, Store
from assay.types import Task

if TYPE_CHECKING:
    from assay.comparison.result import Comparison

PICTURED = 24
HARDEST = "hardest.npz"


def predictions(comparison: Comparison) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """The classes of the test items, and by method what its runs predict, shape (runs, items).

    Of the epoch that a user without test labels would take. Classes of their own number (`classes` and above)
    stand for no class. Controls of filters are left out.

    Raises
    ------
    UserError
        If no run has kept its predictions, as runs of earlier versions have not.
    """
    store, found, y = Store(comparison.folder), dict[str, list[NDArray[Any]]](), np.empty(0, np.int64)
    for run in comparison.runs:
        if store.has(run["key"], PREDICTIONS) and not controlled(run["label"]):
            kept = read_arrays(store.run_folder(run["key"]) / PREDICTIONS, ("y", "predicted"))
            found.setdefault(run["label"], []).append(kept["predicted"])
            y = kept["y"]
    if not found:
        raise UserError(f"{comparison.folder}: no run has kept its predictions; run the comparison again")
    return y, {label: np.stack(said) for label, said in found.items()}


def hardest(comparison: Comparison, n: int) -> list[dict[str, Any]]:
    """Up to `n` test items, the hardest first: see `Comparison.hardest`."""
    y, said = predictions(comparison)
    classes = comparison.info["task"]["classes"]
    shares = {label: (runs != y).mean(0) for label, runs in said.items()}
    methods = np.sum([share > 0.5 for share in shares.values()], axis=0)
    wrong = np.mean(list(shares.values()), axis=0)
    order = [int(i) for i in np.lexsort((-wrong, -methods))[:n] if wrong[i] > 0]
    return [
        {
            "item": i,
            "class": classes[y[i]],
            "methods": int(methods[i]),
            "of": len(said),
            "wrong": float(wrong[i]),
            "taken_for": _taken_for([p for runs in said.values() for p in runs[:, i] if p != y[i]], classes),
        }
        for i in order
    ]


def keep_hardest(comparison: Comparison, task: Task) -> None:
    """Write the hardest test items to the comparison's folder, for pictures; nothing where none is wrong."""
    try:
        found = hardest(comparison, PICTURED)
    except UserError:  # no run has succeeded
        return
    kept = pictured({"test": task.test}, {"test": [row["item"] for row in found]})
    with writing(comparison.folder):
        replace_file(comparison.folder / HARDEST, kept.content())


def _taken_for(wrong: Sequence[Any], classes: Sequence[str]) -> str:
    """The most frequent of the classes that an item is taken for."""
    return [*classes, "none"][min(int(np.bincount(wrong).argmax()), len(classes))]
