"""SynCheck (MobiSys 2025): its losses, which are those of OpenMatch (Saito et al. 2021), and its score."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

EPS = 1e-8
OUTLIER, INLIER = 0, 1


def one_vs_all(open_logits: Tensor, y: Tensor) -> Tensor:
    """L_ova = mean(-log q_{1,y}) + mean(max over c ≠ y of -log q_{0,c}): the hardest negative counts.

    Parameters
    ----------
    open_logits : tensor, shape (n, 2, classes)
        Outlier logits, then inlier logits.
    y : int tensor, shape (n,)
    """
    losses = -(open_logits.softmax(1) + EPS).log()
    positive = losses[:, INLIER].gather(1, y[:, None])
    negative = losses[:, OUTLIER].scatter(1, y[:, None], -torch.inf).amax(1)
    return positive.mean() + negative.mean()


def open_entropy(open_logits: Tensor) -> Tensor:
    """H = mean over items and classes of -Σ_k q_{k,c} log q_{k,c}, nats; `open_logits` (n, 2, classes)."""
    q = open_logits.softmax(1)
    return -(q * (q + EPS).log()).sum(1).mean()


def soft_consistency(weak: Tensor, strong: Tensor) -> Tensor:
    """L_socr = mean over items of Σ_c Σ_k (q(weak) - q(strong))²; both open logits (n, 2, classes)."""
    return (weak.softmax(1) - strong.softmax(1)).square().sum((1, 2)).mean()


def outlier_score(logits: Tensor, open_logits: Tensor) -> Tensor:
    """q_{0,ŷ} with ŷ the predicted class, shape (n,), range [0, 1]; below 0.5 the item is kept."""
    predicted = logits.argmax(1, keepdim=True)
    return open_logits.softmax(1)[:, OUTLIER].gather(1, predicted).squeeze(1)


def pseudo_label_loss(weak: Tensor, strong: Tensor, temperature: float, threshold: float) -> Tensor:
    """L_fix: cross-entropy of the strong view with the weak view's predicted class, where that is sure."""
    confidence, label = (weak.detach() / temperature).softmax(1).max(1)
    losses = cross_entropy(strong, label, reduction="none")
    return (losses * (confidence >= threshold)).mean()
