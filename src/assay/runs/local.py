"""Jobs on this machine's cores: a process each, on as many threads as its settings say (by default one)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.machine.launched import processes, rank
from assay.runs.claims import abandoned, claimed
from assay.runs.processes import in_processes
from assay.runs.runner import Job, Outcome, lost, measure
from assay.runs.store import Store

KILLED = "its process was killed, twice, the second time with no other beside it: out of memory perhaps"
PATIENCE = 3
"""How often processes may die before any of them has begun a run."""


@dataclass(frozen=True)
class LocalPool:
    """So many worker processes.

    When one is killed, the others end with it. Runs that were under way are then repeated one at a time; one
    that is killed again is a failed run, and the rest goes on.
    """

    workers: int

    def outcomes(self, jobs: Sequence[Job], store: Store) -> Generator[tuple[Job, Outcome]]:
        """Every job with its outcome, as they finish; under torchrun one after another, by all processes."""
        if processes() > 1:
            yield from ((job, _together(job, store)) for job in jobs)
            return
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        waiting, patience = {job.cell.key: job for job in jobs}, PATIENCE
        while waiting:
            try:
                for key, outcome in _run(list(waiting.values()), self.workers, store.folder):
                    yield waiting.pop(key), outcome
            except TerminatedWorkerError:
                suspects = [waiting.pop(key) for key in abandoned(store.folder) if key in waiting]
                patience -= not suspects
                if not patience:
                    raise
                for job in suspects:
                    yield job, _alone(job, store.folder)


def _run(jobs: Sequence[Job], workers: int, folder: Path) -> Iterator[tuple[str, Outcome]]:
    return in_processes(claim_and_measure, ((job, folder) for job in jobs), min(workers, len(jobs)))


def claim_and_measure(job: Job, folder: Path) -> tuple[str, Outcome]:
    """Key and outcome of a job, which is said to be under way meanwhile."""
    with claimed(folder, job.cell.key, job.cell.label):
        return job.cell.key, measure(job, Store(folder).checkpoint(job.cell.key) if folder.is_dir() else None)


def _together(job: Job, store: Store) -> Outcome:
    """The outcome of a job that all processes of torchrun train; the first claims it."""
    if rank():
        return measure(job, store.checkpoint(job.cell.key))
    return claim_and_measure(job, store.folder)[1]


def _alone(job: Job, folder: Path) -> Outcome:
    """The outcome of a job with no other beside it; always in a process of its own, which may die."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        [(_, outcome)] = in_processes(claim_and_measure, [(job, folder)], 2)
    except TerminatedWorkerError:
        abandoned(folder)
        return lost(job, KILLED)
    return outcome
