"""Real and synthetic data together, half of each batch real unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Lt
from torch import Tensor

from assay.methods.base import Setup
from assay.methods.supervised import Draws, Filter, all_of


@dataclass(frozen=True)
class Mixed(Draws):
    """Settings of mixing; ``real_share=pool`` is how most papers use synthetic data: all items in one pot.

    Parameters
    ----------
    warm_up : float
        Share of the epochs that train on real items alone before the others join them (published: none on
        SignFi, 3 of 10 epochs on Widar3.0; SynCheck, MobiSys 2025).
    """

    warm_up: Annotated[float, Ge(0), Lt(1)] = 0.0
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> MixedMethod:
        """The method."""
        return MixedMethod(setup, self)


class MixedMethod(Filter):
    """Cross-entropy on real items and all synthetic ones: the filter that keeps everything."""

    def __init__(self, setup: Setup, settings: Mixed) -> None:
        super().__init__(setup, settings)
        self.first = round(settings.warm_up * setup.training.epochs)

    def select(self) -> Tensor:
        """Everything."""
        return all_of(self.setup.pools.synthetic)
