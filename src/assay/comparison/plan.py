"""Which runs a comparison consists of, checked before anything is written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assay.comparison.names import BASELINE, CONTROL
from assay.comparison.ways import AnyMethod, Way, resolve
from assay.errors import UserError
from assay.machine.memory import check_fits
from assay.methods.augmentation import GivenAugmentation, looks_of, settled
from assay.methods.base import MethodSettings, lacking
from assay.methods.estimating import one_fit, takes_estimator
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.device import chosen_device
from assay.models.estimator import Estimator
from assay.models.networks import Backbone
from assay.models.table import AnyBackbone, chosen
from assay.runs.runner import Job, job_of
from assay.settings import check
from assay.train.building import needed
from assay.train.one_run import Run
from assay.types import Samples, Task, check_ratio

MOST_SEEDS = 10_000
WITH_CONDITIONS = ("synthetic_only", "mixed", "ssim_filter", "trts_filter", CONTROL, "syncheck")
"""Tried with synthetic items whose conditions are known."""
WITH_UNLABELLED = ("mcc", "anchored")
"""Tried too where there are unlabelled items: the best of the battery (docs/results/battery.md) with them."""


def plan(
    task: Task,
    synthetic: Samples | None,
    methods: Sequence[AnyMethod] | None,
    seeds: int | Sequence[int],
    backbone: AnyBackbone | None,
    training: Training,
    ratio: float | None,
    device: str | None,
) -> list[Job]:
    """Every run of a comparison, checked, ordered so that each seed completes before the next begins."""
    named, models = checked_ways(task, synthetic, methods, backbone, training, ratio)
    place = chosen_device(device)
    return [
        job_of(label, Run(way.method, *_loop(models[label], training), seed, ratio, place), task, synthetic)
        for seed in listed_seeds(seeds)
        for label, way in named.items()
    ]


def checked_ways(
    task: Task,
    synthetic: Samples | None,
    methods: Sequence[AnyMethod] | None,
    backbone: AnyBackbone | None,
    training: Training,
    ratio: float | None,
) -> tuple[dict[str, Way], dict[str, Backbone]]:
    """The methods and the backbone of each by label; `UserError` if they and the data do not fit."""
    check_data(task, synthetic)
    check(training, "training")
    check_batch(task, training)
    _check_augmentation(training, task)
    _check_ratio(ratio, task, synthetic)
    model = chosen(backbone, task.kind, task.shape, len(task.classes), estimators=True)
    named = resolve(methods or [n for n in default_methods(task, synthetic) if _trains(METHODS[n], model)])
    for label, way in named.items():
        _check_needs(label, way.method, task, synthetic)
    return named, _models(named, model, task)


def _check_augmentation(training: Training, task: Task) -> None:
    """Refuse what cannot augment such items."""
    looks = looks_of(settled(training.augment), task)
    if isinstance(looks, GivenAugmentation):
        looks.check(task.shape)


def _models(named: Mapping[str, Way], model: Backbone, task: Task) -> dict[str, Backbone]:
    """The backbone of each method, `model` where it has none of its own; each is looked up once."""
    known = {id(None): model}
    for label, way in named.items():
        if id(way.backbone) not in known:
            found = chosen(way.backbone, task.kind, task.shape, len(task.classes), estimators=True)
            known[id(way.backbone)] = found
        if not _trains(way.method, known[id(way.backbone)]):
            raise UserError(f"method {label}: trains a network; an estimator of scikit-learn is none")
    return {label: known[id(way.backbone)] for label, way in named.items()}


def _trains(method: MethodSettings, model: Backbone) -> bool:
    return takes_estimator(method) or not isinstance(model, Estimator)


def _loop(model: Backbone, training: Training) -> tuple[Backbone, Training]:
    """A backbone and how it is trained: an estimator by one fit, whatever the steps of networks."""
    return model, one_fit(training) if isinstance(model, Estimator) else training


def default_methods(task: Task, synthetic: Samples | None) -> list[str]:
    """The methods that the data at hand allow: real data alone, then each use of the synthetic items."""
    unlabelled = len(task.unlabelled) > 0
    alone = [BASELINE, *(["real_unlabelled"] * unlabelled), *(["target_only"] if len(task.shots) else [])]
    if synthetic is None:
        return alone
    if (synthetic.y < 0).any():
        return [*alone, "syncheck"]
    return [*alone, *WITH_CONDITIONS, *(WITH_UNLABELLED if unlabelled else ())]


def check_data(task: Task, synthetic: Samples | None) -> None:
    """Raise `UserError` unless methods can learn from these data."""
    if task.labelled.x.dtype.kind == "c":
        raise UserError(f"{task.name}: x: complex numbers; methods learn from real ones (the magnitude, say)")
    if synthetic is not None:
        task.check_synthetic(synthetic)


def listed_seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds, of which there must be some."""
    count = seeds if isinstance(seeds, int) else len(seeds)
    if count > MOST_SEEDS:
        raise UserError(f"seeds: {count:,}, each a run of every method; at most {MOST_SEEDS:,}")
    listed = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not listed:
        raise UserError("seeds: none; give one or more")
    return listed


def check_batch(task: Task, training: Training) -> None:
    """Raise `UserError` if a batch of these items does not fit into memory."""
    items = training.batch * math.prod(task.shape)
    check_fits(4 * items, f"training: batch={training.batch} items of {task.name}")


def _check_ratio(ratio: float | None, task: Task, synthetic: Samples | None) -> None:
    if ratio is None:
        return
    if synthetic is None:
        raise UserError(f"ratio: {ratio}, but no synthetic data (--synthetic)")
    check_ratio(ratio)
    if needed(task, ratio) < 1:
        raise UserError(f"ratio: {ratio} asks for no synthetic item of {len(synthetic)}")
    if needed(task, ratio) > len(synthetic):
        most = len(synthetic) / len(task.real)
        raise UserError(
            f"ratio: {ratio} asks for {needed(task, ratio)} synthetic items; there are {len(synthetic)} "
            f"(ratio {most:.3g} at most)"
        )


WANTED = {
    "synthetic": "synthetic data (--synthetic)",
    "shots": "labelled items of the target domain (shots)",
    "unlabelled": "unlabelled items of the target domain (unlabelled)",
}
"""What methods need, in words; what they need of every synthetic item `lacking` tells."""


def _check_needs(label: str, settings: MethodSettings, task: Task, synthetic: Samples | None) -> None:
    here = at_hand(task, synthetic)
    for need in settings.needs:
        choices = [choice for choice in need.split(" or ") if choice in WANTED]
        if choices and here.isdisjoint(choices):
            raise UserError(f"method {label}: needs {', or '.join(WANTED[choice] for choice in choices)}")
    if synthetic is not None and (reason := lacking(settings, synthetic)):
        raise UserError(f"method {label}: {reason}")


def at_hand(task: Task, synthetic: Samples | None) -> set[str]:
    """Which of the things that methods may need there are."""
    there = {
        "synthetic": synthetic is not None,
        "shots": len(task.shots) > 0,
        "unlabelled": len(task.unlabelled) > 0,
    }
    return {name for name, is_there in there.items() if is_there}
