"""Clustering of features with one cluster a class: the start decides which cluster is which class.

Nothing here carries gradients. Empty clusters are handled as the code released with Tang & Jia, CVPR 2023
handles them, which every function says.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize, one_hot

EPS = 1e-6
TOLERANCE = 1e-3
"""Kernel k-means stops when a smaller share of items than this changes its cluster."""


def class_means(features: Tensor, labels: Tensor, classes: int, eps: float = 0.0) -> Tensor:
    """Sum of the features of each class / (their number + eps), shape (classes, d); zeros if there are none.

    Parameters
    ----------
    features : tensor, shape (n, d)
    labels : int tensor, shape (n,)
    classes : int
    eps : float
    """
    counts = torch.bincount(labels, minlength=classes).to(features.dtype)
    return class_sums(features, labels, classes) / (counts + eps if eps else counts.clamp(min=1))[:, None]


def class_sums(features: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Sum of the features (n, d) of each class, shape (classes, d)."""
    if features.is_cuda:  # where adding row by row has no fixed order
        return one_hot(labels, classes).to(features.dtype).T @ features
    return features.new_zeros(classes, features.shape[1]).index_add_(0, labels, features)


def unit(features: Tensor) -> Tensor:
    """Rows (n, d) divided by their length; rows of zeros stay."""
    return normalize(features, dim=1, eps=torch.finfo(features.dtype).tiny)


def nearest(features: Tensor, centres: Tensor) -> Tensor:
    """Which row of `centres` (k, d) is nearest to each row of `features` (n, d); shape (n,).

    |c|² - 2 f·c orders centres as |f - c|² does, with one matrix product instead of n · k · d differences.
    """
    return torch.addmm(centres.square().sum(1), features, centres.T, alpha=-2).argmin(1)


def kmeans(features: Tensor, centres: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """So many rounds of k-means from given centres (Lloyd, 1982).

    An empty cluster gets the zero vector as its centre.

    Parameters
    ----------
    features : tensor, shape (n, d)
    centres : tensor, shape (k, d)
    iterations : int

    Returns
    -------
    labels : int tensor, shape (n,)
        The last assignment, made before the last move of the centres.
    centres : tensor, shape (k, d)
    """
    for _ in range(iterations):
        labels = nearest(features, centres)
        centres = class_means(features, labels, len(centres), EPS)
    return labels, centres


def spherical_kmeans(features: Tensor, centres: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """`kmeans`, except that centres are sums of the items' directions, as published.

    Published: neither are the sums normalised, nor are distances those of directions: items of any length are
    assigned to the nearest sum.
    """
    directions = features / (features.norm(dim=1, keepdim=True) + EPS)
    for _ in range(iterations):
        labels = nearest(features, centres)
        centres = class_sums(directions, labels, len(centres))
    return labels, centres


def rbf(features: Tensor, gamma: float | None = None) -> Tensor:
    """exp(-γ |f_i - f_j|²), shape (n, n), of rows (n, d); γ = 1/d by default."""
    squares = features.square().sum(1)
    distances = squares[:, None] + squares[None] - 2 * features @ features.T
    return (-(gamma or 1 / features.shape[1]) * distances.clamp(min=0)).exp()


def kernel_kmeans(kernel: Tensor, labels: Tensor, clusters: int, iterations: int, weights: Tensor) -> Tensor:
    """Labels after at most so many rounds of weighted kernel k-means (Dhillon et al., KDD 2004).

    The squared distance to cluster c, up to a constant, is -2 Σ_j w_j K_ij / W + Σ_jl w_j w_l K_jl / W² over
    its items j and l, with W = Σ_j w_j. Published: an empty cluster is at distance 0 from everything.

    Parameters
    ----------
    kernel : tensor, shape (n, n)
    labels : int tensor, shape (n,)
        The start.
    clusters, iterations : int
    weights : tensor, shape (n,)
    """
    for _ in range(iterations):
        before = labels
        member = one_hot(labels, clusters).to(kernel.dtype) * weights[:, None]
        member = member / member.sum(0).clamp(min=torch.finfo(kernel.dtype).tiny)
        towards = kernel @ member
        labels = ((member * towards).sum(0) - 2 * towards).argmin(1)
        if (labels != before).float().mean() < TOLERANCE:
            break
    return labels
