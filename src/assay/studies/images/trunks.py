"""Trunks that are trained before they are adapted, each once for every scheme and seed, and kept.

OUT/trunks/KEY.safetensors     the weights; KEY names everything that went into them
OUT/trunks/.KEY.safetensors.checkpoint   the state of one under way
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assay.data.augment import Augmentation
from assay.files import writing
from assay.machine.torchrun import group_of
from assay.methods.table import METHODS
from assay.models.checkpoint import facts
from assay.models.networks import Backbone
from assay.models.pretrained import Pretrained
from assay.models.table import chosen
from assay.runs.processes import in_processes
from assay.runs.runner import Job, job_of
from assay.settings import parse
from assay.studies.images.data import Images
from assay.studies.images.plan import Planned
from assay.studies.images.study import Cell, Scheme, Size
from assay.studies.trunk import pretrain
from assay.train.loop import Run

AUGMENT: Augmentation = "strong"
"""Published: the trunks learn from strongly augmented images."""
LONGER = 5
"""Published: 200,000 steps before 40,840 of adaptation."""


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

    def check(self, cell: Cell) -> None:
        """Raise `UserError` unless the weights in a file that a cell starts from fit its network."""
        if cell.scheme and cell.scheme.weights:
            task = self.images.task(cell.task, tests=False)
            chosen(self.of(cell, 0), task.kind, task.shape)

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
        """Train those that are not there yet; under torchrun one after another, by all processes."""
        group = group_of(self.device)
        every, there = self.planned(asked)
        done = group.on_first(lambda: there)  # which are missing is the first's to say
        calls = [
            (planned.job, self.size.backbones[planned.cell.backbone], self._path(planned.job))
            for planned in every
            if planned.job.cell.key not in done
        ]
        if not calls:
            return
        with writing(self.folder):
            group.on_first(lambda: (self.folder / "trunks").mkdir(parents=True, exist_ok=True))
            at_a_time = workers if group.size == 1 else 1
            for count, _ in enumerate(in_processes(pretrain, calls, at_a_time), start=1):
                if group.rank == 0:
                    report(count, len(calls), {})

    def _jobs(self, asked: Sequence[tuple[Cell, int]]) -> Iterator[tuple[Cell, int, Job]]:
        """The pre-training of every cell that has one."""
        for cell, seed in asked:
            if cell.pretraining:
                yield cell, seed, self._job(cell, cell.pretraining, seed)

    def _job(self, cell: Cell, scheme: Scheme, seed: int) -> Job:
        task, made = self.images.open_scheme(scheme)
        network = chosen(self.size.backbones[cell.backbone], task.kind, task.shape)
        training = self.size.training
        training = replace(training, augment=AUGMENT, epochs=LONGER * training.epochs)
        run = Run(parse(scheme.method, METHODS, "method"), network, training, seed, None, self.device)
        return job_of(f"trunk {scheme.method}", run, task, made)

    def _path(self, job: Job) -> Path:
        return self.folder / "trunks" / f"{job.cell.key}.safetensors"


def _from_file(weights: str, backbone: str) -> Pretrained:
    """The network of a file: what the option or the file says, or else the study's own.

    Raises
    ------
    UserError
        If there is no such file, or it is damaged.
    """
    settings: Pretrained = parse(f"pretrained:path={weights}", {"pretrained": Pretrained()}, "--weights")
    known = settings.like or facts(Path(settings.path)).get("backbone", "")
    return settings if known else replace(settings, like=backbone)
