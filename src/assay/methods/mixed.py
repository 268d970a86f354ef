"""Real and synthetic data in one pot, as most papers use synthetic data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from assay.methods.base import Setup
from assay.methods.supervised import Filter, all_of


@dataclass(frozen=True)
class Mixed:
    """No settings."""

    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> MixedMethod:
        """The method."""
        return MixedMethod(setup)


class MixedMethod(Filter):
    """Cross-entropy on real items and all synthetic ones: the filter that keeps everything."""

    def select(self) -> Tensor:
        """Everything."""
        return all_of(self.setup.pools.synthetic)
