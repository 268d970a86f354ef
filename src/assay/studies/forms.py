"""What a study's file holds, field by field: what is read is checked against it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

from annotated_types import MinLen
from typing_extensions import TypedDict

from assay.errors import UserError
from assay.findings import Finding
from assay.runs.forms import Count, PartCounts, Settings, is_key
from assay.strict import read_json, read_values, strict, unbound
from assay.studies.published.syncheck import Key
from assay.types import Kind

REMEDY = "run the study again"


@strict
class Seeded(TypedDict):
    """A run of a cell."""

    seed: Count
    key: Annotated[str, MinLen(1)]


@strict
class Cell(TypedDict):
    """A cell of a study of signals."""

    key: Key
    series: str
    place: str
    method: Settings
    backbone: Settings
    runs: list[Seeded]


@strict
class ImageCell(TypedDict):
    """A cell of a study of images."""

    labels: dict[str, str]
    baseline: dict[str, str]
    task: str
    synthetic: Count
    method: Settings
    backbone: Settings
    training: Settings
    published: dict[str, float]
    runs: list[Seeded]


@unbound
class Named(TypedDict):
    """A task, by its name."""

    name: str
    counts: dict[str, Count]


@unbound
class StudiedTask(Named):
    """The task of a study of signals."""

    classes: list[str]
    kind: Kind
    shape: list[Count]
    counts: PartCounts
    digest: str


@unbound
class StudiedSynthetic(TypedDict):
    """Its synthetic items at hand, and what a ratio of 1 stands for; where they are from by name."""

    count: Count
    unit: Count


@unbound
class Trained(TypedDict):
    """How long is trained; further settings by name."""

    epochs: Count
    steps: Count
    batch: Count


@strict
class BatteryCell(TypedDict):
    """A method on a task of the battery."""

    task: str
    method: str
    settings: Settings
    synthetic: bool
    runs: list[Seeded]


@strict
class BatteryTask(TypedDict):
    """A task of the battery."""

    name: str
    half: Literal["tune", "report"]
    family: str
    about: str
    counts: dict[str, Count]
    synthetic: Count
    training: Trained
    backbone: Settings


class _Any(TypedDict):
    """What every study says."""

    study: str
    preset: str
    protocol: str
    created: str
    question: str
    selection: str
    device: str
    versions: dict[str, str]
    own: NotRequired[bool]
    origin: NotRequired[dict[str, Any]]
    findings: NotRequired[list[Finding]]


@strict
class Study(_Any):
    """A study of signals."""

    generator: str
    left_out: NotRequired[dict[str, str]]
    published: str
    axis: str
    scenario: str
    switches: dict[str, bool]
    training: Settings
    task: StudiedTask
    synthetic: StudiedSynthetic
    cells: Annotated[list[Cell], MinLen(1)]


@strict
class ImageStudy(_Any):
    """A study of images."""

    source: str
    published_at: NotRequired[Literal["best", "last", "unknown"]]
    measures: Annotated[list[tuple[str, str, str]], MinLen(1)]
    tasks: dict[str, Named]
    cells: Annotated[list[ImageCell], MinLen(1)]


@strict
class Battery(_Any):
    """The study that proves methods."""

    left_out: dict[str, str]
    battery: Annotated[list[BatteryTask], MinLen(1)]
    cells: Annotated[list[BatteryCell], MinLen(1)]


def read_study(path: Path) -> dict[str, Any]:
    """A study's file.

    Raises
    ------
    UserError
        If it is damaged or of a later format, naming file and field.
    """
    values = read_json(path, REMEDY)
    form = Battery if "battery" in values else ImageStudy if "tasks" in values else Study
    read_values(form, values, str(path), REMEDY)
    for place, cell in enumerate(values["cells"]):
        if any(not is_key(run["key"]) for run in cell["runs"]):
            raise UserError(f"{path}: damaged (cells.{place}.runs: a key that is none); {REMEDY}")
    return values
