"""What every method shares: its pools of items, what it is built from, and the two verbs of the loop."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar, cast

import torch
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.methods.rates import rate_factor
from assay.methods.streamed import Items, Streamed, both, in_blocks, part_of
from assay.methods.training import Training
from assay.models import optimisers
from assay.models.layers import initialise, pretrained_parameters
from assay.models.plain import Plain
from assay.types import UNKNOWN, Samples

N = TypeVar("N", bound=nn.Module)
Parameters = Iterable[nn.Parameter] | Iterable[dict[str, Any]]
"""Parameters, or groups of them as optimisers take them; a group may have a `factor` on the learning rate."""


@dataclass(frozen=True)
class Pool:
    """Items on the device: `x` (n, *shape) float32, `y` (n,) int64.

    `x` may be `Streamed`: then `pool[index]`, a batch, reads its items, and `pool.subset(index)` reads none.
    """

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: Tensor) -> Self:
        """The items at `index`, at hand."""
        return self.at(index, self.x[index])

    def subset(self, index: Tensor) -> Self:
        """The items at `index` as a pool to draw batches from."""
        return self.at(index, part_of(self.x, index))

    def at(self, index: Tensor, x: Any) -> Self:
        """The items at `index`, which are `x`."""
        others = [field.name for field in dataclasses.fields(self) if field.name != "x"]
        return dataclasses.replace(self, x=x, **{name: getattr(self, name)[index] for name in others})

    def joined(self, other: Pool) -> Pool:
        """These items, then the others; nothing is copied where one of the two is empty."""
        if not (len(self) and len(other)):
            whole = self if len(self) else other
            return Pool(whole.x, whole.y)
        return Pool(cast(Tensor, both(self.x, other.x)), torch.cat((self.y, other.y)))


@dataclass(frozen=True)
class Pools:
    """The items a method may learn from; labels of `unlabelled` are all -1, of `synthetic` the conditions.

    `origin` holds the place, in `real`, of what each synthetic item was made from (-1: unknown), on the CPU.
    """

    labelled: Pool
    shots: Pool
    unlabelled: Pool
    synthetic: Pool
    origin: Tensor | None = None

    @property
    def real(self) -> Pool:
        """All labelled real items."""
        return self.labelled.joined(self.shots)

    def close(self) -> None:
        """End the processes that read ahead, where there are any."""
        x: Items = self.labelled.x
        if isinstance(x, Streamed):
            x.reader.close()


@dataclass(frozen=True)
class Setup:
    """All that a method is built from.

    Parameters
    ----------
    classes : int
    pools : Pools
    training : Training
    backbone : callable
        A fresh network from items to features, with ``out_features``.
    init, noise : torch.Generator
        Randomness of initial weights, and of everything that a method draws while it trains.
    autocast : callable
        Context in which forward passes run.
    """

    classes: int
    pools: Pools
    training: Training
    backbone: Callable[[], nn.Module]
    init: Generator
    noise: Generator
    autocast: Callable[[], AbstractContextManager[Any]]

    def prepare(self, network: N) -> N:
        """`network` with its initial weights drawn, on the device, convolutions channels-last."""
        device = self.pools.labelled.x.device
        initialise(network, self.init)
        return to_channels_last(network).to(device)

    def groups(self, network: nn.Module) -> Parameters:
        """Parameters of a network as an optimiser takes them, pre-trained ones with their own rate."""
        kept = pretrained_parameters(network)
        if not kept:
            return network.parameters()
        known = set(map(id, kept))
        rest = [p for p in network.parameters() if id(p) not in known]
        groups: list[dict[str, Any]] = [{"params": rest}]
        return [*groups, {"params": kept, "factor": self.training.trunk_rate}]

    def optimiser(self, parameters: Parameters) -> torch.optim.Optimizer:
        """The optimiser that the training settings name."""
        s = self.training
        options: dict[str, Any] = {"lr": s.learning_rate, "weight_decay": s.weight_decay}
        if s.optimiser == "sgd":
            return optimisers.SGD(parameters, momentum=0.9, **options)
        kind = optimisers.AdamW if s.optimiser == "adamw" else optimisers.Adam
        return kind(parameters, fused=True, **options)  # a tenth of a small network's step


def to_channels_last(network: N) -> N:
    """2-D convolutions in the memory layout that is fastest for them; others are left alone."""
    return cast(N, network.to(memory_format=torch.channels_last))  # type: ignore[call-overload]


class Classifier(nn.Module):
    """A backbone and one linear head."""

    def __init__(self, backbone: nn.Module, classes: int) -> None:
        super().__init__()
        self.backbone: nn.Module = backbone
        self.head = nn.Linear(cast(int, backbone.out_features), classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n, classes)."""
        return cast(Tensor, self.head(self.backbone(x)))


