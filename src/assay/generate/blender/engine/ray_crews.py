"""Crews on a Ray cluster: one an actor, one core each; pictures go to a folder that all machines share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from socket import gethostname
from typing import Any

from assay.errors import UserError
from assay.generate.blender.engine.crew import TRIES, Crew, Job, Outcome
from assay.generate.blender.engine.environment import Environment, find_environment
from assay.machine.cluster import connected


class RayCrew:
    """What an actor holds: a crew that finds the Blender of its own machine, unless it is told which."""

    def __init__(self, environment: Environment | None, patience: float) -> None:
        self.environment, self.patience = environment, patience
        self.crew: Crew | None = None

    def render(self, job: Job) -> Outcome | UserError:
        """Make the picture; an error that the user can mend comes back as it is, not wrapped by Ray."""
        try:
            self.crew = self.crew or Crew(self.environment or find_environment(), self.patience)
            if not job.path.parent.is_dir():
                return UserError(f"{job.path.parent}: not there on {gethostname()}; expected a shared folder")
            return self.crew.render(job)
        except UserError as error:
            return error


@dataclass(frozen=True)
class _Attempt:
    job: Job
    actor: Any
    tries: int


def render_on_ray(
    jobs: Iterable[Job],
    address: str,
    workers: int | None = None,
    environment: Environment | None = None,
    patience: float = 600.0,
) -> Iterator[Outcome]:
    """Make pictures on a cluster; each outcome as it comes, in no order.

    A node or process that dies costs one attempt of its picture and is replaced; a picture has two.

    Parameters
    ----------
    jobs : iterable of Job
        Read as actors get free. Their folder is one that all machines share.
    address : str
        Of the cluster; "local" starts one on this machine.
    workers : int, optional
        Actors; by default, as many as the cluster has cores.
    environment : Environment, optional
        Blender, the same command on every node; by default, each node finds its own.
    patience : float
        Seconds for one picture.

    Raises
    ------
    UserError
        If Ray is not installed, there is no cluster, no worker begins, or nothing can be written.
    """
    ray, ours = connected(address)
    try:
        actors = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        yield from _Office(ray, iter(jobs), environment, patience).outcomes(actors)
    finally:
        if ours:
            ray.shutdown()


class _Office:
    """Hands a job to every actor that is free."""

    def __init__(
        self, ray: Any, jobs: Iterator[Job], environment: Environment | None, patience: float
    ) -> None:
        self.ray, self.jobs, self.arguments = ray, jobs, (environment, patience)
        self.kind = ray.remote(RayCrew).options(num_cpus=1, max_restarts=0)
        self.waiting: dict[Any, _Attempt] = {}

    def outcomes(self, actors: int) -> Iterator[Outcome]:
        """Outcomes until all jobs are done; an actor begins when there is a job for it."""
        try:
            for _ in range(actors):
                self._next(None)
            while self.waiting:
                [ready], _ = self.ray.wait(list(self.waiting), num_returns=1)
                yield from self._taken(ready, self.waiting.pop(ready))
        finally:
            for attempt in self.waiting.values():
                self.ray.kill(attempt.actor)

    def _next(self, actor: Any) -> None:
        """The next job for an actor, or for a new one; without a job it goes."""
        job = next(self.jobs, None)
        if job is not None:
            self._give(job, actor, 1)
        elif actor is not None:
            self.ray.kill(actor)

    def _give(self, job: Job, actor: Any, tries: int) -> None:
        actor = actor or self.kind.remote(*self.arguments)
        self.waiting[actor.render.remote(job)] = _Attempt(job, actor, tries)

    def _taken(self, ready: Any, attempt: _Attempt) -> Iterator[Outcome]:
        errors = self.ray.exceptions
        try:
            outcome = self.ray.get(ready)
        except errors.RayTaskError:  # an error in the code, not a death: it would come again
            raise
        except errors.RayError as error:
            yield from self._lost(attempt, f"{type(error).__name__}: node or process lost")
            return
        if isinstance(outcome, UserError):
            raise outcome
        self._next(attempt.actor)
        yield outcome

    def _lost(self, attempt: _Attempt, error: str) -> Iterator[Outcome]:
        """Try once more on a new actor, or go on without the picture."""
        self.ray.kill(attempt.actor)
        if attempt.tries < TRIES:
            self._give(attempt.job, None, attempt.tries + 1)
        else:
            self._next(None)
            yield Outcome(attempt.job, error=error)
