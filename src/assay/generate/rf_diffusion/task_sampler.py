"""The generator on a task: items (antenna, time, subcarrier) under the condition (class, group)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.base import Factors, Workspace
from assay.generate.rf_diffusion.fitted import FittedRfDiffusion, fit
from assay.generate.rf_diffusion.settings import RfDiffusionSettings
from assay.types import Samples, Task

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TaskSampler:
    """Makes items for a task.

    Parameters
    ----------
    fitted : FittedRfDiffusion
    task : Task
    """

    fitted: FittedRfDiffusion
    task: Task

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """Items in random order, each class as often as the others (give or take one).

        The group is the target's: of an item drawn from the shots and the unlabelled items, or from the
        labelled ones where there are none. "native" sampling draws real items of each class to start from, of
        the target's groups where it has them; as released it takes their groups.

        Returns
        -------
        samples : Samples
            x of the task's shape, complex64 if the task's items are complex, else float32 (the real part);
            y the class each was made for; group; the origin of each, if "native".
        factors : dict of str to array, shape (n,)
            ``class`` and ``group``.
        """
        y = rng.permutation(np.arange(n) % len(self.task.classes))
        groups = target_groups(self.task)
        if self.fitted.settings.sampling == "native":
            return self._native(y, groups, rng)
        group = rng.choice(groups, n)
        made = self.fitted.synthesise(np.stack([y, group], 1), rng)
        return self._samples(made, y, group, None)

    def _native(self, y: Ints, groups: Ints, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """Items from real ones of the same classes."""
        real = self.task.real
        origin = np.array([_alike(real, label, groups, rng) for label in y], dtype=np.int64)
        start = real[origin]
        group = start.group if self.fitted.settings.released else rng.choice(groups, len(y))
        condition, recorded = (np.stack([y, of], 1) for of in (group, start.group))
        made = self.fitted.synthesise(condition, rng, columns_of(start.x), recorded)
        return self._samples(made, y, group, origin)

    def _samples(
        self, made: NDArray[np.complex64], y: Ints, group: Ints, origin: Ints | None
    ) -> tuple[Samples, Factors]:
        x = items_of(made, self.task.shape)
        items: NDArray[Any] = x if np.iscomplexobj(self.task.labelled.x) else x.real.copy()
        samples = Samples(items, y, group, origin=origin)  # type: ignore[arg-type]
        return samples, {"class": y, "group": group}


def fit_task(settings: RfDiffusionSettings, task: Task, seed: int, workspace: Workspace) -> TaskSampler:
    """Train on the labelled items of a task, and its shots unless they are told; see `RfDiffusion.fit`."""
    if len(task.shape) != 3:
        raise UserError(
            f"rf_diffusion: makes items of shape (antenna, time, subcarrier); {task.name} has {task.shape}; "
            "(subcarrier, time) items become such by x.swapaxes(1, 2)[:, None]"
        )
    told = settings.shots == "told" and len(task.shots) > 0
    labelled = task.labelled if told else task.real
    learnt = labelled.joined(task.unlabelled) if settings.unlabelled else labelled
    target = task.shots if told and not len(task.unlabelled) else task.unlabelled
    seen = labelled if settings.released else labelled.joined(target)
    x, condition = items_and_conditions(learnt)
    shots = items_and_conditions(task.shots) if told else None
    return TaskSampler(fit(settings, x, condition, seed, workspace, items_and_conditions(seen), shots), task)


def items_and_conditions(samples: Samples) -> tuple[NDArray[np.complex64], Ints]:
    """Columns of the items, and the condition (class, group) of each."""
    return columns_of(samples.x), np.stack([samples.y, samples.group], 1)


def target_groups(task: Task) -> Ints:
    """Groups of the target's items, one for each item: shots and unlabelled, or else labelled."""
    target = np.concatenate([task.shots.group, task.unlabelled.group])
    return target if len(target) else task.labelled.group


def columns_of(x: NDArray[Any]) -> NDArray[np.complex64]:
    """(n, antenna, time, subcarrier) to complex (n, time, antenna × subcarrier), antenna-major."""
    n, antennas, time, subcarriers = x.shape
    return x.transpose(0, 2, 1, 3).reshape(n, time, antennas * subcarriers).astype(np.complex64)


def items_of(columns: NDArray[np.complex64], shape: tuple[int, ...]) -> NDArray[np.complex64]:
    """The inverse of `columns_of`, for items of `shape`."""
    antennas, time, subcarriers = shape
    x = columns.reshape(len(columns), time, antennas, subcarriers).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(x)


def _alike(real: Samples, label: int, groups: Ints, rng: np.random.Generator) -> int:
    """Position of a real item of the class, of the target's groups if it has one there."""
    of_class = np.flatnonzero(real.y == label)
    of_target = of_class[np.isin(real.group[of_class], groups)]
    return int(rng.choice(of_target if len(of_target) else of_class))
