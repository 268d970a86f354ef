"""A generator: a function of a task, a number and a source of random numbers."""

from __future__ import annotations

import numpy as np

from assay import Samples, Task


def make(task: Task, n: int, rng: np.random.Generator, noise: float = 0.2) -> Samples:
    """Labelled items again, with noise; `origin` says which."""
    place = rng.integers(len(task.labelled), size=n)
    x = task.labelled.x[place].astype(np.float32)
    x = x + noise * x.std() * rng.standard_normal(x.shape, dtype=np.float32)
    return Samples(x, task.labelled.y[place], origin=place)
