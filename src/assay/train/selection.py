"""Which epoch's model is reported."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.types import Samples


class Criterion(NamedTuple):
    """A score in the record of an epoch, and 1 if the highest is best, -1 if the lowest."""

    score: str
    sign: int = 1

    def values(self, history: Sequence[dict[str, Any]]) -> list[float]:
        """The score after every epoch, turned so that higher is better; empty if it was not measured."""
        return [self.sign * record[self.score] for record in history if self.score in record]


CRITERIA = {
    "validation": Criterion("validation_accuracy"),
    "label_free": Criterion("information"),
    "label_free_entropy": Criterion("entropy", -1),
    "label_free_density": Criterion("density"),
    "label_free_nuclear_norm": Criterion("nuclear_norm"),
    "oracle": Criterion("test_accuracy"),
}
"""What each selection goes by; `oracle` looks at the test labels."""

SELECTIONS = ("last", *CRITERIA)
"""All, in the order of tables; `last` needs nothing."""

HONEST = ("validation", "label_free")
"""What a user without test labels would go by, the first that the data allow; without either, "last"."""

LABEL_FREE = tuple(name for name in CRITERIA if name.startswith("label_free"))


def check_selection(name: str | None) -> None:
    """Raise `UserError` unless there is a selection of that name, or none is named."""
    if name not in (None, *SELECTIONS):
        raise UserError(f"--selection: {name}; known: {', '.join(SELECTIONS)}")


class Epoch(NamedTuple):
    """What is known after an epoch.

    Attributes
    ----------
    record : dict
        Losses and scores by name.
    confusion : int array, shape (classes, classes) or (classes, classes + 1)
        On the test items, as `assay.metrics.accuracy.confusion` counts.
    kept : bool array, shape (number of synthetic items,)
        The synthetic items learnt from with a label.
    """

    record: dict[str, Any]
    confusion: NDArray[np.int64]
    kept: NDArray[np.bool_]


def choose_epoch(history: Sequence[dict[str, Any]], selection: str) -> int | None:
    """The epoch that `selection` reports (the first of equals), None if it lacks the data to choose."""
    if selection == "last":
        return len(history) - 1
    scores = CRITERIA[selection].values(history)
    return int(np.argmax(scores)) if scores else None


def honest(record: Container[str]) -> str:
    """The selection that a user without test labels would take, by the scores that an epoch's record has."""
    return next((name for name in HONEST if CRITERIA[name].score in record), "last")


def selections(epochs: Sequence[Epoch], synthetic: Samples, classes: int) -> dict[str, dict[str, Any]]:
    """What every selection that has the data to choose reports, as plain JSON values."""
    history = [epoch.record for epoch in epochs]
    chosen = {name: choose_epoch(history, name) for name in SELECTIONS}
    return {
        name: _reported(epochs[place], synthetic, classes)
        for name, place in chosen.items()
        if place is not None
    }


def _reported(epoch: Epoch, synthetic: Samples, classes: int) -> dict[str, Any]:
    further = {"further": epoch.record["further"]} if "further" in epoch.record else {}
    return {
        **further,
        "epoch": epoch.record["epoch"],
        "accuracy": epoch.record["test_accuracy"],
        "recall": epoch.record["test_recall"],
        "metrics": epoch.record.get("test_metrics", {}),
        "used": epoch.record["kept"],
        "used_by_class": synthetic[epoch.kept].counts(classes).tolist(),
        "confusion": epoch.confusion.tolist(),
    }
