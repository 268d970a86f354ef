"""Where the runs of a study run."""

from __future__ import annotations

from assay.machine.parallel import default_workers
from assay.runs.local import LocalPool
from assay.runs.ray_cluster import RayCluster
from assay.runs.runner import Pool


def pool_of(workers: int | None, ray: str | None, device: str) -> Pool:
    """Where the runs of a study run."""
    return RayCluster(ray) if ray else LocalPool(workers or default_workers(device))
