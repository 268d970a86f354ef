"""How much of the synthetic data to use, with which labels, and what more data would be worth."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assay.advice.grid import Point, amounts, grid, with_validation
from assay.advice.outlook import Outlook, look_out
from assay.advice.result import ALONE, Advice, Option, saved
from assay.comparison.compare import forget_failed
from assay.data.examine.admit import admit
from assay.errors import UserError
from assay.files import writing
from assay.findings import Examination
from assay.generate.table import open_synthetic, open_task
from assay.machine.parallel import default_workers
from assay.methods.training import Training
from assay.metrics.statistics import Estimate, estimate
from assay.metrics.table import ACCURACY, Metric, metric_named
from assay.models.table import AnyBackbone
from assay.quality.curve_cells import Row
from assay.runs.local import LocalPool
from assay.runs.progress import Bar, Watcher, watching
from assay.runs.runner import execute, versions
from assay.runs.store import Store
from assay.settings import as_dict
from assay.types import Samples, Task

SEEDS = 5


def advise(
    task: Any,
    synthetic: Any,
    *,
    seeds: int | Sequence[int] = SEEDS,
    ratios: Sequence[float] | None = None,
    backbone: AnyBackbone | None = None,
    training: Training | None = None,
    out: str | Path = "runs/advise",
    workers: int | None = None,
    device: str | None = None,
    retry_failed: bool = False,
    synthetic_name: str = "synthetic",
    watcher: Watcher | None = None,
    metric: str = "accuracy",
    accept: Sequence[str] = (),
    examined: Examination | None = None,
) -> Advice:
    """Train on parts of the real and of the synthetic data, and say how much of the latter to use.

    Validation accuracy chooses; test accuracy only says what the choice gained.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
        Real data. Without validation items, a fifth of the labelled ones becomes some.
    synthetic : Samples, or as of `assay.open_synthetic`
        With conditions; without (-1), only pseudo-labels are tried.
    seeds : int or sequence of int
        How many, or which; three or more for any claim.
    ratios : sequence of float, optional
        Synthetic items per labelled real item, cut at what there is; by default all there is and a quarter, a
        sixteenth and a 64th of it.
    backbone : str or settings, optional
        By default a small network that suits the kind of task.
    training : Training, optional
    out : path
        Folder of runs, which may be that of a comparison; finished ones found there are not repeated.
        ``advice.json`` is written there.
    workers : int, optional
        Runs at a time; by default one a core (one in all on a GPU).
    device : {"cpu", "cuda"}, optional
        By default the GPU if there is one.
    retry_failed : bool
        Repeat runs that ended in an error.
    synthetic_name : str
        Shown in the text.
    watcher : Watcher, optional
        Told of every run as it finishes; by default a progress bar on standard error.
    metric : str
        What chooses on validation items and is told of test items, as in `compare`. The learning curve is of
        accuracy: by another metric there is no outlook.
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
    task = open_task(task)
    synthetic = open_synthetic(synthetic, task, max(ratios or (), default=None))
    found = admit(task, synthetic, accept, examined)
    ready, note, points = planned(task, synthetic, seeds, ratios, backbone, training or Training(), device)
    store = Store(Path(out))
    with writing(store.folder):
        (store.folder / "runs").mkdir(parents=True, exist_ok=True)
    jobs = [point.job for point in points]
    if retry_failed:
        forget_failed(jobs, store)
    with watching(watcher or Bar()) as told:
        told.begin(len(jobs), sum(store.has(job.cell.key) for job in jobs))
        execute(jobs, store, LocalPool(workers or default_workers(jobs[0].cell.run.device)), told.done)
    info = {**_info(ready, synthetic, synthetic_name, points), "findings": found.as_dicts(), **told_by}
    info["task"]["given"] = task.digest()
    return saved(_advice(points, store, info, note))


def planned(
    task: Task,
    synthetic: Samples,
    seeds: int | Sequence[int],
    ratios: Sequence[float] | None,
    backbone: AnyBackbone | None,
    training: Training,
    device: str | None,
) -> tuple[Task, str, list[Point]]:
    """The task with validation items, what was done to have them, and every run; all of it checked.

    Raises
    ------
    UserError
        If settings and data do not fit together.
    """
    ready, note = with_validation(task)
    sizes = amounts(ratios, ready, synthetic)
    return ready, note, grid(ready, synthetic, seeds, sizes, backbone, training, device)


def _info(task: Task, synthetic: Samples, name: str, points: list[Point]) -> dict[str, Any]:
    run = points[0].job.cell.run
    counts = {name: len(part) for name, part in task.parts()}
    sizes = {"classes": len(task.classes), "real": len(task.real), "counts": counts}
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "task": {"name": task.name, **sizes, "digest": task.digest()},
        "synthetic": {"name": name, "count": len(synthetic), "digest": synthetic.digest()},
        "seeds": sorted({point.job.cell.run.seed for point in points}),
        "training": as_dict(run.training),
        "backbone": as_dict(run.backbone),
        "device": run.device,
        "runs": len(points),
        "versions": versions(),
    }


