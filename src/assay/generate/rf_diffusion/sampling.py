"""Four ways to make an item with a trained network f, which predicts x₀ from (x_t, t); ε ~ N(0, 1).

The first three after RF-Diffusion (MobiCom 2024) as coded, with T the noisiest step; the fourth for the
corrected process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

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


def second_order(predict: Predict, schedule: Schedule, x: Tensor, steps: Sequence[int]) -> Tensor:
    """From x at the first of the `steps` down the corrected process to no noise.

    dx/dσ = (x - f(x, σ)) / σ, by Heun's rule: the mean of the slopes at both ends of a step, the last step by
    the slope at its beginning alone, which gives f (Karras et al., NeurIPS 2022, algorithm 1).
    """
    for step, following in pairwise(steps):
        sigma, less = (float(schedule.noise[i, 0]) for i in (step, following))
        slope = (x - predict(x, _all(x, step))) / sigma
        ahead = x + (less - sigma) * slope
        other = (ahead - predict(ahead, _all(x, following))) / less
        x = x + (less - sigma) * (slope + other) / 2
    return predict(x, _all(x, steps[-1]))


def _all(x: Tensor, step: int) -> Tensor:
    return torch.full((len(x),), step, device=x.device)
