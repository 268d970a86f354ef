"""Synthetic data and nothing else: train on synthetic, test on real (TSTR)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assay.methods.base import Pool, Setup
from assay.methods.supervised import Supervised, all_of


@dataclass(frozen=True)
class SyntheticOnly:
    """No settings."""

    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> SyntheticOnlyMethod:
        """The method."""
        return SyntheticOnlyMethod(setup)


class SyntheticOnlyMethod(Supervised):
    """Cross-entropy on the synthetic items with their conditions as labels."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self.kept = all_of(setup.pools.synthetic)

    def real(self) -> int:
        """None."""
        return 0

    def pool(self) -> Pool:
        """All synthetic items."""
        return self.setup.pools.synthetic