# -- what the runs say --------------------------------------------------------------------------------

Record = tuple[Point, dict[str, Any]]


def _advice(points: list[Point], store: Store, info: dict[str, Any], note: str) -> Advice:
    records = [(point, store.load(point.job.cell.key)) for point in points]
    metric = metric_named(info.get("metric", ACCURACY.name))
    options = tuple(_options(records, info["task"]["real"], metric))
    notes = [note] if note else []
    outlook, why = _outlook(records, options, info)
    notes += [why] if why else []
    return Advice(
        info, options, choose(options, info["task"]["real"], metric), outlook, tuple(notes), store.folder
    )


def _outlook(
    records: list[Record], options: Sequence[Option], info: dict[str, Any]
) -> tuple[Outlook | None, str]:
    """The outlook, or why there is none; no word where there is nothing to gain."""
    if "metric" in info:
        return None, f"What more data would be worth is told of accuracy alone, not of {info['metric']}."
    if saturated(options, info["task"]["real"]):
        return None, ""
    try:
        return look_out(_rows(records), 1 - 1 / info["task"]["classes"]), ""
    except UserError as error:
        return None, f"What more data would be worth cannot be said: {error}."


def saturated(options: Sequence[Option], real: int) -> bool:
    """Whether all real data alone have a test accuracy of 100.0 %, rounded as it is shown."""
    alone = (option.test for option in options if option.real == real and option.labels in ALONE)
    return any(test is not None and round(100 * test.mean, 1) == 100 for test in alone)


def _options(records: list[Record], real: int, metric: Metric) -> list[Option]:
    cells: dict[tuple[int, int, str], list[Record]] = {}
    for point, record in records:
        cells.setdefault((point.real, point.synthetic, point.labels), []).append((point, record))
    order = sorted(cells, key=lambda cell: (cell[0], cell[2] not in ALONE, cell[1]))
    options = [_option(*cell, cells[cell], metric) for cell in order]
    alone, values = best_alone(options, real, metric), {cell: _values(cells[cell], metric) for cell in cells}

    def gain(option: Option, base: str) -> Estimate | None:
        return metric.gain(values[real, option.synthetic, option.labels], values[real, 0, base])

    return [
        dataclasses.replace(
            option,
            gain=gain(option, alone) if option.labels != alone else None,
            over_real_only=gain(option, "none") if option.labels != "none" != alone else None,
        )
        if option.real == real
        else option
        for option in options
    ]


def best_alone(options: Sequence[Option], real: int, metric: Metric = ACCURACY) -> str:
    """Which use of real data alone is best on validation items, of equals the plain one."""
    alone = [o for o in options if o.real == real and o.labels in ALONE and not o.errors]
    return max(alone, key=lambda option: _validation(option, metric)).labels if alone else "none"


def _option(real: int, synthetic: int, labels: str, records: list[Record], metric: Metric) -> Option:
    done = [record for _, record in records if not record["error"]]
    test = _values(records, metric)
    checked = [metric.of(record["history"][-1], "validation_") for record in done]
    used = sum(record["selections"]["last"]["used"] for record in done) / max(len(done), 1)
    return Option(
        real,
        synthetic,
        labels,
        used,
        estimate(checked, metric.within) if done else None,
        estimate(list(test.values()), metric.within) if done else None,
        None,
        {point.job.cell.run.seed: record["error"] for point, record in records if record["error"]},
    )


def _values(records: list[Record], metric: Metric) -> dict[int, float]:
    """The metric of test items at the last epoch by seed."""
    return {
        point.job.cell.run.seed: metric.of(record["selections"]["last"])
        for point, record in records
        if not record["error"]
    }


def choose(options: Sequence[Option], real: int, metric: Metric = ACCURACY) -> Option | None:
    """The best on validation items, of equals the one with least synthetic data; test accuracy is not read.

    An option of which a run failed cannot be chosen, and nothing can if one of the baseline did.
    """
    whole = [option for option in options if option.real == real and not option.errors]
    if not any(option.labels == "none" for option in whole):
        return None
    return max(whole, key=lambda option: (_validation(option, metric), -option.synthetic))


def _validation(option: Option, metric: Metric) -> float:
    """Mean, higher if better, without the noise of summation, which must not break ties."""
    return metric.sign * round(option.validation.mean, 9) if option.validation else -math.inf


def _rows(records: list[Record]) -> list[Row]:
    return [
        Row(
            point.real, point.synthetic, point.job.cell.run.seed, 1 - record["selections"]["last"]["accuracy"]
        )
        for point, record in records
        if point.labels in ("none", "condition") and not record["error"]
    ]
