"""One repeat of a score: deal the items out, train on the real ones, examine the synthetic ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assay.data.normalise import normaliser
from assay.methods.base import Training
from assay.metrics.label_errors import label_errors
from assay.metrics.nearest import nearest
from assay.models.networks import Backbone
from assay.quality.breakdown import by_class, by_group
from assay.quality.dealing import deal, noise_like, shuffled
from assay.quality.items import Floats, Items
from assay.quality.measures import Examined, Measure, Reference, Worst
from assay.quality.model import Features, Model, trained
from assay.types import UNKNOWN, Samples, Task


@dataclass(frozen=True)
class Conditions:
    """What all repeats of a score have in common.

    Attributes
    ----------
    backbone, training, features, device
        Of the models; features are the backbone's unless a function is given.
    against : {"labelled", "unlabelled"}
    neighbours, most : int
    """

    backbone: Backbone
    training: Training
    features: Features | None
    device: str
    against: str
    neighbours: int
    most: int


@dataclass(frozen=True)
class Outcome:
    """What one repeat found.

    Attributes
    ----------
    values : dict
        For every measure: of the synthetic items, of real ones in their place, of the worst.
    classes, groups
        See `by_class` and `by_group`.
    probabilities : float array, shape (n, classes)
        Of the judging model, for every synthetic item.
    suspect : bool array, shape (n,)
        Items whose condition confident learning takes for wrong.
    outlier : float array, shape (n,)
        Distance to the nearest real item, in median distances between nearest real items.
    """

    values: dict[str, tuple[float, float, float]]
    classes: list[dict[str, float]]
    groups: dict[int, dict[str, float]]
    probabilities: Floats
    suspect: NDArray[np.bool_]
    outlier: Floats


def repeat(
    task: Task, synthetic: Samples, measures: list[Measure], conditions: Conditions, seed: int
) -> Outcome:
    """Deal, train, examine; same arguments, same outcome.

    Linear algebra on one thread: with several, last digits would depend on how many repeats run at a time.
    """
    with threadpool_limits(1, "blas"):
        return Repeat(task, synthetic, conditions, seed).outcome(measures)


class Repeat:
    """The dealt items under the eyes of a model trained on one part of the real ones."""

    def __init__(self, task: Task, synthetic: Samples, conditions: Conditions, seed: int) -> None:
        self.task, self.conditions, self.seed = task, conditions, seed
        self.rng = np.random.default_rng([seed, 0x5C07E])
        self.dealt = deal(task, synthetic, conditions.against, conditions.most, self.rng)
        self.judge = self._trained(self.dealt.train)
        self.unit = self._unit()
        self.tests = self._normalised(task.test)
        self.synthetic = self._examine(synthetic)
        self.reference = Reference(
            self._examine(self.dealt.reference),
            self._examine(self.dealt.alike),
            lambda items: self._trained(items).probabilities(self.dealt.reference),
            len(task.classes),
            conditions.neighbours,
            seed,
        )

    def _trained(self, items: Samples) -> Model:
        c = self.conditions
        return trained(self.task, items, c.backbone, c.training, self.seed, c.device)

    def _unit(self) -> float:
        """Root mean variance of features of real items: every model has its own scale."""
        features = self.judge.examine(self.dealt.train, self.conditions.features).features
        return float(np.sqrt(features.var(0, dtype=np.float64).mean())) or 1.0

    def _examine(self, samples: Samples) -> Items:
        items = self.judge.examine(samples, self.conditions.features)
        return replace(items, features=items.features / np.float32(self.unit))

    def outcome(self, measures: list[Measure]) -> Outcome:
        """Every measure of the synthetic items, of its floor and of its ceiling."""
        mine, floor = self._of_synthetic(), self._of_real()
        worst = self._ceilings(mine)
        values = {m.name: (m.function(mine), m.function(floor), m.function(worst[m.worst])) for m in measures}
        known = len(mine.items) > 0
        return Outcome(
            values,
            by_class(mine) if known else [],
            by_group(mine) if known else {},
            self.synthetic.probabilities,
            self._suspect(),
            self._outlier(),
        )

    def _of_synthetic(self) -> Examined:
        half, few = self.synthetic[self.dealt.synthetic], self.synthetic[self.dealt.few]
        task = self.task
        records = self._normalised(task.real, task.validation, task.unlabelled)
        return Examined(half.with_conditions(), few, records, self.tests, self.reference)

    def _of_real(self) -> Examined:
        d = self.dealt
        records = self._normalised(d.train, d.reference, d.alike)  # the stand-ins are no records of their own
        few = self._examine(d.alike_stand_in)
        return Examined(self._examine(d.stand_in), few, records, self.tests, self.reference)

    def _normalised(self, *parts: Samples) -> Floats:
        normalise = normaliser(self.task)
        return np.concatenate([normalise(part.x) for part in parts])

    def _ceilings(self, mine: Examined) -> dict[Worst, Examined]:
        """The worst that could stand in the synthetic items' place, by name."""
        items, n = mine.items, len(mine.few)
        alike, test = self.dealt.alike, self.task.test.without_labels()
        return {
            "shuffled": replace(mine, items=items.relabelled(shuffled(items.y, self.rng))),
            "one class": replace(mine, items=items.relabelled(np.zeros_like(items.y))),
            "noise": replace(mine, few=self._examine(noise_like(alike, n, self.rng))),
            "copies": replace(mine, few=self._examine(alike[np.arange(n) % len(alike)])),
            "test items": replace(mine, few=self._examine(test[np.arange(n) % len(test)])),
        }

    def _suspect(self) -> NDArray[np.bool_]:
        known = self.synthetic.y != UNKNOWN
        suspect = np.zeros(len(known), dtype=np.bool_)
        if known.any():
            suspect[known] = label_errors(self.synthetic.probabilities[known], self.synthetic.y[known]).mask
        return suspect

    def _outlier(self) -> Floats:
        real = self.reference.alike.features
        usual = float(np.median(nearest(real, real, leave_self_out=True)[0]))
        return nearest(self.synthetic.features, real)[0][:, 0] / (usual or 1.0)
