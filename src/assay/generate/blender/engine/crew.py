"""Scenes to pictures on several processes: what is lost with a process is one picture, not the job."""

from __future__ import annotations

import errno
import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assay.errors import UserError
from assay.generate.blender.engine.environment import Environment, find_environment
from assay.generate.blender.engine.worker import NotBegun, Worker, WorkerLost
from assay.generate.blender.scene.values import Scene

TRIES = 2
BEGINS = 3
"""Workers in a row that do not begin, after which the job is given up."""
HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
"""Errors that the next picture would meet too."""


@dataclass(frozen=True)
class Job:
    """A scene, and where its picture goes."""

    scene: Scene
    path: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `error` is None if the picture is there."""

    job: Job
    seconds: float = 0.0
    error: str | None = None


class Crew:
    """One worker at a time, begun again when it is lost.

    This is all that another machine needs: `render` knows no other process, so that a crew can live in a
    thread here or in a task of a cluster.
    """

    def __init__(self, environment: Environment, patience: float = 600.0) -> None:
        self.environment, self.patience = environment, patience
        self.worker: Worker | None = None
        self.closed = False
        self.spare = 0  # begins that may fail: none before the first has gone well

    def render(self, job: Job) -> Outcome:
        """Make the picture, in a fresh worker if the first is lost over it.

        Raises
        ------
        UserError
            If no worker begins, nothing can be written, or every picture would fail in the same way.
        """
        error = ""
        for _ in range(TRIES):
            try:
                return self._attempt(job)
            except WorkerLost as lost:
                error = str(lost)
                self._dismiss()
        return Outcome(job, error=error)

    def _attempt(self, job: Job) -> Outcome:
        answer = self._ready(job.scene.picture.threads).render(job.scene, job.path)
        if answer.get("hopeless"):
            raise UserError(answer["error"])
        if answer.get("errno") in HOPELESS:
            raise UserError(f"{job.path.parent}: {answer['error']}; what is finished is kept")
        return Outcome(job, answer.get("seconds", 0.0), answer.get("error"))

    def _ready(self, threads: int) -> Worker:
        """A worker; none any more once the crew is closed, which another thread may do at any time."""
        if self.worker is None and not self.closed:
            self.worker = self._begin(threads)
        if self.worker is None or self.closed:
            self._dismiss()
            raise WorkerLost("stopped")
        return self.worker

    def _begin(self, threads: int) -> Worker:
        """A new worker; one that is killed while it begins is lost like one that is killed later."""
        try:
            worker = Worker(self.environment, self.patience, threads)
        except NotBegun as error:
            if not self.spare:
                raise
            self.spare -= 1
            raise WorkerLost(str(error)) from None
        self.spare = BEGINS - 1
        return worker

    def _dismiss(self) -> None:
        worker, self.worker = self.worker, None
        if worker:
            worker.close()

    def close(self) -> None:
        """End the worker for good."""
        self.closed = True
        self._dismiss()


def render(
    jobs: Iterable[Job], workers: int = 1, environment: Environment | None = None, patience: float = 600.0
) -> Iterator[Outcome]:
    """Make pictures; each outcome as it comes, in no order.

    Parameters
    ----------
    jobs : iterable of Job
        Read as workers get free: it may be endless.
    workers : int
        Processes, 1 or more.
    environment : Environment, optional
        Blender; found by `find_environment` by default.
    patience : float
        Seconds for one picture, after which its worker counts as lost.

    Raises
    ------
    UserError
        If no worker begins, nothing can be written, or every picture would fail in the same way.
    """
    if workers < 1:
        raise UserError(f"workers: {workers}; expected 1 or more")
    environment = environment or find_environment()
    crews = [Crew(environment, patience) for _ in range(workers)]
    if workers == 1:
        yield from _alone(crews[0], jobs)
    else:
        yield from _together(crews, jobs)


def _alone(crew: Crew, jobs: Iterable[Job]) -> Iterator[Outcome]:
    try:
        for job in jobs:
            yield crew.render(job)
    finally:
        crew.close()


def _together(crews: Sequence[Crew], jobs: Iterable[Job]) -> Iterator[Outcome]:
    """A thread for every crew; an error in one ends all."""
    desk = _Desk(iter(jobs), len(crews))
    for crew in crews:
        threading.Thread(target=desk.serve, args=(crew,), daemon=True).start()
    try:
        yield from desk.outcomes()
    finally:
        desk.stopped.set()
        for crew in crews:
            crew.close()  # a picture in the making is dropped


class _Desk:
    """Hands out jobs and takes in outcomes, a few ahead of whoever reads them."""

    def __init__(self, jobs: Iterator[Job], crews: int) -> None:
        self.jobs, self.crews = jobs, crews
        self.guard, self.stopped = threading.Lock(), threading.Event()
        self.queue: queue.Queue[Outcome | BaseException | None] = queue.Queue(4 * crews)

    def serve(self, crew: Crew) -> None:
        """Let a crew render until there is nothing left; then say None."""
        try:
            while (job := self._next()) is not None:
                self._put(crew.render(job))
            self._put(None)
        except BaseException as error:  # told to the thread that waits
            self._put(error)

    def _next(self) -> Job | None:
        with self.guard:
            return None if self.stopped.is_set() else next(self.jobs, None)

    def _put(self, outcome: Outcome | BaseException | None) -> None:
        while not self.stopped.is_set():
            with suppress(queue.Full):
                self.queue.put(outcome, timeout=0.5)
                return

    def outcomes(self) -> Iterator[Outcome]:
        """Outcomes as they come, until all crews are done."""
        while self.crews:
            outcome = self.queue.get()
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                self.crews -= 1
            else:
                yield outcome
