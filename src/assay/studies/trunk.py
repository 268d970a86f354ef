"""Training a network to keep its trunk, which other runs may start from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from torch import nn

from assay.errors import UserError
from assay.machine.torchrun import group_of
from assay.methods.base import Method
from assay.models.checkpoint import facts, save_trunk
from assay.models.pretrained import Pretrained
from assay.runs.runner import Job
from assay.train.one_run import train


def pretrain(job: Job, backbone: str, path: Path) -> float:
    """Train a network, keep its trunk after the last epoch, and give its accuracy on the test items.

    Under torchrun all processes train it together, and the first writes.

    Parameters
    ----------
    job : Job
    backbone : str
        The job's backbone in text form: the file says what it is of.
    path : Path
        A `.safetensors` file, written at once. Meanwhile `.NAME.checkpoint` beside it holds the state after
        an epoch: if the process is killed, the same call goes on from there, to the same bytes.

    Raises
    ------
    UserError
        If the job's method has no single trunk, before it is trained; or the checkpoint is of another job.
    """
    name, place = job.cell.label, path.with_name(f".{path.name}.checkpoint")
    about = {"backbone": _network(job, backbone), "trained": name, "run": job.cell.key}
    if (done := _finished(path, about)) is not None:
        return done
    found: list[nn.Module] = []
    result = train(
        *(job.task, job.synthetic, job.cell.run),
        checkpoint=place,
        begin=lambda method: found.append(_trunk(method, name)),
    )
    accuracy = float(result.selections["last"]["accuracy"])
    about["accuracy"] = repr(accuracy)
    group_of(job.cell.run.device).on_first(lambda: _keep(found[0], path, about, place))
    return accuracy


def _finished(path: Path, about: Mapping[str, str]) -> float | None:
    """The accuracy of the trunk that the file holds, if it is of this very job."""
    if not path.is_file():
        return None
    with suppress(UserError, ValueError):  # another file, which is written anew
        known = facts(path)
        if about.items() <= known.items():
            return float(known["accuracy"])
    return None


def _network(job: Job, backbone: str) -> str:
    """What the trunk is of: where it starts from a file, what that file is of."""
    start = job.cell.run.backbone
    return start.network() if isinstance(start, Pretrained) else backbone


def _trunk(method: Method, name: str) -> nn.Module:
    try:
        return method.trunk_network()
    except UserError:
        raise UserError(
            f"method {name}: has no single trunk to keep; take real_only, synthetic_only, mixed, contrastive "
            "or an adaptation method"
        ) from None


def _keep(network: nn.Module, path: Path, about: Mapping[str, str], checkpoint: Path) -> None:
    save_trunk(network, path, about)
    checkpoint.unlink(missing_ok=True)
