"""Real items anchor every step; synthetic ones count as far as a network bears them out that knew none.

What others found, put together: whole batches of real items beside synthetic ones, class confusion on
unlabelled items (Jin et al., ECCV 2020), an averaged network that teaches and predicts (Tarvainen and
Valpola, NeurIPS 2017), and labels doubted by class-wise thresholds (confident learning: Northcutt et al.,
JAIR 2021).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, cast

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from assay.methods.adabn import normalisations
from assay.methods.adaptation import Losses, Weight, full
from assay.methods.base import Classifier, Method, Pool, Setup, descend, in_batches
from assay.methods.mcc import class_confusion
from assay.models.plain import Plain

Share = Annotated[float, Ge(0), Le(1)]
EPS = 1e-6
SCALINGS = 100
RISE = 0.1
"""Share of the training over which the weight of synthetic items rises."""


@dataclass(frozen=True)
class Anchored:
    """Settings; shares are of the training.

    Parameters
    ----------
    alone : float
        Share of the epochs, at the beginning, without synthetic items.
    by_class : bool
        Weigh synthetic items of each class by what the network takes them for that was trained `alone`.
    doubt : float
        From this share of the epochs on, leave out the items whose condition the averaged network denies;
        1 is never.
    synthetic : float
        Weight of the synthetic items, of which a step draws `batch` / 2; times their share of all labelled
        items, for where there are many real ones there is less to add.
    confusion, temperature : float
        Weight of the class confusion of unlabelled items, and T that their logits are divided by.
    horizon : float
        Share of the steps that the averaged network remembers; 0 is the last one alone.
    of_target : bool
        Take the statistics of batch normalisation from unlabelled items alone, where there are any: they are
        of the place where the model will work.
    """

    alone: Annotated[float, Ge(0), Lt(1)] = 0.2
    by_class: bool = True
    doubt: Share = 0.5
    synthetic: Weight = 1.0
    confusion: Weight = 1.0
    temperature: Annotated[float, Gt(0)] = 2.5
    horizon: Share = 0.05
    of_target: bool = True
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> AnchoredMethod:
        """The method."""
        return AnchoredMethod(setup, self)


def class_weights(p: Tensor, y: Tensor) -> Tensor:
    """w_c = max(0, 2 S_cc / max_k S_ck - 1), shape (classes,), range [0, 1].

    T_ck is the mean of p_k over the items of condition c; S is T with rows and columns scaled to sum to 1
    (Sinkhorn and Knopp, 1967), so that a class that the network likes too well is not what every condition
    is taken for. Of each class as a whole, for a network that knows little errs about single items, and less
    about what most of them are: 1 where the condition is what it takes them for, 0 where another is twice as
    likely. A class without items has weight 1.

    Parameters
    ----------
    p : tensor, shape (n, classes)
        Probabilities.
    y : int tensor, shape (n,)
        Conditions.
    """
    of_class = one_hot(y, p.shape[1]).to(p.dtype)
    taken = of_class.T @ p / of_class.sum(0)[:, None]
    scaled = doubly_stochastic(taken.nan_to_num(1 / p.shape[1]) + EPS)
    return (2 * scaled.diagonal() / scaled.amax(1) - 1).clamp(min=0)


def doubly_stochastic(matrix: Tensor) -> Tensor:
    """Rows, then columns, scaled to sum to 1, `SCALINGS` times; a square matrix of positive numbers."""
    for _ in range(SCALINGS):
        matrix = matrix / matrix.sum(1, keepdim=True)
        matrix = matrix / matrix.sum(0)
    return matrix


def denied(p: Tensor, y: Tensor) -> Tensor:
    """Which conditions y_i ≠ k = argmax p_i are denied: p_ik ≥ t_k, the mean p_k of condition k.

    Bool, shape (n,). The threshold of a class is how sure the network is of its items on average, so that a
    class that it is seldom sure of is not doubted away (Northcutt et al., JAIR 2021, section 3.1).

    Parameters
    ----------
    p : tensor, shape (n, classes)
    y : int tensor, shape (n,)
    """
    of_class = one_hot(y, p.shape[1]).to(p.dtype)
    counts = of_class.sum(0)  # of a class without items the threshold is NaN, which nothing reaches
    threshold = (of_class * p).sum(0) / counts
    sure, best = p.max(1)
    return (best != y) & (sure >= threshold[best])


@dataclass(frozen=True)
class Weighed(Pool):
    """A pool whose items have a `weight` (n,)."""

    weight: Tensor


class AnchoredMethod(Method):
    """L = CE(real) + r(t) s mean w_i CE(synthetic_i) + r'(t) L_MCC(unlabelled), each of its own forward pass.

    r and r' rise from 0 to the weights of the settings, r once synthetic items join, r' from the first step;
    s is the share of synthetic items among all with a label. Without unlabelled items there is no third term.
    """

    def __init__(self, setup: Setup, settings: Anchored) -> None:
        super().__init__(setup)
        self.settings = settings
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.networks += [self.network, self.average]
        self.optimisers.append(setup.optimiser(setup.groups(self.network)))
        self.joined = round(settings.alone * setup.training.epochs)
        self.doubted = round(settings.doubt * setup.training.epochs)
        self.by_class = torch.ones(setup.classes, device=setup.pools.synthetic.y.device)
        self.weight = torch.zeros(len(setup.pools.synthetic), device=self.by_class.device)
        self.share = len(self.weight) / max(len(self.weight) + len(setup.pools.real), 1)
        self.step = 0

    def start_epoch(self, epoch: int) -> None:
        """Weigh the synthetic items."""
        super().start_epoch(epoch)
        self.step = epoch * self.setup.training.steps
        if epoch >= self.joined and len(self.weight):
            self.weight = self.weights(epoch)
            self.kept = (self.weight > 0).cpu()

    def weights(self, epoch: int) -> Tensor:
        """w_i: that of the class of each synthetic item, 0 where its condition is denied.

        Classes are judged by the network that knows no synthetic item, and once more before items are: what a
        network of few real items took for another class may have been borne out by the others since.
        """
        y, doubts = self.setup.pools.synthetic.y, epoch >= self.doubted
        judges = self.settings.by_class and epoch > 0 and epoch in (self.joined, self.doubted)
        if not (judges or doubts):
            return self.by_class[y]
        p = in_batches(self.predict, self.setup.pools.synthetic.x).softmax(1)
        if judges:
            self.by_class = class_weights(p, y)
        return self.by_class[y] * (~denied(p, y) if doubts else 1)

    def streams(self) -> dict[str, Pool]:
        """Labelled and unlabelled items, and the synthetic ones that count."""
        pools = self.setup.pools
        unlabelled = {"unlabelled": pools.unlabelled} if len(pools.unlabelled) else {}
        made = Weighed(pools.synthetic.x, pools.synthetic.y, self.weight)
        synthetic = {"synthetic": made.subset(self.weight > 0)} if self.kept.any() else {}
        return {"labelled": pools.real, **unlabelled, **synthetic}

    def batch(self, stream: str) -> int:
        """Half as many synthetic items as of each other stream."""
        whole = super().batch(stream)
        return -(-whole // 2) if stream == "synthetic" else whole

    def update(self, batch: dict[str, Pool]) -> Losses:
        """One step down the weighted sum; the averaged network follows."""
        s, losses = self.settings, {}
        with untracked(self.network) if s.of_target and "unlabelled" in batch else nullcontext():
            real = batch["labelled"]
            losses["cross_entropy"] = cross_entropy(self.logits(real.x), real.y)
            if "synthetic" in batch:
                losses["synthetic"] = self.weighed(cast(Weighed, batch["synthetic"]))
        if "unlabelled" in batch:
            losses["class_confusion"] = class_confusion(self.logits(batch["unlabelled"].x), s.temperature)
        factors = self.factors()
        total = torch.stack([factors[name] * loss for name, loss in losses.items()]).sum()
        descend(total, self.optimisers[0])
        self.step += 1
        follow(self.average, self.network, s.horizon * self.steps)
        return {name: loss.detach() for name, loss in losses.items()}

    def weighed(self, items: Weighed) -> Tensor:
        """Mean over the batch of w_i CE(z_i, y_i)."""
        return (items.weight * cross_entropy(self.logits(items.x), items.y, reduction="none")).mean()

    def factors(self) -> dict[str, float]:
        """The weight of each loss at this step."""
        s, done = self.settings, self.step / self.steps
        return {
            "cross_entropy": 1.0,
            "synthetic": s.synthetic * self.share * risen(done - s.alone),
            "class_confusion": s.confusion * risen(done),
        }

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self.setup.training.epochs * self.setup.training.steps

    def logits(self, x: Tensor) -> Tensor:
        """Of the network that learns."""
        with self.setup.autocast():
            return full(self.network(x))

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the averaged network."""
        self.average.eval()
        with self.setup.autocast():
            return full(self.average(x))

    def plain(self) -> Plain:
        """Averaged backbone and head."""
        return Plain(self.average.backbone, self.average.head)

    def trunk_network(self) -> nn.Module:
        """The averaged backbone."""
        return self.average.backbone

    def state(self) -> dict[str, Any]:
        """With the weights of the classes, which are not judged in every epoch."""
        return {**super().state(), "by_class": self.by_class}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state()`."""
        super().restore(state)
        self.by_class = state["by_class"].to(self.by_class)


def risen(done: float) -> float:
    """min(max(t / RISE, 0), 1) of a share t of the training."""
    return min(max(done / RISE, 0.0), 1.0)


def follow(average: nn.Module, network: nn.Module, horizon: float) -> None:
    """θ' ← θ' + (θ - θ') / max(horizon, 1); statistics of batch normalisation as they are."""
    share = 1 / max(horizon, 1.0)
    with torch.no_grad():
        for ours, theirs in zip(average.parameters(), network.parameters()):
            ours.lerp_(theirs, share)
        for kept, now in zip(average.buffers(), network.buffers()):
            kept.copy_(now)


@contextmanager
def untracked(network: nn.Module) -> Iterator[None]:
    """Forward passes inside leave the running statistics of batch normalisation as they are."""
    layers = normalisations(network)
    usual = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, usual):
            layer.momentum = momentum
