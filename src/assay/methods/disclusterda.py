"""Discriminative clustering for adaptation (Tang et al., Pattern Recognition 2022; code of CVPR 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from assay.methods.adaptation import Losses, Weight
from assay.methods.base import Pool, Setup, descend
from assay.methods.consistency import Divergence, divergence, perturbed
from assay.methods.distances import squared_distances
from assay.methods.entropy import entropy, imbalance
from assay.methods.protocol import PublishedAdaptation, PublishedMethod
from assay.methods.two_level import TwoLevelHead
from assay.models.layers import Positive, Share
from assay.models.plain import Plain
from assay.settings import switch


@dataclass(frozen=True)
class DisClusterDa(PublishedAdaptation):
    """Settings of discriminative clustering; published values are the defaults.

    Parameters
    ----------
    retain : float
        Share that a class centroid keeps when its class occurs in a batch.
    temperature : float
        T of the terms that classify centroids.
    balance_weight : float
        Weight of the imbalance of target predictions.
    neurons : int, optional
        The head gets a second level of 4 · `neurons` features, with a second group of centroid terms. As
        published, centroids then go through batch normalisation in training mode like a batch of items.
    consistency : {"none", "kl", "kl_detached", "l1", "l2", "cosine"}
        Distance, at weight λ, between predictions of target items and of their perturbed copies.
    undetached_filter : bool, optional
        Switch. Gradients flow through the weight exp(-H) of the filtered entropy, so that entropies above one
        nat are *raised*. Off, the weight is held constant and every entropy is lowered.
    double_softmax : bool, optional
        Switch. The probabilities of source items under -d² go through a second softmax as if they were
        logits, so that the loss cannot fall below log(1 + (K - 1) / e). Off, -d² are the logits.
    """

    retain: Share = 0.7
    temperature: Annotated[float, Gt(0)] = 2.0
    balance_weight: Weight = 0.01
    neurons: Positive | None = None
    consistency: Divergence | Literal["none"] = "none"
    undetached_filter: bool | None = switch()
    double_softmax: bool | None = switch()

    def build(self, setup: Setup) -> DisClusterDaMethod:
        """The method."""
        return DisClusterDaMethod(setup, self)


def filtered_entropy(logits: Tensor, detached: bool) -> Tensor:
    """AFEM = mean over items of H_i exp(-H_i), H_i the entropy of softmax(logits), (n, classes).

    Range [0, 1/e]. `detached` holds the weight exp(-H_i) constant.
    """
    h = entropy(logits)
    weight = (-h).exp()
    return (h * (weight.detach() if detached else weight)).mean()


def retained(centroids: Tensor, labels: Tensor, retain: float) -> Tensor:
    """What each centroid (K, d) keeps, (K, 1): 1 if absent from the batch, 0 if all zero, else `retain`."""
    absent = torch.bincount(labels, minlength=len(centroids)) == 0
    new = (centroids == 0).all(1)
    keep = torch.full_like(centroids[:, :1], retain)
    return keep.masked_fill(new[:, None], 0).masked_fill(absent[:, None], 1)


def running_centroids(centroids: Tensor, keep: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    """c_k ← keep_k · c_k + (1 - keep_k) · mean of the batch's features of class k; shape (K, d).

    Gradients flow through the means, not through the old centroids.
    """
    member = one_hot(labels, len(centroids)).to(features.dtype)
    means = member.T @ features / member.sum(0).clamp(min=1)[:, None]
    return keep * centroids.detach() + (1 - keep) * means


def own_class_loss(logits: Tensor, temperature: float) -> Tensor:
    """CE(logits / T, 1..K): row k of logits (K, K) belongs to class k."""
    return cross_entropy(logits / temperature, torch.arange(len(logits), device=logits.device))


def to_centroid_loss(distances: Tensor, y: Tensor, double_softmax: bool) -> Tensor:
    """CE of items with the softmax over -d² to the centroids, (n, K); see `DisClusterDa.double_softmax`."""
    logits = -distances
    return cross_entropy(logits.softmax(1) if double_softmax else logits, y)


class DisClusterDaMethod(PublishedMethod[DisClusterDa]):
    """Clusters the target around centroids that are trained to be classified and to keep apart.

    L = CE(z_s, y) + λ AFEM(z_t) + 0.01 R(z_t) + λ Σ over levels of
        [CE(head(c_s)/T, 1..K) + CE(head(c_t)/T, 1..K) + CE(-d²(f_s, c_s), y) + AFEM(-d²(f_t, c_t))
        + CE(-d²(c_s, c_s)/T, 1..K) + CE(-d²(c_t, c_t)/T, 1..K)]  (+ λ consistency)

    with running centroids c_s by labels and c_t by predictions; those of classes not yet seen are zero.
    """

    def __init__(self, setup: Setup, settings: DisClusterDa) -> None:
        super().__init__(setup, settings)
        self.trunk = setup.prepare(setup.backbone())
        width = cast(int, self.trunk.out_features)
        head = TwoLevelHead(width, settings.neurons, setup.classes) if settings.neurons else None
        self.head = setup.prepare(head or nn.Linear(width, setup.classes))
        self.networks += [self.trunk, self.head]
        self.optimisers.append(self.optimiser(self.groups(self.head)))
        widths = [width, head.width] if head else [width]
        device, dtype = self.source.x.device, self.source.x.dtype
        empty = [torch.zeros(setup.classes, size, device=device, dtype=dtype) for size in widths]
        self.centroids = {"source": empty, "target": empty}

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step; the centroids move before it."""
        losses = self.losses(batch)
        descend(self.weighted(losses), self.optimisers[0])
        self.centroids = {name: [c.detach() for c in levels] for name, levels in self.centroids.items()}
        return losses

    def losses(self, batch: dict[str, Pool]) -> Losses:
        """All terms, unweighted; source, target, their centroids and the copy go through in this order."""
        y = batch["labelled"].y
        source, z_source = self.levels(batch["labelled"].x)
        target, z_target = self.levels(batch["unlabelled"].x)
        losses = {
            "cross_entropy": cross_entropy(z_source, y),
            "entropy": filtered_entropy(z_target, not self.settings.undetached_filter),
            "balance": imbalance(z_target),
        }
        self.move("source", source, y)
        self.move("target", target, z_target.argmax(1))
        for level in range(len(source)):
            losses[f"centroids_{level + 1}"] = self.centroid_loss(level, source[level], target[level], y)
        if self.settings.consistency != "none":
            copy = self.levels(self.copy(batch["unlabelled"].x))[1]
            losses["consistency"] = divergence(z_target, copy, self.settings.consistency)
        return losses

    def weighted(self, losses: Losses) -> Tensor:
        """The total."""
        fixed = {"cross_entropy": 1.0, "balance": self.settings.balance_weight}
        weights = [fixed.get(name, self.penalty()) for name in losses]
        return torch.stack([weight * loss for weight, loss in zip(weights, losses.values())]).sum()

    def levels(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Features of each level, and logits, of items."""
        return self.above(self.features(x))

    def above(self, features: Tensor) -> tuple[list[Tensor], Tensor]:
        """Features of each level, and logits, of features of the first level."""
        if not isinstance(self.head, TwoLevelHead):
            return [features], self.head(features)
        narrow, logits = self.head(features)
        return [features, narrow], logits

    def move(self, domain: str, levels: list[Tensor], labels: Tensor) -> None:
        """Move the centroids of a domain towards a batch; the first level says what the others keep."""
        old = self.centroids[domain]
        keep = retained(old[0], labels, self.settings.retain)
        self.centroids[domain] = [running_centroids(c, keep, f, labels) for c, f in zip(old, levels)]

    def centroid_loss(self, level: int, source: Tensor, target: Tensor, y: Tensor) -> Tensor:
        """The six terms of a level, of which `source` and `target` are the features."""
        s = self.settings
        c_source, c_target = (self.centroids[domain][level] for domain in ("source", "target"))
        to_target = -squared_distances(target, c_target)
        terms = [
            to_centroid_loss(squared_distances(source, c_source), y, bool(s.double_softmax)),
            filtered_entropy(to_target, not s.undetached_filter),
        ]
        for centroids in (c_source, c_target):
            terms.append(own_class_loss(self.classify(level, centroids), s.temperature))
            terms.append(own_class_loss(-squared_distances(centroids, centroids), s.temperature))
        return torch.stack(terms).sum()

    def classify(self, level: int, centroids: Tensor) -> Tensor:
        """Logits of centroids of a level: through the whole head, or through its last layer."""
        if level == 0:
            return self.above(centroids)[1]
        logits: Tensor = cast(TwoLevelHead, self.head).second(centroids)
        return logits

    def copy(self, x: Tensor) -> Tensor:
        """A perturbed copy of items."""
        return perturbed(x, self.setup.noise)

    def state(self) -> dict[str, Any]:
        """With the centroids."""
        return super().state() | {"centroids": self.centroids}

    def restore(self, state: Mapping[str, Any]) -> None:
        """With the centroids."""
        super().restore(state)
        device = self.source.x.device
        self.centroids = {name: [c.to(device) for c in levels] for name, levels in state["centroids"].items()}

    def plain(self) -> Plain:
        """Trunk, and the head or both its levels."""
        two = isinstance(self.head, TwoLevelHead)
        layers = [self.head.first, self.head.second] if two else [self.head]
        return Plain(self.trunk, *layers, full=True)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        return self.levels(x)[1]
