"""The one model to use: by the method that a comparison speaks for, on all labelled data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from assay.comparison.choice import best_method
from assay.comparison.names import BASELINE, backbone_of
from assay.comparison.plan import plan
from assay.comparison.result import Comparison
from assay.comparison.ways import AnyMethod
from assay.errors import UserError
from assay.generate.table import opened
from assay.methods.augmentation import reopened
from assay.methods.base import MethodSettings
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.table import BACKBONES, AnyBackbone
from assay.runs.runner import Job
from assay.settings import from_dict
from assay.train.features import recorded, trunk_of
from assay.train.model import Model, model_of
from assay.train.one_run import fit_all
from assay.types import Samples, Task
from assay.version import __version__

Report = Callable[[int, int, dict[str, float]], None]


def train_model(
    task: Any,
    synthetic: Any = None,
    method: AnyMethod | None = None,
    *,
    like: Comparison | None = None,
    backbone: AnyBackbone | None = None,
    training: Training | None = None,
    ratio: float | None = None,
    seed: int = 0,
    device: str | None = None,
    report: Report | None = None,
) -> Model:
    """Train one model on all labelled real items, validation and test items among them, to its last epoch.

    Nothing is left to measure it on: what it is worth is what a comparison found for its method at the last
    epoch, on fewer real items.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
        With shots, validation and test items count as more of them, for they are of the same place.
    synthetic : Samples, or as of `assay.open_synthetic`, optional
        With conditions as labels; needed by methods that use them.
    method : str or settings, optional
        As on the command line; by default the best of `like` on validation items, in its metric.
    like : Comparison, optional
        Of the same data: backbone, training, ratio and device are its own unless given here.
    backbone, training, ratio, device
        As in `compare`.
    seed : int
        Same seed, same model.
    report : callable, optional
        Told of the epochs that are done, of how many, and of the losses.

    Raises
    ------
    UserError
        If settings and data do not fit together, no method is given, or it has no plain part to keep.
    TrainingFailed
        When a loss is NaN or infinite.
    """
    if method is None and like is None:
        raise UserError("method: none given; name one, or give a comparison of the same data")
    task, synthetic = opened(task, synthetic, ratio)
    if like:
        _check_same(like, task, synthetic)
    way = method or _settings_of(like)
    given: tuple[Any, ...] = (backbone, training, ratio, device)
    network, loop, share, place = (_known(like, i) if old is None else old for i, old in enumerate(given))
    job = plan(task, synthetic, [way], [seed], network, loop or Training(), share, place)[-1]
    return trained_on(whole(task), job, report)


def trained_on(task: Task, job: Job, report: Report | None = None) -> Model:
    """The model of a job's run after its last epoch on the items of a task, which need not be the job's."""
    run = job.cell.run
    plain = fit_all(task, job.synthetic, run, report).plain()
    items = recorded(task, run)
    if items:
        plain.backbone.trunk = trunk_of(items, run).to(run.device)
    facts = {"seed": run.seed, "epoch": run.training.epochs - 1, "selection": "last", "accuracy": None}
    return model_of(items or task, run, job.cell.label, plain, {**facts, "assay": __version__})


def whole(task: Task) -> Task:
    """The task with all its labelled items to learn from: nothing that is measured on it means anything."""
    more, none = task.validation.joined(task.test), Samples.none_like(task.test)
    name = "shots" if len(task.shots) else "labelled"
    parts: dict[str, Any] = {name: getattr(task, name).joined(more), "validation": none, "further": {}}
    return dataclasses.replace(task, **parts)


def _known(like: Comparison | None, which: int) -> Any:
    """Backbone, training, ratio or device of a comparison; none of none."""
    if like is None:
        return None
    info = like.info
    if which == 0:
        return like.own.get(BASELINE) or from_dict(info["backbone"], BACKBONES, "backbone")
    if which == 1:
        known = {**info["training"], "augment": reopened(info["training"].get("augment", "none"))}
        return from_dict(known, {"training": Training()}, "training")
    return info[("ratio", "device")[which - 2]]


def _settings_of(like: Comparison | None) -> MethodSettings:
    assert like is not None
    label = best_method([run for run in like.runs if not run["error"]], like.metric)
    if backbone_of(label):
        raise UserError(f"method: {label} is the best, of a model of its own; name it (method=, -m)")
    return from_dict(like.info["methods"][label], METHODS, f"method {label}")


def _check_same(like: Comparison, task: Task, synthetic: Samples | None) -> None:
    given = {"task": task, "synthetic": synthetic}
    for name, data in given.items():
        measured = like.info[name]
        if data is not None and (measured is None or measured["digest"] != data.digest()):
            raise UserError(
                f"{name}: not what {like.folder} compared; compare it first, or name a method alone"
            )
