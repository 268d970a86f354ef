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

SOURCE, TARGET = 0, 1


@dataclass(frozen=True)
class Dann(PublishedAdaptation):
    """Settings of domain-adversarial training.

    Parameters
    ----------
    strength : float
        Factor on λ (published: 1). Less of it keeps the trunk from growing its features without bound, which
        it does against a linear head where no normalisation holds them.
    """

    strength: Weight = 1.0

    def build(self, setup: Setup) -> DannMethod:
        """The method."""
        return DannMethod(setup, self)


def domain_loss(logits: Tensor, domain: int) -> Tensor:
    """Mean cross-entropy of domain logits (n, 2) of items that are all of one domain (0 source, 1 target)."""
    return cross_entropy(logits, torch.full((len(logits),), domain, device=logits.device))


class DannMethod(PublishedMethod[Dann]):
    """L = CE(C(f_s), y) + CE(D(f_s), 0) + CE(D(f_t), 1), with gradients from D times -λ in the trunk.

    C and D are linear. D learns at full weight; λ (times `strength`) only says how hard the trunk resists.
    """

    def __init__(self, setup: Setup, settings: Dann) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.domain = setup.prepare(nn.Linear(self.head.in_features, 2))
        self.networks += [self.network, self.domain]
        self.optimisers.append(self.optimiser(self.groups(self.head, self.domain)))

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the sum of the three losses."""
        losses = self.losses(batch)
        descend(losses["label"] + losses["domain_source"] + losses["domain_target"], self.optimisers[0])
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
