"""Maximum classifier discrepancy (Saito et al., CVPR 2018): features on which two classifiers agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Losses, Weight
from assay.methods.base import Pool, Setup
from assay.methods.entropy import entropy, imbalance
from assay.methods.protocol import PublishedAdaptation, PublishedMethod, Rate
from assay.models.layers import Dropout, Positive, Share
from assay.models.plain import Plain


@dataclass(frozen=True)
class Mcd(PublishedAdaptation):
    """Settings of maximum classifier discrepancy; published values are the defaults.

    Parameters
    ----------
    width, dropout
        Neurons of both hidden layers of each head, and the dropout before each.
    entropy : {"balance", "items", "none"}
        What is added for target predictions: their imbalance over classes, the mean of their entropies,
        or nothing.
    entropy_weight : float
        Weight of that.
    trunk_steps : int
        Steps C of each iteration.
    equal_steps : bool
        An update takes one of the steps A, B, C, ..., C in turn, each on items of its own, so that a training
        has as many optimiser steps as that of any other method. Off, as published, an update takes them all.
    together : bool
        Source and target go through as one batch in steps A and B, with common batch statistics.
    """

    learning_rate: Rate = 1e-3
    width: Positive = 1000
    dropout: Share = 0.5
    entropy: Literal["balance", "items", "none"] = "balance"
    entropy_weight: Weight = 0.01
    trunk_steps: Positive = 4
    equal_steps: bool = False
    together: bool = False

    def build(self, setup: Setup) -> McdMethod:
        """The method."""
        return McdMethod(setup, self)


def discrepancy(first: Tensor, second: Tensor) -> Tensor:
    """d = mean over items and classes of |softmax(first) - softmax(second)|; both logits (n, classes)."""
    return (first.softmax(1) - second.softmax(1)).abs().mean()


def head(inputs: int, classes: int, settings: Mcd, noise: Generator) -> nn.Sequential:
    """Dropout, linear, batch normalisation, ReLU; the same again; linear."""
    layers: list[nn.Module] = []
    for size in (inputs, settings.width):
        dropout = Dropout(settings.dropout, noise)
        layers += [dropout, nn.Linear(size, settings.width), nn.BatchNorm1d(settings.width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(settings.width, classes))


def scatter(network: nn.Module, init: Generator) -> None:
    """Parameters from N(0, 0.01²), scales of batch normalisation from N(1, 0.01²) and its shifts zero."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 0.01, generator=init)
            nn.init.normal_(layer.bias, 0, 0.01, generator=init)
        elif isinstance(layer, nn.BatchNorm1d):
            nn.init.normal_(layer.weight, 1, 0.01, generator=init)


