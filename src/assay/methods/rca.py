"""Regularised conditional alignment: a joint head tells domain *and* class, and the trunk swaps the domains.

Cicek & Soatto, ICCV 2019, as in the code released with Tang & Jia, CVPR 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Losses, Weight
from assay.methods.base import Classifier, Pool, Setup
from assay.methods.entropy import entropy, imbalance
from assay.methods.protocol import PublishedAdaptation, PublishedMethod
from assay.methods.virtual_adversarial import kl_to, statistics_untouched, worst_change
from assay.models.layers import Positive
from assay.settings import switch

ROUNDED_XI, XI = 1e-6, 1e-2


@dataclass(frozen=True)
class Rca(PublishedAdaptation):
    """Settings of regularised conditional alignment; the defaults are what was published as run.

    Parameters
    ----------
    entropy : bool
        Heads lower the imbalance of target predictions, the trunk lowers their entropy.
    balance_weight : float
        Weight of the imbalance.
    virtual_adversarial : bool
        Predictions are made to withstand the worst small change of each item (off as published).
    radius : float
        ε, the length of that change in units of the normalised items.
    search_steps : int
        Rounds of the search for it.
    vat_weight : float
        Weight of that loss.
    rounded_search : bool, optional
        Switch. The step ξ of the search is 1e-6, of which float32 leaves hardly more than rounding noise, so
        that the change is almost random. Off, it is 1e-2.
    """

    entropy: bool = True
    balance_weight: Weight = 0.1
    virtual_adversarial: bool = False
    radius: Annotated[float, Gt(0)] = 0.1
    search_steps: Positive = 1
    vat_weight: Weight = 1.0
    rounded_search: bool | None = switch()

    def build(self, setup: Setup) -> RcaMethod:
        """The method."""
        return RcaMethod(setup, self)


def joint_loss(logits: Tensor, classes: Tensor, domain: int) -> Tensor:
    """Cross-entropy of joint logits (n, 2K) with "class and domain": label class + K · domain (0 source)."""
    return cross_entropy(logits, classes + domain * (logits.shape[1] // 2))


class RcaMethod(PublishedMethod[Rca]):
    """Heads C (K classes) and J (2K), and the trunk, minimise different losses in one step.

    L_heads = CE(C_s, y) + λ [CE(J_s, (source, y)) + CE(J_t, (target, ŷ))] + 0.1 R(C_t)
    L_trunk = CE(C_s, y) + λ [CE(J_s, (target, y)) + CE(J_t, (source, ŷ))] + λ H(C_t)

    with ŷ what C predicts for the batch, R the imbalance and H the mean entropy (+ VAT in both).
    """

    def __init__(self, setup: Setup, settings: Rca) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.joint = setup.prepare(nn.Linear(self.head.in_features, 2 * setup.classes))
        self.networks += [self.network, self.joint]
        self.optimisers.append(self.optimiser(self.groups(self.head, self.joint)))

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step: the gradients of L_heads go to the heads alone, those of L_trunk to the trunk alone."""
        losses = self.losses(batch)
        heads, trunk = self.totals(losses)
        self.optimisers[0].zero_grad()
        ends = [*self.head.parameters(), *self.joint.parameters()]
        torch.autograd.backward(heads, inputs=ends, retain_graph=True)
        torch.autograd.backward(trunk, inputs=list(self.trunk.parameters()))
        self.optimisers[0].step()
        return losses

    def losses(self, batch: dict[str, Pool]) -> Losses:
        """All terms, unweighted."""
        y, x_source, x_target = batch["labelled"].y, batch["labelled"].x, batch["unlabelled"].x
        source, target = self.features(x_source), self.features(x_target)
        c_source, c_target = self.head(source), self.head(target)
        j_source, j_target, predicted = self.joint(source), self.joint(target), c_target.argmax(1)
        losses = {
            "cross_entropy": cross_entropy(c_source, y),
            "own_domain": joint_loss(j_source, y, 0) + joint_loss(j_target, predicted, 1),
            "other_domain": joint_loss(j_source, y, 1) + joint_loss(j_target, predicted, 0),
        }
        if self.settings.entropy:
            losses |= {"balance": imbalance(c_target), "entropy": entropy(c_target).mean()}
        if self.settings.virtual_adversarial:
            losses |= {f"vat_{end}": self.vat(x_source) + self.vat(x_target) for end in ("heads", "trunk")}
        return losses

    def totals(self, losses: Losses) -> tuple[Tensor, Tensor]:
        """L_heads and L_trunk."""
        s, penalty = self.settings, self.penalty()
        heads = losses["cross_entropy"] + penalty * losses["own_domain"]
        trunk = losses["cross_entropy"] + penalty * losses["other_domain"]
        if s.entropy:
            heads = heads + s.balance_weight * losses["balance"]
            trunk = trunk + penalty * losses["entropy"]
        if s.virtual_adversarial:
            heads = heads + s.vat_weight * losses["vat_heads"]
            trunk = trunk + s.vat_weight * losses["vat_trunk"]
        return heads, trunk

    def vat(self, x: Tensor) -> Tensor:
        """KL of predictions to those at the worst change, with noise of its own at every call.

        In full precision, as the search rests on small differences.
        """
        xi = ROUNDED_XI if self.settings.rounded_search else XI
        with statistics_untouched([self.network]):
            with torch.no_grad():
                logits = self.network(x)
            options = (self.noise(x), xi, self.settings.radius, self.settings.search_steps)
            change = worst_change(self.network, x, logits, *options)
            return kl_to(logits, self.network(x + change))

    def noise(self, x: Tensor) -> Tensor:
        """Where a search begins, N(0, 1) of the shape of `x`."""
        return torch.empty_like(x).normal_(generator=self.setup.noise)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head C."""
        logits: Tensor = self.head(self.features(x))
        return logits
