"""The few labelled items of the target domain and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assay.methods.base import Pool, Setup
from assay.methods.supervised import Supervised


@dataclass(frozen=True)
class TargetOnly:
    """No settings."""

    needs: ClassVar[tuple[str, ...]] = ("shots",)

    def build(self, setup: Setup) -> TargetOnlyMethod:
        """The method."""
        return TargetOnlyMethod(setup)


class TargetOnlyMethod(Supervised):
    """Cross-entropy on the target shots."""

    def real(self) -> int:
        """The shots."""
        return len(self.setup.pools.shots)

    def pool(self) -> Pool:
        """The shots."""
        return self.setup.pools.shots
