"""Whether a task's validation items may choose: not where the unlabelled items are of another place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.normalise import normaliser
from assay.errors import UserError
from assay.metrics.shift import MOST, is_elsewhere
from assay.types import Samples, Task

TOLD = (
    "The unlabelled items can be told from the labelled and the validation items: validation would choose by "
    "another place than that of the test, so the last epoch is reported, and validation chooses no method."
)
"""What the table and the page say of it."""


def is_shifted(task: Task) -> bool:
    """Whether unlabelled items are elsewhere, as networks see them: by a few items of each part, no label.

    False where an item cannot be read: the run that meets it says so.
    """
    try:
        parts = [_some(task, part) for part in (task.labelled, task.validation, task.unlabelled)]
    except UserError:
        return False
    return is_elsewhere(*parts)


def _some(task: Task, part: Samples) -> NDArray[Any]:
    index = np.random.default_rng(0).permutation(len(part))[:MOST]
    return normaliser(task)(part[np.sort(index)].x)
