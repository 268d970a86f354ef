"""How good synthetic data is, without training the final model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le

from assay.data.examine.admit import admit
from assay.errors import UserError
from assay.findings import Examination
from assay.generate.table import open_synthetic, open_task
from assay.machine.parallel import default_workers
from assay.markup import html_table
from assay.methods.training import Training
from assay.metrics.statistics import Estimate, estimate_of_halves
from assay.models.device import chosen_device
from assay.models.layers import Positive
from assay.models.table import AnyBackbone, chosen
from assay.quality.dealing import against_what, check_enough
from assay.quality.described import described
from assay.quality.forecast import forecast
from assay.quality.measures import Measure
from assay.quality.model import Features
from assay.quality.own_metrics import AnyMetric, own_measures
from assay.quality.repeat import Conditions
from assay.quality.repeats import Found, Report, run_repeats, silent
from assay.quality.samples import SampleTable
from assay.quality.shown import shown
from assay.quality.stopwatch import Seconds
from assay.runs.pictured import Pictured
from assay.types import Samples, Seed, Task

TRAINING = Training(epochs=15, steps=40, batch=32)


@dataclass(frozen=True)
class Scoring:
    """Settings of a score.

    Parameters
    ----------
    repeats : int
        Times that real and synthetic items are dealt anew and models trained; two or more for intervals.
    against : {"auto", "labelled", "unlabelled"}
        The real items that likeness is measured against. "auto" takes the unlabelled ones, which are of the
        place where the model will work, where there are a dozen or more.
    neighbours : int
        k of precision, recall, density and coverage.
    most : int
        Items a side, at most, in measures of likeness.
    seed : int
        Of the first repeat; the others count on from it.
    """

    repeats: Annotated[int, Ge(1), Le(10_000)] = 5
    against: Literal["auto", "labelled", "unlabelled"] = "auto"
    neighbours: Positive = 5
    most: Annotated[int, Ge(12)] = 2000
    seed: Seed = 0


@dataclass(frozen=True)
class ScoreRow:
    """A measure, what it found, and what real items and the worst would have given.

    `repeats` holds the value of every repeat; those of two scores with the same settings are pairs.
    """

    measure: Measure
    value: Estimate
    floor: Estimate
    ceiling: Estimate
    repeats: tuple[float, ...] = ()


@dataclass(frozen=True, repr=False)
class Score:
    """The quality of synthetic data.

    Attributes
    ----------
    rows : list of ScoreRow
    classes : list of dict
        By class, means over repeats: items in a repeat, affinity, trts, diversity, tstr,
        coverage; NaN if unknown.
    groups : dict of dict
        The same by group of the synthetic items: n, affinity, trts.
    samples : SampleTable
        A line for every synthetic item.
    info : dict
        Task, synthetic data, settings; plain JSON values.
    seconds : dict
        Seconds of one worker, over all repeats, by measure and by what comes before and after them: the
        judging models, features (and probabilities) of all items, nearest items, the SSIM filter. What
        several measures have in common counts under the first: `diversity` trains the models of `tstr`.
    items : Pictured or None
        A few items, for pictures.
    """

    rows: list[ScoreRow]
    classes: list[dict[str, float]]
    groups: dict[int, dict[str, float]]
    samples: SampleTable
    info: dict[str, Any] = field(default_factory=dict)
    seconds: Seconds = field(default_factory=dict, compare=False)
    items: Pictured | None = field(default=None, compare=False)

    def __getitem__(self, name: str) -> Estimate:
        """The value of a measure.

        Raises
        ------
        KeyError
            If there is no such measure, or the data did not allow it.
        """
        known = {row.measure.name: row.value for row in self.rows}
        if name not in known:
            raise KeyError(f"{name}: no measure of this score; known: {', '.join(known)}")
        return known[name]

    def _repr_html_(self) -> str:
        info = self.info
        rows = [
            {
                "measure": row.measure.name,
                "value": row.value.told(".3g"),
                "real items": row.floor.told(".3g"),
                "the worst": row.ceiling.told(".3g"),
                "better": row.measure.better,
            }
            for row in self.rows
        ]
        return html_table(f"{info.get('task')}: {info.get('synthetic_name')}", rows)

    def __repr__(self) -> str:
        task, name, items = (self.info.get(key) for key in ("task", "synthetic_name", "synthetic"))
        return f"Score(task={task!r}, synthetic={name!r}, items={items}, measures={len(self.rows)})"


def score(
    task: Any,
    synthetic: Any,
    scoring: Scoring = Scoring(),
    backbone: AnyBackbone | None = None,
    features: Features | None = None,
    training: Training = TRAINING,
    workers: int | None = None,
    device: str | None = None,
    report: Report | None = None,
    synthetic_name: str = "synthetic",
    accept: Sequence[str] = (),
    examined: Examination | None = None,
    metrics: Sequence[AnyMetric] = (),
    announce: Callable[[float], None] | None = None,
) -> Score:
    """Measure the quality of synthetic data for a task; of test items it only looks for copies.

    In each repeat the labelled real items are dealt into three equal parts: one trains a model, one is the
    reference, and one takes the place of the synthetic items to give the floor. Half of the synthetic items
    is examined, so that the scatter between repeats tells how sure the number is (delete-half jackknife).

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
    synthetic : Samples, or as of `assay.open_synthetic`
        Conditions as labels; without them only likeness and copying are measured.
    scoring : Scoring
    backbone : str or Backbone, optional
        Of the models; by default the task kind's.
    features : callable, optional
        From items as recorded, (n, *shape), to features, (n, d), in which likeness is measured; by default
        those of the model trained on real items.
    training : Training
        Of the models.
    workers : int, optional
        Jobs at a time; by default one a core (one in all on a GPU).
    device : {"cpu", "cuda"}, optional
    report : callable, optional
        Told how many jobs of how many are done, from 0 on: models, repeats, and two for the samples table.
    synthetic_name : str
        What tables and pages call the synthetic data.
    accept : sequence of str
        Codes of what `assay.examine` refuses, to be taken nevertheless.
    examined : Examination, optional
        What it found, if that is known already.
    metrics : sequence of str or callable
        Further measures of your own: functions of real and of synthetic features, (n, d) and (m, d), that
        give a number, the lower the better unless their attribute ``better`` says "higher".
    announce : callable, optional
        Told, once all is checked and before the first job, about how many seconds it will take; that is
        found by a small score of a part of the items.

    Returns
    -------
    Score
        ``found["affinity"]`` is a measure's mean, low, high and n; ``found.rows`` holds every measure with
        what real items and the worst give, ``found.classes`` the means by class, and ``found.samples`` a
        line for every synthetic item. `assay.verdict` and `assay.table` put it in words.

    Raises
    ------
    UserError
        If the data are refused, shapes or conditions do not fit, or there are too few items.
    """
    task = open_task(task)
    synthetic = open_synthetic(synthetic, task)
    own = own_measures(metrics)
    found = admit(task, synthetic, accept, examined)
    conditions, info = prepared(task, synthetic, scoring, backbone, features, training, device)
    seeds = range(scoring.seed, scoring.seed + scoring.repeats)
    workers = workers or default_workers(conditions.device)
    if announce:
        announce(forecast(task, synthetic, conditions, len(seeds), workers))
    repeats = run_repeats(task, synthetic, conditions, seeds, workers, report or silent, own)
    info |= {"synthetic_name": synthetic_name, "findings": found.as_dicts()}
    return replace(_gathered(repeats, info), items=shown(task, synthetic, repeats.samples))


def prepared(
    task: Task,
    synthetic: Samples,
    scoring: Scoring,
    backbone: AnyBackbone | None = None,
    features: Features | None = None,
    training: Training = TRAINING,
    device: str | None = None,
) -> tuple[Conditions, dict[str, Any]]:
    """The conditions of a score, once all is checked, and what its info says of them and of the data.

    Raises
    ------
    UserError
        If shapes or conditions do not fit, or there are too few items.
    """
    against = against_what(task, scoring.against)
    _check(task, synthetic, against, scoring)
    network = chosen(backbone, task.kind, task.shape, len(task.classes))
    place = chosen_device(device)
    conditions = Conditions(network, training, features, place, against, scoring.neighbours, scoring.most)
    return conditions, described(task, synthetic, asdict(scoring), conditions)


def _check(task: Task, synthetic: Samples, against: str, scoring: Scoring) -> None:
    if task.labelled.x.dtype.kind == "c":
        raise UserError(f"{task.name}: x: complex numbers; a score needs real ones (the magnitude, say)")
    task.check_synthetic(synthetic)
    check_enough(task, synthetic, against, scoring.most, scoring.neighbours)


def _gathered(found: Found, info: dict[str, Any]) -> Score:
    outcomes = found.outcomes

    def row(measure: Measure) -> ScoreRow:
        values, floors, ceilings = zip(*(outcome.values[measure.name] for outcome in outcomes))

        def whole(halves: tuple[float, ...]) -> Estimate:
            return estimate_of_halves(halves, (measure.low, measure.high))

        return ScoreRow(measure, whole(values), whole(floors), whole(ceilings), values)

    classes = [_mean(list(same)) for same in zip(*(o.classes for o in outcomes))]
    known = sorted({group for o in outcomes for group in o.groups})
    groups = {group: _mean([o.groups[group] for o in outcomes if group in o.groups]) for group in known}
    rows = [row(measure) for measure in found.measures]
    return Score(rows, classes, groups, found.samples, info, found.seconds)


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    """Mean of every quantity over the repeats that know it."""
    known = {key: [f[key] for f in found if np.isfinite(f[key])] for key in found[0]}
    return {key: float(np.mean(values)) if values else float("nan") for key, values in known.items()}
