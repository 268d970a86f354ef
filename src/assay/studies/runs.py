"""Running a published study, and what it measured so far.

OUT/STUDY-GENERATOR-PROTOCOL.json    the study: settings, data, and the runs that each cell consists of
OUT/runs/KEY/                        the runs, shared by all studies in OUT
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from assay.errors import UserError
from assay.files import json_bytes, replace_file, writing
from assay.machine.torchrun import group_of
from assay.metrics.statistics import SHARE, Estimate, estimate, paired_difference
from assay.runs.claims import running
from assay.runs.progress import Watcher, watching
from assay.runs.runner import Job, Pool, execute
from assay.runs.store import Store
from assay.studies.forms import read_study
from assay.studies.published.syncheck import Key, Published, published

BASELINES = ("real_only",)


@dataclass(frozen=True)
class Row:
    """A cell of a study's table, ours and published.

    Attributes
    ----------
    key : Key
    series, place : str
    seeds : dict of float
        Our accuracy by seed, under the selection asked for.
    difference : Estimate or None
        Paired difference to only real at the same backbone; None for only real itself.
    used : float
        Synthetic items learnt from with a label, mean over seeds.
    errors : dict of str
        Error by seed, of the runs that failed.
    missing : int
        Runs that are not finished.
    published : Published or None
    published_difference : Estimate or None
        Likewise, of the published seeds; at the default backbone alone, where only real was published.
    """

    key: Key
    series: str
    place: str
    seeds: dict[int, float]
    difference: Estimate | None
    used: float
    errors: dict[int, str]
    missing: int
    published: Published | None
    published_difference: Estimate | None

    @property
    def accuracy(self) -> Estimate | None:
        """Mean over the seeds that succeeded, None if none did."""
        return estimate(list(self.seeds.values()), SHARE) if self.seeds else None


@dataclass(frozen=True)
class StudyRuns:
    """A study and those of its runs that are finished.

    Attributes
    ----------
    name : str
        Of its file: study, generator and protocol.
    info : dict
        As in the file.
    records : dict of dict
        Finished runs by key.
    folder : Path
    """

    name: str
    info: dict[str, Any]
    records: dict[str, dict[str, Any]]
    folder: Path

    @classmethod
    def open(cls, folder: str | Path, name: str) -> Self:
        """The study of that name in a folder.

        Raises
        ------
        UserError
            If it is not there.
        """
        store, path = Store(Path(folder)), Path(folder) / f"{name}.json"
        if not path.is_file():
            raise UserError(f"{path}: no such study here; 'assay bench' begins one (--out)")
        info = read_study(path)
        keys = {run["key"] for cell in info["cells"] for run in cell["runs"]}
        return cls(name, info, {key: store.load(key) for key in keys if store.has(key)}, store.folder)

    def rows(self, selection: str | None = None) -> list[Row]:
        """Every cell, under the protocol's selection or another."""
        chosen = self._checked(selection or self.info["selection"])
        bases = {
            cell["key"]["backbone"]: self._seeds(cell, chosen)
            for cell in self.info["cells"]
            if cell["key"]["method"] in BASELINES
        }
        return [self._row(cell, chosen, bases) for cell in self.info["cells"]]

    def _checked(self, selection: str) -> str:
        good = [record["selections"] for record in self.records.values() if not record["error"]]
        if any(selection not in selections for selections in good):
            known = sorted(set.intersection(*(set(selections) for selections in good)))
            raise UserError(f"--selection: {selection}: not measured here; known: {', '.join(known)}")
        return selection

    def _records(self, cell: dict[str, Any]) -> dict[int, dict[str, Any]]:
        runs = {run["seed"]: self.records.get(run["key"]) for run in cell["runs"]}
        return {seed: record for seed, record in runs.items() if record is not None}

    def _seeds(self, cell: dict[str, Any], selection: str) -> dict[int, float]:
        good = {seed: record for seed, record in self._records(cell).items() if not record["error"]}
        return {seed: record["selections"][selection]["accuracy"] for seed, record in good.items()}

    def _row(self, cell: dict[str, Any], selection: str, bases: dict[str, dict[int, float]]) -> Row:
        key, records = Key(**cell["key"]), self._records(cell)
        errors = {seed: record["error"] for seed, record in records.items() if record["error"]}
        seeds = self._seeds(cell, selection)
        used = [records[seed]["selections"][selection]["used"] for seed in seeds]
        is_base = key.method in BASELINES
        ours, theirs = self._published(key), self._published(Key("real_only"))
        paired = not is_base and key.backbone == "default"
        return Row(
            key,
            cell["series"],
            cell["place"],
            seeds,
            None if is_base else paired_difference(seeds, bases.get(key.backbone, {})),
            sum(used) / len(used) if used else 0.0,
            errors,
            len(cell["runs"]) - len(records),
            ours,
            ours.difference(theirs) if ours and theirs and paired else None,
        )

    @property
    def is_own(self) -> bool:
        """Whether it is of the user's data, of which nothing was published."""
        return bool(self.info.get("own"))

    def _published(self, key: Key) -> Published | None:
        return None if self.is_own else published(self.info["generator"], self.info["published"], key)

    def status(self) -> Status:
        """How far the study is."""
        keys = {run["key"] for cell in self.info["cells"] for run in cell["runs"]}
        active = {
            key: claim for key, claim in running(self.folder).items() if key in keys - set(self.records)
        }
        failed = {key for key, record in self.records.items() if record["error"]}
        done = len(self.records) - len(failed)
        return Status(len(keys), done, len(failed), active, self._left(len(keys) - len(self.records)))

    def _left(self, unfinished: int) -> float | None:
        """Processor seconds that the unfinished runs will take if they are like the finished ones."""
        seconds = [record["about"]["seconds"] for record in self.records.values() if not record["error"]]
        return unfinished * sum(seconds) / len(seconds) if seconds else None


