"""Self-training on the target, balanced by class (Zou et al., ECCV 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Adaptation, AdaptationMethod, Losses, full
from assay.methods.base import Classifier, Pool, Setup, descend, in_batches
from assay.models.plain import Plain


@dataclass(frozen=True)
class SelfTraining(Adaptation):
    """Settings of self-training.

    Parameters
    ----------
    first, most : float
        Share of the target items of each predicted class that are believed, the surest ones, in the first
        epoch after `source_first` and in the last; in between it grows evenly.
    """

    source_first: Annotated[float, Ge(0), Lt(1)] = 0.3
    first: Annotated[float, Gt(0), Le(1)] = 0.2
    most: Annotated[float, Ge(0), Le(1)] = 0.8

    def build(self, setup: Setup) -> SelfTrainingMethod:
        """The method."""
        return SelfTrainingMethod(setup, self)


def surest_by_class(probabilities: Tensor, share: float) -> Tensor:
    """Which items are among the `share` of their predicted class with the highest probability of it.

    At least one of every class that is predicted at all. A class that the model is rarely sure of gets its
    items in as others do, which a threshold for all classes would not give it.

    Parameters
    ----------
    probabilities : tensor, shape (n, classes)
    share : float

    Returns
    -------
    bool tensor, shape (n,)
    """
    confidence, predicted = probabilities.max(1)
    kept = torch.zeros_like(predicted, dtype=torch.bool)
    for class_ in sorted(set(predicted.tolist())):
        own = torch.where(predicted == class_)[0]
        count = max(1, round(share * len(own)))
        kept[own[confidence[own].argsort(descending=True, stable=True)[:count]]] = True
    return kept


class SelfTrainingMethod(AdaptationMethod[SelfTraining]):
    """L = CE on the source + CE on the surest target items with the label that the model gave them.

    Labels are given anew before every epoch, but for those of the source alone.
    """

    def __init__(self, setup: Setup, settings: SelfTraining) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.networks.append(self.network)
        self.optimisers.append(setup.optimiser(self.groups(self.head)))
        self.believed: Pool | None = None

    def start_epoch(self, epoch: int) -> None:
        """Label the target anew."""
        super().start_epoch(epoch)
        if epoch >= self.adapts_from:
            self.believed = self.surest(self.share(epoch))

    def share(self, epoch: int) -> float:
        """The share that is believed in an epoch."""
        rest = max(1, self.setup.training.epochs - 1 - self.adapts_from)
        return (
            self.settings.first
            + (self.settings.most - self.settings.first) * (epoch - self.adapts_from) / rest
        )

    def surest(self, share: float) -> Pool:
        """The surest target items of every class, with the labels of the model at hand."""
        self.network.eval()
        probabilities = in_batches(self.predict, self.target.x).softmax(1)
        self.network.train()
        labelled = Pool(self.target.x, probabilities.argmax(1))
        return labelled.subset(surest_by_class(probabilities, share))

    def streams(self) -> dict[str, Pool]:
        """The source, and what is believed of the target."""
        believed = {} if self.believed is None else {"believed": self.believed}
        return {"labelled": self.source, **believed}

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the sum; the streams go through separately, each with its batch statistics."""
        losses = {
            name: cross_entropy(self.predict(items.x), items.y) for name, items in sorted(batch.items())
        }
        descend(torch.stack(list(losses.values())).sum(), self.optimisers[0])
        return losses

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        with self.setup.autocast():
            return full(self.network(x))

    def plain(self) -> Plain:
        """Trunk and head in one number format."""
        return Plain(self.trunk, self.head)
