"""What the files of a folder of runs hold, field by field: what is read is checked against it.

A field that is added later is ``NotRequired``: files of before it stay readable.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, NotRequired

from annotated_types import Ge, Interval, MinLen, Predicate
from typing_extensions import TypedDict

from assay.errors import UserError
from assay.findings import Finding
from assay.strict import read_json, read_values, strict, unbound
from assay.types import Kind

Share = Annotated[float, Interval(ge=0, le=1)]
Count = Annotated[int, Interval(ge=0, le=2**63 - 1)]
Text = Annotated[str, MinLen(1)]


def has_test(counts: dict[str, int]) -> bool:
    """Whether the test part is counted."""
    return "test" in counts


PartCounts = Annotated[dict[str, Count], Predicate(has_test)]
"""Items of every part of a task, of which the test part is always one."""
Settings = dict[str, Any]
"""Of whatever kind, as `assay.settings.as_dict` made them."""


@unbound
class Record(TypedDict):
    """An epoch; further quantities by name."""

    epoch: Count
    losses: dict[str, float]
    test_accuracy: Share
    test_recall: Share
    kept: Count
    validation_accuracy: NotRequired[Share]
    validation_recall: NotRequired[Share]
    information: NotRequired[float]
    entropy: NotRequired[float]
    nuclear_norm: NotRequired[float]
    density: NotRequired[float]
    further: NotRequired[dict[str, dict[str, Any]]]
    test_metrics: NotRequired[dict[str, float]]
    validation_metrics: NotRequired[dict[str, float]]


@unbound
class Selected(TypedDict):
    """The epoch that a selection chose; further quantities by name."""

    epoch: Count
    accuracy: Share
    recall: Share
    used: Count
    used_by_class: list[Count]
    metrics: NotRequired[dict[str, float]]
    confusion: Annotated[list[Annotated[list[Count], MinLen(1)]], MinLen(1)]


@unbound
class Counts(TypedDict):
    """Items of each pool."""

    real: Count
    unlabelled: Count
    synthetic: Count
    test: Count


@strict
class Measured(TypedDict):
    """``result.json`` of a run that succeeded."""

    settings: Settings
    error: None
    history: Annotated[list[Record], MinLen(1)]
    selections: dict[str, Selected]
    counts: Counts


@strict
class Failed(TypedDict):
    """``result.json`` of one that did not."""

    settings: Settings
    error: Text
    traceback: str | None


@strict
class About(TypedDict):
    """``about.json``."""

    label: str
    finished: str
    seconds: Annotated[float, Ge(0)]
    cpu_seconds: NotRequired[Annotated[float, Ge(0)]]
    peak_mb: NotRequired[Count]
    versions: dict[str, str]


@strict
class Planned(TypedDict):
    """A run that belongs to a comparison."""

    key: Annotated[str, MinLen(1)]
    label: str
    seed: Count


@strict
class ComparedTask(TypedDict):
    """Its task."""

    name: str
    kind: Kind
    classes: Annotated[list[str], MinLen(1)]
    shape: list[Count]
    normalise: str
    counts: PartCounts
    by_class: dict[str, list[Count]]
    digest: str


@strict
class ComparedSynthetic(TypedDict):
    """Its synthetic items."""

    name: str
    count: Count
    by_class: list[Count]
    digest: str


@unbound
class Recipe(TypedDict):
    """The settings of training; further ones by name."""

    epochs: NotRequired[Count]
    steps: NotRequired[Count]
    batch: NotRequired[Count]


@strict
class Compared(TypedDict):
    """``compare.json``."""

    created: str
    task: ComparedTask
    synthetic: ComparedSynthetic | None
    ratio: float | None
    device: str
    training: Recipe
    backbone: Settings
    methods: Annotated[dict[str, Settings], MinLen(1)]
    runs: Annotated[list[Planned], MinLen(1)]
    versions: dict[str, str]
    findings: NotRequired[list[Finding]]
    shifted: NotRequired[bool]
    metric: NotRequired[str]


def is_key(text: str) -> bool:
    """Whether a folder of a run may be called so: none elsewhere, and no hidden one."""
    return re.fullmatch(r"\w[\w.-]*", text) is not None


def read_result(path: Path, remedy: str) -> dict[str, Any]:
    """``result.json``, of a run that succeeded or failed.

    Raises
    ------
    UserError
        If it is damaged or of a later format, naming file and field.
    """
    values = read_json(path, remedy)
    read_values(Failed if values.get("error") else Measured, values, str(path), remedy)
    if not values["error"]:
        _check_selections(values["selections"], len(values["history"]), path, remedy)
    return values


def _check_selections(selections: dict[str, Any], epochs: int, path: Path, remedy: str) -> None:
    """Raise `UserError` unless each is of an epoch that there was, and square; "last" there always is."""
    if "last" not in selections:
        raise UserError(f"{path}: damaged (selections.last: field required); {remedy}")
    for name, selected in selections.items():
        rows, of = selected["confusion"], f"{path}: damaged (selections.{name}"
        if selected["epoch"] >= epochs:
            raise UserError(f"{of}.epoch: {selected['epoch']}; the history has {epochs} epochs); {remedy}")
        if len(selected["used_by_class"]) != len(rows) or len({len(row) for row in rows}) > 1:
            raise UserError(f"{of}.confusion: not of as many classes as used_by_class); {remedy}")


def read_about(path: Path, remedy: str) -> dict[str, Any]:
    """``about.json``; errors as of `read_result`."""
    values = read_json(path, remedy)
    read_values(About, values, str(path), remedy)
    return values


def read_compared(path: Path, remedy: str) -> dict[str, Any]:
    """``compare.json``; errors as of `read_result`."""
    values = read_json(path, remedy)
    read_values(Compared, values, str(path), remedy)
    known, classes = values["methods"], len(values["task"]["classes"])
    for place, run in enumerate(values["runs"]):
        if run["label"] not in known:
            raise UserError(f"{path}: damaged (runs.{place}.label: none of the methods); {remedy}")
        if not is_key(run["key"]):
            raise UserError(f"{path}: damaged (runs.{place}.key: {run['key']!r}: no key); {remedy}")
    for part, counts in values["task"]["by_class"].items():
        if len(counts) != classes:
            raise UserError(
                f"{path}: damaged (task.by_class.{part}: {len(counts)} of {classes} classes); {remedy}"
            )
    if (made := values["synthetic"]) and len(made["by_class"]) != classes:
        raise UserError(f"{path}: damaged (synthetic.by_class: not of {classes} classes); {remedy}")
    return values
