"""Trunks that are trained before they are adapted, each once for every scheme and seed, and kept.

OUT/trunks/KEY.safetensors     the weights; KEY names everything that went into them
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.bench.images.data import Images
from assay.bench.images.plan import Planned
from assay.bench.images.study import Cell, Scheme, Size
from assay.bench.runner import Job, job_of
from assay.bench.store import writing
from assay.bench.trunk import pretrain
from assay.loop import Run
from assay.methods import METHODS
from assay.models import Backbone, chosen
from assay.models.checkpoint import facts
from assay.models.pretrained import Pretrained
from assay.parallel import in_processes
from assay.settings import parse, replaced

AUGMENT = "strong"
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
        if cell.scheme.weights:
            return _from_file(cell.scheme.weights, self.size.backbones[cell.backbone])
        path = self._path(self._job(cell, cell.scheme, seed))
        return Pretrained(str(path))

    def as_large(self, cell: Cell, seed: int) -> Backbone | None:
        """The network that a cell starts from, or None, one as large, while that is not trained."""
        known = self.of(cell, seed)
        return known if isinstance(known, Pretrained) and known.digest else None

    def planned(self, asked: Sequence[tuple[Cell, int]]) -> tuple[list[Planned], set[str]]:
        """Every pre-training once, and the keys of those that are done."""
        found = {job.cell.key: Planned(cell, seed, job) for cell, seed, job in self._jobs(asked)}
        done = {key for key, planned in found.items() if self._path(planned.job).is_file()}
        return list(found.values()), done

    def train(
        self,
        asked: Sequence[tuple[Cell, int]],
        workers: int,
        report: Callable[[int, int, dict[str, float]], None],
    ) -> None:
        """Train those that are not there yet."""
        every, done = self.planned(asked)
        calls = [
            (planned.job, self.size.backbones[planned.cell.backbone], self._path(planned.job))
            for planned in every
            if planned.job.cell.key not in done
        ]
        if not calls:
            return
        with writing(self.folder):
            (self.folder / "trunks").mkdir(parents=True, exist_ok=True)
            for count, _ in enumerate(in_processes(pretrain, calls, workers), start=1):
                report(count, len(calls), {})

    def _jobs(self, asked: Sequence[tuple[Cell, int]]) -> Iterator[tuple[Cell, int, Job]]:
        """The pre-training of every cell that has one."""
        for cell, seed in asked:
            if cell.pretraining:
                yield cell, seed, self._job(cell, cell.pretraining, seed)

    def _job(self, cell: Cell, scheme: Scheme, seed: int) -> Job:
        task, made = self.images.open_scheme(scheme)
        network = chosen(self.size.backbones[cell.backbone], task.kind, task.shape)
        training = replaced(self.size.training, {"augment": AUGMENT, **scheme.training}, cell.label)
        run = Run(parse(scheme.method, METHODS, "method"), network, training, seed, None, self.device)
        return job_of(f"trunk {scheme.method}", run, task, made)

    def _path(self, job: Job) -> Path:
        return self.folder / "trunks" / f"{job.cell.key}.safetensors"


def _from_file(weights: str, backbone: str) -> Pretrained:
    """The network of a file: what it says it is of, or else the study's own.

    Raises
    ------
    UserError
        If there is no such file, or it is damaged.
    """
    known = facts(Path(weights)).get("backbone", "")
    return Pretrained(weights, "" if known else backbone)
