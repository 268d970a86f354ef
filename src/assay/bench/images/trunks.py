"""Trunks that are trained before they are adapted, each once for every scheme and seed, and kept.

OUT/trunks/KEY.safetensors     the weights; KEY names everything that went into them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay.bench.images.data import Images
from assay.bench.images.study import Cell, Scheme, Size
from assay.bench.runner import Job, job_of
from assay.bench.store import writing
from assay.bench.trunk import pretrain
from assay.loop import Run
from assay.methods import METHODS
from assay.models import Backbone, chosen
from assay.models.pretrained import Pretrained
from assay.parallel import in_processes
from assay.settings import parse

AUGMENT: Any = "strong"
"""Published: the trunks learn from strongly augmented images."""


@dataclass(frozen=True)
class Trunks:
    """Pre-trained networks of a study.

    Parameters
    ----------
    folder : Path
        Of the study.
    size : Size
    images : Images
    device : str
    """

    folder: Path
    size: Size
    images: Images
    device: str

    def of(self, cell: Cell, seed: int) -> Backbone | None:
        """The network that a cell starts from; None if it starts from scratch.

        A trunk that is not there yet is announced by its place: a run that starts from it cannot be begun.
        """
        if cell.scheme is None:
            return None
        path = self._path(self._job(cell, cell.scheme, seed))
        return Pretrained(str(path))

    def train(
        self,
        asked: Sequence[tuple[Cell, int]],
        workers: int,
        report: Callable[[int, int, dict[str, float]], None],
    ) -> None:
        """Train those that are not there yet."""
        found = {job.cell.key: (job, name) for job, name in self._jobs(asked)}
        todo = [(job, name) for job, name in found.values() if not self._path(job).is_file()]
        if not todo:
            return
        with writing(self.folder):
            (self.folder / "trunks").mkdir(parents=True, exist_ok=True)
            calls = [(job, name, self._path(job)) for job, name in todo]
            for done, _ in enumerate(in_processes(pretrain, calls, workers), start=1):
                report(done, len(calls), {})

    def _jobs(self, asked: Sequence[tuple[Cell, int]]) -> Iterator[tuple[Job, str]]:
        """Every pre-training, and the name of its network."""
        for cell, seed in asked:
            if cell.scheme:
                yield self._job(cell, cell.scheme, seed), self.size.backbones[cell.backbone]

    def _job(self, cell: Cell, scheme: Scheme, seed: int) -> Job:
        task, made = self.images.open_scheme(scheme)
        network = chosen(self.size.backbones[cell.backbone], task.kind, task.shape)
        training = replace(self.size.training, augment=AUGMENT)
        run = Run(parse(scheme.method, METHODS, "method"), network, training, seed, None, self.device)
        return job_of(f"trunk {scheme.method}", run, task, made)

    def _path(self, job: Job) -> Path:
        return self.folder / "trunks" / f"{job.cell.key}.safetensors"
