"""Synthetic data first, real data then: the usual fine-tuning, in one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt, Lt

from assay.methods.base import Pool, Setup
from assay.methods.supervised import Supervised, all_of


@dataclass(frozen=True)
class PretrainThenReal:
    """Settings of fine-tuning.

    Parameters
    ----------
    share : float
        Share of the epochs that train on synthetic items alone, with their conditions; the others train on
        labelled real items alone. Learning rate and optimiser go on as if nothing had changed.
    """

    share: Annotated[float, Gt(0), Lt(1)] = 0.5
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> PretrainThenRealMethod:
        """The method."""
        return PretrainThenRealMethod(setup, self)


class PretrainThenRealMethod(Supervised):
    """Cross-entropy on synthetic items, later on real ones; at least one epoch of each if there are two."""

    def __init__(self, setup: Setup, settings: PretrainThenReal) -> None:
        super().__init__(setup)
        epochs = setup.training.epochs
        self.first_real = min(max(round(settings.share * epochs), 1), max(epochs - 1, 0))
        self.kept = all_of(setup.pools.synthetic)
        self.epoch = 0

    def start_epoch(self, epoch: int) -> None:
        """Note which data are next."""
        super().start_epoch(epoch)
        self.epoch = epoch

    def pool(self) -> Pool:
        """Synthetic items, or real ones."""
        pools = self.setup.pools
        return pools.synthetic if self.epoch < self.first_real else pools.real
