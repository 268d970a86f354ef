"""The generator `csigan`: settings, training and sampler tied together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.csigan.settings import CsiGanSettings
from assay.types import Task

if TYPE_CHECKING:
    from assay.generate.csigan.sampler import CsiGanSampler


@dataclass(frozen=True)
class CsiGan(CsiGanSettings):
    """Settings that can be fitted; what they mean: `CsiGanSettings`."""

    def fit(self, task: Task, seed: int, workspace: Workspace) -> CsiGanSampler:
        """Train the networks, or go on from the workspace's checkpoint.

        Raises
        ------
        UserError
            If the task has no target items, items of a shape without planes, no item of `source_group`, or no
            pairs where pairs are needed; or if the checkpoint belongs to other settings, data or seed; when
            a loss is NaN or infinite.
        """
        from assay.generate.csigan.sampler import fitted

        if self.lambda_similarity and self.pairing != "index":
            raise UserError("csigan: lambda_similarity needs pairs: paired=true,conditional=true")
        return fitted(self, task, seed, workspace)
