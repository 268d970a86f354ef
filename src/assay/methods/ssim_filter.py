"""Keep the synthetic items that resemble a real one (the SSIM filter of SynCheck, MobiSys 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor

from assay.methods.base import Pool, Setup
from assay.methods.supervised import Filter
from assay.metrics.ssim import nearest_ssim


@dataclass(frozen=True)
class SsimFilter:
    """Settings of the SSIM filter.

    Parameters
    ----------
    threshold : float
        Keep an item if its highest SSIM with a real item is above this.
    reference : {"unlabelled", "labelled"}
        The real items: the unlabelled ones (as published), or the labelled ones with the target shots.
        Without unlabelled items, the labelled ones serve.
    """

    threshold: Annotated[float, Ge(-1), Le(1)] = 0.5
    reference: Literal["unlabelled", "labelled"] = "unlabelled"
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> SsimFilterMethod:
        """The method."""
        return SsimFilterMethod(setup, self)


class SsimFilterMethod(Filter):
    """Cross-entropy on real items and on the synthetic ones that pass."""

    def __init__(self, setup: Setup, settings: SsimFilter) -> None:
        super().__init__(setup)
        self.settings = settings

    def reference(self) -> Pool:
        """The real items that synthetic ones must resemble."""
        pools = self.setup.pools
        use_unlabelled = self.settings.reference == "unlabelled" and len(pools.unlabelled)
        return pools.unlabelled if use_unlabelled else pools.real

    def select(self) -> Tensor:
        """Items whose nearest real item is near enough."""
        synthetic, real = self.setup.pools.synthetic.x, self.reference().x
        score, _ = nearest_ssim(synthetic.cpu().numpy(), real.cpu().numpy())
        return torch.from_numpy(score > self.settings.threshold)
