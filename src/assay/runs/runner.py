"""Cells to results: independent runs, on this machine's cores or on a cluster."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import logging
import platform
import time
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from assay.files import writing
from assay.machine.launched import processes
from assay.machine.leftovers import sweep_memory
from assay.machine.memory import peak_mib
from assay.machine.torchrun import ALONE, group_of
from assay.methods.base import uses_synthetic
from assay.models.precision import uses_bf16
from assay.models.pretrained import anywhere
from assay.own.source import told
from assay.runs.claims import release
from assay.runs.kept import kept_files
from assay.runs.store import MODEL, NO_MODEL, Store
from assay.settings import as_dict, fingerprint
from assay.train.features import as_seen, recorded
from assay.train.keeping import Keeper
from assay.train.one_run import Run, TrainingFailed, train
from assay.types import Samples, Task
from assay.version import __version__

LOG = logging.getLogger(__name__)
DECIDING_ROOMS = ("types.py", "data", "metrics", "models", "methods", "machine/torchrun.py", "train")
"""The code that a run's numbers depend on; a change there makes a new run."""


@dataclass(frozen=True)
class Cell:
    """A run and the name it is stored under."""

    key: str
    label: str
    run: Run


@dataclass(frozen=True)
class Job:
    """A cell and the data that it runs on; without synthetic items if its method does not use them.

    Whether its model is kept, and of which epoch, is no part of its identity: of the last where validation
    items are of another place than the test (`shifted`).
    Where a frozen trunk has made vectors of the items, `recorded` has a few of them as they were.
    """

    cell: Cell
    task: Task
    synthetic: Samples | None
    models: bool = False
    recorded: Task | None = None
    shifted: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a job: its result (same job, same content), how it ran, and further files."""

    result: dict[str, Any]
    about: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


class Pool(Protocol):
    """Where jobs run."""

    def outcomes(self, jobs: Sequence[Job], store: Store) -> Generator[tuple[Job, Outcome | None]]:
        """Every job with its outcome, as they finish; jobs that run are claimed in the store.

        None where another process has written the result.
        """
        ...


@functools.cache
def code_version() -> str:
    """Version of Assay and hash of the code that decides a run's numbers."""
    root = Path(__file__).parents[1]
    files = [path for room in DECIDING_ROOMS for path in sorted((root / room).rglob("*.py")) or [root / room]]
    sha = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    return f"{__version__}+{sha.hexdigest()[:12]}"


def describe(run: Run) -> dict[str, Any]:
    """All settings of a run as JSON values, defaults resolved to what this machine does."""
    settings = as_dict(run)
    for part in ("method", "backbone", "training"):
        settings[part] = as_dict(getattr(run, part)) | _own_code(getattr(run, part))
    if processes() > 1:
        settings["processes"] = processes()  # batch statistics are of a process's own slice
    del settings["training"]["decoders"]  # nothing depends on it
    settings["training"]["precision"] = "bf16" if uses_bf16(run.training.precision, run.device) else "fp32"
    return settings


def _own_code(settings: Any) -> dict[str, str]:
    """The source of settings that are not the house's: the code version does not cover it."""
    kind = type(settings)
    return {} if kind.__module__.startswith("assay.") else {"source": told(kind).digest}


def job_of(label: str, run: Run, task: Task, synthetic: Samples | None) -> Job:
    """The run on given data (a frozen trunk sees them here); its key: the hash of settings, data and code."""
    used = synthetic if uses_synthetic(run.method) else None
    data = [task_digest(task), samples_digest(used) if used else None]
    run = run if used else dataclasses.replace(run, ratio=None)
    named = describe(dataclasses.replace(run, backbone=anywhere(run.backbone)))
    cell = Cell(fingerprint([named, data, code_version()]), label, run)
    return Job(cell, *as_seen(task, used, run), recorded=recorded(task, run))


@functools.lru_cache(maxsize=8)
def task_digest(task: Task) -> str:
    """Hash of a task, computed once."""
    return task.digest()


@functools.lru_cache(maxsize=8)
def samples_digest(samples: Samples) -> str:
    """Hash of samples, computed once."""
    return samples.digest()


def execute(jobs: Sequence[Job], store: Store, pool: Pool, done: Callable[[dict[str, Any]], None]) -> None:
    """Run every job that the store does not have; `done` is told of each as it finishes.

    Of several processes that torchrun started the first says which jobs these are, writes and tells.

    Raises
    ------
    UserError
        If these processes cannot take equal parts of a batch.
    """
    group = group_of(jobs[0].cell.run.device) if jobs else ALONE
    for job in jobs:
        group.check(job.cell.run.training.batch)
    store.sweep()
    sweep_memory()  # even if nothing is left to run, so that no worker is started
    missing = group.on_first(lambda: [job.cell.key for job in jobs if not finished(job, store)])
    todo = {job.cell.key: job for job in jobs if job.cell.key in missing}
    with closing(pool.outcomes(list(todo.values()), store)) as outcomes:
        for job, outcome in outcomes:
            if outcome is not None:
                about = {"label": job.cell.label, **outcome.about}
                try:
                    with writing(store.folder):
                        store.save(job.cell.key, outcome.result, about, outcome.files)
                finally:
                    release(store.folder, job.cell.key)
                LOG.info(
                    "%s, seed %d: %s", job.cell.label, job.cell.run.seed, outcome.result["error"] or "done"
                )
            if group.rank == 0:
                done(store.load(job.cell.key))
    group.on_first(lambda: None)  # all is written before the others look


def finished(job: Job, store: Store) -> bool:
    """Whether the store has all that is asked of a job; one that ended in an error has no model."""
    key = job.cell.key
    if not (job.models and store.has(key)):
        return store.has(key)
    return store.has(key, MODEL) or store.has(key, NO_MODEL) or bool(store.load(key)["error"])


def measure(job: Job, checkpoint: Path | None = None) -> Outcome:
    """Train one cell, on from its checkpoint if it was killed; a failure is a result too."""
    start, keeper = (time.time(), time.process_time()), Keeper(job.models, job.shifted)
    result = attempt(job.cell.run, job.task, job.synthetic, checkpoint, keeper)
    files = {} if result["error"] else kept_files(job, keeper)
    return Outcome({"settings": describe(job.cell.run), **result}, circumstances(*start), files)


def attempt(
    run: Run,
    task: Task,
    synthetic: Samples | None,
    checkpoint: Path | None = None,
    keeper: Keeper | None = None,
) -> dict[str, Any]:
    """The result of a run, or the error that ended it."""
    try:
        result = train(task, synthetic, run, checkpoint=checkpoint, keeper=keeper)
        return {"error": None, **dataclasses.asdict(result)}
    except TrainingFailed as error:
        return {"error": str(error), "traceback": None}
    except Exception as error:  # whatever ended it: a failed run is a row, never a gap
        return {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}


def lost(job: Job, why: str) -> Outcome:
    """The outcome of a job whose process did not live to tell."""
    result = {"settings": describe(job.cell.run), "error": why, "traceback": None}
    return Outcome(result, circumstances(time.time(), time.process_time()))


def circumstances(start: float, processor: float) -> dict[str, Any]:
    """When a run was made, how long it took, on how much memory and with which versions.

    `start` and `processor` are the clock's and the process's seconds when it began.
    """
    finished = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(finished))
    return {
        "finished": stamp,
        "seconds": round(finished - start, 2),
        "cpu_seconds": round(time.process_time() - processor, 2),
        "peak_mb": round(peak_mib()),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of all that decides a number."""
    import numpy
    import torch

    return {
        "assay": code_version(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "machine": platform.machine(),
    }
