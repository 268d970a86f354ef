"""Keep the synthetic items that a model trained on real data takes for their condition (TRTS filter)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt, Lt
from torch import Tensor

from assay.methods.base import Setup, in_batches
from assay.methods.supervised import Draws, Filter


@dataclass(frozen=True)
class TrtsFilter(Draws):
    """Settings of the TRTS filter.

    Parameters
    ----------
    warm_up : float
        Share of the epochs that train on real items alone before the selection (published: 50 of 100 on
        SignFi, 3 of 10 on Widar3.0).
    """

    warm_up: Annotated[float, Gt(0), Lt(1)] = 0.5
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> TrtsFilterMethod:
        """The method."""
        return TrtsFilterMethod(setup, self)


class TrtsFilterMethod(Filter):
    """Cross-entropy on real items; after the warm-up on the synthetic ones too that were recognised."""

    def __init__(self, setup: Setup, settings: TrtsFilter) -> None:
        super().__init__(setup, settings)
        self.first = max(1, round(settings.warm_up * setup.training.epochs))

    def select(self) -> Tensor:
        """Items classified as their condition by the model at hand."""
        synthetic = self.setup.pools.synthetic
        self.network.eval()
        predicted = in_batches(self.predict, synthetic.x).argmax(1)
        self.network.train()
        return predicted == synthetic.y
