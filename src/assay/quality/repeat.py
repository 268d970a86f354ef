"""One repeat of a score: deal the items out, train models, examine the synthetic items with them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assay.methods.training import Training
from assay.metrics.label_errors import label_errors
from assay.metrics.nearest import nearest
from assay.models.networks import Backbone
from assay.quality.breakdown import by_class, by_group
from assay.quality.dealing import Dealt, deal, luck, noise_like
from assay.quality.items import Floats, Items
from assay.quality.measures import Examined, Measure, Reference, Worst
from assay.quality.model import Features, Model, Weights, run_of, trained
from assay.quality.samples import Near, copies_among
from assay.quality.stopwatch import Seconds, Stopwatch
from assay.types import UNKNOWN, Samples, Task

Three = tuple[float, float, float]


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
    seconds : dict
        What took how long, by measure; what several have in common counts under the first.
    """

    values: dict[str, Three]
    classes: list[dict[str, float]]
    groups: dict[int, dict[str, float]]
    probabilities: Floats
    suspect: NDArray[np.bool_]
    outlier: Floats
    seconds: Seconds


@dataclass(frozen=True)
class Taught:
    """The models of a repeat: the weights of the one that judges, and what the others say of the reference.

    Attributes
    ----------
    by_synthetic, by_real, by_shuffled : float array, shape (n, classes)
        Of models trained on the synthetic items, on the real ones in their place, and on the synthetic ones
        under conditions in random order; of no rows where no condition is known.
    """

    judge: Weights
    by_synthetic: Floats
    by_real: Floats
    by_shuffled: Floats


def judge(task: Task, synthetic: Samples, conditions: Conditions, seed: int) -> Weights:
    """Weights of the model that judges the items of a repeat."""
    return _trained(task, _dealt(task, synthetic, conditions, seed).train, conditions, seed).weights()


def taught(task: Task, synthetic: Samples, conditions: Conditions, seed: int, by: str) -> Floats:
    """What a model says of the reference of a repeat, trained on "synthetic", "real" or "shuffled" items."""
    dealt = _dealt(task, synthetic, conditions, seed)
    items = dealt.stand_in if by == "real" else synthetic[dealt.conditioned]
    if by == "shuffled":
        items = replace(items, y=dealt.shuffled)
    return _trained(task, items, conditions, seed).probabilities(dealt.reference)


def _dealt(task: Task, synthetic: Samples, conditions: Conditions, seed: int) -> Dealt:
    return deal(task, synthetic, conditions.against, conditions.most, luck(seed))


def _trained(task: Task, items: Samples, c: Conditions, seed: int) -> Model:
    return trained(task, items, c.backbone, c.training, seed, c.device)


def repeat(
    task: Task,
    synthetic: Samples,
    measures: list[Measure],
    conditions: Conditions,
    seed: int,
    models: Taught,
    near: Near,
) -> Outcome:
    """Examine the items with models that have been trained; same arguments, same outcome.

    Linear algebra on one thread: with several, last digits would depend on how many repeats run at a time.
    """
    with threadpool_limits(1, "blas"):
        return Repeat(task, synthetic, conditions, seed, models, near).outcome(measures)


class Repeat:
    """The dealt items under the eyes of a model trained on one part of the real ones."""

    def __init__(
        self,
        task: Task,
        synthetic: Samples,
        conditions: Conditions,
        seed: int,
        models: Taught,
        near: Near,
    ) -> None:
        c = self.conditions = conditions
        self.task, self.models, self.near, self.watch = task, models, near, Stopwatch()
        self.rng = luck(seed)
        self.dealt = deal(task, synthetic, c.against, c.most, self.rng)
        self.judge = Model.of_weights(models.judge, task, run_of(c.backbone, c.training, seed, c.device))
        with self.watch("features"):
            self.unit = self._unit()
            self.synthetic = self._examine(synthetic)
            labelled, alike = self._examine(self.dealt.reference), self._examine(self.dealt.alike)
        self.reference = Reference(labelled, alike, len(task.classes), c.neighbours, seed)

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
        values = {m.name: self._measured(m, mine, floor, worst[m.worst]) for m in measures}
        known = len(mine.items) > 0
        with self.watch("by class"):
            classes, groups = (by_class(mine), by_group(mine)) if known else ([], {})
        with self.watch("outlier"):
            outlier = self._outlier()
        said, suspect = self.synthetic.probabilities, self._suspect()
        return Outcome(values, classes, groups, said, suspect, outlier, self.watch.seconds)

    def _measured(self, measure: Measure, mine: Examined, floor: Examined, worst: Examined) -> Three:
        with self.watch(measure.name):
            return measure.function(mine), measure.function(floor), measure.function(worst)

    def _of_synthetic(self) -> Examined:
        d, near = self.dealt, self.near
        items, few = self.synthetic[d.conditioned], self.synthetic[d.few]
        copies = near.records.copies[d.few], near.tests.copies[d.few]
        return Examined(items, few, *copies, self.models.by_synthetic, self.reference)

    def _of_real(self) -> Examined:
        task, d = self.task, self.dealt
        with self.watch("features"):
            items, few = self._examine(d.stand_in), self._examine(d.alike_stand_in)
        with self.watch("copying"):  # the stand-ins are no records of their own
            copies = copies_among(task, d.alike_stand_in, [d.train, d.reference, d.alike]).copies
        with self.watch("copying_test"):
            threshold = self.near.tests.threshold
            of_tests = copies_among(task, d.alike_stand_in, [task.test], threshold).copies
        return Examined(items, few, copies, of_tests, self.models.by_real, self.reference)

    def _ceilings(self, mine: Examined) -> dict[Worst, Examined]:
        """The worst that could stand in the synthetic items' place, by name."""
        items, n, by_shuffled = mine.items, len(mine.few), self.models.by_shuffled
        with self.watch("features"):
            noise = self._examine(noise_like(self.dealt.alike, n, self.rng))
        mixed, all_of_them = items.relabelled(self.dealt.shuffled), np.ones(n, dtype=np.bool_)
        return {
            "shuffled": replace(mine, items=mixed, tested_on_real=by_shuffled),
            "one class": replace(mine, items=items.relabelled(np.zeros_like(items.y))),
            "noise": replace(mine, few=noise),
            "copies": replace(mine, copies=all_of_them),  # each equals a record: itself
            "test items": replace(mine, test_copies=all_of_them),
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
