"""What adaptation methods share: which items are the source and which the target, and a classifier's step."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.errors import UserError
from assay.methods.base import Method, Pool, Setup
from assay.models.layers import pretrained_parameters
from assay.models.plain import Plain

Weight = Annotated[float, Ge(0)]
Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Adaptation:
    """Settings of every adaptation method.

    Parameters
    ----------
    source : {"both", "labelled", "synthetic"}
        The labelled side: all labelled real items (shots too), the synthetic items with their conditions
        (those without one are left out), or both. The target is always the unlabelled items.
    trunk_rate : float, optional
        Factor on the learning rate of the backbone; by default that of the training settings if it was
        pre-trained, 1 if not (published: 0.1 and 1).
    source_first : float
        Share of the epochs, at the beginning, that train on the source alone.
    """

    source: Literal["both", "labelled", "synthetic"] = "both"
    trunk_rate: Weight | None = None
    source_first: Annotated[float, Ge(0), Lt(1)] = 0.0

    @property
    def needs(self) -> tuple[str, ...]:
        """Unlabelled items, and synthetic ones if they are the whole source."""
        return ("unlabelled", *self.source_needs)

    @property
    def source_needs(self) -> tuple[str, ...]:
        """What the source alone needs."""
        return ("synthetic", "conditions") if self.source == "synthetic" else ()

    @property
    def takes_synthetic(self) -> bool:
        """Whether synthetic items are part of the source where there are any."""
        return self.source != "labelled"


S = TypeVar("S", bound=Adaptation)


class AdaptationMethod(Method, Generic[S]):
    """Trains a `trunk` (backbone) and heads on a labelled source and an unlabelled target.

    Raises
    ------
    UserError
        If the source has no items, or the target has none and the settings need it.
    """

    trunk: nn.Module
    head: Any  # of its own kind in every method

    def __init__(self, setup: Setup, settings: S) -> None:
        super().__init__(setup)
        self.settings = settings
        if settings.source != "labelled":
            self.kept = (setup.pools.synthetic.y >= 0).cpu()
        self.all_kept = self.kept
        self.source, self.target = self._source(), setup.pools.unlabelled
        if len(self.source) == 0:
            raise UserError("needs synthetic items with a condition (source=synthetic)")
        if "unlabelled" in settings.needs and len(self.target) == 0:
            raise UserError("needs unlabelled items of the target domain (unlabelled)")
        self.adapts_from = round(settings.source_first * setup.training.epochs)
        self.epoch = 0

    def start_epoch(self, epoch: int) -> None:
        """Note the epoch."""
        super().start_epoch(epoch)
        self.epoch = epoch

    def update(self, batch: dict[str, Pool]) -> Losses:
        """One step of training, before the epoch `adapts_from` on the source alone."""
        losses = self.learn_source(batch) if self.epoch < self.adapts_from else self.learn(batch)
        return {name: loss.detach() for name, loss in losses.items()}

    @abstractmethod
    def learn(self, batch: dict[str, Pool]) -> Losses:
        """Descend the losses of a batch; the losses by name."""

    def learn_source(self, batch: dict[str, Pool]) -> Losses:
        """One step down the cross-entropy on the source."""
        items = batch["labelled"]
        loss = torch.stack([cross_entropy(z, items.y) for z in self.source_logits(items.x)]).sum()
        for optimiser in self.optimisers:
            optimiser.zero_grad()
        torch.autograd.backward(loss)
        for optimiser in self.optimisers:
            optimiser.step()
        return {"cross_entropy": loss}

    def source_logits(self, x: Tensor) -> list[Tensor]:
        """Logits of every head that learns the source's labels."""
        return [self.predict(x)]

    def _source(self) -> Pool:
        pools = self.setup.pools
        synthetic = pools.synthetic.subset(self.kept.to(pools.synthetic.x.device))
        return synthetic if self.settings.source == "synthetic" else pools.real.joined(synthetic)

    def keep_only(self, positions: Tensor) -> None:
        """Note that of the source only the items at `positions` are learnt from."""
        chosen = torch.zeros(len(self.source), dtype=torch.bool)
        chosen[positions.cpu()] = True
        self.kept = self.all_kept.clone()
        self.kept[self.all_kept] = chosen[self.real() :]

    def trunk_network(self) -> nn.Module:
        """The trunk."""
        return self.trunk

    def plain(self) -> Plain:
        """Trunk and head, the head in full precision."""
        return Plain(self.trunk, self.head, full=True)

    def real(self) -> int:
        """Labelled real items of the source."""
        return 0 if self.settings.source == "synthetic" else super().real()

    def streams(self) -> dict[str, Pool]:
        """Source and target; named so that supervised methods see the same batches of the same pool."""
        return {"labelled": self.source, "unlabelled": self.target}

    def groups(self, *heads: nn.Module) -> list[dict[str, object]]:
        """Parameters of heads and trunk as an optimiser takes them, the trunk with its own rate."""
        parameters = [parameter for head in heads for parameter in head.parameters()]
        return [
            {"params": parameters},
            {"params": list(self.trunk.parameters()), "factor": self.trunk_rate()},
        ]

    def trunk_rate(self) -> float:
        """The factor on the trunk's learning rate."""
        if self.settings.trunk_rate is not None:
            return self.settings.trunk_rate
        return self.setup.training.trunk_rate if pretrained_parameters(self.trunk) else 1.0

    @abstractmethod
    def predict(self, x: Tensor) -> Tensor:
        """Logits, shape (n, classes), in evaluation mode."""

    def features(self, x: Tensor) -> Tensor:
        """Features of `x`, shape (n, features), in float32 or wider."""
        with self.setup.autocast():
            return full(self.trunk(x))


def full(x: Tensor) -> Tensor:
    """Half-width numbers as float32, others as they are."""
    return x if x.dtype == torch.float64 else x.float()
