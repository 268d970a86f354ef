"""A task of three classes with two modes each, good synthetic data for it, and faults to plant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assay.methods.training import Training
from assay.models.mlp import Mlp
from assay.quality.score import Score, Scoring, score
from assay.types import Samples, Task

CLASSES, MODES = 3, 2
TRAINING = Training(epochs=4, steps=20, batch=32, learning_rate=3e-3, precision="fp32")
SHORT = Training(epochs=1, steps=3, batch=16, precision="fp32")
MLP = Mlp(width=32, dropout=0.0)


def items(n: int, seed: int, modes: int = MODES, spread: float = 0.35) -> Samples:
    """Clusters on a circle; those opposite each other are of one class. The mode is the group."""
    rng = np.random.default_rng(seed)
    cluster = rng.permutation(np.arange(n) % (CLASSES * modes))
    x = rng.normal(0, spread, (n, 6))
    angle = cluster * np.pi / CLASSES
    x[:, 0] += 2 * np.cos(angle)
    x[:, 1] += 2 * np.sin(angle)
    return Samples(x.astype(np.float32), cluster % CLASSES, cluster // CLASSES)


def a_task(labelled: int = 180, unlabelled: int = 120, validation: int = 60, **other: object) -> Task:
    parts = [items(n, seed) for seed, n in enumerate((labelled, 30, unlabelled, validation))]
    task = Task("circle", ("ant", "bee", "cat"), *parts, normalise="none", kind="vector")
    return replace(task, **other)  # type: ignore[arg-type]


def scored(synthetic: Samples, task: Task | None = None, **other) -> Score:
    settings = {"scoring": Scoring(repeats=3), "backbone": MLP, "training": TRAINING, "workers": 1} | other
    return score(task or a_task(), synthetic, device="cpu", **settings)


def flipped(samples: Samples, share: float) -> Samples:
    """Another condition for a share of the items."""
    rng = np.random.default_rng(3)
    y = samples.y.copy()
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    y[chosen] = (y[chosen] + rng.integers(1, CLASSES, len(chosen))) % CLASSES
    return Samples(samples.x, y, samples.group)
