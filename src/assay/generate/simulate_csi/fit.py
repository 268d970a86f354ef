"""The generator `simulate-csi`: settings and sampler tied together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.simulate_csi.sampler import CsiSampler
from assay.generate.simulate_csi.settings import SimulateCsiSettings, gestures_of
from assay.types import Task


@dataclass(frozen=True)
class SimulateCsi(SimulateCsiSettings):
    """Settings that can be fitted; what they mean: `SimulateCsiSettings`."""

    def fit(self, task: Task, seed: int = 0, workspace: Workspace | None = None) -> CsiSampler:
        """A sampler of the task's shape and classes; nothing is learnt.

        Raises
        ------
        UserError
            If items are not (antenna, time, subcarrier) with up to 512 subcarriers, or there are more
            antennas than the receivers have.
        """
        del seed, workspace
        if task.kind != "signal":
            raise UserError(f"simulate-csi: makes signals; {task.name} is a task of kind {task.kind}")
        settings = replace(self, remove_mean=self._removes_mean(task))
        link = self.link(task.name, task.shape)
        return CsiSampler(settings, gestures_of(task.classes), link, task.shape, self.card(task.shape))
