"""Cross-entropy with a supervised contrastive term, which a trunk that is to be adapted may learn by.

Tang & Jia (CVPR 2023) name such a scheme of pre-training without giving its loss: this is that of Khosla et
al. (NeurIPS 2020), equation 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from assay.methods.adaptation import Adaptation, AdaptationMethod, Weight, full
from assay.methods.base import Classifier, Pool, Setup, descend
from assay.models.layers import Positive
from assay.models.plain import Plain


def supervised_contrastive(z: Tensor, y: Tensor, temperature: float) -> Tensor:
    """Mean over items i with another of their class, P(i), of

    -1/|P(i)| Σ_{p in P(i)} log( exp(z_i·z_p / τ) / Σ_{a ≠ i} exp(z_i·z_a / τ) ).

    Parameters
    ----------
    z : Tensor, shape (n, d)
        Of length 1 each.
    y : Tensor, shape (n,)
        Classes.
    temperature : float
        τ > 0.

    Returns
    -------
    Tensor
        Scalar, at least 0; 0 if no two items are of one class (Khosla et al., NeurIPS 2020, eq. 2).
    """
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    logits = (z @ z.T / temperature).masked_fill(itself, -torch.inf)
    log_share = logits - logits.logsumexp(1, keepdim=True)
    positive = (y[:, None] == y) & ~itself
    count = positive.sum(1)
    losses = -log_share.masked_fill(~positive, 0).sum(1) / count.clamp(min=1)
    return losses.sum() / (count > 0).sum().clamp(min=1)


@dataclass(frozen=True)
class Contrastive(Adaptation):
    """Settings of the contrastive term beside cross-entropy on the source; the target is not used.

    Parameters
    ----------
    weight : float
        Of the term.
    temperature : float
        τ.
    projection : int
        Size of the features that are contrasted, a linear map of the trunk's.
    """

    weight: Weight = 0.5
    temperature: Annotated[float, Gt(0)] = 0.1
    projection: Positive = 128

    @property
    def needs(self) -> tuple[str, ...]:
        """What the source needs."""
        return self.source_needs

    def build(self, setup: Setup) -> ContrastiveMethod:
        """The method."""
        return ContrastiveMethod(setup, self)


class ContrastiveMethod(AdaptationMethod[Contrastive]):
    """Cross-entropy and the contrastive term on one batch of the source."""

    def __init__(self, setup: Setup, settings: Contrastive) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk = self.network.backbone
        self.projection = setup.prepare(nn.Linear(self.network.head.in_features, settings.projection))
        self.networks += [self.network, self.projection]
        self.optimisers.append(setup.optimiser(self.groups(self.network.head, self.projection)))

    def streams(self) -> dict[str, Pool]:
        """The source."""
        return {"labelled": self.source}

    def learn(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step down both."""
        items, features = batch["labelled"], self.features(batch["labelled"].x)
        losses = {
            "cross_entropy": cross_entropy(self.network.head(features), items.y),
            "contrastive": self._contrast(features, items.y),
        }
        loss = losses["cross_entropy"] + self.settings.weight * losses["contrastive"]
        descend(loss, self.optimisers[0])
        return losses

    def _contrast(self, features: Tensor, y: Tensor) -> Tensor:
        return supervised_contrastive(normalize(self.projection(features)), y, self.settings.temperature)

    def plain(self) -> Plain:
        """Trunk and head in one number format."""
        return Plain(self.trunk, self.network.head)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        with self.setup.autocast():
            return full(self.network(x))
