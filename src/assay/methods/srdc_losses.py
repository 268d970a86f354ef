"""The losses of SRDC (Tang, Chen & Jia, CVPR 2020), on log-probabilities of any of its three levels."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import one_hot

from assay.methods.distances import squared_distances


def student_t(features: Tensor, centres: Tensor, alpha: float = 1.0) -> Tensor:
    """s_ik = (1 + |f_i - μ_k|² / α)^(-(α + 1) / 2), shape (n, classes), range (0, 1].

    The kernel of t-SNE and of deep embedded clustering (Xie et al., ICML 2016). `features` (n, d), `centres`
    (classes, d).
    """
    return (1 + squared_distances(features, centres) / alpha) ** (-(alpha + 1) / 2)


def kernel_log_probability(similarity: Tensor, softmaxed: bool) -> Tensor:
    """log p of similarities (n, classes): p is their share of the row's sum, or (published) their softmax.

    As similarities lie in (0, 1], their softmax cannot exceed e / (e + classes - 1).
    """
    if softmaxed:
        return similarity.log_softmax(1)
    return similarity.log() - similarity.sum(1, keepdim=True).log()


def auxiliary(p: Tensor) -> Tensor:
    """q_ik ∝ p_ik / sqrt(Σ_j p_jk), rows (n, classes) summing to 1: sharper for classes rare in the batch."""
    q = p / p.sum(0).sqrt()
    return q / q.sum(1, keepdim=True)


def target_loss(log_p: Tensor, labels: Tensor, mix: float, detached: bool) -> Tensor:
    """ℓ_T = -(1/B) Σ_i Σ_k q_ik log p_ik with q = (1 - β) onehot(label) + β auxiliary(p).

    Parameters
    ----------
    log_p : tensor, shape (B, classes)
    labels : int tensor, shape (B,)
        Clusters.
    mix : float
        β, in [0, 1].
    detached : bool
        Whether q is held constant.
    """
    q = mix * auxiliary(log_p.exp()) + (1 - mix) * one_hot(labels, log_p.shape[1])
    return -((q.detach() if detached else q) * log_p).sum(1).mean()


def source_loss(log_p: Tensor, y: Tensor, weight: Tensor, soft: bool = False) -> Tensor:
    """ℓ_S = -(1/B) Σ_i ω_i Σ_k t_ik log p_ik, t the one-hot labels or (soft) (1 - p) · onehot + p · p.

    `log_p` (B, classes), `y` (B,) and ω (B,). Soft targets are not held constant, as published.
    """
    target = one_hot(y, log_p.shape[1]).to(log_p.dtype)
    if soft:
        p = log_p.exp()
        target = (1 - p) * target + p * p
    return -(weight * (target * log_p).sum(1)).mean()
