"""Consistency between an item and a perturbed copy of it: the copy, and how far apart predictions are."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, cosine_similarity, grid_sample, kl_div

Divergence = Literal["kl", "kl_detached", "l1", "l2", "cosine"]


def perturbed(x: Tensor, generator: Generator, deviation: float = 0.1) -> Tensor:
    """A copy of the items, perturbed at random.

    Items of three axes (channel, height, width) go through a random affine map whose 2 × 2 part is the
    identity plus N(0, deviation²), as published; the published blur of 0.1 pixels changes no pixel by more
    than rounding and is left out. To other items noise is added, N(0, deviation²).
    """
    if x.ndim != 4:
        return x + torch.empty_like(x).normal_(0, deviation, generator=generator)
    turn = torch.eye(2, 3, dtype=x.dtype, device=x.device).repeat(len(x), 1, 1)
    turn[:, :, :2] += torch.empty_like(turn[:, :, :2]).normal_(0, deviation, generator=generator)
    grid = affine_grid(turn, list(x.shape), align_corners=False)
    return grid_sample(x, grid, padding_mode="zeros", align_corners=False)


def divergence(logits: Tensor, copy: Tensor, kind: Divergence) -> Tensor:
    """Mean over items of the distance between p = softmax(logits) and q = softmax(copy), both (n, classes).

    "kl": KL(p ‖ q) = Σ_k p_k log(p_k / q_k); "kl_detached": the same, p held constant; "l1": Σ_k |p_k - q_k|;
    "l2": Σ_k (p_k - q_k)²; "cosine": 1 - cos(p, q).
    """
    if kind in ("kl", "kl_detached"):
        held = logits.detach() if kind == "kl_detached" else logits
        return kl_div(copy.log_softmax(1), held.log_softmax(1), reduction="batchmean", log_target=True)
    p, q = logits.softmax(1), copy.softmax(1)
    if kind == "cosine":
        return (1 - cosine_similarity(p, q, dim=1)).mean()
    return ((p - q).abs() if kind == "l1" else (p - q).square()).sum(1).mean()
