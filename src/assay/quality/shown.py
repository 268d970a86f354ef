"""Which items of a score are pictured: the best and the worst of every class, and the closest pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.quality.samples import known_parts
from assay.runs.pictured import Pictured, pictured, some_of_each
from assay.types import UNKNOWN, Samples, Task

CLASSES_SHOWN = 12
ENDS, PAIRS = 8, 8
"""Items at each end of the order of a class, at most, and pairs of a synthetic item and a real record."""

Ints = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]


def shown(task: Task, synthetic: Samples, table: Columns) -> Pictured:
    """The items that a score is pictured by, the first real ones of every class, and sets."""
    labels = [*range(min(len(task.classes), CLASSES_SHOWN)), UNKNOWN]
    close = nearest(table)
    wanted: dict[str, set[int]] = {"synthetic": set(close)}
    for label in labels:
        wanted["synthetic"].update(int(i) for end in ends(table, label, ENDS) for i in end)
    wanted["labelled"] = {int(i) for label in labels for i in np.flatnonzero(task.labelled.y == label)[:ENDS]}
    for item in close:
        wanted.setdefault(str(table["nearest_part"][item]), set()).add(int(table["nearest"][item]))
    sets = {} if task.kind == "image" else {"set_real": task.real, "set_synthetic": synthetic}
    for name, part in sets.items():
        wanted[name] = set(some_of_each(part, len(task.classes), task.kind).tolist())
    return pictured({"synthetic": synthetic, **known_parts(task), **sets}, wanted)


def ends(table: Columns, label: int, most: int) -> tuple[Ints, Ints]:
    """Places of the highest scores, best first, and of the lowest, worst first; no item is in both."""
    mine = np.flatnonzero(table["condition"] == label)
    order = mine[np.argsort(table["score"][mine], kind="stable")]
    half = len(order) // 2
    return order[half:][::-1][:most], order[:half][:most]


def nearest(table: Columns) -> list[int]:
    """The synthetic items that are nearest to a real record, nearest first."""
    return [int(i) for i in np.argsort(table["distance"], kind="stable")[:PAIRS]]
