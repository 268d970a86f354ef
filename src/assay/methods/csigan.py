"""The semi-supervised GAN of CsiGAN (IoT-J 2019) as a classifier, in the form of SynCheck's baselines (2025).

For C classes the classifier has 2C + 1 logits: C real classes, the C synthetic twins of these, and one extra
fake. A vanilla generator G makes items from noise that matter only through the classifier they are told by.
P is the softmax over all logits, f the features of the backbone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, cast

import torch
from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from torch import Tensor
from torch.nn.functional import cross_entropy

from assay.methods.base import Classifier, Method, Pool, Setup, descend, in_batches, to_channels_last
from assay.methods.ssim_filter import resemblance
from assay.methods.supervised import all_of
from assay.methods.virtual_adversarial import statistics_untouched
from assay.models.layers import Positive
from assay.models.plain import First, Plain
from assay.models.vanilla_generator import VanillaGenerator, initialise_uniformly

Weight = Annotated[float, Ge(0)]


@dataclass(frozen=True)
class CsiGanClassifier:
    """Settings of the semi-supervised GAN; weights and widths are the published ones of SynCheck's baselines.

    Parameters
    ----------
    synthetic : {"all", "none", "ssim", "trts"}
        The synthetic items that are learnt from, as twins of their conditions: all ("original"), none ("only
        real"), those that resemble a real item, or those that the model takes for their condition.
    threshold : float
        Of "ssim": keep an item if its highest SSIM with an unlabelled item (a labelled one where there are
        none) is above this.
    warm_up : float
        Of "trts": share of the epochs without synthetic items before the selection.
    lambda_unlabelled, lambda_synthetic, lambda_fake : float
        Weights of the three terms beside cross-entropy on real items.
    noise, generator_width : int
        Length of the random vector, and channels after the first layer of the generator.
    offset : bool
        Switch. "trts" compares the prediction with the condition's *twin*, which nothing was labelled with
        before the selection, so that next to nothing is kept. Off, with the condition.
    keep_first : bool
        Switch. A selection ("ssim", "trts") that keeps nothing keeps the first item. Off, it keeps nothing.
    twins_count : bool
        Switch. The prediction is the greatest of all 2C + 1 logits, and wrong if it is no real class. Off, it
        is the greatest of the C real classes.
    """

    synthetic: Literal["all", "none", "ssim", "trts"] = "all"
    threshold: Annotated[float, Ge(-1), Le(1)] = 0.5
    warm_up: Annotated[float, Gt(0), Lt(1)] = 0.5
    lambda_unlabelled: Weight = 0.6
    lambda_synthetic: Weight = 0.1
    lambda_fake: Weight = 0.1
    noise: Positive = 100
    generator_width: Annotated[int, Gt(0), MultipleOf(4)] = 512
    offset: bool = False
    keep_first: bool = False
    twins_count: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Synthetic items with their conditions, unless it learns from none."""
        return () if self.synthetic == "none" else ("synthetic", "conditions")

    @property
    def selects(self) -> bool:
        """Whether it keeps some of the synthetic items only."""
        return self.synthetic in ("ssim", "trts")

    def build(self, setup: Setup) -> CsiGanMethod:
        """The method."""
        return CsiGanMethod(setup, self)


def twin_loss(logits: Tensor, y: Tensor) -> Tensor:
    """CE(z, y + C): synthetic items of condition y belong to the twin of class y; `logits` (n, 2C + 1)."""
    return cross_entropy(logits, y + logits.shape[1] // 2)


def real_mass(logits: Tensor) -> Tensor:
    """mean(P ⊙ m), m one on the C real classes: the mean over items *and* columns, as published.

    The sum over columns is a probability, so the range is [0, 1 / (2C + 1)].

    Parameters
    ----------
    logits : tensor, shape (n, 2C + 1)
    """
    return logits.softmax(1)[:, : logits.shape[1] // 2].sum() / logits.numel()


def fake_mass(logits: Tensor) -> Tensor:
    """mean(P ⊙ m), m one on the C twins and the extra fake; else as `real_mass`."""
    return logits.softmax(1)[:, logits.shape[1] // 2 :].sum() / logits.numel()


def feature_matching(real: Tensor, fake: Tensor) -> Tensor:
    """L_G = mean over features of |mean of f(real) - mean of f(fake)| (Salimans et al. 2016, as published).

    Parameters
    ----------
    real, fake : tensors, shapes (n, features) and (m, features)
    """
    return (real.mean(0) - fake.mean(0)).abs().mean()


class CsiGanMethod(Method):
    """L_D = CE(z, y) - 0.6 real_mass(z_u) + 0.1 twin_loss(z_s, y_s) - 0.1 fake_mass(z_G); then G down L_G.

    Both steps of an update see the same noise; G gets no gradient from L_D, the classifier none from L_G.
    `kept` marks the synthetic items that the third term is over, from the epoch `first` on. The generator's
    initial weights are drawn as PyTorch draws them by default (as published), but from the run's own seed.
    """

    def __init__(self, setup: Setup, settings: CsiGanClassifier) -> None:
        super().__init__(setup)
        self.settings = settings
        self.network = setup.prepare(Classifier(setup.backbone(), 2 * setup.classes + 1))
        self.generator = self._generator()
        self.networks += [self.network, self.generator]
        self.optimisers += [setup.optimiser(setup.groups(network)) for network in self.networks]
        late = settings.synthetic == "trts"
        self.first = max(1, round(settings.warm_up * setup.training.epochs)) if late else 0

    def _generator(self) -> VanillaGenerator:
        x = self.setup.pools.labelled.x
        network = VanillaGenerator(tuple(x.shape[1:]), self.settings.generator_width, self.settings.noise)
        initialise_uniformly(network, self.setup.init)
        return to_channels_last(network).to(x.device)

    # -- which synthetic items ------------------------------------------------------------------------

    def start_epoch(self, epoch: int) -> None:
        """Select once, before epoch `first`."""
        super().start_epoch(epoch)
        if epoch == self.first:
            self.kept = self.select().cpu()

    def select(self) -> Tensor:
        """Which synthetic items to learn from, bool, shape (number of synthetic items,)."""
        rules = {"ssim": self.resembling, "trts": self.recognised}
        if self.settings.synthetic not in rules:
            return all_of(self.setup.pools.synthetic) & (self.settings.synthetic == "all")
        kept = rules[self.settings.synthetic]()
        if self.settings.keep_first and not kept.any():
            kept[:1] = True
        return kept

    def resembling(self) -> Tensor:
        """Items whose nearest real item is near enough."""
        pools = self.setup.pools
        real = pools.unlabelled if len(pools.unlabelled) else pools.real
        return resemblance(pools.synthetic, real) > self.settings.threshold

    def recognised(self) -> Tensor:
        """Items whose greatest logit of all is their condition's (with `offset`, its twin's)."""
        synthetic = self.setup.pools.synthetic
        self.network.eval()
        predicted = in_batches(self.logits, synthetic.x).argmax(1)
        self.network.train()
        return predicted == synthetic.y + self.settings.offset * self.setup.classes

    def streams(self) -> dict[str, Pool]:
        """Labelled items, unlabelled ones and the kept synthetic ones, where there are any."""
        pools = self.setup.pools
        kept = pools.synthetic.subset(self.kept.to(pools.synthetic.x.device))
        others = {"unlabelled": pools.unlabelled, "synthetic": kept}
        return {"labelled": pools.real} | {name: pool for name, pool in others.items() if len(pool)}

    # -- a step ---------------------------------------------------------------------------------------

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """One step of the classifier, then one of the generator."""
        fake = self.fake(len(batch["labelled"]))
        losses = self.losses(batch, fake.detach())
        descend(self.weighted(losses), self.optimisers[0])
        losses["feature_matching"] = self.matching(batch, fake)
        descend(losses["feature_matching"], self.optimisers[1])
        return {name: loss.detach() for name, loss in losses.items()}

    def fake(self, n: int) -> Tensor:
        """G(z) for `n` random vectors z, uniform on [0, 1)."""
        noise = self.setup.noise
        z = torch.rand((n, self.settings.noise), generator=noise, device=noise.device)
        with self.setup.autocast():
            return cast(Tensor, self.generator(z)).float()

    def losses(self, batch: dict[str, Pool], fake: Tensor) -> dict[str, Tensor]:
        """The terms of L_D, unweighted, from one forward pass of all items."""
        parts = {name: pool.x for name, pool in batch.items()} | {"fake": fake}
        logits = self.logits(torch.cat(list(parts.values())))
        z = dict(zip(parts, torch.split(logits, [len(x) for x in parts.values()])))
        terms = {"cross_entropy": cross_entropy(z["labelled"], batch["labelled"].y)}
        if "unlabelled" in z:
            terms["unlabelled"] = real_mass(z["unlabelled"])
        if "synthetic" in z:
            terms["synthetic"] = twin_loss(z["synthetic"], batch["synthetic"].y)
        return terms | {"fake": fake_mass(z["fake"])}

    def weighted(self, losses: dict[str, Tensor]) -> Tensor:
        """L_D: masses are to grow, so they count as negative."""
        s = self.settings
        weights = {
            "unlabelled": -s.lambda_unlabelled,
            "synthetic": s.lambda_synthetic,
            "fake": -s.lambda_fake,
        }
        return torch.stack([weights.get(name, 1.0) * loss for name, loss in losses.items()]).sum()

    def matching(self, batch: dict[str, Pool], fake: Tensor) -> Tensor:
        """L_G; real items are the unlabelled ones, or labelled ones where there are none."""
        real = batch.get("unlabelled", batch["labelled"]).x
        self.network.requires_grad_(False)  # spares the gradients of weights that take no step down L_G
        with self.setup.autocast(), statistics_untouched([self.network]):
            features = self.network.backbone(torch.cat((real, fake))).float()
        self.network.requires_grad_(True)
        return feature_matching(features[: len(real)], features[len(real) :])

    def logits(self, x: Tensor) -> Tensor:
        """All 2C + 1 logits in float32, shape (n, 2C + 1)."""
        with self.setup.autocast():
            logits: Tensor = self.network(x)
        return logits.float()

    def plain(self) -> Plain:
        """Backbone and head; of its logits those of the real classes, unless twins count."""
        real = [] if self.settings.twins_count else [First(self.setup.classes)]
        return Plain(self.network.backbone, self.network.head, *real)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the real classes; of all, if twins count."""
        logits = self.logits(x)
        return logits if self.settings.twins_count else logits[:, : self.setup.classes]
