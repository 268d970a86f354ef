"""The two protocols of the published adaptation methods, their switches, and the published schedules.

Source of all published behaviour: Tang & Jia, CVPR 2023, and the code released with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

import torch
from annotated_types import Gt

from assay.errors import UserError
from assay.methods.adaptation import Adaptation, AdaptationMethod, Losses
from assay.methods.base import Pool, Setup
from assay.models import optimisers
from assay.settings import switch, switched

Rate = Annotated[float, Gt(0)]


@dataclass(frozen=True)
class PublishedAdaptation(Adaptation):
    """Settings of every adaptation method of the published comparison.

    Parameters
    ----------
    protocol : {"corrected", "released"}
        Sets all switches that are left open: "released" does what the published code does, flaws included.
    learning_rate : float
        Of the published optimiser. The published value suits pre-trained networks.
    published_optimiser : bool, optional
        Switch. SGD with momentum 0.9 and weight decay 1e-4, its rate falling as (1 + 10 p)^-0.75 with the
        progress p; the learning rate, optimiser and schedule of the training settings are *not* used. Off,
        they are.
    per_epoch_schedule : bool, optional
        Switch. The progress p of schedules stands still within an epoch, so that λ is 0 throughout the first
        one. Off, it grows with every step.
    """

    protocol: Literal["corrected", "released"] = "corrected"
    learning_rate: Rate = 1e-4
    published_optimiser: bool | None = switch()
    per_epoch_schedule: bool | None = switch()

    def __post_init__(self) -> None:
        """Refuse a rate that nothing would follow."""
        chosen = self.published_optimiser
        in_use = self.protocol == "released" if chosen is None else chosen
        if not in_use and self.learning_rate != type(self).learning_rate:
            raise UserError(
                f"learning_rate: {self.learning_rate}: of the published optimiser, which is off; the "
                "training has a learning_rate for all methods"
            )


P = TypeVar("P", bound=PublishedAdaptation)


def resolved(settings: P) -> P:
    """`settings` with the open switches set by the protocol."""
    return switched(settings, settings.protocol == "released")


def penalty_weight(progress: float) -> float:
    """λ = 2 / (1 + exp(-10 p)) - 1, from 0 to 1 as p goes from 0 to 1 (Ganin et al., JMLR 2016, sec. 5.2)."""
    return 2 / (1 + math.exp(-10 * progress)) - 1


def published_decay(progress: float) -> float:
    """(1 + 10 p)^-0.75, the factor on the learning rate at progress p (Ganin et al., JMLR 2016)."""
    return float((1 + 10 * progress) ** -0.75)


class PublishedMethod(AdaptationMethod[P], Generic[P]):
    """An adaptation method with the published optimiser and schedules, each where its switch asks for it."""

    def __init__(self, setup: Setup, settings: P) -> None:
        super().__init__(setup, resolved(settings))
        self.step = 0

    def optimiser(self, groups: Iterable[dict[str, Any]], momentum: float = 0.9) -> torch.optim.Optimizer:
        """The published optimiser, or that of the training settings."""
        if not self.settings.published_optimiser:
            return self.setup.optimiser(groups)
        rate = self.settings.learning_rate
        return optimisers.SGD(groups, lr=rate, momentum=momentum, weight_decay=1e-4)

    def start_epoch(self, epoch: int) -> None:
        """Set the rates for the first step."""
        super().start_epoch(epoch)
        self.step = 0
        self.follow_schedule()

    def follow_schedule(self) -> None:
        """Set the published learning rate, if it is in use."""
        if self.settings.published_optimiser:
            self.set_rates(self.settings.learning_rate * published_decay(self.progress()))

    def progress(self) -> float:
        """How much of the training is over, in [0, 1)."""
        training = self.setup.training
        part = 0.0 if self.settings.per_epoch_schedule else self.step / training.steps
        return (self.epoch + part) / training.epochs

    def penalty(self) -> float:
        """λ at this step."""
        return penalty_weight(self.progress())

    def update(self, batch: dict[str, Pool]) -> Losses:
        """One step of training at the present point of the schedules."""
        self.follow_schedule()
        losses = super().update(batch)
        self.step += 1
        return losses
