"""The control of a filter: as many synthetic items as the filter keeps, chosen by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import torch
from torch import Generator, Tensor

from assay.errors import UserError
from assay.methods.base import Method, MethodSettings, Pool, Setup
from assay.methods.csigan import CsiGanClassifier, CsiGanMethod
from assay.methods.ssim_filter import SsimFilter
from assay.methods.supervised import Filter
from assay.methods.trts_filter import TrtsFilter
from assay.models.plain import Plain

FilterSettings = SsimFilter | TrtsFilter | CsiGanClassifier


def is_filter(settings: MethodSettings) -> TypeGuard[FilterSettings]:
    """Whether a method selects synthetic items, and so has a random control; a user's own says so."""
    if isinstance(settings, CsiGanClassifier):
        return settings.selects
    return isinstance(settings, SsimFilter | TrtsFilter) or is_own_filter(settings)


def is_own_filter(settings: MethodSettings) -> bool:
    """Whether settings of the user's own say ``filters = True``: what they build is a `Filter`."""
    return getattr(settings, "filters", False) is True


@dataclass(frozen=True)
class RandomFilter:
    """Settings of the control: `like` is the filter beside it, with its own settings.

    Raises
    ------
    UserError
        If `like` selects nothing.
    """

    like: FilterSettings = field(default_factory=SsimFilter)

    def __post_init__(self) -> None:
        if not is_filter(self.like):
            raise UserError("like: a method that selects no synthetic items has no random control")

    @property
    def needs(self) -> tuple[str, ...]:
        """What the filter needs."""
        return self.like.needs

    def build(self, setup: Setup) -> RandomFilterMethod:
        """The method."""
        inner: Method = self.like.build(setup)
        if not isinstance(inner, Filter | CsiGanMethod):
            raise UserError(f"{type(inner).__name__}: filters, and is no assay.methods.supervised.Filter")
        return RandomFilterMethod(setup, inner)


class RandomFilterMethod(Method):
    """Trains exactly as the filter does, warm-up included, but permutes the mask of kept items."""

    def __init__(self, setup: Setup, inner: Filter | CsiGanMethod) -> None:
        super().__init__(setup)
        self.inner = inner
        self.networks, self.optimisers = inner.networks, inner.optimisers

    def start_epoch(self, epoch: int) -> None:
        """Let the filter select, then keep as many others."""
        self.inner.start_epoch(epoch)
        if epoch == self.inner.first:
            own = Generator().manual_seed(self.setup.noise.initial_seed())  # dropout goes on as in the filter
            order = torch.randperm(len(self.kept), generator=own)
            self.kept = self.inner.kept = self.inner.kept[order]

    def end_epoch(self) -> None:
        """The filter's."""
        self.inner.end_epoch()

    def state(self) -> dict[str, Any]:
        """The filter's, its mask permuted already."""
        return self.inner.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on as the filter would."""
        self.inner.restore(state)
        self.kept = self.inner.kept

    def streams(self) -> dict[str, Pool]:
        """The filter's stream, with the other items."""
        return self.inner.streams()

    def batch(self, stream: str) -> int:
        """The filter's."""
        return self.inner.batch(stream)

    def update(self, batch: dict[str, Pool]) -> dict[str, Tensor]:
        """The filter's step."""
        return self.inner.update(batch)

    def labels(self) -> Tensor:
        """The filter's."""
        return self.inner.labels()

    def plain(self) -> Plain:
        """The filter's."""
        return self.inner.plain()

    def has_plain(self) -> bool:
        """Whether the filter has."""
        return self.inner.has_plain()

    def predict(self, x: Tensor) -> Tensor:
        """The filter's logits."""
        return self.inner.predict(x)
