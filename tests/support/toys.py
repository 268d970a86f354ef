"""Small tasks with a known truth, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from assay.methods.base import Method, MethodSettings
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.mlp import Mlp
from assay.models.networks import Backbone
from assay.train.building import setup_of, to_device
from assay.train.one_run import Run
from assay.types import Samples, Task

CLASSES = 4
FAST = Training(epochs=4, steps=15, batch=16, learning_rate=3e-3, precision="fp32")
MLP = Mlp(width=32, dropout=0.1)


def blobs(n: int, seed: int, spread: float = 0.45) -> Samples:
    """`n` items of four classes, each around a corner of the first two axes of ten."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % CLASSES
    x = rng.normal(0, spread, (n, 10))
    x[:, 0] += 2 * (y % 2) - 1
    x[:, 1] += 2 * (y // 2) - 1
    return Samples(x.astype(np.float32), y)


def blob_task(labelled: int = 40, shots: int = 0, unlabelled: int = 60, validation: int = 40) -> Task:
    """A task that a small network learns in a second."""
    names = tuple("abcd")
    parts = [blobs(n, seed) for seed, n in enumerate((labelled, 200, unlabelled, validation, shots))]
    return Task("blobs", names, *parts, normalise="none", kind="vector")


def run_of(
    method: str | MethodSettings,
    seed: int = 0,
    training: Training = FAST,
    backbone: Backbone = MLP,
    **options,
) -> Run:
    """A run with small settings."""
    return Run(METHODS[method] if isinstance(method, str) else method, backbone, training, seed, **options)


def built(run: Run, task: Task, synthetic: Samples | None) -> Method:
    """The method of a run before its first epoch."""
    pools, _ = to_device(task, Samples.none_like(task.labelled) if synthetic is None else synthetic, "cpu")
    return run.method.build(setup_of(task, pools, run))


def same(a: Sequence[torch.Tensor], b: Sequence[torch.Tensor]) -> bool:
    """Whether all tensors are equal to the last bit."""
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def replaced(samples: Samples, y: Callable[[np.ndarray], np.ndarray]) -> Samples:
    """The items with other labels."""
    return Samples(samples.x, y(samples.y), samples.group)
