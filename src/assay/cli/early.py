"""What the verbs refuse before PyTorch loads: names that are unknown, options and numbers that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.machine.devices import DEVICES
from assay.outline import table, value
from assay.own.installed import check_named
from assay.report.assessment.parts import PARTS, checked_parts
from assay.settings import numbers, parse, split_options, with_options


def check_runs(
    methods: Sequence[str] = (), backbone: str | None = None, training: str = "", device: str | None = None
) -> None:
    """Raise `UserError` if a method, a backbone, an option of them or of training, or a device is unknown."""
    for method in methods:
        name, _, own = method.partition("@")
        check_named(name, table("methods/table.py", "METHODS"), "method")
        check_backbone(own)
    check_backbone(backbone)
    check_training(value("methods/training.py", "Training")(), training)
    if device not in (None, *DEVICES):
        raise UserError(f"device: {device}; known: {', '.join(DEVICES)}")


def check_training(usual: Any, options: str) -> None:
    """Raise `UserError` if an option of training is wrong, or the file of an augmentation is not there."""
    settings = with_options(usual, options, "training")
    if settings.augment not in ("none", "weak", "strong"):
        check_named(settings.augment, {}, "augmentation")


def check_backbone(text: str | None) -> None:
    """Raise `UserError` if a backbone is unknown, an option of it wrong, or the file of it not there."""
    if text:
        full = value("models/table.py", "in_full")(text, value("models/estimator.py", "SHORT"))
        check_named(full, table("models/table.py", "BACKBONES"), "backbone")


def check_metric(name: str) -> None:
    """Raise `UserError` if there is no such metric."""
    value("metrics/table.py", "metric_named")(name)


def check_scoring(scoring: str, training: str) -> None:
    """Raise `UserError` if an option of a score, or of the models that judge, is wrong."""
    with_options(value("quality/score.py", "Scoring")(), scoring, "scoring")
    check_training(value("quality/score.py", "TRAINING"), training)


def check_metrics(metrics: Sequence[str]) -> None:
    """Raise `UserError` if a metric of one's own is not there."""
    for metric in metrics:
        check_named(metric, {}, "metric")


def check_ratios(text: str) -> Sequence[float]:
    """The ratios that ``0.5,1,2`` lists.

    Raises
    ------
    UserError
        If one is no number above 0.
    """
    found: Sequence[float] = value("advice/grid.py", "checked")(numbers(text, "--ratios"))
    return found


def check_parts(text: str) -> Sequence[str]:
    """The parts that ``score,comparison`` lists, all of them where none is named.

    Raises
    ------
    UserError
        If one is unknown.
    """
    return checked_parts([part.strip() for part in text.split(",")] if text else PARTS)


def check_synthetic(text: str | None) -> None:
    """Raise `UserError` if there is no such file, folder or generator, or an option of it is wrong."""
    if text:
        value("generate/table.py", "check_there")(text)


def check_selecting(method: str, training: str) -> None:
    """Raise `UserError` if there is no such method, or an option of it, or of training, is wrong."""
    ways = {**table("methods/table.py", "METHODS"), "agreement": value("quality/agreement.py", "Agreement")()}
    check_named(method, ways, "method")
    check_training(value("quality/keeping.py", "TRAINING"), training)


def check_items(model: Path, data: str, method: str | None) -> None:
    """Raise `UserError` if there is no such model or comparison, or no such file, folder or task."""
    if model.is_dir():
        check_comparison(model)
    elif not model.is_file():
        raise UserError(f"{model}: no such file; expected a model, as --save-models or train writes")
    elif method:
        raise UserError(f"--method: {method}: {model} is one model; give the folder of a comparison")
    tasks = table("generate/table.py", "TASKS")
    if data.partition(":")[0] in tasks:
        parse(data, tasks, "task")
    elif not Path(split_options(data)[0]).exists():
        raise UserError(f"data '{data}': no such file, folder or task; 'assay data' lists the tasks")


def check_model(out: Path, method: str | None, runs: Path | None) -> None:
    """Raise `UserError` if a model cannot be called so, or nothing says by which method to train it."""
    if out.suffix != ".safetensors":
        raise UserError(f"out: {out}: expected a name that ends in .safetensors")
    if not (method or runs):
        raise UserError("method: none given; name one (-m), or the folder of a comparison (--runs)")
    if runs:
        check_comparison(runs)


def check_comparison(folder: Path) -> None:
    """Raise `UserError` if a folder holds no comparison."""
    if not (folder / "compare.json").is_file():
        raise UserError(f"{folder}: no compare.json here; give the folder that compare wrote (--out)")


def check_generator(generator: str) -> None:
    """Raise `UserError` if there is no such generator, or an option of it is wrong."""
    check_named(generator, table("generate/table.py", "GENERATORS"), "generator")


def check_study(*words: Any, device: None, selection: str | None, retry: str) -> None:
    """Raise `UserError` if a study, or what is asked of it, is not there; `words`: those of `request_of`."""
    value("train/selection.py", "check_selection")(selection)
    value("studies/pools.py", "check_retry")(retry)
    request = value("studies/requests.py", "request_of")(*words, device)
    if hasattr(request, "cells"):
        request.asked()
    else:
        request.settings()
        check_synthetic(request.source.synthetic)
        value("studies/syncheck/grid.py", "parse_only")(request.only)