@dataclass(frozen=True)
class Status:
    """How far a study is.

    Attributes
    ----------
    total, done, failed : int
        Runs; those in `failed` ended in an error and are not in `done`.
    active : dict of dict
        Claims of the runs under way, by key.
    left : float or None
        Seconds of work left for one worker; None if nothing is known yet.
    """

    total: int
    done: int
    failed: int
    active: dict[str, dict[str, Any]]
    left: float | None

    @property
    def missing(self) -> int:
        """Runs that nobody has begun."""
        return self.total - self.done - self.failed - len(self.active)


R = TypeVar("R", bound=StudyRuns)


def run_study(
    kind: type[R],
    name: str,
    info: dict[str, Any],
    jobs: Sequence[Job],
    folder: Path,
    pool: Pool,
    watcher: Watcher,
) -> R:
    """Write what the study is, run those of the jobs that are not there yet, and say what there is.

    Raises
    ------
    UserError
        If the folder cannot be written to; what is finished is kept.
    """
    store, keys = Store(folder), {job.cell.key for job in jobs}
    group_of(info["device"]).on_first(lambda: _begin(folder, name, info))
    with watching(watcher) as told, writing(folder):
        told.begin(len(keys), sum(store.has(key) for key in keys))
        execute(jobs, store, pool, told.done)
    return kind.open(folder, name)


def _begin(folder: Path, name: str, info: dict[str, Any]) -> None:
    check_same(folder / f"{name}.json", info["origin"])
    with writing(folder):
        (folder / "runs").mkdir(parents=True, exist_ok=True)
        replace_file(folder / f"{name}.json", json_bytes(info))


def check_same(path: Path, origin: Mapping[str, Any]) -> None:
    """Raise `UserError` if the file is of the same study on other data or in other sizes."""
    if not path.is_file():
        return
    there = read_study(path).get("origin", origin)
    for field, value in origin.items():
        if difference := _difference(there.get(field), value):
            raise UserError(f"{path}: is of another {field} ({difference}); give another folder (--out)")


def _difference(there: Any, now: Any) -> str:
    """In words, none if there is none: fields that an older version did not have yet make none."""
    if not (isinstance(there, dict) and isinstance(now, dict)):
        return f"{there}; now {now}" if (there or None) != (now or None) else ""
    keys = [key for key in now if key in there and there[key] != now[key]]
    return ", ".join(f"{key} is {there[key]} there, {now[key]} now" for key in keys)
