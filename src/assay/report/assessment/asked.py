"""What an assessment was asked for, what cannot be, and what every part took: ``assess.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen
from typing_extensions import TypedDict

from assay.files import json_bytes, replace_file, writing
from assay.findings import Finding
from assay.runs.forms import Count
from assay.strict import read_json, read_values, strict
from assay.types import Kind, Normalise

FILE, REMEDY = "assess.json", "assess the data again"
PartName = Literal["score", "comparison", "advice"]
Seconds = dict[PartName, Annotated[float, Ge(0)]]


@strict
class AskedTask(TypedDict):
    """The real data."""

    name: str
    kind: Kind
    normalise: Normalise
    classes: Annotated[list[str], MinLen(1)]
    counts: dict[str, Count]
    digest: str


@strict
class AskedSynthetic(TypedDict):
    """The synthetic data."""

    name: str
    count: Count
    digest: str


@strict
class Asked(TypedDict):
    """``assess.json``; times are in seconds, expected before the start and taken in all."""

    created: str
    task: AskedTask
    synthetic: AskedSynthetic
    findings: list[Finding]
    parts: list[PartName]
    impossible: dict[PartName, str]
    expected: Seconds
    took: Seconds
    settings: str
    versions: dict[str, str]


def write_asked(folder: Path, asked: Mapping[str, Any]) -> None:
    """Write it to a folder, at once."""
    with writing(folder):
        replace_file(folder / FILE, json_bytes(asked))


def read_asked(folder: Path) -> dict[str, Any]:
    """What was asked of a folder.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    values = read_json(folder / FILE, REMEDY)
    read_values(Asked, values, str(folder / FILE), REMEDY)
    return values
