"""Virtual adversarial training (Miyato et al., TPAMI 2019): the small change that a prediction minds most."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div

Network = Callable[[Tensor], Tensor]
EPS, LEAST = 1e-6, 1e-12


def kl_to(logits: Tensor, other: Tensor) -> Tensor:
    """Mean over items of KL(p ‖ q), p = softmax(logits) held constant, q = softmax(other), (n, classes)."""
    log_p = logits.detach().log_softmax(1)
    return kl_div(other.log_softmax(1), log_p, reduction="batchmean", log_target=True)


def directions(d: Tensor) -> Tensor:
    """Each item of `d` (n, *shape) over its largest magnitude, then over sqrt(1e-6 + sum of squares)."""
    flat = d.flatten(1)
    flat = flat / (flat.abs().amax(1, keepdim=True) + LEAST)
    return (flat / (EPS + flat.square().sum(1, keepdim=True)).sqrt()).view_as(d)


def worst_change(
    network: Network, x: Tensor, logits: Tensor, noise: Tensor, xi: float, radius: float, steps: int = 1
) -> Tensor:
    """r = ε n(d), the change of length ε that (to second order) raises KL most, shape of `x`.

    By power iteration: d ← ∇_d KL(p ‖ q(x + ξ n(d))), n of `directions`.

    Parameters
    ----------
    network : callable
        Items to logits.
    x, logits : tensors
        Items and what the network says of them.
    noise : tensor, shape of `x`
        The first d.
    xi, radius : float
        ξ, the step of the search, and ε.
    steps : int
        Rounds.
    """
    d = noise
    for _ in range(steps):
        d = (xi * directions(d)).requires_grad_()
        (d,) = torch.autograd.grad(kl_to(logits, network(x + d)), d)
    return radius * directions(d)


@contextlib.contextmanager
def statistics_untouched(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Context in which batch normalisation in training mode leaves its running statistics alone."""
    layers = [m for net in networks for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    before = [layer.track_running_stats for layer in layers]
    for layer in layers:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer, tracked in zip(layers, before):
            layer.track_running_stats = tracked
