"""Adaptive batch normalisation (Li et al., 2016): the source's weights with the target's statistics."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm

from assay.errors import UserError
from assay.methods.adaptation import Adaptation, AdaptationMethod, Losses, full
from assay.methods.base import Classifier, Pool, Setup, descend, in_batches
from assay.models.plain import Plain


@dataclass(frozen=True)
class AdaBn(Adaptation):
    """Settings of adaptive batch normalisation."""

    def build(self, setup: Setup) -> AdaBnMethod:
        """The method."""
        return AdaBnMethod(setup, self)


class AdaBnMethod(AdaptationMethod[AdaBn]):
    """Cross-entropy on the source; after each epoch all means and variances are those of the target items.

    Raises
    ------
    UserError
        If the backbone has no batch normalisation.
    """

    def __init__(self, setup: Setup, settings: AdaBn) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.networks.append(self.network)
        self.optimisers.append(setup.optimiser(self.groups(self.head)))
        if not normalisations(self.trunk):
            raise UserError("backbone: has no batch normalisation; adabn changes nothing else")

    def streams(self) -> dict[str, Pool]:
        """The source; the target is looked at between epochs."""
        return {"labelled": self.source}

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the cross-entropy."""
        loss = cross_entropy(self.predict(batch["labelled"].x), batch["labelled"].y)
        descend(loss, self.optimisers[0])
        return {"cross_entropy": loss}

    def end_epoch(self) -> None:
        """Take the statistics of the target, in an order by chance so that every block is like the whole."""
        order = torch.randperm(len(self.target), generator=self.setup.noise, device=self.setup.noise.device)
        shuffled = self.target.subset(order.to(self.target.y.device)).x
        layers = normalisations(self.trunk)
        usual = [layer.momentum for layer in layers]
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # the mean over blocks
        in_batches(self.predict, shuffled)
        for layer, momentum in zip(layers, usual):
            layer.momentum = momentum

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        with self.setup.autocast():
            return full(self.network(x))

    def plain(self) -> Plain:
        """Trunk and head in one number format."""
        return Plain(self.trunk, self.head)


def normalisations(network: nn.Module) -> list[_BatchNorm]:
    """The batch normalisations of a network that keep running statistics."""
    return [m for m in network.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
