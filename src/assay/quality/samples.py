"""A line for every synthetic item: what it claims, what it looks like, and who would keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.data.normalise import normaliser
from assay.methods.ssim_filter import SsimFilter
from assay.metrics.copying import Copying, copying
from assay.metrics.margins import margins
from assay.metrics.ssim import nearest_ssim
from assay.types import UNKNOWN, Samples, Task

SampleTable = dict[str, NDArray[Any]]
"""Columns of equal length."""


class Judged(Protocol):
    """What a repeat says of every synthetic item."""

    @property
    def probabilities(self) -> NDArray[np.floating[Any]]:
        """Shape (n, classes)."""

    @property
    def suspect(self) -> NDArray[np.bool_]:
        """Shape (n,)."""

    @property
    def outlier(self) -> NDArray[np.floating[Any]]:
        """Shape (n,)."""


@dataclass(frozen=True)
class Near:
    """Which synthetic items are copies of real records, and which of test items."""

    records: Copying
    tests: Copying


def sample_table(
    task: Task, synthetic: Samples, repeats: Sequence[Judged], near: Near, resembles: NDArray[np.bool_]
) -> SampleTable:
    """Columns, each of one value an item; see `nearest_items` and `kept_by_ssim` for the last arguments.

    ========================  =============================================================================
    ``condition``             class that it was generated for, -1 if unknown
    ``group``                 its group
    ``score``                 mean margin of its condition over models trained on real items, in [-1, 1];
                              without a condition, of the predicted class
    ``predicted``             class that these models take it for
    ``confidence``            their mean probability of that class
    ``label_error``           share of models by which confident learning takes the condition for wrong
    ``outlier``               distance to the nearest real item in features, in usual distances between these
    ``nearest_part``          part of the task that holds the nearest real item (normalised, Euclidean)
    ``nearest``               its position in that part
    ``distance``              how far that is
    ``copied``                whether it equals that item or is suspiciously nearer to it than to any other
    ``nearest_test``          position of the nearest test item
    ``distance_test``         how far that is
    ``copied_test``           whether it equals that item or is suspiciously nearer to it than to any other
    ``kept_by_ssim_filter``   whether that filter, with its default settings, would keep it
    ``kept_by_trts_filter``   whether most of the models take it for its condition
    ========================  =============================================================================
    """
    said = np.mean([repeat.probabilities for repeat in repeats], axis=0)
    predicted = said.argmax(1)
    claimed = np.where(synthetic.y == UNKNOWN, predicted, synthetic.y)
    right = np.mean([repeat.probabilities.argmax(1) == synthetic.y for repeat in repeats], axis=0)
    return {
        "condition": synthetic.y,
        "group": synthetic.group,
        "score": np.mean([margins(repeat.probabilities, claimed) for repeat in repeats], axis=0),
        "predicted": predicted,
        "confidence": said.max(1),
        "label_error": np.mean([repeat.suspect for repeat in repeats], axis=0),
        "outlier": np.mean([repeat.outlier for repeat in repeats], axis=0),
        **_whose(task, near),
        "kept_by_ssim_filter": resembles,
        "kept_by_trts_filter": right > 0.5,
    }


def _whose(task: Task, near: Near) -> SampleTable:
    parts, records, tests = known_parts(task), near.records, near.tests
    names = np.repeat(list(parts), [len(part) for part in parts.values()])
    places = np.concatenate([np.arange(len(part)) for part in parts.values()])
    return {
        "nearest_part": names[records.index],
        "nearest": places[records.index],
        "distance": records.distances,
        "copied": records.copies,
        "nearest_test": tests.index,
        "distance_test": tests.distances,
        "copied_test": tests.copies,
    }


def known_parts(task: Task) -> dict[str, Samples]:
    """The parts that there are, but the test ones."""
    return {name: part for name, part in task.parts() if len(part) and not name.startswith("test")}


def copies_among(
    task: Task, items: Samples, records: Sequence[Samples], threshold: float | None = None
) -> Copying:
    """Which items are copies of records, all of them normalised."""
    normalise = normaliser(task)
    known = np.concatenate([normalise(part.x) for part in records])
    return copying(normalise(items.x), known, threshold=threshold)


def nearest_items(task: Task, synthetic: Samples) -> Near:
    """What the synthetic items are nearest to: of the known parts, and of the test items."""
    records = copies_among(task, synthetic, list(known_parts(task).values()))
    return Near(records, copies_among(task, synthetic, [task.test]))


def kept_by_ssim(task: Task, synthetic: Samples) -> NDArray[np.bool_]:
    """What the SSIM filter with its default settings would keep."""
    normalise, settings = normaliser(task), SsimFilter()
    real = task.unlabelled if len(task.unlabelled) else task.real
    best, _ = nearest_ssim(normalise(synthetic.x), normalise(real.x))
    return np.asarray(best > settings.threshold)
