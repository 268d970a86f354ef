"""All labelled real data and nothing else: what every other method is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assay.methods.base import Pool, Setup
from assay.methods.supervised import Supervised


@dataclass(frozen=True)
class RealOnly:
    """No settings."""

    needs: ClassVar[tuple[str, ...]] = ()

    def build(self, setup: Setup) -> RealOnlyMethod:
        """The method."""
        return RealOnlyMethod(setup)


class RealOnlyMethod(Supervised):
    """Cross-entropy on the labelled real items, target shots included."""

    def pool(self) -> Pool:
        """Labelled items and shots."""
        return self.setup.pools.real
