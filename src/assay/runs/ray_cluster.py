"""Jobs on a Ray cluster: tasks with declared needs; data are put once, results come back to the driver."""

from __future__ import annotations

import pickle
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import Any

from assay.machine.cluster import connected
from assay.own.travel import packed
from assay.runs.local import WAIT_SECONDS, claim_and_measure
from assay.runs.runner import Job, Outcome, code_version, finished, lost
from assay.runs.store import Store

RETRIES = 5
"""How often a task is begun anew when its node or process dies."""


@dataclass(frozen=True)
class RayCluster:
    """The cluster at an address; "local" starts one on this machine.

    Nodes need the same Assay as the driver; code of the user's own travels with its run. They need not share
    the driver's folder: results come back to it, and it writes them.
    """

    address: str

    def outcomes(self, jobs: Sequence[Job], store: Store) -> Generator[tuple[Job, Outcome | None]]:
        """Every job with its outcome, as they finish."""
        ray, ours = connected(self.address)
        put: dict[int, Any] = {}
        waiting = {_submit(ray, job, store.folder, put): job for job in jobs}
        try:
            while waiting:
                [ready], _ = ray.wait(list(waiting), num_returns=1)
                job = waiting.pop(ready)
                outcome = _outcome(ray, ready, job)
                if outcome is None and not finished(job, store):  # another driver is at it
                    time.sleep(WAIT_SECONDS)
                    waiting[_submit(ray, job, store.folder, put)] = job
                else:
                    yield job, outcome
        finally:
            for reference in waiting:
                ray.cancel(reference, force=True)
            if ours:
                ray.shutdown()


def _submit(ray: Any, job: Job, folder: Path, put: dict[int, Any]) -> Any:
    """A task of the cluster; a task's data and synthetic items are put there when they are first met."""
    run = job.cell.run
    for part in (job.task, job.synthetic):
        if id(part) not in put:
            put[id(part)] = ray.put(part)
    needs = {"num_cpus": run.training.threads, "num_gpus": int(run.device != "cpu")}
    remote = ray.remote(_measure).options(**needs, max_retries=RETRIES)
    return remote.remote(
        packed(job.cell), put[id(job.task)], put[id(job.synthetic)], job.models, folder, code_version()
    )


def _measure(
    cell: bytes, task: Any, synthetic: Any, models: bool, folder: Path, version: str
) -> Outcome | None:
    if code_version() != version:
        raise RuntimeError(f"this node has Assay {code_version()}, the driver {version}")
    return claim_and_measure(Job(_opened(cell), task, synthetic, models), folder)[1]


def _opened(cell: bytes) -> Any:
    """The run, with the code of the user's own that it needs."""
    try:
        return pickle.loads(cell)
    except ImportError as error:
        raise RuntimeError(
            f"node {gethostname()}: {error}: the run's code imports it; install it there"
        ) from None


def _outcome(ray: Any, reference: Any, job: Job) -> Outcome | None:
    """The outcome of a finished task; one that its node or process did not survive is a failed run."""
    try:
        found: Outcome | None = ray.get(reference)
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        return lost(job, f"{type(cause).__name__}: {str(cause).splitlines()[0]}")
    return found
