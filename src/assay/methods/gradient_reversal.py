"""Gradient reversal (Ganin & Lempitsky, ICML 2015)."""

from __future__ import annotations

from typing import Any, cast

from torch import Tensor
from torch.autograd import Function


class _Reversal(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradients[0], None


def reverse_gradient(x: Tensor, weight: float) -> Tensor:
    """`x` itself; on the way back, gradients are multiplied by -`weight`."""
    return cast(Tensor, _Reversal.apply(x, weight))  # type: ignore[no-untyped-call]
