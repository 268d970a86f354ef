"""The source alone: what adaptation is measured against."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Losses, full
from assay.methods.base import Classifier, Pool, Setup, descend
from assay.methods.protocol import PublishedAdaptation, PublishedMethod
from assay.models.plain import Plain
from assay.settings import switch


@dataclass(frozen=True)
class NoAdaptation(PublishedAdaptation):
    """Settings of cross-entropy on the source.

    Parameters
    ----------
    left_in_evaluation : bool, optional
        Switch. From the first evaluation within an epoch on (after ⌊steps / ⌊200 / epochs⌋⌋ steps), the
        network stays in evaluation mode for the rest of the epoch: batch normalisation by frozen running
        statistics, no dropout. Off, it trains in training mode throughout.
    """

    left_in_evaluation: bool | None = switch()

    @property
    def needs(self) -> tuple[str, ...]:
        """What the source needs."""
        return self.source_needs

    def build(self, setup: Setup) -> NoAdaptationMethod:
        """The method."""
        return NoAdaptationMethod(setup, self)


class NoAdaptationMethod(PublishedMethod[NoAdaptation]):
    """Cross-entropy of a linear head on the source."""

    def __init__(self, setup: Setup, settings: NoAdaptation) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk = self.network.backbone
        self.networks.append(self.network)
        self.optimisers.append(self.optimiser(self.groups(self.network.head)))

    def streams(self) -> dict[str, Pool]:
        """The source."""
        return {"labelled": self.source}

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the cross-entropy."""
        if self.settings.left_in_evaluation and self.step >= self.first_evaluation():
            self.network.eval()
        items = batch["labelled"]
        loss = cross_entropy(self.predict(items.x), items.y)
        descend(loss, self.optimisers[0])
        return {"cross_entropy": loss}

    def first_evaluation(self) -> int:
        """Steps before the first evaluation within an epoch (at least one; published: an error)."""
        training = self.setup.training
        return max(1, training.steps // max(1, 200 // training.epochs))

    def plain(self) -> Plain:
        """Trunk and head in one number format."""
        return Plain(self.trunk, self.network.head)

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        with self.setup.autocast():
            return full(self.network(x))
