"""Jobs on this machine's cores: a process each, on as many threads as its settings say (by default one)."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from assay.machine.launched import processes, rank
from assay.runs.claims import abandoned, claimed, release, running
from assay.runs.processes import in_processes
from assay.runs.runner import Job, Outcome, finished, lost, measure
from assay.runs.store import Store

KILLED = "its process was killed, twice, the second time with no other beside it: out of memory perhaps"
WAIT_SECONDS = 1
"""Between looks at runs that other processes are at work on."""
PATIENCE = 3
"""How often processes may die before any of them has begun a run."""


@dataclass(frozen=True)
class LocalPool:
    """So many worker processes.

    When one is killed, the others end with it. Runs that were under way are then repeated one at a time; one
    that is killed again is a failed run, and the rest goes on.
    """

    workers: int

    def outcomes(self, jobs: Sequence[Job], store: Store) -> Generator[tuple[Job, Outcome | None]]:
        """Every job with its outcome, as they finish; under torchrun one after another, by all processes.

        None for one that another driver on the same folder did: living claims are respected.
        """
        if processes() > 1:
            yield from ((job, _together(job, store)) for job in jobs)
            return
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        waiting, patience = {job.cell.key: job for job in jobs}, PATIENCE
        while waiting:
            free = _unclaimed(waiting, store.folder)
            try:
                with closing(_run([waiting[key] for key in free], self.workers, store.folder)) as found:
                    for key, outcome in found:
                        if outcome is not None:
                            yield waiting.pop(key), outcome
            except (GeneratorExit, KeyboardInterrupt):
                abandoned(store.folder)  # its workers are gone
                raise
            except TerminatedWorkerError:
                suspects = [waiting.pop(key) for key in abandoned(store.folder) if key in waiting]
                patience -= not suspects
                if not patience:
                    raise
                for job in suspects:
                    yield job, _alone(job, store.folder)
            for key in [key for key, job in waiting.items() if finished(job, store)]:
                yield waiting.pop(key), None  # by another process


def _unclaimed(keys: Iterable[str], folder: Path) -> list[str]:
    """The keys that no living process has; where there are none, only after a while."""
    others = running(folder)
    free = [key for key in keys if key not in others]
    if not free:
        time.sleep(WAIT_SECONDS)
    return free


def _run(jobs: Sequence[Job], workers: int, folder: Path) -> Generator[tuple[str, Outcome | None]]:
    if jobs:
        calls = ((job, folder) for job in jobs)
        several = max(len(jobs), 2)  # one is the driver's own process, and would end it where a run is killed
        yield from in_processes(claim_and_measure, calls, min(workers, several))


def claim_and_measure(job: Job, folder: Path) -> tuple[str, Outcome | None]:
    """Key and outcome of a job, claimed meanwhile; no outcome if another process has it or has done it."""
    store, key = Store(folder), job.cell.key
    with claimed(folder, key, job.cell.label) as mine:
        if mine and finished(job, store):
            release(folder, key)
        if not mine or finished(job, store):
            return key, None
        return key, measure(job, store.checkpoint(key) if folder.is_dir() else None)


def _together(job: Job, store: Store) -> Outcome:
    """The outcome of a job that all processes of torchrun train; the first says so in its claim."""
    if rank():
        return measure(job, store.checkpoint(job.cell.key))
    with claimed(store.folder, job.cell.key, job.cell.label):
        return measure(job, store.checkpoint(job.cell.key))


def _alone(job: Job, folder: Path) -> Outcome:
    """The outcome of a job with no other beside it; always in a process of its own, which may die."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        [(_, outcome)] = in_processes(claim_and_measure, [(job, folder)], 2)
    except TerminatedWorkerError:
        abandoned(folder)
        return lost(job, KILLED)
    return outcome or lost(job, "another process had it, and did not end it")
