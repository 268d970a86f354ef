"""Losses of the CycleGAN (Zhu et al., ICCV 2017, with the least squares of Mao et al., ICCV 2017)."""

from __future__ import annotations

from torch import Tensor


def taken_for_real(scores: Tensor) -> Tensor:
    """What a generator minimises: mean (s - 1)² over the scores of its items; 0 if all are taken for real."""
    return (scores - 1).square().mean()


def told_apart(real: Tensor, generated: Tensor) -> Tensor:
    """What a discriminator minimises: ½ [mean (s_real - 1)² + mean s_generated²]; 0 if it is never wrong."""
    return ((real - 1).square().mean() + generated.square().mean()) / 2


def cycle_loss(returned: Tensor, original: Tensor) -> Tensor:
    """mean |G_BA(G_AB(a)) - a|: how far an item comes back from where it set out."""
    return (returned - original).abs().mean()


def similarity_loss(translated: Tensor, partner: Tensor) -> Tensor:
    """mean (G_AB(a) - b)²: how far an item lands from its partner; needs pairs."""
    return (translated - partner).square().mean()