class McdMethod(PublishedMethod[Mcd]):
    """An iteration is a step A, a step B and `trunk_steps` steps C, each with a forward pass of its own.

    With CE the cross-entropies of both heads on the source, E the entropy term of both on the target and d
    their discrepancy there: A lowers CE + w E with trunk and heads, B lowers CE + w E - d with the heads,
    C lowers d with the trunk.
    """

    def __init__(self, setup: Setup, settings: Mcd) -> None:
        super().__init__(setup, settings)
        self.trunk = setup.prepare(setup.backbone())
        inputs = cast(int, self.trunk.out_features)
        self.heads = nn.ModuleList(head(inputs, setup.classes, settings, setup.noise) for _ in range(2))
        scatter(self.heads, setup.init)
        self.heads.to(self.source.x.device)
        self.networks += [self.trunk, self.heads]
        heads, trunk = self.groups(self.heads)
        self.head_optimiser, self.trunk_optimiser = self.optimiser([heads]), self.optimiser([trunk], 0)
        self.optimisers += [self.trunk_optimiser, self.head_optimiser]
        self.latest: Losses = {}

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """Steps A, B and C, or the one whose turn it is."""
        return self.turn(batch) if self.settings.equal_steps else self.iteration(batch)

    def turn(self, batch: dict[str, Pool]) -> Losses:
        """One step; the losses of the latest step of each kind. An epoch begins with step A."""
        place = self.step % (2 + self.settings.trunk_steps)
        if place == 0:
            self.latest |= self.lower_all(batch)
        elif place == 1:
            self.latest["discrepancy"] = self.raise_discrepancy(batch)
        else:
            self.latest["discrepancy_left"] = self.lower_discrepancy(batch["unlabelled"])
        self.latest = {name: loss.detach() for name, loss in self.latest.items()}
        return self.latest

    def iteration(self, batch: dict[str, Pool]) -> Losses:
        """All steps on one batch."""
        losses = self.lower_all(batch)
        losses["discrepancy"] = self.raise_discrepancy(batch)
        for _ in range(self.settings.trunk_steps):
            losses["discrepancy_left"] = self.lower_discrepancy(batch["unlabelled"])
        return losses

    def lower_all(self, batch: dict[str, Pool]) -> Losses:
        """Step A."""
        for optimiser in self.optimisers:
            optimiser.zero_grad()
        losses, _ = self.losses(self.both_features(batch), batch["labelled"].y)
        torch.autograd.backward(self.weighted(losses))
        for optimiser in self.optimisers:
            optimiser.step()
        return losses

    def raise_discrepancy(self, batch: dict[str, Pool]) -> Tensor:
        """Step B; the discrepancy before it."""
        with torch.no_grad():
            features = self.both_features(batch)
        losses, apart = self.losses(features, batch["labelled"].y)
        self.head_optimiser.zero_grad()
        torch.autograd.backward(self.weighted(losses) - apart)
        self.head_optimiser.step()
        return apart

    def lower_discrepancy(self, target: Pool) -> Tensor:
        """Step C; the discrepancy before it."""
        features = self.features(target.x)
        apart = discrepancy(*(head(features) for head in self.heads))
        self.trunk_optimiser.zero_grad()
        torch.autograd.backward(apart, inputs=list(self.trunk.parameters()))
        self.trunk_optimiser.step()
        return apart

    def both_features(self, batch: dict[str, Pool]) -> tuple[Tensor, Tensor]:
        """Features of source and target."""
        return self.both(self.features, batch["labelled"].x, batch["unlabelled"].x)

    def both(
        self, network: Callable[[Tensor], Tensor], source: Tensor, target: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What `network` makes of source and target, one after the other or together."""
        if not self.settings.together:
            return network(source), network(target)
        joint = network(torch.cat((source, target)))
        return joint[: len(source)], joint[len(source) :]

    def losses(self, features: tuple[Tensor, Tensor], y: Tensor) -> tuple[Losses, Tensor]:
        """Unweighted terms, summed over the heads, and the discrepancy."""
        (source_1, target_1), (source_2, target_2) = (self.both(head, *features) for head in self.heads)
        losses = {"cross_entropy": cross_entropy(source_1, y) + cross_entropy(source_2, y)}
        if self.settings.entropy != "none":
            losses["entropy"] = self.entropy(target_1) + self.entropy(target_2)
        return losses, discrepancy(target_1, target_2)

    def entropy(self, logits: Tensor) -> Tensor:
        """The entropy term of one head."""
        return imbalance(logits) if self.settings.entropy == "balance" else entropy(logits).mean()

    def weighted(self, losses: Losses) -> Tensor:
        """CE + w E."""
        total = losses["cross_entropy"]
        return total + self.settings.entropy_weight * losses["entropy"] if "entropy" in losses else total

    def source_logits(self, x: Tensor) -> list[Tensor]:
        """Logits of both heads."""
        features = self.features(x)
        return [head(features) for head in self.heads]

    def plain(self) -> Plain:
        """Trunk and first head."""
        return Plain(self.trunk, self.heads[0], full=True)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the first head, as published."""
        logits: Tensor = self.heads[0](self.features(x))
        return logits
