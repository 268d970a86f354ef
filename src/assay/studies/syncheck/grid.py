"""A study on given data as jobs: which runs it consists of, and what each stands for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from assay.errors import UserError
from assay.methods.base import lacking as lacking_in
from assay.methods.base import uses_synthetic
from assay.methods.table import method_settings
from assay.methods.training import Training
from assay.models.networks import Backbone
from assay.models.table import chosen
from assay.runs.runner import Job, job_of
from assay.settings import once
from assay.studies.protocol import Protocol
from assay.studies.published.syncheck import Key
from assay.studies.syncheck.data import StudyData
from assay.studies.syncheck.study import Entry, Grid, Preset, Scenario, Study
from assay.train.one_run import Run
from assay.types import Samples

OWN = "own data"
"""The set-up and the place of a study on the user's data."""
SIZES = ("small network", "middle network", "large network")
"""The published backbones by their place."""
Filters = dict[str, list[str]]
"""Values that are wanted by field; all of a field that is not named."""


@dataclass(frozen=True)
class Planned:
    """A cell of the table with one seed, and its job."""

    entry: Entry
    seed: int
    job: Job


@dataclass(frozen=True)
class Settings:
    """All that a study's runs depend on beside the data.

    Attributes
    ----------
    study : Study
    scenario : Scenario
    preset : Preset
    protocol : Protocol
    training : Training
    seeds : tuple of int
    device : str
    own : bool
        Whether real or synthetic data are the user's.
    methods : tuple of str
        Rows beside those of the study, as on the command line.
    """

    study: Study
    scenario: Scenario
    preset: Preset
    protocol: Protocol
    training: Training
    seeds: tuple[int, ...]
    device: str
    own: bool = False
    methods: tuple[str, ...] = ()


def plan(settings: Settings, data: StudyData, only: Filters) -> list[Planned]:
    """Every run of the study, each seed complete before the next begins.

    Raises
    ------
    UserError
        If `only` names what is not there, or the data do not suffice for what it names.
    """
    entries = entries_of(settings)
    _check(only, entries, settings.seeds)
    _check_wanted(entries, settings.seeds, only, data)
    possible = [entry for entry in entries if not lacking(entry, data)]
    networks = {name: _network(settings, data, name) for name in {e.key.backbone for e in possible}}
    return [
        Planned(entry, seed, _job(entry, seed, settings, data, networks[entry.key.backbone]))
        for seed in settings.seeds
        for entry in possible
    ]


def entries_of(settings: Settings) -> list[Entry]:
    """The cells of the study's table, and those of the methods that were asked for beside it."""
    entries = settings.study.entries(Grid(settings.scenario, settings.protocol, settings.preset))
    if settings.own:
        entries = [_on_own_data(entry, settings.scenario) for entry in entries]
    return [*entries, *(cell for text in settings.methods for cell in _beside(text, entries))]


def _beside(text: str, entries: Sequence[Entry]) -> list[Entry]:
    """A method at every place where the study has one that uses synthetic items."""
    if any(entry.key.method == text for entry in entries):
        raise UserError(f"--method: {text}: is a row of the study already")
    using = [entry for entry in entries if uses_synthetic(entry.method)]
    places = {(entry.key.backbone, entry.key.ratio, entry.place) for entry in using}
    method = method_settings(text)
    return [Entry(Key(text, network, ratio), text, place, method) for network, ratio, place in sorted(places)]


def _on_own_data(entry: Entry, scenario: Scenario) -> Entry:
    """The cell without the published set-up's name in its place, nor those of its networks."""
    if entry.place == scenario.title:
        return dataclasses.replace(entry, place=OWN)
    is_size = scenario.widths.index(entry.key.backbone) != 1 or not entry.place[0].isdigit()
    return (
        dataclasses.replace(entry, place=SIZES[scenario.widths.index(entry.key.backbone)])
        if is_size
        else entry
    )


def left_out(settings: Settings, data: StudyData) -> dict[str, str]:
    """Why a cell is not in the plan, by its name."""
    found = {label(entry): lacking(entry, data) for entry in entries_of(settings)}
    return {name: reason for name, reason in found.items() if reason}


