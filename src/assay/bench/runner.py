"""Cells to results: independent runs, on this machine's cores or wherever joblib's backend sends them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import multiprocessing
import os
import platform
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import assay
from assay.bench.store import Store
from assay.methods.base import uses_synthetic
from assay.models.precision import uses_bf16
from assay.settings import as_dict, fingerprint
from assay.train import Run, TrainingFailed, train
from assay.types import Samples, Task

DECIDING_ROOMS = ("types.py", "data", "metrics", "models", "methods", "train.py")
"""The code that a run's numbers depend on; a change there makes a new run."""


@dataclass(frozen=True)
class Cell:
    """A run and the name it is stored under."""

    key: str
    label: str
    run: Run


@functools.cache
def code_version() -> str:
    """Version of Assay and hash of the code that decides a run's numbers."""
    root = Path(assay.__file__).parent
    files = [path for room in DECIDING_ROOMS for path in sorted((root / room).glob("*.py")) or [root / room]]
    sha = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    return f"{assay.__version__}+{sha.hexdigest()[:12]}"


def describe(run: Run) -> dict[str, Any]:
    """All settings of a run as JSON values, defaults resolved to what this machine does."""
    settings = as_dict(run)
    for part in ("method", "backbone", "training"):
        settings[part] = as_dict(getattr(run, part))
    settings["training"]["precision"] = "bf16" if uses_bf16(run.training.precision, run.device) else "fp32"
    return settings


def cell(label: str, run: Run, task: Task, synthetic: Samples | None) -> Cell:
    """The cell of a run on given data: its key is the hash of settings, data and code."""
    used = synthetic if uses_synthetic(run.method) else None
    data = [task_digest(task), samples_digest(used) if used else None]
    run = run if used else dataclasses.replace(run, ratio=None)
    return Cell(fingerprint([describe(run), data, code_version()]), label, run)


@functools.lru_cache(maxsize=8)
def task_digest(task: Task) -> str:
    """Hash of a task, computed once."""
    return task.digest()


@functools.lru_cache(maxsize=8)
def samples_digest(samples: Samples) -> str:
    """Hash of samples, computed once."""
    return samples.digest()


def execute(
    cells: Sequence[Cell],
    task: Task,
    synthetic: Samples | None,
    store: Store,
    workers: int,
    done: Callable[[dict[str, Any]], None],
) -> None:
    """Run every cell that the store does not have; `done` is told of each as it finishes."""
    execute_on([(cell, task) for cell in cells], synthetic, store, workers, done)


def execute_on(
    pairs: Sequence[tuple[Cell, Task]],
    synthetic: Samples | None,
    store: Store,
    workers: int,
    done: Callable[[dict[str, Any]], None],
) -> None:
    """The same for cells that each have a task of their own."""
    from joblib import Parallel, delayed

    store.sweep()
    todo = {cell.key: (cell, task) for cell, task in pairs if not store.has(cell.key)}
    jobs = (delayed(run_cell)(cell, task, _needed(cell, synthetic), store) for cell, task in todo.values())
    parallel = Parallel(n_jobs=min(workers, len(todo) or 1), return_as="generator_unordered", batch_size=1)
    with _ignoring_interrupts():  # so do the workers that begin here: Ctrl-C is the driver's to handle
        records = parallel(jobs)
    for record in records:
        done(record)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _needed(cell: Cell, synthetic: Samples | None) -> Samples | None:
    return synthetic if uses_synthetic(cell.run.method) else None


def run_cell(cell: Cell, task: Task, synthetic: Samples | None, store: Store) -> dict[str, Any]:
    """Train one cell and store what came of it; a failure is a result too."""
    _end_with_the_driver()
    start = time.time()
    outcome = {"settings": describe(cell.run), **attempt(cell.run, task, synthetic)}
    store.save(cell.key, outcome, {"label": cell.label, **circumstances(start)})
    return store.load(cell.key)


@functools.cache
def _end_with_the_driver() -> None:
    """In a worker process: leave soon after the driver is gone, however it ended."""
    driver = multiprocessing.parent_process()

    def watch(pid: int | None) -> None:
        while os.getppid() == pid:
            time.sleep(1)
        os._exit(1)

    if driver is not None:
        threading.Thread(target=watch, args=(driver.pid,), daemon=True).start()


def attempt(run: Run, task: Task, synthetic: Samples | None) -> dict[str, Any]:
    """The result of a run, or the error that ended it."""
    try:
        return {"error": None, **dataclasses.asdict(train(task, synthetic, run))}
    except TrainingFailed as error:
        return {"error": str(error), "traceback": None}
    except Exception as error:  # whatever ended it: a failed run is a row, never a gap
        return {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}


def circumstances(start: float) -> dict[str, Any]:
    """When a run was made, how long it took and with which versions."""
    finished = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(finished))
    return {"finished": stamp, "seconds": round(finished - start, 2), "versions": versions()}


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
