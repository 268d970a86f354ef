"""Keep the synthetic items that resemble a real one (the SSIM filter of SynCheck, MobiSys 2025)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, cast

import numpy as np
import torch
from annotated_types import Ge, Le
from torch import Tensor

from assay.methods.base import Pool, Setup
from assay.methods.streamed import Items, in_blocks
from assay.methods.supervised import Draws, Filter
from assay.metrics.ssim import nearest_ssim, paired_ssim

BLOCK = 2048
"""Streamed items compared at a time."""


@dataclass(frozen=True)
class SsimFilter(Draws):
    """Settings of the SSIM filter.

    Parameters
    ----------
    threshold : float
        Keep an item if its highest SSIM with a real item is above this.
    reference : {"unlabelled", "labelled", "twin"}
        The real items: the unlabelled ones (as published across domains), or the labelled ones with the
        target shots. Without unlabelled items, the labelled ones serve. "twin" (as published within a
        domain): the one labelled item that the synthetic one was made from, its origin.
    """

    threshold: Annotated[float, Ge(-1), Le(1)] = 0.5
    reference: Literal["unlabelled", "labelled", "twin"] = "unlabelled"

    @property
    def needs(self) -> tuple[str, ...]:
        """Synthetic items with their conditions; their origins where they are compared with these."""
        return ("synthetic", "conditions", *(["origin"] if self.reference == "twin" else []))

    def build(self, setup: Setup) -> SsimFilterMethod:
        """The method."""
        return SsimFilterMethod(setup, self)


class SsimFilterMethod(Filter):
    """Cross-entropy on real items and on the synthetic ones that pass."""

    def __init__(self, setup: Setup, settings: SsimFilter) -> None:
        super().__init__(setup, settings)
        self.settings = settings

    def reference(self) -> Pool:
        """The real items that synthetic ones must resemble."""
        pools = self.setup.pools
        use_unlabelled = self.settings.reference == "unlabelled" and len(pools.unlabelled)
        return pools.unlabelled if use_unlabelled else pools.real

    def select(self) -> Tensor:
        """Items whose nearest real item, or whose own twin, is near enough."""
        pools = self.setup.pools
        if self.settings.reference == "twin":
            origin = cast(Tensor, pools.origin)
            return twin_resemblance(pools.synthetic, pools.real, origin) > self.settings.threshold
        return resemblance(pools.synthetic, self.reference()) > self.settings.threshold


def twin_resemblance(synthetic: Pool, real: Pool, origin: Tensor) -> Tensor:
    """SSIM of every synthetic item with the real one at its `origin`, as `resemblance`."""
    places = torch.split(torch.arange(len(synthetic)), BLOCK)
    return torch.cat([_paired(synthetic.x[index], real.x[origin[index]]) for index in places])


def _paired(made: Tensor, real: Tensor) -> Tensor:
    return torch.from_numpy(paired_ssim(made.cpu().numpy(), real.cpu().numpy()))


def resemblance(synthetic: Pool, real: Pool) -> Tensor:
    """Highest SSIM of every synthetic item with any real one, float64 on the CPU, shape (len(synthetic),).

    Streamed items go through in blocks, so that the real ones are read again for each block of the others.
    """
    return torch.cat([_nearest(block, real.x) for block in _all_or_blocks(synthetic.x)])


def _nearest(block: Tensor, real: Items) -> Tensor:
    a = block.cpu().numpy()
    scores = [nearest_ssim(a, other.cpu().numpy())[0] for other in _all_or_blocks(real)]
    return torch.from_numpy(np.maximum.reduce(scores))


def _all_or_blocks(x: Items) -> Iterator[Tensor]:
    return in_blocks(x, max(len(x), 1) if isinstance(x, Tensor) else BLOCK)
