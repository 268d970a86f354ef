"""Cross-entropy on one pool of labelled items: the common part of the plain methods and the filters."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.methods.base import Classifier, Method, Pool, Setup, descend
from assay.models.plain import Plain


class Supervised(Method):
    """A classifier trained by cross-entropy on the items of `pool`."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.networks.append(self.network)
        self.optimisers.append(setup.optimiser(setup.groups(self.network)))

    @abstractmethod
    def pool(self) -> Pool:
        """The labelled items to learn from in the coming epoch."""

    def trunk_network(self) -> nn.Module:
        """The backbone."""
        return self.network.backbone

    def plain(self) -> Plain:
        """Backbone and head."""
        return Plain(self.network.backbone, self.network.head)

    def streams(self) -> dict[str, Pool]:
        """One stream."""
        return {"labelled": self.pool()}

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step down the cross-entropy."""
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


class Filter(Supervised):
    """Real items, and from the epoch `first` on the synthetic items that `select` keeps, with conditions."""

    first = 0

    @abstractmethod
    def select(self) -> Tensor:
        """Which synthetic items to keep, bool, shape (number of synthetic items,)."""

    def pool(self) -> Pool:
        """Real items and the kept synthetic ones."""
        pools = self.setup.pools
        return pools.real.joined(pools.synthetic.subset(self.kept.to(pools.synthetic.x.device)))

    def start_epoch(self, epoch: int) -> None:
        """Select once, before epoch `first`."""
        super().start_epoch(epoch)
        if epoch == self.first:
            self.kept = self.select().cpu()


def all_of(pool: Pool) -> Tensor:
    """A mask that keeps every item."""
    return torch.ones(len(pool), dtype=torch.bool)
