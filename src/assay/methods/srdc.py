"""Structurally regularised deep clustering (Tang, Chen & Jia, CVPR 2020; as in the code of CVPR 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn

from assay.methods.adaptation import Losses
from assay.methods.base import Pool, Setup
from assay.methods.clustering import EPS
from assay.methods.consistency import Divergence, divergence, perturbed
from assay.methods.protocol import PublishedAdaptation, PublishedMethod
from assay.methods.source_selection import hard_selection, soft_weights
from assay.methods.srdc_clusters import Clusterer, Clustering, Levels, WeightedPool, class_centres, levels_of
from assay.methods.srdc_losses import kernel_log_probability, source_loss, student_t, target_loss
from assay.methods.two_level import TwoLevelHead
from assay.models.layers import Positive
from assay.models.plain import Plain
from assay.settings import switch

AboveZero = Annotated[float, Gt(0)]


@dataclass(frozen=True)
class Srdc(PublishedAdaptation):
    """Settings of structurally regularised deep clustering; the defaults are what was published as run.

    Parameters
    ----------
    neurons : int
        Feature 2 has 4 · `neurons` numbers.
    alpha : float
        Degrees of freedom of the Student kernel.
    beta : float
        Share, in [0, 1], of the auxiliary distribution in the target of the clustering losses; the rest is
        the item's cluster. In the first epoch it is 0, and so it is throughout if `alternating`.
    alternating : bool
        See `beta`.
    clustering : {"kmeans", "spherical", "kernel"}
        How target items are clustered before each epoch, separately by feature 1 and by feature 2. The first
        gives the labels.
    iterations : int
        Rounds of clustering (published: 2).
    kernel_gamma, kernel_weights
        γ of the Gaussian kernel (one over the width by default), and the weights of items in kernel k-means,
        which holds a matrix of n × n.
    centres : {"target", "average"}
        Where the learnt centres are put before each epoch: on the target's clusters, or midway between these
        and the source's class means.
    source_weights : {"uniform", "soft", "hard"}
        From the second epoch on, weight source items by their nearness to the target's cluster of their class
        in feature 1, or learn only from those above a threshold (see `source_selection`).
    mixed_weights : bool
        Soft weights are λ ω + (1 - λ).
    soft_source : bool
        Source items are fitted to labels softened by the prediction (see `source_loss`).
    consistency : {"none", "kl", "kl_detached", "l1", "l2", "cosine"}
        Distance between predictions of target items and of their perturbed copies, weighted as the clusters.
    source_first : float
        As in all adaptation methods.
    from_the_start : bool, optional
        Switch. The first epoch already adapts, to clusters of features that nothing has trained yet, whatever
        `source_first` is: what it gets wrong there it keeps. Off, the source comes first.
    uncleared_centre_gradients : bool, optional
        Switch. Gradients of the centres are never set to zero: each step goes down the sum of all so far,
        those of earlier epochs included.
    undetached_auxiliary : bool, optional
        Switch. Gradients flow through the auxiliary distribution. Off, it is held constant, as a target.
    softmax_kernels : bool, optional
        Switch. Similarities become probabilities by a softmax, which leaves them almost uniform. Off, by
        division by their sum.
    stale_momentum : bool, optional
        Switch. What the optimiser remembers of the centres (momentum) survives when they are placed anew.
    """

    neurons: Positive = 128
    alpha: AboveZero = 1.0
    beta: Annotated[float, Ge(0), Le(1)] = 1.0
    alternating: bool = False
    clustering: Clustering = "kmeans"
    iterations: Positive = 2
    kernel_gamma: AboveZero | None = None
    kernel_weights: Literal["ones", "row_sums"] = "ones"
    centres: Literal["target", "average"] = "target"
    source_weights: Literal["uniform", "soft", "hard"] = "uniform"
    mixed_weights: bool = False
    soft_source: bool = False
    consistency: Divergence | Literal["none"] = "none"
    source_first: Annotated[float, Ge(0), Lt(1)] = 0.5
    from_the_start: bool | None = switch()
    uncleared_centre_gradients: bool | None = switch()
    undetached_auxiliary: bool | None = switch()
    softmax_kernels: bool | None = switch()
    stale_momentum: bool | None = switch()

    def build(self, setup: Setup) -> SrdcMethod:
        """The method."""
        return SrdcMethod(setup, self)


class SrdcMethod(PublishedMethod[Srdc]):
    """Sharpens predictions, and similarities to learnt centres at two levels, towards the target's clusters.

    L = ℓ_S(z) + w [ℓ_S(s) + ℓ_S(t)] + w [ℓ_T(z) + ℓ_T(s) + ℓ_T(t)]  (+ w consistency)

    with z the logits, s and t the Student kernels of features 1 and 2 to their centres; w is 1 in the first
    epoch and λ then.
    """

    def __init__(self, setup: Setup, settings: Srdc) -> None:
        super().__init__(setup, settings)
        if self.settings.from_the_start:
            self.adapts_from = 0
        self.trunk = setup.prepare(setup.backbone())
        width = cast(int, self.trunk.out_features)
        self.head = setup.prepare(TwoLevelHead(width, settings.neurons, setup.classes))
        new, shapes = self.source.x.new_zeros, [(setup.classes, size) for size in (width, self.head.width)]
        self.centres = nn.ParameterList(nn.Parameter(new(shape)) for shape in shapes)
        self.networks += [self.trunk, self.head]
        with_trunk = {"params": list(self.centres), "factor": self.trunk_rate()}
        self.optimisers.append(self.optimiser([*self.groups(self.head), with_trunk]))
        self.chosen = WeightedPool(self.source.x, self.source.y, self.source.x.new_ones(len(self.source)))
        self.clusters = self.target.y

    def streams(self) -> dict[str, Pool]:
        """The chosen source with its weights, and the target with its clusters for labels."""
        return {"labelled": self.chosen, "unlabelled": Pool(self.target.x, self.clusters)}

    @property
    def is_first(self) -> bool:
        """Whether this is the first epoch that adapts (or one before it)."""
        return self.epoch <= self.adapts_from

    # -- between epochs -------------------------------------------------------------------------------

    def start_epoch(self, epoch: int) -> None:
        """Cluster the target, place the centres, choose among the source."""
        super().start_epoch(epoch)
        source, target = self.levels_of_all()
        results = self.cluster(source, target)
        self.clusters = results[0][0]
        self.place([centres for _, centres in results], source)
        if not self.is_first and self.settings.source_weights != "uniform":
            self.choose(source, target, results[0][1])

    def levels_of_all(self) -> tuple[Levels, Levels]:
        """Features and logits of all source and all target items, in evaluation mode."""
        for network in self.networks:
            network.eval()
        both = levels_of(self.levels, self.source.x), levels_of(self.levels, self.target.x)
        for network in self.networks:
            network.train()
        return both

    def cluster(self, source: Levels, target: Levels) -> list[tuple[Tensor, Tensor]]:
        """Labels and centres of the target's clusters by feature 1 and by feature 2.

        They start from the source's class means in the first epoch, then from means by predicted class.
        """
        s, predicted = self.settings, target[2].argmax(1)
        clusterer = Clusterer(s.clustering, s.iterations, s.kernel_gamma, s.kernel_weights)
        starts = self.source_means(source) if self.is_first else self.means(target, predicted, EPS)
        return [clusterer(features, start, predicted) for features, start in zip(target, starts)]

    def means(self, levels: Levels, labels: Tensor, eps: float) -> list[Tensor]:
        """Class means of both features."""
        spherical, classes = self.settings.clustering == "spherical", self.setup.classes
        return [class_centres(features, labels, classes, spherical, eps) for features in levels[:2]]

    def source_means(self, source: Levels) -> list[Tensor]:
        """Class means of the source."""
        return self.means(source, self.source.y, 0.0)

    def place(self, centres: list[Tensor], source: Levels) -> None:
        """Put the learnt centres where the clusters are."""
        if self.settings.centres == "average":
            centres = [(c + mean) / 2 for c, mean in zip(centres, self.source_means(source))]
        for parameter, centre in zip(self.centres, centres):
            parameter.data.copy_(centre)
            if not self.settings.stale_momentum:
                self.optimisers[0].state.pop(parameter, None)

    def choose(self, source: Levels, target: Levels, centres: Tensor) -> None:
        """Weights of the source, or a choice among it, by nearness to the target's clusters."""
        weight = soft_weights(source[0], self.source.y, centres)
        if self.settings.source_weights == "soft":
            self.chosen = WeightedPool(self.source.x, self.source.y, weight)
            return
        kernel = student_t(target[0], centres, self.settings.alpha)
        kernel = kernel / kernel.sum(1, keepdim=True)
        hard = hard_selection(weight, self.source.y, kernel, target[2].softmax(1), self.epoch)
        self.chosen = WeightedPool(self.source.x, self.source.y, torch.ones_like(weight)).subset(hard)
        self.keep_only(hard)

    def state(self) -> dict[str, Any]:
        """With the gradients of the centres, which may add up; the rest is made anew before each epoch."""
        return super().state() | {"centre_gradients": [centre.grad for centre in self.centres]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """With the gradients of the centres."""
        super().restore(state)
        for centre, gradient in zip(self.centres, state["centre_gradients"]):
            centre.grad = None if gradient is None else gradient.to(centre.device)

    # -- steps ----------------------------------------------------------------------------------------

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the total."""
        losses = self.losses(batch)
        cleared = self.networks if self.settings.uncleared_centre_gradients else self.optimisers
        for part in cleared:
            part.zero_grad()
        torch.autograd.backward(self.weighted(losses))
        self.optimisers[0].step()
        return losses

    def losses(self, batch: dict[str, Pool]) -> Losses:
        """All terms, unweighted; target, its copy and source go through in this order."""
        x, s = batch["unlabelled"].x, self.settings
        target = self.levels(x)
        losses = {}
        if s.consistency != "none":
            losses["consistency"] = divergence(target[2], self.levels(self.copy(x))[2], s.consistency)
        mix = 0.0 if self.is_first or s.alternating else s.beta
        options = (batch["unlabelled"].y, mix, not s.undetached_auxiliary)
        for name, log_p in self.log_probabilities(target).items():
            losses[f"target{name}"] = target_loss(log_p, *options)
        source, weight = self.levels(batch["labelled"].x), self.weight(cast(WeightedPool, batch["labelled"]))
        for name, log_p in self.log_probabilities(source).items():
            losses[f"source{name}"] = source_loss(log_p, batch["labelled"].y, weight, s.soft_source)
        return losses

    def weighted(self, losses: Losses) -> Tensor:
        """The total."""
        w = 1.0 if self.is_first else self.penalty()
        return torch.stack([loss * (1 if name == "source" else w) for name, loss in losses.items()]).sum()

    def weight(self, items: WeightedPool) -> Tensor:
        """ω of source items, mixed with ones at λ if so wished."""
        if not self.settings.mixed_weights:
            return items.weight
        return self.penalty() * items.weight + 1 - self.penalty()

    def log_probabilities(self, levels: Levels) -> dict[str, Tensor]:
        """log p of the three levels: of the logits under the name "", of the features "_1" and "_2"."""
        s = self.settings
        kernels = [student_t(features, c, s.alpha) for features, c in zip(levels, self.centres)]
        first, second = (kernel_log_probability(kernel, bool(s.softmax_kernels)) for kernel in kernels)
        return {"": levels[2].log_softmax(1), "_1": first, "_2": second}

    def levels(self, x: Tensor) -> Levels:
        """Feature 1, feature 2 and logits of items."""
        features = self.features(x)
        return (features, *self.head(features))

    def copy(self, x: Tensor) -> Tensor:
        """A perturbed copy of items."""
        return perturbed(x, self.setup.noise)

    def plain(self) -> Plain:
        """Trunk, and both levels of the head."""
        return Plain(self.trunk, self.head.first, self.head.second, full=True)

    def predict(self, x: Tensor) -> Tensor:
        """The logits."""
        return self.levels(x)[2]
