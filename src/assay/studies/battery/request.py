"""A request for the battery, as it comes from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.machine.torchrun import group_of
from assay.methods.training import Training
from assay.models.device import chosen_device
from assay.runs.forecast import Cost, forecast
from assay.runs.progress import Watcher, learning
from assay.runs.store import Store
from assay.settings import with_options
from assay.studies.battery.plan import Cell, Filters, Planned, cells, parse_only, planned, wanted
from assay.studies.battery.runs import BatteryRuns, described, joined
from assay.studies.battery.sources import Data, Workplace
from assay.studies.battery.tasks import tasks
from assay.studies.pools import How
from assay.studies.source import Source

NAME = "battery"
QUESTION = "Which method gains, on how many tasks, what does it cost, and where does it hurt?"
SEEDS = 5


@dataclass(frozen=True)
class BatteryRequest:
    """All options of the verb `bench` for the battery, as given.

    Attributes
    ----------
    preset : str
    source : Source
        Has nothing: the battery's tasks are its own.
    training : str
        ``key=value,...`` in the place of every task's.
    seeds : int, optional
        How many, from 0 on.
    only : str
        See `parse_only`.
    out : Path
    device : str, optional
    methods : tuple of str
        Further ones, as on the command line.
    """

    preset: str = "small"
    source: Source = field(default_factory=Source)
    training: str = ""
    seeds: int | None = None
    only: str = ""
    out: Path = Path("runs/bench")
    device: str | None = None
    methods: tuple[str, ...] = ()

    @property
    def study(self) -> str:
        """Its name."""
        return NAME

    @property
    def name(self) -> str:
        """Of the study's file."""
        return f"{NAME}-{self.preset}"

    def cells(self) -> list[Cell]:
        """The whole battery."""
        return cells(tasks(self.preset), self.methods)

    def asked(self) -> list[tuple[Cell, int]]:
        """The cells and seeds that `only` names.

        Raises
        ------
        UserError
            If it names what is not there, or data or options were given that the battery has no use for.
        """
        self._check()
        only = self._only()
        return [(cell, seed) for cell in self.cells() for seed in self._seeds() if wanted(cell, seed, only)]

    def runs(self) -> BatteryRuns:
        """What is there already."""
        return BatteryRuns.open(self.out, self.name)

    def plan(self, place: Workplace) -> tuple[list[Planned], dict[str, str]]:
        """Every run of the tasks that were asked for, seed by seed, and why others are left out."""
        found: list[Planned] = []
        left_out: dict[str, str] = {}
        for mine, data in self._opened(place, left_out):
            runs, without = planned(mine, data, self._seeds(), self.training, place.device)
            found += runs
            left_out.update(without)
        if not found:
            raise UserError(f"battery: nothing to run: {'; '.join(left_out.values())}")
        return sorted(found, key=lambda run: run.seed), left_out

    def forecast(self, tried: Callable[[int], None]) -> tuple[list[Planned], dict[str, Cost], set[str]]:
        """The battery, the cost of each run asked for, and which of them are finished."""
        with learning() as report:
            grid, _ = self.plan(Workplace(self.out, chosen_device(self.device), report, pretend=True))
        jobs = [run.job for run in self._wanted(grid)]
        store = Store(self.out)
        return grid, forecast(jobs, tried), {job.cell.key for job in jobs if store.has(job.cell.key)}

    def run(
        self,
        workers: int | None,
        ray: str | None,
        retry: str,
        tensorboard: bool,
        watcher: Watcher | None = None,
    ) -> BatteryRuns:
        """Run what is not there yet, and say what there is."""
        how = How(workers, ray, retry, tensorboard, watcher)
        self.asked()
        device = chosen_device(self.device)
        group = group_of(device)
        with learning() as report:
            place = Workplace(self.out, device, report)
            if group.size > 1:  # of torchrun's processes the first makes the data, the others read them
                group.on_first(lambda: bool(self.plan(place)))
            grid, left_out = self.plan(place)
        jobs = [run.job for run in self._wanted(grid)]
        about: dict[str, Any] = {
            "study": NAME,
            "preset": self.preset,
            "protocol": "corrected",
            "question": QUESTION,
        }
        about["origin"] = {"preset": self.preset, "training": self.training}
        info = joined(self.out / f"{self.name}.json", described(about, grid, left_out, device))
        return how.run(BatteryRuns, self.name, info, jobs, self.out)

    def _opened(self, place: Workplace, left_out: dict[str, str]) -> Iterator[tuple[list[Cell], Data]]:
        """The cells of each task that was asked for, with its data; `left_out` takes those without."""
        names = {cell.task.name for cell, _ in self.asked()}
        for task in tasks(self.preset):
            if task.name in names:
                try:
                    data = task.open(place)
                except UserError as error:
                    left_out[task.name] = str(error)
                else:
                    yield [cell for cell in self.cells() if cell.task.name == task.name], data

    def _wanted(self, grid: Sequence[Planned]) -> list[Planned]:
        only = self._only()
        return [run for run in grid if wanted(run.cell, run.seed, only)]

    def _only(self) -> Filters:
        return parse_only(self.only, self.cells(), self._seeds())

    def _seeds(self) -> range:
        return range(self.seeds or SEEDS)

    def _check(self) -> None:
        source = self.source
        for option in ("task", "synthetic", "unconditional", "weights", "options"):
            if getattr(source, option):
                raise UserError(
                    f"--{option}: the battery's tasks are its own; --only task=... picks among them"
                )
        with_options(Training(), self.training, "training")
