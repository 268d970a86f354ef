"""A score by class and by group: the measures that a few items allow."""

from __future__ import annotations

import numpy as np

from assay.metrics.agreement import agreement
from assay.metrics.manifold import precision_recall_density_coverage
from assay.metrics.margins import margins
from assay.quality.items import Floats
from assay.quality.measures import Examined


def by_class(e: Examined) -> list[dict[str, float]]:
    """Number, affinity, TRTS, diversity, TSTR and coverage of every class; NaN where items are too few."""
    return [_one_class(e, label) for label in range(e.reference.classes)]


def _one_class(e: Examined, label: int) -> dict[str, float]:
    mine, real = e.items.y == label, e.reference.labelled.y == label
    taught = margins(e.tested_on_real, e.reference.labelled.y)[real]
    reference = e.reference.margins[real]
    return {
        "n": float(mine.sum()),
        "affinity": agreement(reference, e.margins[mine]) if mine.any() and real.any() else np.nan,
        "trts": float((e.margins[mine] > 0).mean()) if mine.any() else np.nan,
        "diversity": agreement(reference, taught) if real.any() else np.nan,
        "tstr": float((taught > 0).mean()) if real.any() else np.nan,
        "coverage": _coverage(e, e.reference.labelled.features[real], e.items.features[mine]),
    }


def _coverage(e: Examined, real: Floats, synthetic: Floats) -> float:
    """Coverage of a class by as many synthetic items as real ones, or all there are."""
    k = e.reference.neighbours
    if min(len(real), len(synthetic)) <= k:
        return np.nan
    return precision_recall_density_coverage(real, synthetic[: len(real)], k).coverage


def by_group(e: Examined) -> dict[int, dict[str, float]]:
    """Number, affinity and TRTS of the items of every group."""
    groups = e.items.samples.group
    return {int(group): _one_group(e, groups == group) for group in np.unique(groups)}


def _one_group(e: Examined, mine: Floats) -> dict[str, float]:
    own = e.margins[mine]
    share = float((own > 0).mean())
    return {"n": float(mine.sum()), "affinity": agreement(e.reference.margins, own), "trts": share}
