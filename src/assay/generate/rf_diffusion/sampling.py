"""Four ways to make an item with a trained network f, which predicts x₀ from (x_t, t); ε ~ N(0, 1).

The first three after RF-Diffusion (MobiCom 2024) as coded, with T the noisiest step; the fourth is the
ancestral sampling of denoising diffusion (Ho et al., NeurIPS 2020) for any weights A and E.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Generator, Tensor

from assay.generate.rf_diffusion.schedule import Schedule

Predict = Callable[[Tensor, Tensor], Tensor]
"""x_t (batch, packets, numbers) and t (batch,) to the predicted x₀."""


def native(predict: Predict, schedule: Schedule, start: Tensor, noise: Tensor) -> Tensor:
    """f(A_T x + E_T ε, T) of a real item x: a near-copy of it as far as A_T is near one."""
    t = _all(start, schedule.steps - 1)
    return predict(schedule.degrade(start, t, noise), t)


def fast(predict: Predict, schedule: Schedule, noise: Tensor) -> Tensor:
    """f((A_T + E_T) ε, T)."""
    t = _all(noise, schedule.steps - 1)
    return predict(schedule.degrade(noise, t, noise), t)


def robust(predict: Predict, schedule: Schedule, noise: Tensor, degrading: Tensor) -> Tensor:
    """From (A_T + E_T) ε: x_{s−1} = x_s − D(x̂, s) + D(x̂, s−1) with x̂ = f(x_s, s); made is f(x_0, 0).

    Parameters
    ----------
    degrading : Tensor
        The noise of D, the same at all steps.
    """
    x = schedule.degrade(noise, _all(noise, schedule.steps - 1), noise)
    for step in reversed(range(1, schedule.steps)):
        t = _all(x, step)
        predicted = predict(x, t)
        x = x - schedule.degrade(predicted, t, degrading) + schedule.degrade(predicted, t - 1, degrading)
    return predict(x, _all(x, 0))


def from_noise(
    predict: Predict, schedule: Schedule, noise: Tensor, visits: int, generator: Generator
) -> Tensor:
    """From E_T ε, through `visits` of the steps, evenly spaced, to the last prediction."""
    spaced = torch.linspace(schedule.steps - 1, 0, min(visits, schedule.steps)).round().int().tolist()
    x = schedule.noise[spaced[0]].unsqueeze(-1) * noise
    for step, following in pairwise(spaced):
        predicted = predict(x, _all(x, step))
        x = _less_noisy(schedule, x, predicted, (step, following), generator)
    return predict(x, _all(x, spaced[-1]))


def _less_noisy(
    schedule: Schedule, x: Tensor, predicted: Tensor, steps: tuple[int, int], generator: Generator
) -> Tensor:
    """x_s given x_t and x₀, s < t: A_s x₀ + √(E_s² − v) ε̂ + √v ε with ε̂ = (x_t − A_t x₀)/E_t.

    v = (E_s/E_t)² (E_t² − (A_t/A_s)² E_s²) is the variance that x_s keeps once x_t and x₀ are known.
    """
    a_t, a_s = schedule.information[list(steps)].unsqueeze(-1).unbind()
    e_t, e_s = schedule.noise[list(steps)].unsqueeze(-1).unbind()
    variance = (e_s / e_t) ** 2 * (e_t**2 - (a_t / a_s) ** 2 * e_s**2).clamp(min=0)
    known = (x - a_t * predicted) / e_t
    fresh = torch.randn(x.shape, generator=generator, device=x.device)
    return a_s * predicted + (e_s**2 - variance).clamp(min=0).sqrt() * known + variance.sqrt() * fresh


def _all(x: Tensor, step: int) -> Tensor:
    return torch.full((len(x),), step, device=x.device)
