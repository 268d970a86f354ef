"""Domain-adversarial training (Ganin et al., JMLR 2016): features from which no one can tell the domain."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Losses, Weight
from assay.methods.base import Classifier, Pool, Setup, descend
from assay.methods.gradient_reversal import reverse_gradient
from assay.methods.protocol import PublishedAdaptation, PublishedMethod
from assay.models.layers import Positive
from assay.settings import switch

SOURCE, TARGET = 0, 1


@dataclass(frozen=True)
class Dann(PublishedAdaptation):
    """Settings of domain-adversarial training.

    Parameters
    ----------
    strength : float
        Factor on λ (published: 1).
    width : int
        Neurons of the hidden layer of the domain head, where it has one.
    linear_domain_head : bool, optional
        Switch. The domain head is one linear layer, which the trunk escapes by growing its features without
        bound where no normalisation holds them. Off, it has a hidden layer.
    summed_domains : bool, optional
        Switch. The two domain losses are added. Off, their mean counts as much as the loss of the labels.
    """

    strength: Weight = 1.0
    width: Positive = 256
    linear_domain_head: bool | None = switch()
    summed_domains: bool | None = switch()

    def build(self, setup: Setup) -> DannMethod:
        """The method."""
        return DannMethod(setup, self)


def domain_loss(logits: Tensor, domain: int) -> Tensor:
    """Mean cross-entropy of domain logits (n, 2) of items that are all of one domain (0 source, 1 target)."""
    return cross_entropy(logits, torch.full((len(logits),), domain, device=logits.device))


class DannMethod(PublishedMethod[Dann]):
    """L = CE(C(f_s), y) + ½ [CE(D(f_s), 0) + CE(D(f_t), 1)], with gradients from D times -λ in the trunk.

    C is linear, D has a hidden layer; `released` has a linear D and no ½. D learns at full weight; λ (times
    `strength`) only says how hard the trunk resists.
    """

    def __init__(self, setup: Setup, settings: Dann) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.domain = setup.prepare(self.domain_head(self.head.in_features))
        self.networks += [self.network, self.domain]
        self.optimisers.append(self.optimiser(self.groups(self.head, self.domain)))

    def domain_head(self, inputs: int) -> nn.Module:
        """One linear layer, or one behind a hidden layer."""
        width = self.settings.width
        if self.settings.linear_domain_head:
            return nn.Linear(inputs, 2)
        return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, 2))

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the sum of the label loss and the domain losses."""
        losses = self.losses(batch)
        domains = losses["domain_source"] + losses["domain_target"]
        share = 1.0 if self.settings.summed_domains else 0.5
        descend(losses["label"] + share * domains, self.optimisers[0])
        return losses

    def losses(self, batch: dict[str, Pool]) -> Losses:
        """The three terms. Source and target go through separately, each with its batch statistics."""
        source, target = self.features(batch["labelled"].x), self.features(batch["unlabelled"].x)
        return {
            "label": cross_entropy(self.head(source), batch["labelled"].y),
            "domain_source": domain_loss(self.domain_logits(source), SOURCE),
            "domain_target": domain_loss(self.domain_logits(target), TARGET),
        }

    def domain_logits(self, features: Tensor) -> Tensor:
        """Logits (n, 2) of the domain head behind the reversal."""
        weight = self.settings.strength * self.penalty()
        logits: Tensor = self.domain(reverse_gradient(features, weight))
        return logits

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the label head."""
        logits: Tensor = self.head(self.features(x))
        return logits
