"""A request for an image study, as it comes from the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from assay.data.examine.admit import settled
from assay.data.examine.questions import examine
from assay.errors import UserError
from assay.findings import Examination, examination
from assay.machine.parallel import default_workers
from assay.machine.torchrun import group_of
from assay.models.device import chosen_device
from assay.runs.forecast import Cost, forecast
from assay.runs.progress import Watcher, learning, rendering
from assay.runs.store import Store
from assay.settings import as_dict, known, with_options
from assay.studies.images.adaptation import ADAPTATION
from assay.studies.images.data import PHOTOGRAPHS, Images
from assay.studies.images.factors import FACTORS
from assay.studies.images.plan import Planned, Trunk, check_never_repeats, parse_only, plan, wanted
from assay.studies.images.pretraining import PRETRAINING
from assay.studies.images.runs import ImageRuns, describe
from assay.studies.images.study import Cell, ImageStudy, PublishedProtocol, Size
from assay.studies.images.supervised import CAPACITY, QUANTITY, SUPERVISED
from assay.studies.images.trunks import Trunks
from assay.studies.pools import How
from assay.studies.runs import check_same
from assay.studies.source import Source

STUDIES: dict[str, ImageStudy] = {
    "rendered-supervised": SUPERVISED,
    "rendered-quantity": QUANTITY,
    "rendered-capacity": CAPACITY,
    "rendered-factors": FACTORS,
    "rendered-adaptation": ADAPTATION,
    "rendered-pretraining": PRETRAINING,
}
SEEDS = 3
ROWS = {"augment", "reshuffle"}
"""Options of training that rows of a table are about: there the study has its way, elsewhere the user."""


@dataclass(frozen=True)
class ImageRequest:
    """All options of the verb `bench` for a study of images, as given.

    Attributes
    ----------
    study, preset, protocol : str
    source : Source
        `task` are photographs, `synthetic` a folder of rendered sets, `options` those of the renderer,
        `weights` a file of weights to start from.
    training : str
        ``key=value,...`` in the place of the preset's.
    seeds : int, optional
        How many, from 0 on.
    only : str
        See `parse_only`.
    out : Path
    device : str, optional
    """

    study: str
    preset: str = "small"
    protocol: str = "corrected"
    source: Source = field(default_factory=Source)
    training: str = ""
    seeds: int | None = None
    only: str = ""
    out: Path = Path("runs/bench")
    device: str | None = None

    @property
    def name(self) -> str:
        """Of the study's file."""
        return f"{self.study}-{self.protocol}"

    def declared(self) -> ImageStudy:
        """The study.

        Raises
        ------
        UserError
            If it, its preset or its protocol is unknown, or it has no use for weights.
        """
        study: ImageStudy = known(self.study, STUDIES, "study")
        known(self.preset, study.sizes, "--preset")
        known(self.protocol, dict.fromkeys(get_args(PublishedProtocol)), "--protocol")
        if self.protocol == "released" and not study.is_released:
            raise UserError(f"--protocol: {self.study} is the same under both protocols; leave it out")
        if self.source.weights and not study.takes_weights:
            raise UserError(f"--weights: {self.study} trains from scratch")
        return study

    def size(self) -> Size:
        """How large it is."""
        size = self.declared().sizes[self.preset]
        return replace(
            size,
            training=with_options(size.training, self.training, "training"),
            renderer=",".join(filter(None, (size.renderer, self.source.options))),
            weights=self.source.weights or size.weights,
            tasks={**size.tasks, **(size.released_tasks if self.protocol == "released" else {})},
        )

    def listed_seeds(self) -> range:
        """The seeds."""
        return range(self.seeds or SEEDS)

    def cells(self) -> list[Cell]:
        """The rows of the table.

        Raises
        ------
        UserError
            If `training` has an option that makes the difference between rows.
        """
        protocol: Any = self.protocol
        cells = self.declared().cells(self.size(), protocol)
        typed = {option.partition("=")[0].strip() for option in self.training.split(",") if option}
        if ours := typed & ROWS & {option for cell in cells for option in cell.training}:
            raise UserError(f"--training: {ours.pop()}: the rows of {self.study} set it")
        return [
            replace(cell, training={key: value for key, value in cell.training.items() if key not in typed})
            for cell in cells
        ]

    def runs(self) -> ImageRuns:
        """What is there already."""
        self.declared()
        return ImageRuns.open(self.out, self.name)

    def jobs(self, images: Images, trunk: Trunk) -> list[Planned]:
        """The whole study, but for cells that nobody asked for and whose images are not there."""
        device = chosen_device(self.device)
        asked, tests = [cell for cell, _ in self.asked()], self.declared().rendered_tests
        cells = [cell for cell in self.cells() if cell in asked or images.has(cell, tests)]
        return plan(cells, self.declared(), self.size(), images, self.listed_seeds(), device, trunk)

    def planned(self) -> list[Planned]:
        """Every run of the study, with its data."""
        with rendering() as report:
            images = self.images(default_workers("cpu"), report)
            trunks = Trunks(self.out, self.size(), images, chosen_device(self.device))
            return self.jobs(images, trunks.of)

    def images(self, workers: int, report: Callable[[int, int, float], None], render: bool = True) -> Images:
        """Its data, rendered by so many processes where they are not there and `render` allows it.

        Raises
        ------
        UserError
            If the study has no use for data that were given.
        """
        source = self.source
        if source.unconditional:
            raise UserError("--unconditional: this study has no use for it")
        if source.task and PHOTOGRAPHS not in self.size().tasks:
            raise UserError(f"--task: {self.study} is about tasks of its own: {', '.join(self.size().tasks)}")
        folder = Path(source.synthetic) if source.synthetic else self.out / "rendered"
        return Images(self.size(), folder, bool(source.synthetic), render, source.task, workers, report)

    def forecast(self, tried: Callable[[int], None]) -> tuple[list[Planned], dict[str, Cost], set[str]]:
        """The study and its pre-training, the cost of each run asked for, and which of them are finished."""
        with rendering() as report:
            images = self.images(default_workers("cpu"), report, render=False)
            trunks = Trunks(self.out, self.size(), images, chosen_device(self.device))
            self._open(images, trunks)
            first, trained = trunks.planned(self.asked())
            grid = self.jobs(images, trunks.of)
            alike = self.jobs(images, trunks.as_large)
        jobs = [planned.job for planned in (*first, *self._wanted(alike))]
        found = forecast(jobs, tried)
        mine = [planned.job for planned in (*first, *self._wanted(grid))]
        costs = {job.cell.key: found[like.cell.key] for job, like in zip(mine, jobs)}
        store = Store(self.out)
        return [*first, *grid], costs, {key for key in costs if key in trained or store.has(key)}

    def asked(self) -> list[tuple[Cell, int]]:
        """The cells and seeds that `only` names."""
        only = parse_only(self.only, self.cells(), self.listed_seeds())
        every = [(cell, seed) for cell in self.cells() for seed in self.listed_seeds()]
        return [(cell, seed) for cell, seed in every if wanted(cell, seed, only)]

    def _wanted(self, grid: list[Planned]) -> list[Planned]:
        only = parse_only(self.only, self.cells(), self.listed_seeds())
        return [planned for planned in grid if wanted(planned.cell, planned.seed, only)]

    def run(
        self,
        workers: int | None,
        ray: str | None,
        retry: str,
        tensorboard: bool,
        watcher: Watcher | None = None,
    ) -> ImageRuns:
        """Render and pre-train what is missing, run what is not there yet, and say what there is."""
        how = How(workers, ray, retry, tensorboard, watcher)
        parse_only(self.only, self.cells(), self.listed_seeds())
        device = chosen_device(self.device)
        group = group_of(device)
        group.on_first(lambda: check_same(self.out / f"{self.name}.json", self._origin()))
        with rendering() as report:
            images = self.images(workers or default_workers("cpu"), report, render=group.rank == 0)
            trunks = Trunks(self.out, self.size(), images, device)
            group.on_first(lambda: self._open(images, trunks))
            if group.rank:  # of torchrun's processes the first renders, the others read what it made
                self._open(images, trunks)
        found = self._examined(images)
        with learning() as learnt:
            trunks.train(self.asked(), workers or default_workers(device), learnt)
        grid = self.jobs(images, trunks.of)
        jobs = [planned.job for planned in self._wanted(grid)]
        info: dict[str, Any] = {"study": self.study, "preset": self.preset, "protocol": self.protocol}
        info |= {"origin": self._origin(), **describe(self.declared(), grid, bool(self.source.task))}
        info["findings"] = found.as_dicts()
        return how.run(ImageRuns, self.name, info, jobs, self.out)

    def _open(self, images: Images, trunks: Trunks) -> None:
        """Render and read all that was asked for."""
        for cell in {cell.label: cell for cell, _ in self.asked()}.values():
            trunks.check(cell)
            _, made = images.open(cell, self.declared().rendered_tests)
            check_never_repeats(cell, self.size(), len(made or ()))
            if cell.pretraining:
                images.open_scheme(cell.pretraining)

    def _examined(self, images: Images) -> Examination:
        """What was found in the user's data: in each task with each rendered set that it is trained with."""
        if not self.source.is_own:
            return Examination()
        pairs = {(cell.task, cell.synthetic, cell.items): cell for cell, _ in self.asked()}
        tests = self.declared().rendered_tests
        found = [examine(*images.open(cell, tests), self.source.accept) for cell in pairs.values()]
        return settled(examination(finding for one in found for finding in one.findings))

    def _origin(self) -> dict[str, Any]:
        """What a folder's study is of."""
        size = self.size()
        return {
            "tasks": dict(size.tasks),
            "photographs": self.source.task,
            "images": self.source.synthetic or size.renderer,
            "weights": size.weights,
            "training": as_dict(size.training),
        }
