"""A study as asked for on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.machine.torchrun import group_of
from assay.models.device import chosen_device
from assay.runs.forecast import Cost, forecast
from assay.runs.progress import Watcher, learning
from assay.runs.runner import Job
from assay.runs.store import Store
from assay.settings import as_dict, known, with_options
from assay.studies.pools import How
from assay.studies.protocol import parse_protocol
from assay.studies.runs import StudyRuns
from assay.studies.source import Source
from assay.studies.syncheck.data import Maker, StudyData, glance, load, maker
from assay.studies.syncheck.description import describe
from assay.studies.syncheck.grid import Planned, Settings, left_out, listed, parse_only, plan, wanted
from assay.studies.syncheck.scenarios import SCENARIOS, SEEDS, STUDIES
from assay.studies.syncheck.study import Preset, Scenario, Study


@dataclass(frozen=True)
class Request:
    """All options of the verb `bench`, as given.

    Attributes
    ----------
    study, generator, preset, protocol : str
    source : Source
    training : str
        ``key=value,...`` in the place of the preset's.
    seeds : int, optional
        How many of the published seeds.
    only : str
        See `parse_only`.
    out : Path
    device : str, optional
    methods : tuple of str
        Beside those of the study.
    """

    study: str
    generator: str = "csigan"
    preset: str = "small"
    protocol: str = "corrected"
    source: Source = field(default_factory=Source)
    training: str = ""
    seeds: int | None = None
    only: str = ""
    out: Path = Path("runs/bench")
    device: str | None = None
    methods: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the study's file."""
        return f"{self.study}-{self.generator}-{self.protocol.replace(':', '-').replace(',', '-')}"

    def settings(self) -> Settings:
        """The settings.

        Raises
        ------
        UserError
            If a name or an option is unknown.
        """
        study: Study = known(self.study, STUDIES, "study")
        scenario: Scenario = known(self.generator, SCENARIOS, "--generator")
        preset: Preset = known(self.preset, scenario.presets, "--preset")
        return Settings(
            study,
            scenario,
            preset,
            parse_protocol(self.protocol),
            with_options(preset.training, self.training, "training"),
            listed(SEEDS, self.seeds),
            chosen_device(self.device),
            self.source.is_own,
            self.methods,
        )

    def runs(self) -> StudyRuns:
        """What is there already."""
        self.settings()
        return StudyRuns.open(self.out, self.name)

    def jobs(self, make: Maker) -> tuple[list[Planned], list[Job], dict[str, Any]]:
        """The whole study, the jobs that were asked for, and the study as JSON values."""
        settings, only = self.settings(), parse_only(self.only)
        data = self._data(settings, make)
        grid = plan(settings, data, only)
        jobs = [planned.job for planned in grid if wanted(planned.entry, planned.seed, only)]
        asked = {"study": self.study, "generator": self.generator, "preset": self.preset}
        info = {
            **asked,
            "protocol": self.protocol,
            "origin": self._origin(settings, data),
            "left_out": left_out(settings, data),
            **describe(settings, data, grid),
        }
        return grid, jobs, info

    def _origin(self, settings: Settings, data: StudyData) -> dict[str, Any]:
        """What the same study under another protocol has in common with this one."""
        task = self.source.task or settings.preset.task
        return {"task": task, **data.names, "training": as_dict(settings.training)}

    def _data(self, settings: Settings, make: Maker) -> StudyData:
        unconditional = settings.study.published == "condition"
        return load(self.source, settings.preset, settings.protocol, unconditional, make)

    def forecast(self, tried: Callable[[int], None]) -> tuple[list[Planned], dict[str, Cost], set[str]]:
        """The study, the cost of each run that was asked for, and which of them are finished.

        Where a generator would have to make items first, real ones stand in for them.
        """
        grid, jobs, _ = self.jobs(glance(self.out))
        store = Store(self.out)
        return grid, forecast(jobs, tried), {job.cell.key for job in jobs if store.has(job.cell.key)}

    def run(
        self,
        workers: int | None,
        ray: str | None,
        retry: str,
        tensorboard: bool,
        watcher: Watcher | None = None,
    ) -> StudyRuns:
        """Make the data, run what is not there yet, and say what there is."""
        how = How(workers, ray, retry, tensorboard, watcher)
        device = self.settings().device
        group = group_of(device)
        with learning() as report:
            if group.size > 1:  # of torchrun's processes the first makes the data, the others read them
                group.on_first(lambda: bool(self.jobs(maker(self.out, device, report))))
            _, jobs, info = self.jobs(maker(self.out, device, report))
        return how.run(StudyRuns, self.name, info, jobs, self.out)
