"""Cross-entropy on one pool of labelled items: the common part of the plain methods and the filters."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.errors import UserError
from assay.methods.base import Classifier, Method, Pool, Setup, descend
from assay.methods.streamed import in_blocks
from assay.models.estimator import Estimated
from assay.models.plain import Plain

NO_FILE = (
    "an estimator of scikit-learn: no file that is safe to open holds one; fit it again, as the table says"
)
BLOCK = 2048
"""Streamed items that are read at a time."""


class Supervised(Method):
    """A classifier trained by cross-entropy on the items of `pool`."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        backbone = setup.backbone()
        self.network: nn.Module = backbone
        if not isinstance(backbone, Estimated):
            self.network = setup.prepare(Classifier(backbone, setup.classes))
            self.optimisers.append(setup.optimiser(setup.groups(self.network)))
        self.networks.append(self.network)

    @abstractmethod
    def pool(self) -> Pool:
        """The labelled items to learn from in the coming epoch."""

    def trunk_network(self) -> nn.Module:
        """The backbone."""
        return self.classifier().backbone

    def plain(self) -> Plain:
        """Backbone and head."""
        return Plain(self.classifier().backbone, self.classifier().head)

    def has_plain(self) -> bool:
        """Whether a network is trained."""
        return super().has_plain() and isinstance(self.network, Classifier)

    def classifier(self) -> Classifier:
        """The network that is trained.

        Raises
        ------
        UserError
            If an estimator of scikit-learn is.
        """
        if not isinstance(self.network, Classifier):
            raise UserError(NO_FILE)
        return self.network

    def streams(self) -> dict[str, Pool]:
        """One stream."""
        return {"labelled": self.pool()}

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step down the cross-entropy; an estimator learns from the whole pool at once."""
        if isinstance(self.network, Estimated):
            pool = self.pool()
            self.network.fit(torch.cat(list(in_blocks(pool.x, BLOCK))), pool.y, self.setup.classes)
            return {}
        items = batch["labelled"]
        loss = cross_entropy(self.logits(items.x), items.y)
        descend(loss, self.optimisers[0])
        return {"cross_entropy": loss.detach()}

    def logits(self, x: Tensor) -> Tensor:
        """Logits in float32, shape (n, classes)."""
        with self.setup.autocast():
            logits: Tensor = self.network(x)
        return logits.float()

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the classifier."""
        return self.logits(x)


@dataclass(frozen=True, kw_only=True)
class Draws:
    """How methods that mix real and synthetic items draw them.

    Parameters
    ----------
    real_share : float or "pool"
        Share of each batch that is real. "pool" draws from one pot of all items, as most papers do: where
        there are many synthetic items, few real ones are seen then.
    real_last : float
        Share of the epochs, at the end, that train on real items alone.
    """

    real_share: Annotated[float, Gt(0), Lt(1)] | Literal["pool"] = 0.5
    real_last: Annotated[float, Ge(0), Lt(1)] = 0.0


POT = Draws(real_share="pool")


class Filter(Supervised):
    """Real items, and from the epoch `first` on the synthetic items that `select` keeps, with conditions.

    Batches are drawn as `draws` says; with nothing kept they are all real.
    """

    first = 0

    def __init__(self, setup: Setup, draws: Draws = POT) -> None:
        super().__init__(setup)
        self.draws = draws
        self.last = setup.training.epochs - round(draws.real_last * setup.training.epochs)
        self.epoch = 0

    @abstractmethod
    def select(self) -> Tensor:
        """Which synthetic items to keep, bool, shape (number of synthetic items,)."""

    def chosen(self) -> Pool:
        """The kept synthetic items, with the labels that they are learnt with."""
        synthetic = self.setup.pools.synthetic
        kept = self.kept.to(synthetic.x.device)
        return Pool(synthetic.x, self.labels()).subset(kept)

    def pool(self) -> Pool:
        """Real items and the kept synthetic ones, in one pot."""
        return self.setup.pools.real.joined(self.chosen())

    def streams(self) -> dict[str, Pool]:
        """One pot, or two streams."""
        if self.epoch >= self.last:
            return {"labelled": self.setup.pools.real}
        if self.is_shared:
            return {"labelled": self.setup.pools.real, "synthetic": self.chosen()}
        return {"labelled": self.pool()}

    @property
    def is_shared(self) -> bool:
        """Whether real and synthetic items have streams of their own in this epoch."""
        return self.draws.real_share != "pool" and bool(self.kept.any()) and self.epoch < self.last

    def batch(self, stream: str) -> int:
        """The share of a stream, at least one item of each."""
        whole, share = super().batch(stream), self.draws.real_share
        if not self.is_shared or share == "pool":
            return whole
        real = min(max(round(share * whole), 1), max(whole - 1, 1))
        return real if stream == "labelled" else max(whole - real, 1)

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step down the cross-entropy on all items of the batch."""
        if "synthetic" in batch:
            batch = {"labelled": batch["labelled"].joined(batch["synthetic"])}
        return super().update(batch)

    def start_epoch(self, epoch: int) -> None:
        """Select once, before epoch `first`; the warm-up of an estimator is a fit to real items."""
        super().start_epoch(epoch)
        self.epoch = epoch
        if self.first and isinstance(self.network, Estimated):
            self.first = 0
            self.update({})
        if epoch == self.first:
            self.kept = self.select().cpu()


def all_of(pool: Pool) -> Tensor:
    """A mask that keeps every item."""
    return torch.ones(len(pool), dtype=torch.bool)
