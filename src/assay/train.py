"""The loop: task + synthetic + method + backbone + seed to a result."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from assay.data.normalise import normaliser
from assay.errors import UserError
from assay.evaluation import HeldOut, evaluate
from assay.methods.base import Method, MethodSettings, Pool, Pools, Setup, Training
from assay.models import Backbone, precision
from assay.selection import Epoch, selections
from assay.types import Samples, Task

Report = Callable[[dict[str, Any]], None]


def _silent(record: dict[str, Any]) -> None:
    del record


class TrainingFailed(RuntimeError):
    """The losses are no longer finite."""


@dataclass(frozen=True)
class Run:
    """One cell of a comparison.

    Parameters
    ----------
    method : MethodSettings
    backbone : Backbone
    training : Training
    seed : int
    ratio : float, optional
        Synthetic items drawn per labelled real item; all of them if None.
    device : str
        "cpu" or "cuda".
    init_seed : int, optional
        Seed of the initial weights alone (published SynCheck: always 420); the run's own by default.
    """

    method: MethodSettings
    backbone: Backbone
    training: Training
    seed: int
    ratio: float | None = None
    device: str = "cpu"
    init_seed: int | None = None


@dataclass(frozen=True)
class Result:
    """What a run measured; plain JSON values.

    Attributes
    ----------
    history : list of dict
        For every epoch: losses, accuracy and recall on validation and test items, the label-free scores
        on unlabelled items, and how many synthetic items were learnt from with a label.
    selections : dict of dict
        For each selection the epoch it chose, accuracy and recall on the test items, the confusion matrix,
        and the synthetic items used by class.
    counts : dict of int
        Items of each pool, and the labelled real items that the method learnt from under "real".
    """

    history: list[dict[str, Any]]
    selections: dict[str, dict[str, Any]]
    counts: dict[str, int]


def train(task: Task, synthetic: Samples | None, run: Run, report: Report = _silent) -> Result:
    """Train one model and measure it after every epoch.

    Parameters
    ----------
    task : Task
    synthetic : Samples, optional
        Conditions as labels; not needed by methods that use real data alone.
    run : Run
        Same run, same result to the last bit on the same machine.
    report : callable
        Called with the record of each epoch.

    Raises
    ------
    TrainingFailed
        When a loss is NaN or infinite.
    """
    with precision.threads(run.training.threads):
        drawn = draw(synthetic, task, run.ratio, run.seed)
        pools, held_out = _to_device(task, drawn, run.device)
        method = run.method.build(_setup(task, pools, run))
        epochs = [_epoch(method, epoch, run, held_out, report) for epoch in range(run.training.epochs)]
    counts = {name: len(part) for name, part in task.parts()}
    counts |= {"synthetic": len(drawn), "real": method.real()}
    return Result([epoch.record for epoch in epochs], selections(epochs, drawn, len(task.classes)), counts)


def fit(task: Task, items: Samples, run: Run) -> Method:
    """Train on `items` alone, which the run's method sees as its labelled items; nothing is measured.

    Parameters
    ----------
    task : Task
        Says what classes there are and how items are normalised.
    items : Samples
        Labelled; not every class need be among them.
    run : Run
        Of a method that needs nothing but labelled items; its `ratio` has no meaning here.

    Raises
    ------
    TrainingFailed
        When a loss is NaN or infinite.
    """
    none = Samples.none_like(items)
    with precision.threads(run.training.threads):
        pools = Pools(*(to_pool(task, part, run.device) for part in (items, none, none, none)))
        method = run.method.build(_setup(task, pools, run))
        for epoch in range(run.training.epochs):
            _learn(method, epoch, run)
        _set_training(method, False)
    return method


def draw(synthetic: Samples | None, task: Task, ratio: float | None, seed: int) -> Samples:
    """The synthetic items of a run: all, or round(ratio × labelled real items) without replacement."""
    if synthetic is None:
        return Samples.none_like(task.labelled)
    if ratio is None:
        return synthetic
    rng = np.random.default_rng([seed, _number("ratio")])
    return synthetic[np.sort(rng.permutation(len(synthetic))[: needed(task, ratio)])]


def needed(task: Task, ratio: float) -> int:
    """Synthetic items that `ratio` asks for."""
    return round(ratio * len(task.real))


def chosen_device(device: str | None) -> str:
    """The device, once it is known to be here; by default the accelerator if there is one.

    Raises
    ------
    UserError
        If it is not here.
    """
    here = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    if device not in (None, *here):
        raise UserError(f"device: {device}; known: cpu, cuda; here: {', '.join(here)}")
    return device or here[-1]


# -- building -----------------------------------------------------------------------------------------


def _to_device(task: Task, synthetic: Samples, device: str) -> tuple[Pools, HeldOut]:
    def pool(samples: Samples) -> Pool:
        return to_pool(task, samples, device)

    unlabelled = pool(task.unlabelled)
    pools = Pools(pool(task.labelled), pool(task.shots), unlabelled, pool(synthetic))
    return pools, HeldOut(pool(task.test), pool(task.validation), unlabelled)


def to_pool(task: Task, samples: Samples, device: str) -> Pool:
    """Items as networks see them: normalised as the task says, on the device."""
    x = torch.from_numpy(normaliser(task)(samples.x)).to(device)
    return Pool(_compact(x), torch.from_numpy(samples.y.copy()).to(device))


def _compact(x: Tensor) -> Tensor:
    """Images channels-last, so that batches looked up by index are too."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def _setup(task: Task, pools: Pools, run: Run) -> Setup:
    noise = _generator(run, "noise")

    def backbone() -> nn.Module:
        return run.backbone.build(task.shape, noise)

    def autocast() -> AbstractContextManager[Any]:
        return precision.autocast(run.training.precision, run.device)

    seed = run.seed if run.init_seed is None else run.init_seed
    init = _reseed(Generator(), seed, "init", 0)
    return Setup(len(task.classes), pools, run.training, backbone, init, noise, autocast)


