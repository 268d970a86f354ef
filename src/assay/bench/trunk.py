"""Training a network to keep its trunk, which other runs may start from."""

from __future__ import annotations

from pathlib import Path

from assay.bench.runner import Job
from assay.methods.base import Method
from assay.models.checkpoint import save_trunk
from assay.train import train


def pretrain(job: Job, backbone: str, path: Path) -> float:
    """Train a network, keep its trunk after the last epoch, and give its accuracy on the test items.

    Parameters
    ----------
    job : Job
    backbone : str
        The job's backbone in text form: the file says what it is of.
    path : Path
        A `.safetensors` file, written at once.

    Raises
    ------
    UserError
        If the job's method has no single trunk.
    """
    last: list[Method] = []
    result = train(job.task, job.synthetic, job.cell.run, observe=lambda method, _: last.append(method))
    save_trunk(last[-1].trunk_network(), path, {"backbone": backbone, "trained": job.cell.label})
    return float(result.selections["last"]["accuracy"])
