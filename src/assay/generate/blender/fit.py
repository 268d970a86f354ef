"""The generator `blender`: settings and sampler tied together."""

from __future__ import annotations

from dataclasses import dataclass

from assay.generate.base import Workspace
from assay.generate.blender.sampler import BlenderSampler
from assay.generate.blender.settings import BlenderSettings
from assay.types import Task


@dataclass(frozen=True)
class Blender(BlenderSettings):
    """Settings that can be fitted; what they mean: `BlenderSettings`."""

    def fit(self, task: Task, seed: int = 0, workspace: Workspace | None = None) -> BlenderSampler:
        """A sampler of the task's classes at the size of its images; nothing is learnt.

        Raises
        ------
        UserError
            As `BlenderSettings.of_task`.
        """
        del seed
        x = task.labelled.x
        full = 1.0 if x.dtype.kind == "f" and x.max() <= 1 else 255.0
        return BlenderSampler(self.of_task(task), workspace or Workspace(), x.dtype, full)
