"""Minimum class confusion (Jin et al., ECCV 2020): predictions on the target that do not mix up classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from torch import Tensor
from torch.nn.functional import cross_entropy

from assay.methods.adaptation import Adaptation, AdaptationMethod, Losses, Weight
from assay.methods.base import Classifier, Pool, Setup, descend
from assay.methods.entropy import entropy


@dataclass(frozen=True)
class Mcc(Adaptation):
    """Settings of minimum class confusion; the authors' values are the defaults.

    Parameters
    ----------
    temperature : float
        T that target logits are divided by.
    weight : float
        μ of the loss of class confusion.
    """

    temperature: Annotated[float, Gt(0)] = 2.5
    weight: Weight = 1.0

    def build(self, setup: Setup) -> MccMethod:
        """The method."""
        return MccMethod(setup, self)


def class_confusion(logits: Tensor, temperature: float) -> Tensor:
    """L_MCC = (1/K) Σ_j Σ_{j' ≠ j} C_jj' / Σ_j'' C_jj'', with C = Pᵀ W P and P = softmax(logits / T).

    W is diagonal, w_i = B (1 + exp(-H_i)) / Σ_i' (1 + exp(-H_i')) with H_i the entropy of row i of P: sure
    predictions count up to twice as much. No gradient flows through W. Range [0, 1 - 1/K]. Jin et al., ECCV
    2020.

    Parameters
    ----------
    logits : tensor, shape (B, K)
    temperature : float
    """
    scaled = logits / temperature
    p = scaled.softmax(1)
    sure = 1 + (-entropy(scaled.detach())).exp()
    weight = len(p) * sure / sure.sum()
    confusion = (p * weight[:, None]).T @ p
    confusion = confusion / confusion.sum(1, keepdim=True)
    return (confusion.sum() - confusion.trace()) / len(confusion)


class MccMethod(AdaptationMethod[Mcc]):
    """L = CE(C(f_s), y) + μ L_MCC(C(f_t)) with one linear head."""

    def __init__(self, setup: Setup, settings: Mcc) -> None:
        super().__init__(setup, settings)
        self.network = setup.prepare(Classifier(setup.backbone(), setup.classes))
        self.trunk, self.head = self.network.backbone, self.network.head
        self.networks.append(self.network)
        self.optimisers.append(setup.optimiser(self.groups(self.head)))

    def learn(self, batch: dict[str, Pool]) -> Losses:
        """One step down the sum; source and target go through separately."""
        source, target = self.predict(batch["labelled"].x), self.predict(batch["unlabelled"].x)
        losses = {
            "cross_entropy": cross_entropy(source, batch["labelled"].y),
            "class_confusion": class_confusion(target, self.settings.temperature),
        }
        total = losses["cross_entropy"] + self.settings.weight * losses["class_confusion"]
        descend(total, self.optimisers[0])
        return losses

    def predict(self, x: Tensor) -> Tensor:
        """Logits of the head."""
        logits: Tensor = self.head(self.features(x))
        return logits
