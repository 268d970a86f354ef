"""What a run is, and the steps of its epochs: which items come when, and what is random in them."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import cast

import numpy as np
import torch
from torch import Generator, Tensor

from assay.errors import UserError
from assay.machine.torchrun import ALONE, Group
from assay.methods.augmentation import Looks, settled
from assay.methods.base import Method, MethodSettings, Pool
from assay.methods.rates import step_factor
from assay.methods.streamed import Items, Streamed, arriving
from assay.methods.training import Training
from assay.models.networks import Backbone
from assay.train.checkpoint import pack, unpack

NOBODY = -1
"""In the place of an item, where a batch is shorter than others."""


class TrainingFailed(UserError, RuntimeError):
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

    def __post_init__(self) -> None:
        augment = settled(self.training.augment)
        object.__setattr__(self, "training", dataclasses.replace(self.training, augment=augment))


@dataclass(frozen=True)
class Loop:
    """A method and the steps that it learns by, in one process or in several of a `group`."""

    method: Method
    run: Run
    augment: Looks | None
    group: Group = ALONE

    def learn(self, epoch: int) -> dict[str, float]:
        """One epoch; mean of each loss."""
        reseed(self.method.setup.noise, self.run.seed, "noise", epoch + 1)
        self.method.start_epoch(epoch)  # with the same luck in every process: what is selected is the same
        reseed(self.method.setup.noise, self.run.seed, self._own("noise"), epoch + 1)
        set_training(self.method, True)
        losses = self._steps(epoch)
        self.method.end_epoch()
        self.agree()
        return losses

    def agree(self) -> None:
        """Give all processes the state of the first: batch statistics and running means drift apart."""
        if self.group.size > 1:
            self.method.restore(unpack(self.group.on_first(lambda: pack(self.method.state()))))

    def _steps(self, epoch: int) -> dict[str, float]:
        looks = chance(self.run, self._own("augment"), epoch + 1)
        totals: dict[str, Tensor] = {}
        for step, batch in enumerate(self.group.together(self._batches(epoch))):
            self._pace(epoch, step)
            losses = self.method.update({name: self._seen(items, looks) for name, items in batch.items()})
            totals = {name: totals.get(name, 0) + loss for name, loss in losses.items()}
        steps = self.run.training.steps
        means = self.group.mean({name: float(total) / steps for name, total in totals.items()})
        _check_finite(means, epoch)
        return means

    def _pace(self, epoch: int, step: int) -> None:
        """Set the learning rate of a step, where it is not that of the epoch."""
        s = self.run.training
        if s.schedule == "cosine_steps":
            factor = step_factor(epoch * s.steps + step, s.epochs * s.steps, s.warm_up)
            self.method.set_rates(s.learning_rate * factor)

    def _batches(self, epoch: int) -> Iterator[dict[str, Pool]]:
        """The items of every step by stream."""
        streams = self.method.streams()
        plans = {name: self._own_plan(name, pool, epoch) for name, pool in streams.items()}
        ahead = _ahead(streams, plans)
        for step in range(self.run.training.steps):
            items = next(ahead)
            yield {name: self._batch(name, pool, plans[name][step], items) for name, pool in streams.items()}

    def _own_plan(self, name: str, pool: Pool, epoch: int) -> Tensor:
        short = name in self.method.short
        if short and self.group.size > 1:
            raise UserError(
                "short_batches: cannot be shared by several processes; start one, without torchrun"
            )
        batch = self.method.batch(name)
        self.group.check(batch)
        return self.group.own(_plan(len(pool), self.run, name, epoch, batch, short)).to(pool.x.device)

    def _batch(self, name: str, pool: Pool, index: Tensor, items: Mapping[str, Tensor]) -> Pool:
        if name not in self.method.short:
            return pool.at(index, items[name])
        there = index != NOBODY
        return pool.at(index[there], items[name][there])

    def _own(self, purpose: str) -> str:
        """The name of this process's own random numbers; those of the first are those of a process alone."""
        return f"{purpose} of process {self.group.rank}" if self.group.rank else purpose

    def _seen(self, items: Pool, looks: Generator) -> Pool:
        """A batch as the method sees it."""
        return dataclasses.replace(items, x=self.augment(items.x, looks)) if self.augment else items


def _ahead(streams: Mapping[str, Pool], plans: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """The `x` of every step by stream: looked up on the device, or read ahead from files."""
    x: dict[str, Items] = {name: pool.x for name, pool in streams.items()}
    streamed = {name: items for name, items in x.items() if isinstance(items, Streamed)}
    if streamed:
        batches = arriving(list(streamed.values()), [plans[name] for name in streamed])
        return (dict(zip(streamed, batch)) for batch in batches)
    return ({name: pool.x[plans[name][step]] for name, pool in streams.items()} for step in count())


def _plan(n: int, run: Run, stream: str, epoch: int, batch: int, short: bool = False) -> Tensor:
    """Positions for every step, (steps, batch): as many permutations of all n items as it takes.

    They begin anew with the epoch, or go on where those of the epoch before ended. Where batches may be
    `short`, each permutation is filled up with `NOBODY` to whole batches.
    """
    training = run.training
    size = training.steps * batch
    nobody = torch.full((-n % batch if short else 0,), NOBODY)
    length = n + len(nobody)
    if training.reshuffle == "epoch":
        drawn = chance(_on_cpu(run), stream, epoch + 1)
        passes = [torch.randperm(n, generator=drawn) for _ in range(-(-size // length))]
        start = 0
    else:
        first, last = epoch * size // length, (epoch * size + size - 1) // length
        passes = [_pass(n, run, stream, number) for number in range(first, last + 1)]
        start = epoch * size - first * length
    order = torch.cat([part for one in passes for part in (one, nobody)])
    return order[start : start + size].view(training.steps, batch)


def _pass(n: int, run: Run, stream: str, number: int) -> Tensor:
    """The order of all items in one pass over them."""
    return torch.randperm(n, generator=chance(_on_cpu(run), f"{stream} pass", number))


def _on_cpu(run: Run) -> Run:
    return dataclasses.replace(run, device="cpu")


def _check_finite(losses: dict[str, float], epoch: int) -> None:
    bad = [name for name, value in losses.items() if not np.isfinite(value)]
    if bad:
        raise TrainingFailed(f"loss {bad[0]} is {losses[bad[0]]} in epoch {epoch}")


def clip_gradients(optimisers: Iterable[torch.optim.Optimizer], norm: float | None) -> None:
    """From now on, shorten the gradients of a step to `norm` where they are longer together (L2)."""

    def shorten(optimiser: torch.optim.Optimizer, *_: object) -> None:
        parameters = [p for group in optimiser.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, cast(float, norm))

    for optimiser in optimisers if norm else ():
        optimiser.register_step_pre_hook(shorten)


def set_training(method: Method, training: bool) -> None:
    """Switch the networks of a method to training or to evaluation."""
    for network in method.networks:
        network.train(training)


def number_of(word: str) -> int:
    """A number for a word, the same everywhere."""
    return zlib.crc32(word.encode())


def chance(run: Run, purpose: str, epoch: int = 0) -> Generator:
    """A stream of random numbers of its own for every purpose and epoch."""
    return reseed(Generator(run.device), run.seed, purpose, epoch)


def reseed(generator: Generator, seed: int, purpose: str, epoch: int) -> Generator:
    """The generator, set to the stream of a purpose and an epoch."""
    state = np.random.SeedSequence([seed, number_of(purpose), epoch]).generate_state(1, np.uint64)
    return generator.manual_seed(int(state[0]))
