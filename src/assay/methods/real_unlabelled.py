"""The most of real data alone: labelled items, and unlabelled ones by minimum class confusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt

from assay.methods.adaptation import Weight
from assay.methods.base import Setup
from assay.methods.mcc import Mcc, MccMethod


@dataclass(frozen=True)
class RealUnlabelled:
    """Settings of class confusion without synthetic items, as in `mcc`.

    What synthetic data are worth is what they add to this, where there are unlabelled items; `real_only`
    leaves those aside.

    Parameters
    ----------
    temperature : float
        T that logits of unlabelled items are divided by.
    weight : float
        μ of the loss of class confusion.
    """

    temperature: Annotated[float, Gt(0)] = 2.5
    weight: Weight = 1.0
    needs: ClassVar[tuple[str, ...]] = ("unlabelled",)

    def build(self, setup: Setup) -> MccMethod:
        """The method `mcc` on real items alone."""
        return MccMethod(setup, Mcc("labelled", temperature=self.temperature, weight=self.weight))
