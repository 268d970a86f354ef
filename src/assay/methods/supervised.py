"""Cross-entropy on one pool of labelled items: the common part of the plain methods and the filters."""

from __future__ import annotations

from abc import abstractmethod

import torch
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
        """Select once, before epoch `first`; the warm-up of an estimator is a fit to real items."""
        super().start_epoch(epoch)
        if self.first and isinstance(self.network, Estimated):
            self.first = 0
            self.update({})
        if epoch == self.first:
            self.kept = self.select().cpu()


def all_of(pool: Pool) -> Tensor:
    """A mask that keeps every item."""
    return torch.ones(len(pool), dtype=torch.bool)
