"""Published studies as declared grids of runs: what is varied, on which data, in which sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from assay.methods.base import MethodSettings
from assay.methods.training import Training
from assay.studies.protocol import INIT_SEED, Protocol
from assay.studies.published.syncheck import Key

Data = Literal["main", "unconditional"]
FAST = 5.0
"""Learning rate of the published only-real baseline (1e-3) over that of all others (2e-4)."""


@dataclass(frozen=True)
class Entry:
    """One cell of a study's table; every seed makes a run of it.

    Attributes
    ----------
    key : Key
        Its name in the published table; names that are not there are ours.
    series, place : str
        Its line or colour in the figure, and its place along the axis.
    method : MethodSettings
    data : {"main", "unconditional"}
        The synthetic set.
    rate : float
        Factor on the learning rate.
    init_seed : int, optional
        Seed of the initial weights, where it is not the run's.
    """

    key: Key
    series: str
    place: str
    method: MethodSettings
    data: Data = "main"
    rate: float = 1.0
    init_seed: int | None = None


@dataclass(frozen=True)
class Preset:
    """Sizes of a study.

    Attributes
    ----------
    task : str
        The default task, as on the command line.
    generator, unconditional : str
        Generators of the two synthetic sets.
    generator_task : str
        The task that the generators learn from, where that is another view of the data; else empty.
    training : Training
    backbones : mapping
        Published name of a backbone to ours, by kind of task; "default" is the middle one.
    generator_width : int
        Of the vanilla generator inside the method `csigan`.
    """

    task: str
    generator: str
    unconditional: str
    generator_task: str
    training: Training
    backbones: Mapping[str, Mapping[str, str]]
    generator_width: int = 512


@dataclass(frozen=True)
class Scenario:
    """A generator with the published set-up around it.

    Attributes
    ----------
    title : str
        What the figures call it.
    method : callable
        (published method, variant, protocol, preset) to the settings that stand for it.
    widths : tuple of str
        Published names of the backbones, the default one in the middle.
    series : mapping
        What the figures call a method or a variant.
    flawed : tuple of str
        Methods that the released protocol starts or paces otherwise than all others.
    selection : str
        What is reported, unless the protocol looks for the best epoch on the test items.
    presets : mapping
    """

    title: str
    method: Callable[[str, str, Protocol, Preset], MethodSettings]
    widths: tuple[str, str, str]
    series: Mapping[str, str]
    flawed: tuple[str, ...]
    selection: str
    presets: Mapping[str, Preset]


@dataclass(frozen=True)
class Study:
    """A published table or figure.

    Attributes
    ----------
    published : str
        Name of the study in the published numbers.
    question : str
        What it asks.
    figures : mapping
        Scenario to the figure's name, "" where none was published.
    axis : str
        What the axis shows.
    entries : callable
        The cells, the baseline first.
    """

    published: str
    question: str
    figures: Mapping[str, str]
    axis: str
    entries: Callable[[Grid], list[Entry]]


@dataclass(frozen=True)
class Grid:
    """What the cells of a study have in common."""

    scenario: Scenario
    protocol: Protocol
    preset: Preset

    def entry(self, key: Key, place: str = "", series: str = "", data: Data = "main") -> Entry:
        """The cell of a key, with what the protocol does to it."""
        switches, published = self.protocol, key.method in self.scenario.flawed and not key.variant
        return Entry(
            key,
            series or self.scenario.series[key.method],
            place or self.scenario.title,
            self.scenario.method(key.method, key.variant, self.protocol, self.preset),
            data,
            FAST if published and switches.fast_baseline and key.method == "real_only" else 1.0,
            INIT_SEED if published and switches.fixed_init and key.method == "syncheck" else None,
        )

    def variant(self, name: str, data: Data = "main") -> Entry:
        """The cell of a variant of SynCheck."""
        return self.entry(Key("syncheck", variant=name), series=self.scenario.series[name], data=data)
