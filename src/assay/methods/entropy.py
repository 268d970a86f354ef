"""Entropies of predictions that adaptation methods lower or raise; gradients flow through all of them."""

from __future__ import annotations

from torch import Tensor

EPS = 1e-6


def entropy(logits: Tensor) -> Tensor:
    """H_i = -Σ_k p_ik log p_ik of p = softmax(logits), shape (n,), nats, range [0, log classes].

    Grandvalet & Bengio, NIPS 2004. `logits` are (n, classes).
    """
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)


def imbalance(logits: Tensor) -> Tensor:
    """R = -(1/K) Σ_k log(mean over the batch of p_ik + 1e-6), least (log K) where classes are equally likely.

    Saito et al., CVPR 2018 (code); Tang & Jia, CVPR 2023 (code). `logits` are (n, classes).
    """
    return -(logits.softmax(1).mean(0) + EPS).log().mean()
