"""SynCheck (MobiSys 2025): synthetic items as unlabelled ones of open set; keep inliers, label them anew.

The structure is OpenMatch's (Saito et al. 2021) with closed-set cross-entropy. A closed head classifies; an
open head holds, for each class c, one outlier and one inlier logit, with q_c their softmax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from assay.methods.base import Method, Pool, Setup, descend, in_batches
from assay.methods.syncheck_losses import (
    one_vs_all,
    open_entropy,
    outlier_score,
    pseudo_label_loss,
    soft_consistency,
)
from assay.models.plain import Plain

Weight = Annotated[float, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class SynCheck:
    """Settings of SynCheck; the default is the published cross-domain setting (CsiGAN on SignFi).

    Parameters
    ----------
    lambda_x, lambda_ova, lambda_oem, lambda_socr, lambda_fix : float
        Weights of closed-set cross-entropy, one-vs-all, open-set entropy, soft consistency, pseudo-labels.
    sigma_weak, sigma_strong : float
        Deviation of the noise added to the views of an item.
    start : float
        Share of the epochs before items are selected and pseudo-labelled.
    temperature, threshold : float
        Sharpening of pseudo-labels, and the least probability that makes one count.
    pools : tuple of {"unlabelled", "synthetic"}
        The pools treated as unlabelled, each with its own terms.
    targets : {"pseudo", "condition"}
        What L_fix takes for the class of a selected synthetic item: the predicted class, or the condition it
        was generated for (the published ablation of SynCheck's new labels). Unlabelled items have only the
        former.
    merged : bool
        One forward pass for all views. False gives the published two, of which the second repeats the
        labelled views for the statistics of batch normalisation; a network without any has one pass, to the
        same losses.
    keep_first : bool
        Switch. A pool of which nothing is selected gives its first item. Off, it is left out of the epoch.
    short_batches : bool
        Switch. The last batch of a pass over a pool holds what is left of it (16, 16, 16 and 2 of 50). Off,
        it is filled from the next pass.
    """

    lambda_x: Weight = 10.0
    lambda_ova: Weight = 1.0
    lambda_oem: Weight = 0.1
    lambda_socr: Weight = 0.5
    lambda_fix: Weight = 1.0
    sigma_weak: Weight = 0.0
    sigma_strong: Weight = 1e-4
    start: Share = 0.3
    temperature: float = 1.0
    threshold: Share = 0.0
    pools: tuple[Literal["unlabelled", "synthetic"], ...] = ("unlabelled", "synthetic")
    targets: Literal["pseudo", "condition"] = "pseudo"
    merged: bool = True
    keep_first: bool = False
    short_batches: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Items of one of its pools, real and unlabelled ones or synthetic ones; conditions as targets."""
        if self.targets == "condition":
            return ("synthetic", "conditions")
        return (" or ".join(self.pools),)

    @property
    def takes_synthetic(self) -> bool:
        """Whether synthetic items are learnt from where there are any."""
        return "synthetic" in self.pools

    def build(self, setup: Setup) -> SynCheckMethod:
        """The method."""
        return SynCheckMethod(setup, self)


IN_DOMAIN = SynCheck(lambda_x=1.0, sigma_weak=0.01, sigma_strong=0.03, start=0.5, pools=("synthetic",))
"""The published in-domain setting (RF-Diffusion on Widar3.0)."""


def has_batch_norm(network: nn.Module) -> bool:
    """Whether what a network says of an item depends, in training, on the others that go through with it."""
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())


