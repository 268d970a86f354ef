"""Source items chosen or weighted by how near they are to the target's clusters (SRDC's options)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity


def soft_weights(features: Tensor, y: Tensor, centres: Tensor) -> Tensor:
    """ω_i = ½ (1 + cos(f_i, c_{y_i})), shape (n,), range [0, 1] (Tang et al., CVPR 2020).

    `features` (n, d) and labels `y` (n,) are the source's, `centres` (classes, d) the target clusters'.
    """
    return (1 + cosine_similarity(features, centres[y])) / 2


def hard_threshold(epoch: int) -> float:
    """τ = 1 / (1 + exp(-e/2)) - 0.01, for the epoch e that is about to start."""
    return 1 / (1 + math.exp(-0.5 * epoch)) - 0.01


def lowering(kernel: Tensor, predicted: Tensor, class_: int) -> float:
    """By how much τ falls for a class: by 0.1 if the target is unsure of it in both measures, 0 if in none.

    For each measure, `kernel` and `predicted` (n, classes), rows summing to 1: the mean distribution of the
    items that it takes for the class; unsure if its entropy is above log(classes) / 10. By 0.05 if one of the
    two is unsure, or if no item is taken for the class.
    """
    limit = math.log(kernel.shape[1]) / 10
    entropies = [_entropy_of_mean(p[p.argmax(1) == class_]) for p in (kernel, predicted)]
    if all(h > limit for h in entropies):
        return 0.1
    return 0.0 if all(h <= limit for h in entropies) else 0.05


def _entropy_of_mean(p: Tensor) -> float:
    """Entropy of the mean row in nats; NaN, which is neither above nor below anything, without rows."""
    mean = p.mean(0)
    return float(-torch.special.xlogy(mean, mean).sum())


def hard_selection(weights: Tensor, y: Tensor, kernel: Tensor, predicted: Tensor, epoch: int) -> Tensor:
    """Positions of the source items whose weight is above τ, class by class, at least one for each.

    As published, τ is never raised again: what it falls by for one class (`lowering`, and steps of 0.05 until
    an item is found) holds for the classes after it.

    Parameters
    ----------
    weights, y : tensors, shape (n,)
        Of `soft_weights`, and the labels.
    kernel, predicted : tensors, shape (m, classes)
        Of the target.
    epoch : int
    """
    threshold, chosen = hard_threshold(epoch), []
    for class_ in sorted(set(y.tolist())):
        threshold -= lowering(kernel, predicted, class_)
        own = torch.where(y == class_)[0]
        while not (weights[own] > threshold).any():
            threshold -= 0.05
        chosen.append(own[weights[own] > threshold])
    return torch.cat(chosen)
