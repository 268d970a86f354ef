"""The metrics that a result may speak of, with their words, directions and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.accuracy import accuracy, mean_recall
from assay.metrics.auroc import auroc
from assay.metrics.calibration_error import calibration_error
from assay.metrics.log_loss import log_loss
from assay.metrics.macro_f1 import macro_f1
from assay.metrics.statistics import DIFFERENCE, SHARE, UNBOUNDED, Estimate, Range, paired_difference

INFINITY = float("inf")


@dataclass(frozen=True)
class Metric:
    """What is measured of a model on labelled items.

    Parameters
    ----------
    name : str
        As on the command line.
    words : str
    sign : {1, -1}
        1 if higher is better, -1 if lower is.
    within : (float, float)
        Its range: a share is told in per cent, and its differences in points.
    """

    name: str
    words: str
    sign: int = 1
    within: Range = SHARE

    @property
    def share(self) -> bool:
        """Whether it is told in per cent."""
        return self.within == SHARE

    @property
    def head(self) -> str:
        """Of a column."""
        return f"{self.words} %" if self.share else self.words

    @property
    def unit(self) -> str:
        """What follows a difference: ``points``, ``points of macro F1``, ``of log loss``."""
        of = "" if self.name == "accuracy" else f" of {self.words}"
        return f"points{of}" if self.share else of.strip()

    @property
    def scale(self) -> int:
        """What numbers are multiplied by where they are told or drawn."""
        return 100 if self.share else 1

    def told(self, value: Estimate | None) -> str:
        """Mean and interval, as they are."""
        return value.told(".1f" if self.share else ".3f", self.scale) if value else "-"

    def gained(self, gain: Estimate | None) -> str:
        """Mean and interval of a gain as the difference that it is, signed: below 0 where lower is better."""
        if gain is None:
            return "-"
        natural = gain if self.sign > 0 else -gain
        return natural.told("+.1f" if self.share else "+.3f", self.scale)

    def of(self, measured: Mapping[str, Any], prefix: str = "") -> float:
        """Its value among what was measured: ``validation_`` or ``test_`` items of an epoch, or a selection.

        Raises
        ------
        UserError
            If it was not measured: by an earlier version, or of a single class, which has no AUROC.
        """
        known = {**measured.get(f"{prefix}metrics", {}), **measured}
        for key in (f"{prefix}{self.name}", self.name):
            if key in known:
                return float(known[key])
        raise UserError(f"metric: {self.words} was not measured on {prefix.strip('_') or 'test'} items")

    def gain(self, ours: Mapping[int, float], baseline: Mapping[int, float]) -> Estimate | None:
        """Mean gain at equal seeds, above 0 where ours is better, whatever the direction of the metric."""
        difference = paired_difference(ours, baseline, DIFFERENCE if self.share else UNBOUNDED)
        return difference if difference is None or self.sign > 0 else -difference


METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "accuracy"),
        Metric("recall", "mean recall"),
        Metric("balanced_accuracy", "balanced accuracy"),
        Metric("macro_f1", "macro F1"),
        Metric("auroc", "AUROC"),
        Metric("log_loss", "log loss", -1, (0.0, INFINITY)),
        Metric("calibration_error", "calibration error", -1),
    )
}
"""Balanced accuracy is the mean recall under its other name."""
ACCURACY = METRICS["accuracy"]


def metric_named(name: str) -> Metric:
    """The metric of a name.

    Raises
    ------
    UserError
        If there is none.
    """
    if name not in METRICS:
        raise UserError(f"metric: {name}; known: {', '.join(METRICS)}")
    return METRICS[name]


def measured(
    y: NDArray[np.int64], probability: NDArray[np.floating[Any]], matrix: NDArray[np.int64]
) -> dict[str, float]:
    """Every metric that is defined for these items, by name.

    Parameters
    ----------
    y : int array, shape (n,)
    probability : array, shape (n, outputs)
    matrix : int array
        Their confusion (`assay.metrics.accuracy.confusion`).
    """
    recall = mean_recall(matrix)
    found = {
        "accuracy": accuracy(matrix),
        "recall": recall,
        "balanced_accuracy": recall,
        "macro_f1": macro_f1(matrix),
        "auroc": auroc(y, probability, len(matrix)),
        "log_loss": log_loss(y, probability),
        "calibration_error": calibration_error(y, probability),
    }
    return {name: value for name, value in found.items() if value == value}