class OpenClassifier(nn.Module):
    """A backbone with a closed head (classes) and an open head (2 × classes, without bias)."""

    def __init__(self, backbone: nn.Module, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.closed = nn.Linear(cast(int, backbone.out_features), classes)
        self.open = nn.Linear(cast(int, backbone.out_features), 2 * classes, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Closed logits (n, classes) and open logits (n, 2, classes)."""
        features = self.backbone(x)
        return self.closed(features), self.open(features).unflatten(1, (2, -1))


class SynCheckMethod(Method):
    """The training of SynCheck."""

    def __init__(self, setup: Setup, settings: SynCheck) -> None:
        super().__init__(setup)
        self.settings = settings
        self.network = setup.prepare(OpenClassifier(setup.backbone(), setup.classes))
        self.networks.append(self.network)
        self.optimisers.append(setup.optimiser(setup.groups(self.network)))
        self.first = round(settings.start * setup.training.epochs)
        self.merged = settings.merged or not has_batch_norm(self.network)
        if settings.short_batches:
            self.short = frozenset(stream for name in settings.pools for stream in (name, f"{name}_selected"))
        self.selected: dict[str, Pool] = {}

    def full(self) -> dict[str, Pool]:
        """The pools treated as unlabelled, those without items left out."""
        pools = {name: getattr(self.setup.pools, name) for name in self.settings.pools}
        return {name: pool for name, pool in pools.items() if len(pool)}

    def streams(self) -> dict[str, Pool]:
        """Labelled items, every pool, and what is selected of each."""
        chosen = {f"{name}_selected": pool for name, pool in self.selected.items()}
        return {"labelled": self.setup.pools.real, **self.full(), **chosen}

    def start_epoch(self, epoch: int) -> None:
        """Select the inliers of every pool anew; a pool without any is left out of the epoch."""
        super().start_epoch(epoch)
        if epoch < self.first:
            return
        kept = {name: self.chosen(pool) for name, pool in self.full().items()}
        self.selected = {name: self.full()[name].subset(mask) for name, mask in kept.items() if mask.any()}
        if "synthetic" in kept:
            self.kept = kept["synthetic"].cpu()

    def chosen(self, pool: Pool) -> Tensor:
        """The inliers of a pool, or (`keep_first`) its first item where it has none."""
        kept = self.inliers(pool)
        if self.settings.keep_first and not kept.any():
            kept[:1] = True
        return kept

    def inliers(self, pool: Pool) -> Tensor:
        """Which items have an outlier score below one half, from their clean view."""
        self.network.eval()
        score = in_batches(lambda x: outlier_score(*self.logits(x)), pool.x)
        self.network.train()
        return score < 0.5

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step down the weighted sum of all terms."""
        losses = self.losses(batch)
        descend(self.weighted(losses), self.optimisers[0])
        return {name: loss.detach() for name, loss in losses.items()}

    def losses(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """Every term, unweighted, summed over pools."""
        labelled, pools = batch["labelled"], self.full()
        first = [*self.views(labelled.x, weak_sigma=0.0)]
        for name in pools:
            first += self.views(batch[name].x, self.settings.sigma_weak)
        second = [view for name in self.selected for view in self.selected_views(batch, name)]
        closed, opened = self.forward(first, second)
        y = labelled.y.repeat(2)
        terms = {
            "cross_entropy": cross_entropy(torch.cat(closed[:2]), y),
            "one_vs_all": one_vs_all(torch.cat(opened[:2]), y),
        }
        end = len(first)
        terms |= self.pool_losses(opened[2:end])
        pairs = list(zip(self.selected, closed[end::2], closed[end + 1 :: 2]))
        if pairs:
            terms["pseudo_label"] = sum_of(self.fix_loss(batch, *pair) for pair in pairs)
        return terms

    def fix_loss(self, batch: dict[str, Pool], name: str, weak: Tensor, strong: Tensor) -> Tensor:
        """L_fix of the selected items of one pool; with conditions as targets, mean CE(z(strong), y)."""
        if name == "synthetic" and self.settings.targets == "condition":
            return cross_entropy(strong, batch[f"{name}_selected"].y)
        return pseudo_label_loss(weak, strong, self.settings.temperature, self.settings.threshold)

    def pool_losses(self, opened: Sequence[Tensor]) -> dict[str, Tensor]:
        """Open-set entropy and soft consistency; `opened` alternates weak and strong views of the pools."""
        pairs = list(zip(opened[::2], opened[1::2]))
        if not pairs:
            return {}
        return {
            "open_entropy": sum_of((open_entropy(w) + open_entropy(s)) / 2 for w, s in pairs),
            "consistency": sum_of(soft_consistency(w, s) for w, s in pairs),
        }

    def weighted(self, losses: dict[str, Tensor]) -> Tensor:
        """L = λ_x L_x + λ_ova L_ova + λ_oem ΣL_oem + λ_socr ΣL_socr + λ_fix ΣL_fix."""
        s = self.settings
        weights = {
            "cross_entropy": s.lambda_x,
            "one_vs_all": s.lambda_ova,
            "open_entropy": s.lambda_oem,
            "consistency": s.lambda_socr,
            "pseudo_label": s.lambda_fix,
        }
        return sum_of(weights[name] * loss for name, loss in losses.items())

    def views(self, x: Tensor, weak_sigma: float) -> tuple[Tensor, Tensor]:
        """A weak and a strong view of the items."""
        return self.noisy(x, weak_sigma), self.noisy(x, self.settings.sigma_strong)

    def selected_views(self, batch: dict[str, Pool], name: str) -> tuple[Tensor, Tensor]:
        """The views of a batch of selected items."""
        return self.views(batch[f"{name}_selected"].x, self.settings.sigma_weak)

    def noisy(self, x: Tensor, sigma: float) -> Tensor:
        """`x` plus normal noise of deviation `sigma`."""
        if sigma == 0:
            return x
        noise = torch.empty_like(x).normal_(0, sigma, generator=self.setup.noise)
        return x + noise

    def forward(self, first: list[Tensor], second: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Closed and open logits of every view; one pass, or two with the labelled views repeated."""
        if self.merged or not second:
            return self.split_logits([*first, *second])
        closed, opened = self.split_logits(first)
        closed_again, opened_again = self.split_logits([*first[:2], *second])
        return closed + closed_again[2:], opened + opened_again[2:]

    def split_logits(self, views: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Logits of views that go through the network together."""
        closed, opened = self.logits(torch.cat(views))
        sizes = [len(view) for view in views]
        return list(torch.split(closed, sizes)), list(torch.split(opened, sizes))

    def logits(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Closed and open logits in float32."""
        with self.setup.autocast():
            closed, opened = self.network(x)
        return closed.float(), opened.float()

    def labels(self) -> Tensor:
        """The predicted classes, unless conditions are targets."""
        synthetic = self.setup.pools.synthetic
        if self.settings.targets == "condition" or not len(synthetic):
            return synthetic.y
        return in_batches(self.predict, synthetic.x).argmax(1)

    def plain(self) -> Plain:
        """Backbone and closed head."""
        return Plain(self.network.backbone, self.network.closed)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the closed head."""
        return self.logits(x)[0]


def sum_of(terms: Iterable[Tensor]) -> Tensor:
    """Sum of an iterable of tensors."""
    return torch.stack(list(terms)).sum()
