"""What a score consists of: every measure is a function of a repeat and of the items it examines.

The same function examines the synthetic items, real ones in their place (the floor) and the worst that could
be put there (the ceiling), so that its three numbers mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.metrics.agreement import agreement, agreement_js
from assay.metrics.amplitude import amplitude_distance
from assay.metrics.balance import balance
from assay.metrics.doppler_energy import doppler_energy_distance
from assay.metrics.frechet import frechet_distance
from assay.metrics.kernel_distance import kernel_distance
from assay.metrics.label_errors import label_errors
from assay.metrics.manifold import Manifold, precision_recall_density_coverage
from assay.metrics.margins import margins
from assay.metrics.mmd import mmd
from assay.metrics.ssim import nearest_ssim
from assay.metrics.two_sample import two_sample
from assay.quality.items import Floats, Items

Worst = Literal["shuffled", "noise", "copies", "test items", "one class"]


@dataclass(frozen=True)
class Reference:
    """What the items of a repeat are held against.

    Attributes
    ----------
    labelled : Items
        Real items that the judging model has not seen.
    alike : Items
        Real items that likeness is measured against.
    classes, neighbours, seed : int
    """

    labelled: Items
    alike: Items
    classes: int
    neighbours: int
    seed: int

    @cached_property
    def margins(self) -> Floats:
        """Margins of real items that the judging model has not seen."""
        return margins(self.labelled.probabilities, self.labelled.y)


@dataclass(frozen=True)
class Examined:
    """Items under examination.

    Attributes
    ----------
    items : Items
        Those with a condition.
    few : Items
        As many as the floor's, for measures that depend on the number of items.
    copies, test_copies : bool array
        Which of the few are copies of real records, and which of test items.
    tested_on_real : float array, shape (n, classes)
        What a model trained on these items says of the reference; of no rows where there is none.
    """

    items: Items
    few: Items
    copies: NDArray[np.bool_]
    test_copies: NDArray[np.bool_]
    tested_on_real: Floats
    reference: Reference

    @cached_property
    def margins(self) -> Floats:
        """Margins under the model trained on real items."""
        return margins(self.items.probabilities, self.items.y)

    @cached_property
    def manifold(self) -> Manifold:
        """Precision, recall, density and coverage."""
        r = self.reference
        return precision_recall_density_coverage(r.alike.features, self.few.features, r.neighbours)


def affinity(e: Examined) -> float:
    """1 - excess of low margins of the train-real model on these items over real ones."""
    return agreement(e.reference.margins, e.margins)


def affinity_js(e: Examined) -> float:
    """1 - Jensen-Shannon divergence of the same margins."""
    return agreement_js(e.reference.margins, e.margins)


def trts(e: Examined) -> float:
    """Train on real, test on these."""
    return float((e.items.probabilities.argmax(1) == e.items.y).mean())


def diversity(e: Examined) -> float:
    """1 - excess of low margins on real items, of the model trained on these over the train-real one."""
    return agreement(e.reference.margins, margins(e.tested_on_real, e.reference.labelled.y))


def diversity_js(e: Examined) -> float:
    """1 - Jensen-Shannon divergence of the same margins."""
    return agreement_js(e.reference.margins, margins(e.tested_on_real, e.reference.labelled.y))


def tstr(e: Examined) -> float:
    """Train on these, test on real."""
    return float((e.tested_on_real.argmax(1) == e.reference.labelled.y).mean())


def label_error_rate(e: Examined) -> float:
    """Share of wrong conditions by confident learning."""
    return label_errors(e.items.probabilities, e.items.y).rate


def imbalance(e: Examined) -> float:
    """Total variation between the classes of these and of real items."""
    return balance(e.reference.labelled.y, e.items.y, e.reference.classes).total_variation


def told_apart(e: Examined) -> float:
    """Classifier two-sample test."""
    found = two_sample(e.reference.alike.features, e.few.features, e.reference.seed)
    return found.balanced_accuracy


def frechet(e: Examined) -> float:
    """Fréchet distance of features."""
    return frechet_distance(e.reference.alike.features, e.few.features)


def kernel(e: Examined) -> float:
    """Kernel distance of features."""
    return kernel_distance(e.reference.alike.features, e.few.features)


def gaussian_mmd(e: Examined) -> float:
    """Maximum mean discrepancy of features."""
    return mmd(e.reference.alike.features, e.few.features)


def ssim(e: Examined) -> float:
    """Mean SSIM to the nearest real item."""
    return float(nearest_ssim(e.few.x, e.reference.alike.x)[0].mean())


def copied(e: Examined) -> float:
    """Share equal to a real record, or far nearer to one than to any other."""
    return float(e.copies.mean())


def copied_test(e: Examined) -> float:
    """The same of test items."""
    return float(e.test_copies.mean())


def amplitude(e: Examined) -> float:
    """Wasserstein distance of amplitudes."""
    return amplitude_distance(e.reference.alike.samples.x, e.few.samples.x, e.reference.seed)


def doppler_energy(e: Examined) -> float:
    """Jensen-Shannon distance of spectra over time."""
    return doppler_energy_distance(e.reference.alike.samples.x, e.few.samples.x)


@dataclass(frozen=True)
class Measure:
    """One line of a score.

    Attributes
    ----------
    name : str
    better : {"higher", "lower"}
    low, high : float
        The range of values; infinite where there is no bound.
    worst : {"shuffled", "noise", "copies", "test items", "one class"}
        What gives the ceiling: conditions in random order, Gaussian noise, the real records themselves, the
        test items, or every item under one condition.
    meaning : str
        In a few words, for tables.
    function : callable
    needs : {"", "conditions", "csi"}
    """

    name: str
    better: Literal["higher", "lower"]
    low: float
    high: float
    worst: Worst
    meaning: str
    function: Callable[[Examined], float]
    needs: Literal["", "conditions", "csi"] = ""


def _manifold(name: str) -> Callable[[Examined], float]:
    return lambda e: float(getattr(e.manifold, name))


_INF = float("inf")
_C = "conditions"
MEASURES: tuple[Measure, ...] = (
    Measure(
        "affinity", "higher", 0, 1, "shuffled", "conditions fit the items, p(x|y)", affinity, "conditions"
    ),
    Measure("affinity_js", "higher", 0, 1, "shuffled", "the same, by divergence", affinity_js, "conditions"),
    Measure("trts", "higher", 0, 1, "shuffled", "train on real, test on synthetic", trts, "conditions"),
    Measure("label_errors", "lower", 0, 1, "shuffled", "wrong conditions", label_error_rate, "conditions"),
    Measure(
        "diversity",
        "higher",
        0,
        1,
        "shuffled",
        "they teach what real ones teach, p(y|x)",
        diversity,
        "conditions",
    ),
    Measure(
        "diversity_js", "higher", 0, 1, "shuffled", "the same, by divergence", diversity_js, "conditions"
    ),
    Measure("tstr", "higher", 0, 1, "shuffled", "train on synthetic, test on real", tstr, "conditions"),
    Measure("imbalance", "lower", 0, 1, "one class", "classes in other shares", imbalance, "conditions"),
    Measure("two_sample", "lower", 0, 1, "noise", "a classifier tells them from real", told_apart),
    Measure("precision", "higher", 0, 1, "noise", "items look real", _manifold("precision")),
    Measure(
        "density", "higher", 0, _INF, "noise", "items lie where real ones are dense", _manifold("density")
    ),
    Measure("recall", "higher", 0, 1, "noise", "real items could be synthetic", _manifold("recall")),
    Measure(
        "coverage", "higher", 0, 1, "noise", "real items with a synthetic one near", _manifold("coverage")
    ),
    Measure("frechet", "lower", 0, _INF, "noise", "mean and covariance of features", frechet),
    Measure("kernel", "lower", -_INF, _INF, "noise", "polynomial kernel distance", kernel),
    Measure("mmd", "lower", -2, 2, "noise", "Gaussian kernel distance", gaussian_mmd),
    Measure("ssim", "higher", -1, 1, "noise", "likeness to the nearest real item", ssim),
    Measure("copying", "lower", 0, 1, "copies", "copies of real records that are no test items", copied),
    Measure("copying_test", "lower", 0, 1, "test items", "copies of test items", copied_test),
    Measure("amplitude", "lower", 0, _INF, "noise", "distribution of amplitudes", amplitude, "csi"),
    Measure("doppler_energy", "lower", 0, 1, "noise", "energy over Doppler frequency", doppler_energy, "csi"),
)
"""A new measure is one function and one line here."""


def applicable(csi: bool, conditions: bool) -> list[Measure]:
    """The measures that such data allow."""
    here = {"": True, "conditions": conditions, "csi": csi}
    return [measure for measure in MEASURES if here[measure.needs]]
