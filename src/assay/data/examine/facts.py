"""What questions are asked of: a task, synthetic items for it, and the survey of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.survey import Survey, common_type, survey
from assay.types import Samples, Task

SYNTHETIC = "synthetic"
LEARNED = ("labelled", "shots", "unlabelled")
"""Parts that methods learn from; `validation` chooses epochs."""


@dataclass(frozen=True, eq=False)
class Facts:
    """A task and synthetic items, surveyed.

    Attributes
    ----------
    task : Task
    synthetic : Samples, optional
    surveys : mapping of str to Survey
        Of every part that has items, by name; of the synthetic items under "synthetic".
    """

    task: Task
    synthetic: Samples | None
    surveys: Mapping[str, Survey]

    @property
    def real(self) -> dict[str, Survey]:
        """Surveys of the task's parts."""
        return {part: found for part, found in self.surveys.items() if part != SYNTHETIC}

    @property
    def tests(self) -> dict[str, Survey]:
        """Surveys of the test, and of further tests."""
        return {part: found for part, found in self.real.items() if part.startswith("test")}

    def samples(self, part: str) -> Samples:
        """The items of a part, or the synthetic ones."""
        if part == SYNTHETIC:
            assert self.synthetic is not None  # as there is a survey of them
            return self.synthetic
        return dict(self.task.parts())[part]


def gather(task: Task, synthetic: Samples | None) -> Facts:
    """One pass over all items; parts that share their items share the pass."""
    parts = {name: part for name, part in task.parts() if len(part)}
    if synthetic is not None and len(synthetic):
        parts[SYNTHETIC] = synthetic
    as_type = common_type(*(part.x.dtype for part in parts.values()))
    seen: dict[int, Survey] = {}
    for part in parts.values():
        if id(part.x) not in seen:
            seen[id(part.x)] = survey(part, task.kind, as_type)
    return Facts(task, synthetic, {name: seen[id(part.x)] for name, part in parts.items()})


def among(hashes: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of these are among the others."""
    return np.isin(hashes, others)


def amount(count: int, of: int, what: str) -> str:
    """``12 of 400 test items``."""
    return f"{count} of {of} {what} items"
