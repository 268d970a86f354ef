"""Which runs a comparison consists of, checked before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assay.comparison.names import BASELINE, CONTROL
from assay.data.augment import augmenter
from assay.errors import UserError
from assay.methods.base import MethodSettings, Training, lacking
from assay.methods.random_filter import RandomFilter, is_filter
from assay.methods.table import METHODS
from assay.models.networks import Backbone
from assay.models.table import chosen
from assay.runs.runner import Job, job_of
from assay.settings import check, parse, text_of
from assay.train.one_run import Run, chosen_device, needed
from assay.types import Samples, Task, check_ratio

WITH_SYNTHETIC = (
    "real_only",
    "synthetic_only",
    "mixed",
    "ssim_filter",
    "trts_filter",
    "random_filter",
    "syncheck",
)


def plan(
    task: Task,
    synthetic: Samples | None,
    methods: Sequence[str | MethodSettings] | None,
    seeds: int | Sequence[int],
    backbone: str | Backbone | None,
    training: Training,
    ratio: float | None,
    device: str | None,
) -> list[Job]:
    """Every run of a comparison, checked, ordered so that each seed completes before the next begins."""
    check_data(task, synthetic)
    check(training, "training")
    augmenter(training.augment, task)  # refuses what it cannot augment
    _check_ratio(ratio, task, synthetic)
    named = resolve(methods or default_methods(task, synthetic))
    for label, settings in named.items():
        _check_needs(label, settings, task, synthetic)
    network = chosen(backbone, task.kind, task.shape)
    options = (network, training)
    place = chosen_device(device)
    return [
        job_of(label, Run(settings, *options, seed, ratio, place), task, synthetic)
        for seed in listed_seeds(seeds)
        for label, settings in named.items()
    ]


def default_methods(task: Task, synthetic: Samples | None) -> list[str]:
    """The methods that the data at hand allow."""
    shots = ["target_only"] if len(task.shots) else []
    if synthetic is None:
        return [BASELINE, *shots]
    known = bool((synthetic.y >= 0).all())
    return [BASELINE, *shots, *(WITH_SYNTHETIC[1:] if known else ["syncheck"])]


def resolve(methods: Iterable[str | MethodSettings]) -> dict[str, MethodSettings]:
    """Settings by label, the baseline first; ``random_filter`` becomes the control of every filter."""
    listed = list(methods)
    given = [_named(method) for method in listed if method != CONTROL]
    named = {BASELINE: METHODS[BASELINE], **dict(given)}
    if CONTROL not in listed:
        return named
    if not any(is_filter(settings) for settings in named.values()):
        raise UserError(
            f"method {CONTROL}: no filter beside it; add ssim_filter, trts_filter or a csigan that filters"
        )
    return dict(pair for item in named.items() for pair in _with_control(*item))


def _named(method: str | MethodSettings) -> tuple[str, MethodSettings]:
    return (method, parse(method, METHODS, "method")) if isinstance(method, str) else (_label(method), method)


def _with_control(label: str, settings: MethodSettings) -> Iterator[tuple[str, MethodSettings]]:
    yield label, settings
    if is_filter(settings):
        yield f"{CONTROL} ({label})", RandomFilter(settings)


def _label(settings: MethodSettings) -> str:
    """The name in the table, with the options that differ from the listed settings."""
    if isinstance(settings, RandomFilter):
        return f"{CONTROL} ({_label(settings.like)})"
    return text_of(settings, METHODS) or type(settings).__name__


def check_data(task: Task, synthetic: Samples | None) -> None:
    """Raise `UserError` unless methods can learn from these data."""
    if task.labelled.x.dtype.kind == "c":
        raise UserError(f"{task.name}: x: complex numbers; methods learn from real ones (the magnitude, say)")
    if synthetic is not None:
        task.check_synthetic(synthetic)


def listed_seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds, of which there must be some."""
    listed = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not listed:
        raise UserError("seeds: none; give one or more")
    return listed


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


def _check_needs(label: str, settings: MethodSettings, task: Task, synthetic: Samples | None) -> None:
    if "synthetic" in settings.needs and synthetic is None:
        raise UserError(f"method {label}: needs synthetic data (--synthetic)")
    if synthetic is not None and (reason := lacking(settings, synthetic)):
        raise UserError(f"method {label}: {reason}")
    if "shots" in settings.needs and len(task.shots) == 0:
        raise UserError(f"method {label}: needs labelled items of the target domain (shots)")
    if "unlabelled" in settings.needs and len(task.unlabelled) == 0:
        raise UserError(f"method {label}: needs unlabelled items of the target domain (unlabelled)")
