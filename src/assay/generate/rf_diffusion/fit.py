"""The generator `rf-diffusion`: settings, training and samplers tied together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.base import Workspace
from assay.generate.rf_diffusion.settings import RfDiffusionSettings
from assay.types import Task

if TYPE_CHECKING:
    from assay.generate.rf_diffusion.fitted import FittedRfDiffusion
    from assay.generate.rf_diffusion.task_sampler import TaskSampler


@dataclass(frozen=True)
class RfDiffusion(RfDiffusionSettings):
    """Settings that can be fitted; what they mean: `RfDiffusionSettings`."""

    def fit_arrays(
        self, x: NDArray[Any], condition: NDArray[np.int64], seed: int, workspace: Workspace
    ) -> FittedRfDiffusion:
        """Learn from complex signals.

        Parameters
        ----------
        x : complex array, shape (n, time, columns)
            In any unit.
        condition : int array, shape (n, k)
            What each item was recorded under (class, person, room …); -1 where unknown (corrected protocol).
        seed : int
            Same arrays, settings and seed: same weights, also when training was interrupted and resumed.
        workspace : Workspace
            Keeps one checkpoint, of the last epoch.

        Raises
        ------
        UserError
            If shapes do not fit, or a checkpoint to resume from is of other data, settings or seed; when
            the loss is NaN or infinite.
        """
        from assay.generate.rf_diffusion.fitted import fit

        return fit(self, x, condition, seed, workspace)

    def fit(self, task: Task, seed: int, workspace: Workspace) -> TaskSampler:
        """Learn from the task's labelled items, and its shots unless they are told.

        The condition is (class, group).

        Raises
        ------
        UserError
            If items are not of shape (antenna, time, subcarrier).
        """
        from assay.generate.rf_diffusion.task_sampler import fit_task

        return fit_task(self, task, seed, workspace)
