"""The main job: one task and one synthetic set, several methods and seeds, paired by seed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator

from assay.bench.progress import Bar, Watcher, watching
from assay.bench.runner import Cell, cell, execute, versions
from assay.bench.store import Store
from assay.errors import UserError
from assay.methods import METHODS, MethodSettings, Training
from assay.methods.random_filter import RandomFilter
from assay.methods.ssim_filter import SsimFilter
from assay.methods.trts_filter import TrtsFilter
from assay.models import BACKBONES, DEFAULT, Backbone
from assay.settings import as_dict, parse
from assay.train import Run, best_device, needed
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
BASELINE, CONTROL = "real_only", "random_filter"
PICTURED = 8


@dataclass(frozen=True)
class Comparison:
    """What a comparison measured.

    Attributes
    ----------
    info : dict
        Task, synthetic data, settings and versions, as in ``compare.json``.
    runs : list of dict
        Every run with its label, seed, history, selections, counts and error.
    folder : Path
    """

    info: dict[str, Any]
    runs: list[dict[str, Any]]
    folder: Path

    @staticmethod
    def open(folder: str | Path) -> Comparison:
        """The newest comparison of a folder, with those of its runs that are finished."""
        store = Store(Path(folder))
        info = store.comparison()
        done = [run for run in info["runs"] if store.has(run["key"])]
        return Comparison(info, [{**store.load(run["key"]), **run} for run in done], store.folder)

    def rows(self) -> list[dict[str, Any]]:
        """One row for every run and selection; a failed run is one row with its error."""
        return [row for run in self.runs for row in _rows(run)]

    def samples(self) -> dict[str, Any]:
        """A few real and synthetic items of each class: real_x, real_y, synthetic_x, synthetic_y."""
        return Store(self.folder).samples()


def _rows(run: dict[str, Any]) -> list[dict[str, Any]]:
    start = {"method": run["label"], "seed": run["seed"], "error": run["error"]}
    if run["error"]:
        return [start]
    keys = ("epoch", "accuracy", "recall", "used")
    return [
        {**start, "selection": name, **{key: selected[key] for key in keys}, **run["counts"]}
        for name, selected in run["selections"].items()
    ]


def compare(
    task: Task,
    synthetic: Samples | None = None,
    *,
    methods: Sequence[str | MethodSettings] | None = None,
    seeds: int | Sequence[int] = 3,
    backbone: str | Backbone | None = None,
    training: Training | None = None,
    ratio: float | None = None,
    out: str | Path = "runs",
    workers: int | None = None,
    device: str | None = None,
    retry_failed: bool = False,
    synthetic_name: str = "synthetic",
    watcher: Watcher | None = None,
) -> Comparison:
    """Train the task's model under each way of using the synthetic data.

    Parameters
    ----------
    task : Task
        Real data.
    synthetic : Samples, optional
        Synthetic data with their conditions as labels; may be left out if no method needs them.
    methods : sequence of str or settings, optional
        Names as on the command line (``"syncheck:start=0.5"``) or settings. `real_only` is always among them,
        and ``"random_filter"`` stands for a control of every filter in the list. By default all that fit.
    seeds : int or sequence of int
        How many, or which.
    backbone : str or settings, optional
        By default a small network that suits the kind of task.
    training : Training, optional
    ratio : float, optional
        Synthetic items to use per labelled real item; all by default.
    out : path
        Folder of runs; finished ones found there are not repeated.
    workers : int, optional
        Runs at a time; by default one a core (one in all on a GPU).
    device : {"cpu", "cuda"}, optional
        By default the GPU if there is one.
    retry_failed : bool
        Repeat runs that ended in an error.
    synthetic_name : str
        Shown in the report.
    watcher : Watcher, optional
        Told of every run as it finishes; by default a progress bar on standard error.

    Raises
    ------
    UserError
        Before anything is written, if settings and data do not fit together.
    """
    grid = plan(task, synthetic, methods, seeds, backbone, training or Training(), ratio, device)
    store = Store(Path(out))
    if retry_failed:
        _forget_failed(grid, store)
    store.save_comparison(_info(task, synthetic, synthetic_name, grid, ratio), pictured(task, synthetic))
    with watching(watcher or Bar()) as told:
        told.begin(len(grid), sum(store.has(planned.key) for planned in grid))
        execute(grid, task, synthetic, store, workers or default_workers(grid[0].run.device), told.done)
    return Comparison.open(store.folder)


def plan(
    task: Task,
    synthetic: Samples | None,
    methods: Sequence[str | MethodSettings] | None,
    seeds: int | Sequence[int],
    backbone: str | Backbone | None,
    training: Training,
    ratio: float | None,
    device: str | None,
) -> list[Cell]:
    """Every run of a comparison, checked, ordered so that each seed completes before the next begins."""
    if task.labelled.x.dtype.kind == "c":
        raise UserError(f"{task.name}: x: complex numbers; methods learn from real ones (the magnitude, say)")
    if synthetic is not None:
        task.check_synthetic(synthetic)
    _check_ratio(ratio, task, synthetic)
    named = resolve(methods or default_methods(task, synthetic))
    for label, settings in named.items():
        _check_needs(label, settings, task, synthetic)
    network = _backbone(backbone or DEFAULT[task.kind], task)
    options = (network, training)
    place = _device(device)
    return [
        cell(label, Run(settings, *options, seed, ratio, place), task, synthetic)
        for seed in _seeds(seeds)
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
    if not any(isinstance(settings, SsimFilter | TrtsFilter) for settings in named.values()):
        raise UserError(f"method {CONTROL}: no filter beside it; add ssim_filter or trts_filter")
    return dict(pair for item in named.items() for pair in _with_control(*item))


def _named(method: str | MethodSettings) -> tuple[str, MethodSettings]:
    return (method, parse(method, METHODS, "method")) if isinstance(method, str) else (_label(method), method)


def _with_control(label: str, settings: MethodSettings) -> Iterator[tuple[str, MethodSettings]]:
    yield label, settings
    if isinstance(settings, SsimFilter | TrtsFilter):
        yield f"{CONTROL} ({label})", RandomFilter(settings)


def _label(settings: MethodSettings) -> str:
    """The name in the table, with the options that differ from the listed settings."""
    if isinstance(settings, RandomFilter):
        return f"{CONTROL} ({_label(settings.like)})"
    for name, listed in METHODS.items():
        if type(listed) is type(settings):
            default, own = as_dict(listed), as_dict(settings)
            changed = [f"{key}={own[key]}" for key in own if own[key] != default[key]]
            return ":".join([name, ",".join(changed)]) if changed else name
    return type(settings).__name__


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    listed = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not listed:
        raise UserError("seeds: none; give one or more")
    return listed


def _device(device: str | None) -> str:
    """The device, once it is known to be here."""
    here = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    if device not in (None, *here):
        raise UserError(f"device: {device}; known: cpu, cuda; here: {', '.join(here)}")
    return device or best_device()


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
    if "conditions" in settings.needs and synthetic is not None and (synthetic.y < 0).any():
        raise UserError(f"method {label}: needs a condition (y) for every synthetic item; some are -1")
    if "shots" in settings.needs and len(task.shots) == 0:
        raise UserError(f"method {label}: needs labelled items of the target domain (shots)")


def _backbone(backbone: str | Backbone, task: Task) -> Backbone:
    """The settings of the backbone, once a network of it has taken an item of the task's shape."""
    settings = parse(backbone, BACKBONES, "backbone") if isinstance(backbone, str) else backbone
    try:
        settings.build(task.shape, Generator()).eval()(torch.zeros(2, *task.shape))
    except (RuntimeError, IndexError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        reason = str(error).splitlines()[0]
        raise UserError(f"backbone {backbone}: does not take items of shape {task.shape}: {reason}") from None
    return settings


def default_workers(device: str) -> int:
    """Runs at a time: one a core, or one on a GPU."""
    return 1 if device != "cpu" else len(os.sched_getaffinity(0))


def _forget_failed(grid: Sequence[Cell], store: Store) -> None:
    for planned in grid:
        if store.has(planned.key) and store.load(planned.key)["error"]:
            store.forget(planned.key)


def _info(
    task: Task, synthetic: Samples | None, synthetic_name: str, grid: Sequence[Cell], ratio: float | None
) -> dict[str, Any]:
    classes = len(task.classes)
    parts = dict(task.parts())
    run = grid[0].run
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "task": {
            "name": task.name,
            "kind": task.kind,
            "classes": list(task.classes),
            "shape": list(task.shape),
            "normalise": task.normalise,
            "counts": {name: len(part) for name, part in parts.items()},
            "by_class": {n: p.counts(classes).tolist() for n, p in parts.items() if n != "unlabelled"},
            "digest": task.digest(),
        },
        "synthetic": None
        if synthetic is None
        else {
            "name": synthetic_name,
            "count": len(synthetic),
            "by_class": synthetic.counts(classes).tolist(),
            "digest": synthetic.digest(),
        },
        "ratio": ratio,
        "device": run.device,
        "training": as_dict(run.training),
        "backbone": as_dict(run.backbone),
        "methods": {planned.label: as_dict(planned.run.method) for planned in grid},
        "runs": [{"key": c.key, "label": c.label, "seed": c.run.seed} for c in grid],
        "versions": versions(),
    }


def pictured(task: Task, synthetic: Samples | None) -> dict[str, Any]:
    """A few items of each class, for a contact sheet: real_x, real_y, synthetic_x, synthetic_y."""
    classes = len(task.classes)
    some = {"real": _few(task.real, classes)}
    if synthetic is not None:
        some["synthetic"] = _few(synthetic, classes)
    return {f"{name}_{key}": getattr(part, key) for name, part in some.items() for key in ("x", "y")}


def _few(samples: Samples, classes: int) -> Samples:
    labels = range(classes) if (samples.y >= 0).any() else [-1]
    index = np.concatenate([np.flatnonzero(samples.y == label)[:PICTURED] for label in labels])
    return samples[index]
