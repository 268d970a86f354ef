"""Where the runs of a study run, and which of them again."""

from __future__ import annotations

from assay.errors import UserError
from assay.machine.parallel import default_workers
from assay.runs.local import LocalPool
from assay.runs.ray_cluster import RayCluster
from assay.runs.runner import Pool


def pool_of(workers: int | None, ray: str | None, device: str) -> Pool:
    """Where the runs of a study run."""
    return RayCluster(ray) if ray else LocalPool(workers or default_workers(device))


def check_retry(retry: str) -> None:
    """Raise `UserError` unless it names what can be run again, or nothing."""
    if retry not in ("", "failed"):
        raise UserError(f"--retry: {retry}; expected 'failed'")
