"""The table of differences between the protocols: complete, and every switch in it runs."""

from __future__ import annotations

import dataclasses
import re
from typing import NamedTuple

import numpy as np
import pytest

from assay.data.table import DATA_SETS
from assay.generate.base import Workspace
from assay.generate.table import GENERATORS, TASKS
from assay.methods.table import METHODS
from assay.settings import parse
from assay.studies.protocol import PROTOCOLS, Protocol, parse_protocol
from assay.studies.syncheck.data import Made, arranged, load_task, with_native
from assay.studies.syncheck.description import _selection
from assay.studies.syncheck.grid import Settings
from assay.studies.syncheck.scenarios import CROSS_DOMAIN, SCENARIOS, STUDIES
from assay.studies.syncheck.study import Grid
from assay.train.one_run import train
from assay.types import Samples, Task
from tests.support import ROOT
from tests.support.toys import FAST, blob_task, blobs, run_of

TABLE = ROOT / "docs" / "released.md"
SMALL = {
    "csigan": "width=2,epochs=1,precision=fp32",
    "rf-diffusion": "hidden=8,heads=2,blocks=1,packets=16,epochs=1,batch=4,precision=fp32,sampling=native",
}


class Row(NamedTuple):
    """A switch, what it is of, and the options of other things that it turns."""

    switch: str
    of: str
    turns: tuple[str, ...]


def rows() -> list[Row]:
    """The table, a row for everything that a switch is of."""
    cells = [line.split(" | ") for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    read = [(cell[0].strip("| `"), re.findall("`(.+?)`", cell[1]), turned(cell[2])) for cell in cells]
    return [Row(switch, of, turns) for switch, all_of, turns in read for of in all_of]


def turned(released: str) -> tuple[str, ...]:
    first = re.match(r"\((.*?)\)", released)
    return tuple(re.findall("`(.+?)`", first[1])) if first else ()


ROWS = list(dict.fromkeys(rows()))
STUDY = [row for row in ROWS if row.of == "bench"]
MADE = [row for row in ROWS if row.of.startswith("generate ")]
METHOD = [row for row in ROWS if row.of in METHODS]
OPTIONS = [option for row in STUDY for option in row.turns]


def option(row: Row, **texts: str) -> str:
    """What is given to turn the switch on."""
    return row.switch if "=" in row.switch else f"{row.switch}={texts.get(row.switch, 'true')}"


def switches(settings: object) -> set[str]:
    """Fields that the settings declare to be switches."""
    return {field.name for field in dataclasses.fields(settings) if "switch" in field.metadata}  # type: ignore[arg-type]


def test_the_table_has_every_switch_and_no_other():
    assert sorted(row.switch for row in STUDY) == sorted(field.name for field in dataclasses.fields(Protocol))
    declared = {(name, switch) for name, settings in METHODS.items() for switch in switches(settings)}
    assert {(row.of, row.switch) for row in METHOD} == declared
    declared = {(name, switch) for name, made in GENERATORS.items() for switch in switches(made)}
    listed = {(row.of.removeprefix("generate "), row.switch) for row in MADE}
    assert listed == declared | {("csigan", "lambda_cycle=10"), ("rf-diffusion", "protocol")}
    assert len(STUDY) + len(METHOD) + len(MADE) == len(ROWS)


# -- switches of studies ------------------------------------------------------------------------------


def consequences(protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """All that a study does with a protocol before it trains."""
    opened: list[str] = []
    monkeypatch.setattr("assay.studies.syncheck.data.open_task", opened.append)
    for task in ("csi-har:target=1", "signfi", "widar3"):
        load_task(task, protocol)
    grids = [Grid(scenario, protocol, scenario.presets["small"]) for scenario in SCENARIOS.values()]
    entries = [entry for grid in grids for entry in STUDIES["syncheck-overall"].entries(grid)]
    selection = _selection(
        Settings(STUDIES["syncheck-overall"], CROSS_DOMAIN, None, protocol, None, (), "cpu")
    )
    data = arranged(blob_task(), Made(blobs(300, 7), 20, "made"), protocol)
    sets = (data.unit, data.first.digest(), data.more.digest())
    return opened, entries, selection, sets, with_native("rf-diffusion", "", protocol)


@pytest.mark.parametrize("row", STUDY, ids=lambda row: row.switch)
def test_a_switch_of_a_study_changes_what_is_run(row, monkeypatch):
    on = consequences(parse_protocol(f"corrected:{option(row)}"), monkeypatch)
    assert on != consequences(PROTOCOLS["corrected"], monkeypatch)
    off = consequences(parse_protocol(f"released:{row.switch}=false"), monkeypatch)
    assert off != consequences(PROTOCOLS["released"], monkeypatch)


def with_origins(n: int) -> Samples:
    return dataclasses.replace(blobs(n, 9), origin=np.arange(n))


def short_run(text: str) -> list:
    """Every epoch of a short training of a method."""
    small = ",generator_width=8" if text.startswith("csigan:") else ""
    settings = parse(text + small, METHODS, "method")
    training = dataclasses.replace(FAST, epochs=2, steps=4)
    task = blob_task(labelled=40, shots=8, unlabelled=50)
    return train(task, with_origins(24), run_of(settings, training=training)).history


@pytest.mark.parametrize("text", OPTIONS)
def test_an_option_that_a_switch_turns_is_there(text):
    if text.partition(":")[0] in METHODS:
        assert len(short_run(text)) == 2
    else:
        assert parse(text, DATA_SETS, "task") != TASKS[text.partition(":")[0]]


# -- switches of methods and generators ---------------------------------------------------------------


@pytest.mark.parametrize("row", METHOD, ids=lambda row: f"{row.of}-{row.switch}")
def test_a_switch_of_a_method_runs(row):
    assert len(short_run(f"{row.of}:{option(row)}")) == 2


def planes() -> Task:
    """Eight items of two antennas, sixteen packets and four subcarriers, and as many of someone else."""
    x = np.random.default_rng(0).normal(size=(3, 8, 2, 16, 4)).astype(np.float32)
    parts = [Samples(x[part], np.arange(8) % 2, np.full(8, part)) for part in range(3)]
    return Task("toy", ("a", "b"), *parts)


@pytest.mark.parametrize("row", MADE, ids=lambda row: f"{row.of}-{row.switch}")
def test_a_switch_of_a_generator_runs(row):
    name = row.of.removeprefix("generate ")
    text = f"{name}:{SMALL[name]},{option(row, protocol='released')}"
    sampler = parse(text, GENERATORS, "generator").fit(planes(), 0, Workspace())
    samples, _ = sampler.sample(4, np.random.default_rng(0))
    assert np.isfinite(samples.x).all()
    assert (samples.origin >= 0).all()
