"""Learning rates over epochs and steps."""

from __future__ import annotations

import math


def rate_factor(schedule: str, epoch: int, epochs: int, every: int, decay: float) -> float:
    """Factor on the learning rate in `epoch` (from 0) of `epochs`; "every": × `decay` after each `every`."""
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * epoch / epochs))
    if schedule == "every":
        return decay ** (epoch // every)
    return 0.1 ** int(epoch / (0.4 * epochs)) if schedule == "step" else 1.0


def step_factor(step: int, steps: int, warm_up: int) -> float:
    """Factor on the learning rate in `step` (from 0) of `steps` of all epochs.

    t / (W - 1) over the first W steps, then ½ (1 + cos(π (t - W) / (T - W))), as in the code
    released with Tang & Jia (CVPR 2023).
    """
    if step < warm_up:
        return step / max(1, warm_up - 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))