def _number(word: str) -> int:
    return zlib.crc32(word.encode())


def _generator(run: Run, purpose: str, epoch: int = 0) -> Generator:
    """A stream of random numbers of its own for every purpose and epoch."""
    return _reseed(Generator(run.device), run.seed, purpose, epoch)


def _reseed(generator: Generator, seed: int, purpose: str, epoch: int) -> Generator:
    state = np.random.SeedSequence([seed, _number(purpose), epoch]).generate_state(1, np.uint64)
    return generator.manual_seed(int(state[0]))


# -- one epoch ----------------------------------------------------------------------------------------


def _epoch(method: Method, epoch: int, run: Run, held_out: HeldOut, report: Report) -> Epoch:
    """Learn, then look."""
    losses = _learn(method, epoch, run)
    _set_training(method, False)
    matrix, scores = evaluate(method, held_out, run.seed)
    kept = method.kept.numpy().copy()
    record = {"epoch": epoch, "losses": losses, **scores, "kept": int(kept.sum())}
    report(record)
    return Epoch(record, matrix, kept)


def _learn(method: Method, epoch: int, run: Run) -> dict[str, float]:
    _reseed(method.setup.noise, run.seed, "noise", epoch + 1)
    method.start_epoch(epoch)
    return _steps(method, epoch, run)


def _steps(method: Method, epoch: int, run: Run) -> dict[str, float]:
    """The steps of one epoch; mean of each loss."""
    _set_training(method, True)
    streams = method.streams()
    plans = {name: _plan(len(pool), run, name, epoch).to(pool.x.device) for name, pool in streams.items()}
    totals: dict[str, Tensor] = {}
    for step in range(run.training.steps):
        losses = method.update({name: pool[plans[name][step]] for name, pool in streams.items()})
        totals = {name: totals.get(name, 0) + loss for name, loss in losses.items()}
    means = {name: float(total) / run.training.steps for name, total in totals.items()}
    _check_finite(means, epoch)
    return means


def _plan(n: int, run: Run, stream: str, epoch: int) -> Tensor:
    """Positions for every step, (steps, batch): as many permutations of all n items as it takes."""
    generator = _generator(dataclasses.replace(run, device="cpu"), stream, epoch + 1)
    size = run.training.steps * run.training.batch
    passes = [torch.randperm(n, generator=generator) for _ in range(-(-size // n))]
    return torch.cat(passes)[:size].view(run.training.steps, run.training.batch)


def _check_finite(losses: dict[str, float], epoch: int) -> None:
    bad = [name for name, value in losses.items() if not np.isfinite(value)]
    if bad:
        raise TrainingFailed(f"loss {bad[0]} is {losses[bad[0]]} in epoch {epoch}")


def _set_training(method: Method, training: bool) -> None:
    for network in method.networks:
        network.train(training)
