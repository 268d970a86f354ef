"""Agreement of conditions and models: the plainest way to select synthetic items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

from assay.methods.base import Method, Setup
from assay.methods.real_only import RealOnly


@dataclass(frozen=True)
class Agreement:
    """Settings of the agreement of conditions and models trained on real items alone.

    Parameters
    ----------
    threshold : float
        Keep an item if the models take it for its condition, with at least this mean probability.
    """

    threshold: Annotated[float, Ge(0), Le(1)] = 0.0
    needs: ClassVar[tuple[str, ...]] = ("synthetic", "conditions")

    def build(self, setup: Setup) -> Method:
        """A method of the real items alone."""
        return RealOnly().build(setup)
