"""A run's items on their device, what its method is built from, and its loop."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import Generator, nn

from assay.machine.torchrun import Group
from assay.methods.base import Method, Pools, Setup
from assay.models import precision
from assay.models.as_trained import adjusted
from assay.train.evaluation import HeldOut
from assay.train.features import looks
from assay.train.loop import Loop, Run, chance, clip_gradients, number_of, reseed
from assay.train.pools import to_pools
from assay.types import Samples, Task


def draw(synthetic: Samples | None, task: Task, ratio: float | None, seed: int) -> Samples:
    """The synthetic items of a run: all, or round(ratio × labelled real items) without replacement."""
    if synthetic is None:
        return Samples.none_like(task.labelled)
    if ratio is None:
        return synthetic
    rng = np.random.default_rng([seed, number_of("ratio")])
    return synthetic[np.sort(rng.permutation(len(synthetic))[: needed(task, ratio)])]


def needed(task: Task, ratio: float) -> int:
    """Synthetic items that `ratio` asks for."""
    return round(ratio * len(task.real))


def to_device(task: Task, synthetic: Samples, device: str, decoders: int = 0) -> tuple[Pools, HeldOut]:
    """What the method may learn from, and what is looked at between epochs."""
    parts = (task.labelled, task.shots, task.unlabelled, synthetic, task.test, task.validation)
    pools = to_pools(task, (*parts, *task.further.values()), device, decoders)
    labelled, shots, unlabelled, made, test, validation, *further = pools
    named = dict(zip(task.further, further))
    origin = torch.from_numpy(synthetic.origin)
    return Pools(labelled, shots, unlabelled, made, origin), HeldOut(test, validation, unlabelled, named)


def setup_of(task: Task, pools: Pools, run: Run) -> Setup:
    """What the run's method is built from."""
    noise = chance(run, "noise")

    def backbone() -> nn.Module:
        return adjusted(run.backbone.build(task.shape, noise), task)

    def autocast() -> AbstractContextManager[Any]:
        return precision.autocast(run.training.precision, run.device)

    seed = run.seed if run.init_seed is None else run.init_seed
    init = reseed(Generator(), seed, "init", 0)
    return Setup(len(task.classes), pools, run.training, backbone, init, noise, autocast)


def loop_of(method: Method, task: Task, run: Run, group: Group) -> Loop:
    """The loop, in all processes that train the run: they begin with the weights of the first."""
    loop = Loop(method, run, looks(run, task), group)
    loop.agree()
    group.average_gradients(method.optimisers)
    clip_gradients(method.optimisers, run.training.clip)
    return loop
