"""The main job: one task and one synthetic set, several methods and seeds, paired by seed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assay.comparison.hardest import keep_hardest
from assay.comparison.plan import plan
from assay.comparison.result import Comparison
from assay.comparison.shift import is_shifted
from assay.comparison.ways import AnyMethod
from assay.data.examine.admit import admit
from assay.findings import Examination
from assay.generate.table import opened
from assay.machine.launched import rank
from assay.machine.parallel import default_workers
from assay.methods.training import Training
from assay.metrics.table import ACCURACY, metric_named
from assay.models.given import Given
from assay.models.table import AnyBackbone
from assay.runs.forecast import forecast
from assay.runs.local import LocalPool
from assay.runs.pictured import names_of, some_of_each
from assay.runs.progress import Bar, Watcher, watching
from assay.runs.runner import Job, execute, finished, versions
from assay.runs.store import Store
from assay.settings import as_dict
from assay.types import Samples, Task

TABLE = "results.csv"
FEW, SHORT = 6, 40
"""Runs, and steps of the longest, below which to try how long they take would take as long as they do."""


def compare(
    task: Any,
    synthetic: Any = None,
    *,
    methods: Sequence[AnyMethod] | None = None,
    seeds: int | Sequence[int] = 3,
    backbone: AnyBackbone | None = None,
    training: Training | None = None,
    ratio: float | None = None,
    out: str | Path = "runs/compare",
    workers: int | None = None,
    device: str | None = None,
    retry_failed: bool = False,
    save_models: bool = False,
    synthetic_name: str = "synthetic",
    watcher: Watcher | None = None,
    metric: str = "accuracy",
    accept: Sequence[str] = (),
    examined: Examination | None = None,
) -> Comparison:
    """Train the task's model under each way of using the synthetic data.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
        Real data: a path, ``(x, y)``, a DataFrame, a data set of PyTorch or Hugging Face ...
    synthetic : Samples, or as of `assay.open_synthetic`, optional
        Synthetic data with their conditions as labels; may be left out if no method needs them.
    methods : sequence of str or settings, optional
        Names as on the command line (``"syncheck:start=0.5"``) or settings. `real_only` is always among them,
        and ``"random_filter"`` stands for a control of every filter in the list. By default all that fit.
        ``"mixed@forest"``, or a pair ``("mixed", backbone)``, trains another backbone than the comparison's.
    seeds : int or sequence of int
        How many, or which.
    backbone : str, settings, network or callable, optional
        By default a small network that suits the kind of task. A ``torch.nn.Module``, a function or class
        that makes one of the shape of an item, or a classifier of scikit-learn (plain methods and filters).
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
    save_models : bool
        Keep the model of each run, of the epoch that validation items choose, else the label-free score, else
        the last: `Comparison.best` gives one. Results are the same with and without. Finished runs that
        have no model are trained again.
    synthetic_name : str
        Shown in the report.
    watcher : Watcher, optional
        Told of every run as it finishes; by default a progress bar on standard error.
    metric : str
        What tables and verdict tell of: "accuracy", "recall", "balanced_accuracy", "macro_f1", "auroc",
        "log_loss" or "calibration_error". All are measured: `Comparison.by` tells of another.
    accept : sequence of str
        Codes of what `assay.examine` refuses, to be taken nevertheless.
    examined : Examination, optional
        What it found, if that is known already.

    Raises
    ------
    UserError
        Before anything is written, if the data are refused, or settings and data do not fit together.
    """
    told_by = {} if metric_named(metric) is ACCURACY else {"metric": metric}
    task, synthetic = opened(task, synthetic, ratio)
    found = admit(task, synthetic, accept, examined)
    grid = plan(task, synthetic, methods, seeds, backbone, training or Training(), ratio, device)
    shifted = is_shifted(task)
    grid = [replace(job, models=save_models, shifted=shifted) for job in grid]
    store = Store(Path(out))
    if retry_failed:
        forget_failed(grid, store)
    info = {
        **_info(task, synthetic, synthetic_name, grid, ratio),
        "findings": found.as_dicts(),
        "shifted": shifted,
        **told_by,
    }
    store.save_comparison(info, pictured(task, synthetic))
    pool = LocalPool(workers or default_workers(grid[0].cell.run.device))
    with watching(watcher or Bar(_expected(grid, store, pool.workers))) as told:
        told.begin(len(grid), sum(finished(job, store) for job in grid))
        execute(grid, store, pool, told.done)
    done = Comparison.open(store.folder)
    keep_shown(done, task)
    own = {job.cell.label: job.cell.run.backbone for job in grid if isinstance(job.cell.run.backbone, Given)}
    return replace(done, own=own)


def keep_shown(comparison: Comparison, task: Task) -> None:
    """Write the table of all runs, and the hardest test items for pictures; one process for all."""
    if rank():
        return
    keep_hardest(comparison, task)
    comparison.to_csv(comparison.folder / TABLE)


def _expected(grid: Sequence[Job], store: Store, workers: int) -> float | None:
    """Seconds that the unfinished runs will take; None for few or short ones, or where a trial fails."""
    left = [job for job in grid if not finished(job, store)]
    trainings = [job.cell.run.training for job in left]
    if len(left) < FEW or max(training.epochs * training.steps for training in trainings) < SHORT:
        return None
    try:
        costs = forecast(left, lambda _: None)
    except Exception:  # the run itself says what is wrong, as a row
        return None
    return sum(costs[job.cell.key].seconds for job in left) / min(workers, len(left))


def forget_failed(jobs: Sequence[Job], store: Store) -> None:
    """Remove the runs that ended in an error, so that they are done again."""
    for key in {job.cell.key for job in jobs}:
        if store.has(key) and store.load(key)["error"]:
            store.forget(key)


def _info(
    task: Task, synthetic: Samples | None, synthetic_name: str, grid: Sequence[Job], ratio: float | None
) -> dict[str, Any]:
    classes = len(task.classes)
    parts = dict(task.parts())
    run = grid[0].cell.run
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
        "methods": {job.cell.label: as_dict(job.cell.run.method) for job in grid},
        "runs": [{"key": j.cell.key, "label": j.cell.label, "seed": j.cell.run.seed} for j in grid],
        "versions": versions(),
    }


def pictured(task: Task, synthetic: Samples | None) -> dict[str, Any]:
    """Some items of each class, for pictures: real_x, real_y, real_names, synthetic_x ..., feature_names."""
    parts = {"real": task.real, **({} if synthetic is None else {"synthetic": synthetic})}
    found: dict[str, Any] = {}
    for name, part in parts.items():
        index = some_of_each(part, len(task.classes), task.kind)
        few = {"x": part.x[index], "y": part.y[index], "names": names_of(part, index)}
        found |= {f"{name}_{key}": value for key, value in few.items()}
    if task.labelled.features:
        names = [": ".join(filter(None, number)) for number in task.labelled.features.numbers]
        found["feature_names"] = np.array(names, dtype=np.str_)
    return found
