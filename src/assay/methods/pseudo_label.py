"""Label the synthetic items anew by a model trained on real data (pseudo-labels; Lee, ICML workshop 2013)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor

from assay.methods.base import Setup, in_batches
from assay.methods.supervised import Draws, Filter


@dataclass(frozen=True)
class PseudoLabel(Draws):
    """Settings of pseudo-labelling.

    Parameters
    ----------
    warm_up : float
        Share of the epochs that train on real items alone before the items are labelled.
    threshold : float
        Leave out items whose most probable class has a lower probability; 0 keeps all.
    """

    warm_up: Annotated[float, Gt(0), Lt(1)] = 0.5
    threshold: Annotated[float, Ge(0), Le(1)] = 0.0
    needs: ClassVar[tuple[str, ...]] = ("synthetic",)

    def build(self, setup: Setup) -> PseudoLabelMethod:
        """The method."""
        return PseudoLabelMethod(setup, self)


class PseudoLabelMethod(Filter):
    """Cross-entropy on real items; after the warm-up on synthetic ones too, ŷ = argmax p(x) as their label.

    Conditions are never looked at. Lee labels anew at every update and lets the weight of the new items grow;
    here they are labelled once and count as much as the others, as in the filters, so that the label is the
    only difference from `mixed` and `trts_filter`.
    """

    def __init__(self, setup: Setup, settings: PseudoLabel) -> None:
        super().__init__(setup, settings)
        self.settings = settings
        self.first = max(1, round(settings.warm_up * setup.training.epochs))
        self.given = setup.pools.synthetic.y

    def select(self) -> Tensor:
        """Label every item by the model at hand; keep those of which it is sure enough."""
        self.network.eval()
        probabilities = in_batches(self.predict, self.setup.pools.synthetic.x).softmax(1)
        self.network.train()
        confidence, self.given = probabilities.max(1)
        return confidence >= self.settings.threshold

    def labels(self) -> Tensor:
        """Those that the model gave."""
        return self.given

    def state(self) -> dict[str, Any]:
        """With the labels."""
        return super().state() | {"labels": self.given}

    def restore(self, state: Mapping[str, Any]) -> None:
        """With the labels."""
        super().restore(state)
        self.given = state["labels"].to(self.given.device)