def wanted(entry: Entry, seed: int, only: Filters) -> bool:
    """Whether a cell is among those asked for."""
    return all(fields_of(entry, seed)[field] in values for field, values in only.items())


def _check_wanted(entries: list[Entry], seeds: tuple[int, ...], only: Filters, data: StudyData) -> None:
    """Raise `UserError` if `only` names a cell for which the synthetic data do not suffice."""
    for entry in entries if only else ():
        reason = lacking(entry, data)
        if reason and any(wanted(entry, seed, only) for seed in seeds):
            raise UserError(f"--only: {label(entry)}: {reason}")


def _check(only: Filters, entries: list[Entry], seeds: tuple[int, ...]) -> None:
    cells = [fields_of(entry, seed) for entry in entries for seed in seeds]
    for field, values in only.items():
        known = {cell[field] for cell in cells}
        for value in values:
            if value not in known:
                raise UserError(f"--only: {field}={value}: no such cell; known: {', '.join(sorted(known))}")


FIELDS = ("method", "backbone", "ratio", "variant", "seed")


def fields_of(entry: Entry, seed: int) -> dict[str, str]:
    """What ``--only`` can name."""
    key = entry.key
    values = (key.method, key.backbone, f"{key.ratio:g}", key.variant or "none", str(seed))
    return dict(zip(FIELDS, values))


def parse_only(text: str) -> Filters:
    """``method=trts+syncheck,ratio=0.5`` as the values wanted by field.

    Raises
    ------
    UserError
        If a part is not of this form or names no field.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for field, _, values in pairs:
        if field.strip() not in FIELDS or not values:
            raise UserError(
                f"--only: {field}={values}; expected field=value+value; fields: {', '.join(FIELDS)}"
            )
    wanted = ((field.strip(), [value.strip() for value in values.split("+")]) for field, _, values in pairs)
    return once(wanted, "--only")


def _network(settings: Settings, data: StudyData, name: str) -> Backbone:
    kind, known = data.task.kind, settings.preset.backbones
    if kind not in known:
        raise UserError(
            f"{data.task.name}: this preset has no backbones for data of kind {kind}; it has some for: "
            f"{', '.join(known)}"
        )
    return chosen(known[kind][name], kind, data.task.shape)


def _job(entry: Entry, seed: int, settings: Settings, data: StudyData, network: Backbone) -> Job:
    rate = settings.training.learning_rate * entry.rate
    training = dataclasses.replace(settings.training, learning_rate=rate)
    made = _set(entry, data) if uses_synthetic(entry.method) else None
    ratio = None if _amount(entry, data) == len(made or ()) else _amount(entry, data) / len(data.task.real)
    run = Run(entry.method, network, training, seed, ratio, settings.device, entry.init_seed)
    return job_of(label(entry), run, data.task, made)


def lacking(entry: Entry, data: StudyData) -> str:
    """What the synthetic data lack for a cell; empty if nothing."""
    if not uses_synthetic(entry.method):
        return ""
    made, amount = _set(entry, data), _amount(entry, data)
    if amount > len(made):
        return f"ratio {entry.key.ratio:g} asks for {amount} synthetic items, there are {len(made)}"
    return lacking_in(entry.method, made)


def _set(entry: Entry, data: StudyData) -> Samples:
    """The synthetic set that an entry draws from."""
    if entry.data == "unconditional" and data.unconditional is not None:
        return data.unconditional
    return data.first if entry.key.ratio == 1 else data.more


def _amount(entry: Entry, data: StudyData) -> int:
    """How many synthetic items an entry asks for; at ratio 1 all of a set that has fewer."""
    wanted = round(entry.key.ratio * data.unit)
    return min(wanted, len(_set(entry, data))) if entry.key.ratio == 1 else wanted


def label(entry: Entry) -> str:
    """What progress lines call the cell."""
    return f"{entry.series}, {entry.place}"


def listed(seeds: Sequence[int], count: int | None) -> tuple[int, ...]:
    """The first so many of the published seeds, all by default; beyond them, 0, 1, 2 ..."""
    more = tuple(range(max(0, (count or 0) - len(seeds))))
    return (*seeds, *more)[: count or len(seeds)]
