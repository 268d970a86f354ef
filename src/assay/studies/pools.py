"""How the runs of a study are run: where, which of them again, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.comparison.compare import forget_failed
from assay.errors import UserError
from assay.machine.parallel import default_workers
from assay.machine.torchrun import group_of
from assay.runs.local import LocalPool
from assay.runs.progress import Bar, Watcher
from assay.runs.ray_cluster import RayCluster
from assay.runs.runner import Job, Pool
from assay.runs.store import Store
from assay.studies.runs import R, run_study


@dataclass(frozen=True)
class How:
    """The options of the verb `bench` that are the same for every study.

    Attributes
    ----------
    workers : int, optional
    ray : str, optional
        Address of a cluster.
    retry : {"", "failed"}
    tensorboard : bool
    watcher : Watcher, optional
        In the place of a bar.

    Raises
    ------
    UserError
        If `retry` is something else.
    """

    workers: int | None
    ray: str | None
    retry: str
    tensorboard: bool
    watcher: Watcher | None = None

    def __post_init__(self) -> None:
        check_retry(self.retry)

    def run(self, kind: type[R], name: str, info: dict[str, Any], jobs: Sequence[Job], folder: Path) -> R:
        """Run what is not there yet of a study, and say what there is; as `run_study`."""
        device = info["device"]
        if self.retry:
            group_of(device).on_first(lambda: forget_failed(jobs, Store(folder)))
        return run_study(kind, name, info, jobs, folder, self._pool(device), self._told(folder))

    def _pool(self, device: str) -> Pool:
        return RayCluster(self.ray) if self.ray else LocalPool(self.workers or default_workers(device))

    def _told(self, folder: Path) -> Watcher:
        told = self.watcher or Bar()
        if not self.tensorboard:
            return told
        from assay.runs.tensorboard import Logged

        return Logged(told, folder / "tensorboard")


def check_retry(retry: str) -> None:
    """Raise `UserError` unless it names what can be run again, or nothing."""
    if retry not in ("", "failed"):
        raise UserError(f"--retry: {retry}; expected 'failed'")
