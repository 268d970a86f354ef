"""Cells per hour of the runner against the same cells as separate processes, one after another.

    python benchmarks/runner.py --cells 12

Cells are a small network under the method `real_only`, one a seed, on digits or on the task given. Both
sides compute the same numbers; the script checks it.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assay.generate.table import open_task
from assay.machine.parallel import cores
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.table import chosen
from assay.runs.local import LocalPool
from assay.runs.progress import Silent
from assay.runs.runner import Job, execute, job_of
from assay.runs.store import Store
from assay.train.one_run import Run

ONE = """
import pickle, sys
from pathlib import Path
from assay.runs.runner import measure
from assay.runs.store import Store
job = pickle.load(open(sys.argv[1], "rb"))
outcome = measure(job)
Store(Path(sys.argv[2])).save(job.cell.key, outcome.result, outcome.about)
"""


def jobs(task_name: str, count: int, epochs: int, steps: int) -> list[Job]:
    task = open_task(task_name)
    network = chosen(None, task.kind, task.shape)
    training = Training(epochs=epochs, steps=steps, batch=16)
    runs = [Run(METHODS["real_only"], network, training, seed) for seed in range(count)]
    return [job_of("real_only", run, task, None) for run in runs]


def separately(todo: list[Job], folder: Path) -> float:
    start = time.perf_counter()
    for job in todo:
        path = folder / "job.pickle"
        path.write_bytes(pickle.dumps(job))
        subprocess.run([sys.executable, "-c", ONE, str(path), str(folder)], check=True)
    return time.perf_counter() - start


def together(todo: list[Job], folder: Path, workers: int) -> float:
    start = time.perf_counter()
    execute(todo, Store(folder), LocalPool(workers), Silent().done)
    return time.perf_counter() - start


def histories(todo: list[Job], folder: Path) -> list[object]:
    return [json.loads((Store(folder).run_folder(j.cell.key) / "result.json").read_text()) for j in todo]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="digits")
    parser.add_argument("--cells", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--workers", type=int, default=cores())
    options = parser.parse_args()
    todo = jobs(options.task, options.cells, options.epochs, options.steps)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        slow, fast = separately(todo, Path(one)), together(todo, Path(other), options.workers)
        assert histories(todo, Path(one)) == histories(todo, Path(other)), "the two sides differ"
    for name, seconds in (("separate processes", slow), (f"runner, {options.workers} workers", fast)):
        print(f"{name}: {seconds:.1f} s, {3600 * len(todo) / seconds:.0f} cells an hour")
    print(f"ratio {slow / fast:.2f}")


if __name__ == "__main__":
    main()