class Method(ABC):
    """A way of using labelled, unlabelled and synthetic items to train a model.

    Attributes
    ----------
    networks : list of nn.Module
        Switched between training and evaluation mode by the loop.
    optimisers : list of torch.optim.Optimizer
        Follow the schedule of the training settings.
    kept : bool tensor, shape (number of synthetic items,)
        Which synthetic items are learnt from *with a label* at present.
    short : frozenset of str
        Streams whose batches never reach into the next pass: the last of a pass holds what is left.
    """

    short: frozenset[str] = frozenset()

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.networks: list[nn.Module] = []
        self.optimisers: list[torch.optim.Optimizer] = []
        self.kept = torch.zeros(len(setup.pools.synthetic), dtype=torch.bool)

    @abstractmethod
    def streams(self) -> dict[str, Pool]:
        """The pools that each step of the coming epoch draws a batch from; none of them empty."""

    def batch(self, stream: str) -> int:
        """How many items of a stream each step draws."""
        del stream
        return self.setup.training.batch

    @abstractmethod
    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step of training; the losses by name, detached."""

    @abstractmethod
    def predict(self, x: Tensor) -> Tensor:
        """Logits, shape (n, classes), in evaluation mode; further columns are predictions of no class."""

    def trunk_network(self) -> nn.Module:
        """The trained backbone.

        Raises
        ------
        UserError
            If the method has more than one, or none.
        """
        raise UserError(f"{type(self).__name__}: has no single backbone whose weights could be kept")

    def plain(self) -> Plain:
        """What `predict` computes, as plain layers that share the method's weights; in evaluation mode equal.

        Raises
        ------
        UserError
            If there is no such part: then no model can be kept.
        """
        raise UserError(f"{type(self).__name__}: has no plain part that could be kept as a model")

    def labels(self) -> Tensor:
        """The label that each synthetic item is learnt with: its condition, unless a method says another."""
        return self.setup.pools.synthetic.y

    def has_plain(self) -> bool:
        """Whether it has a `plain` part."""
        return type(self).plain is not Method.plain

    def real(self) -> int:
        """How many labelled real items are learnt from."""
        return len(self.setup.pools.real)

    def start_epoch(self, epoch: int) -> None:
        """Set the learning rates; methods that select or cluster do it here."""
        s = self.setup.training
        self.set_rates(s.learning_rate * rate_factor(s.schedule, epoch, s.epochs, s.every, s.decay))

    def end_epoch(self) -> None:  # noqa: B027
        """What a method does after the last step of an epoch, before it is measured."""

    def state(self) -> dict[str, Any]:
        """All that the next epoch depends on: nested dicts and lists of tensors and plain numbers.

        A method that carries more from epoch to epoch than networks, optimisers and `kept` adds it here, and
        takes it back in `restore`.
        """
        networks = [network.state_dict() for network in self.networks]
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        return {"networks": networks, "optimisers": optimisers, "kept": self.kept}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state()` of the same method and settings."""
        for part, saved in zip(self.networks, state["networks"], strict=True):
            part.load_state_dict(saved)
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.kept = state["kept"]

    def set_rates(self, rate: float) -> None:
        """The learning rate of every optimiser, times the `factor` of a group of parameters that has one."""
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group.get("factor", 1.0)


class MethodSettings(Protocol):
    """Frozen settings that a user can name; building them gives the method."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What it needs: "synthetic" items, their "conditions" or "origin", "shots", "unlabelled" items."""
        ...

    def build(self, setup: Setup) -> Method:
        """The method, its networks ready to train."""
        ...


def uses_synthetic(settings: MethodSettings) -> bool:
    """Whether a method learns from synthetic items where there are any, needed (the default) or not."""
    return bool(getattr(settings, "takes_synthetic", "synthetic" in settings.needs))


def lacking(settings: MethodSettings, synthetic: Samples) -> str:
    """What the synthetic items lack that a method needs of every one of them; empty if nothing."""
    if "conditions" in settings.needs and (synthetic.y == UNKNOWN).any():
        return "needs a condition (y) for every synthetic item; some are -1"
    if "origin" in settings.needs and (synthetic.origin == UNKNOWN).any():
        return "needs the origin of every synthetic item, the real one it was made from; some are -1"
    return ""


def descend(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
    """One step of `optimiser` down the gradient of `loss`."""
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()


def in_batches(function: Callable[[Tensor], Tensor], x: Items, size: int = 256) -> Tensor:
    """`function` over `x` in blocks, results concatenated; no gradients."""
    with torch.no_grad():
        return torch.cat([function(block) for block in in_blocks(x, size)])
