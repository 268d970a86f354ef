"""A method: frozen settings, and which items it learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from assay.methods.base import Setup
from assay.methods.supervised import Filter


@dataclass(frozen=True)
class SomeOfIt:
    """Settings: the share of the synthetic items that is kept, drawn by chance."""

    share: float = 0.5
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")
    filters: ClassVar[bool] = True  # so that random_filter controls it, and `assay select` takes it

    def build(self, setup: Setup) -> SomeOfItMethod:
        """The method."""
        return SomeOfItMethod(setup, self)


class SomeOfItMethod(Filter):
    """Cross-entropy on the real items and on those of the synthetic ones that chance keeps."""

    def __init__(self, setup: Setup, settings: SomeOfIt) -> None:
        super().__init__(setup)
        self.share = settings.share

    def select(self) -> torch.Tensor:
        """Which synthetic items to keep; `noise` is the run's own source of random numbers."""
        n, noise = len(self.setup.pools.synthetic), self.setup.noise
        return torch.rand(n, generator=noise, device=noise.device) < self.share
