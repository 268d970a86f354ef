"""Labelled source items through the trained generator."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assay.generate.base import Factors, Workspace
from assay.generate.csigan.domains import domains, planes, rank_in_class, recorded
from assay.generate.csigan.networks import CycleGenerator
from assay.generate.csigan.settings import CsiGanSettings
from assay.generate.csigan.training import CycleTraining
from assay.models.precision import autocast, threads
from assay.settings import as_dict, fingerprint
from assay.types import UNKNOWN, Samples, Task

BATCH = 16


def fitted(settings: CsiGanSettings, task: Task, seed: int, workspace: Workspace) -> CsiGanSampler:
    """Train (or resume) and wrap the generator from A to B."""
    data = domains(task, settings)
    with threads(settings.threads):
        training = CycleTraining(settings, data, seed, workspace.device)
        network = training.run(workspace, _identity(settings, task, seed))
    return CsiGanSampler(network, settings, task, data.source, data.target_group, workspace.device)


def _identity(settings: CsiGanSettings, task: Task, seed: int) -> str:
    """Names all that a checkpoint depends on: not the number of epochs, nor noise on copies."""
    endless = dataclasses.replace(settings, epochs=1, copy_noise=CsiGanSettings.copy_noise)
    return fingerprint({"settings": as_dict(endless), "task": task.digest(), "seed": seed})


@dataclass(frozen=True)
class CsiGanSampler:
    """A generator from A to B that is ready to translate.

    Parameters
    ----------
    network : CycleGenerator
    settings : CsiGanSettings
    task : Task
    source : int array
        Positions of the items to translate, among the task's labelled items.
    target_group : int
        Group of all outputs.
    device : str
    """

    network: CycleGenerator
    settings: CsiGanSettings
    task: Task
    source: NDArray[np.int64]
    target_group: int
    device: str

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """`n` translated items: each source item once before any twice, classes in turn.

        Returns
        -------
        samples : Samples
            `y` is the class of the source item (-1 if not conditional), `origin` its place.
        factors : dict of arrays, shape (n,)
            ``source``, its position among the labelled items, and ``copy``: 0 for the item as it is, k for
            its k-th repetition with noise.
        """
        labels = self.task.labelled.y
        chosen, copy = draw(labels[self.source], n, rng)
        index = self.source[chosen]
        x = self._translated(self._inputs(index, copy, rng))
        y = labels[index] if self.settings.conditional else np.full(n, UNKNOWN)
        samples = Samples(x, y, np.full(n, self.target_group), origin=index)
        return samples, {"source": index, "copy": copy}

    def _inputs(
        self, index: NDArray[np.int64], copy: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[Any]:
        """Source items, repetitions with noise relative to the deviation of all of them."""
        x = self.task.labelled.x[index].astype(np.float32)
        again = copy > 0
        scale = self.settings.copy_noise * self.task.labelled.x[self.source].std(dtype=np.float64)
        x[again] += np.float32(scale) * rng.standard_normal(x[again].shape, dtype=np.float32)
        return x

    def _translated(self, x: NDArray[Any]) -> NDArray[np.float32]:
        inputs = torch.from_numpy(planes(self.task, x))
        with threads(self.settings.threads), torch.no_grad(), autocast(self.settings.precision, self.device):
            outputs = [self.network(block.to(self.device)).cpu() for block in torch.split(inputs, BATCH)]
        return recorded(self.task, torch.cat(outputs).numpy())


def draw(
    y: NDArray[np.int64], n: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of `n` items and how often each has come before.

    Every pass goes through all items in random order, one of each class in turn as long as classes last.
    """
    passes = -(-n // len(y))
    order = np.concatenate([_in_turn(y, rng) for _ in range(passes)])[:n]
    return order, np.repeat(np.arange(passes), len(y))[:n]


def _in_turn(y: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    order = rng.permutation(len(y))
    return order[np.argsort(rank_in_class(y[order]), kind="stable")]
