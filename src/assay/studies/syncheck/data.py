"""The data of a study: its task, and the synthetic sets that its runs draw from, made once and kept.

OUT/synthetic/NAME-KEY.npz     items, with a manifest (.json) and checkpoints beside them
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from assay.data.examine.admit import admit
from assay.data.examine.questions import examine
from assay.data.npz import read_arrays
from assay.data.table import read_synthetic
from assay.errors import UserError
from assay.files import json_bytes, replace_file, writing
from assay.findings import Examination
from assay.generate.base import Generator, Workspace
from assay.generate.files import manifest, npz_bytes
from assay.generate.table import generator_of, makes, open_task, synthesise
from assay.settings import as_dict, fingerprint, split_options
from assay.studies.protocol import Protocol
from assay.studies.source import Source
from assay.studies.syncheck.study import Preset
from assay.types import Samples, Task

MOST = 5
"""The largest ratio that any study asks for."""
OVERLAPPING = {"csi-har": "overlap=true", "signfi": "protocol=released"}
"""Options of the tasks whose unlabelled items can be test items too."""
NEAREST = {"widar3": "protocol=released"}
"""Options of the tasks that resample packets."""
NATIVE = {"rf-diffusion": "protocol=released,sampling=native"}
"""Options of the generators that can start from real items."""


@dataclass(frozen=True)
class Made:
    """Everything a generator made, of which the first so many are its first set: each of its inputs once.

    Items that it would have to make first have real ones as `stand_ins`.
    """

    samples: Samples
    first: int
    name: str
    stand_ins: bool = False


@dataclass(frozen=True)
class StudyData:
    """A task and its synthetic sets.

    Attributes
    ----------
    task : Task
    unit : int
        How many synthetic items ratio 1 stands for.
    first, more : Samples
        What ratio 1, and what all other ratios, take them from.
    unconditional : Samples or None
        Items without a condition, where the study has use for them.
    names : dict of str
        Where each set comes from.
    findings : Examination
        What was found in them, if they are the user's.
    """

    task: Task
    unit: int
    first: Samples
    more: Samples
    unconditional: Samples | None
    names: dict[str, str]
    findings: Examination = field(default_factory=Examination)


Maker = Callable[[str | None, str, Task, Task, int], Made]
"""Of (a file or none, a generator, the task it learns from, the task that its items are for, how many)."""


def load(source: Source, preset: Preset, protocol: Protocol, unconditional: bool, make: Maker) -> StudyData:
    """The task and its synthetic sets; generators never learn from test items, whatever the protocol."""
    text = source.task or preset.task
    task, plain = load_task(text, protocol), load_task(text, Protocol())
    origin = open_task(preset.generator_task) if preset.generator_task and not source.task else plain

    def items(given: str | None, generator: str, n: int) -> Made:
        if given and makes(given):
            return make(None, given, origin, plain, n)
        return make(given, with_native(generator, source.options, protocol), origin, plain, n)

    if source.is_own and (
        not source.synthetic or makes(source.synthetic)
    ):  # a generator learns from it first
        examine(plain, None, (*source.accept, "complex")).raise_refused()
    made = items(source.synthetic, preset.generator, MOST * len(task.real))
    found = (
        admit(plain, made.samples, source.accept) if source.is_own and not made.stand_ins else Examination()
    )
    data = replace(arranged(task, made, protocol), findings=found)
    if not unconditional:
        return data
    other = items(source.unconditional, preset.unconditional, len(task.real))
    x = other.samples
    return replace(data, unconditional=x.without_labels(), names={**data.names, "unconditional": other.name})


def with_native(generator: str, given: str, protocol: Protocol) -> str:
    """The generator, with the options that the protocol has for it and those that are given."""
    more = NATIVE.get(generator.partition(":")[0], "") if protocol.native else ""
    return ",".join(filter(None, (generator, *_beside(given, more.split(",")), given)))


def load_task(text: str, protocol: Protocol) -> Task:
    """The task, with the options that the protocol has for it, but for those that are given."""
    name, options = split_options(text)
    more = [OVERLAPPING[name]] if protocol.overlap and name in OVERLAPPING else []
    more += [NEAREST[name]] if protocol.nearest_packet and name in NEAREST else []
    options = ",".join(filter(None, (options, *_beside(options, more))))
    return open_task(f"{name}:{options}" if options else name)


def _beside(given: str, more: Sequence[str]) -> list[str]:
    """Those of `more` options that are not given."""
    keys = {option.partition("=")[0] for option in given.split(",")}
    return [option for option in more if option.partition("=")[0] not in keys]


def arranged(task: Task, made: Made, protocol: Protocol) -> StudyData:
    """The sets of a study out of everything a generator made."""
    once = made.samples[: made.first]
    unit = len(once) if protocol.own_ratio else len(task.real)
    more = once[np.arange(MOST * unit) % len(once)] if protocol.copies else made.samples
    first = once if protocol.own_ratio else more
    return StudyData(task, unit, first, more, None, {"main": made.name})


# -- making -------------------------------------------------------------------------------------------


def maker(folder: Path, device: str, report: Callable[[int, int, dict[str, float]], None]) -> Maker:
    """Reads files; keeps what generators make under `folder`."""

    def make(path: str | None, text: str, origin: Task, task: Task, n: int) -> Made:
        if path is not None:
            return _read(Path(path), task, path)
        settings = _parsed(text)
        kept = _kept(folder, text, settings, origin, n)
        if not kept.is_file():
            workspace = Workspace(kept.with_suffix(".checkpoints"), True, device, report)
            _write(kept, settings, origin, n, workspace)
        return _read(kept, task, text)

    return make


def glance(folder: Path) -> Maker:
    """The same, but real items stand in for those that a generator would have to make first."""

    def make(path: str | None, text: str, origin: Task, task: Task, n: int) -> Made:
        found = Path(path) if path is not None else _kept(folder, text, _parsed(text), origin, n)
        if path is not None or found.is_file():
            return _read(found, task, path or text)
        stand_ins = task.labelled[np.arange(n) % len(task.labelled)]
        return Made(stand_ins, len(task.labelled), text, stand_ins=True)

    return make


def _kept(folder: Path, text: str, settings: Generator, origin: Task, n: int) -> Path:
    key = fingerprint([as_dict(settings), origin.digest(), n])
    return folder / "synthetic" / f"{Path(text.partition(':')[0]).name}-{key}.npz"


def _parsed(text: str) -> Generator:
    if not text:
        raise UserError("--synthetic: needed here, as no generator of this preset makes items for the task")
    return generator_of(text)


def _write(path: Path, settings: Generator, origin: Task, n: int, workspace: Workspace) -> None:
    start = time.perf_counter()
    samples, factors = synthesise(settings, n, origin, 0, workspace)
    record = manifest(settings, origin, samples, 0, time.perf_counter() - start)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path.with_suffix(".json"), json_bytes(record))
        replace_file(path, npz_bytes(samples, origin.classes, factors))


def _read(path: Path, task: Task, name: str) -> Made:
    samples = read_synthetic(path, task)
    return Made(samples, min(_first(path) or len(task.real), len(samples)), name)


def _first(path: Path) -> int:
    """How many items a file has before its generator began to use an input again; 0 if it does not say."""
    if path.suffix != ".npz":
        return 0
    found = read_arrays(path, ("factor_copy",)).get("factor_copy")
    if found is not None and (found.ndim != 1 or found.dtype.kind not in "iu"):
        raise UserError(f"{path}: factor_copy: {found.dtype}, {found.shape}; expected a whole number an item")
    return 0 if found is None else int((found == 0).sum())
