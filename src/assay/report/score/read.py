"""A score that was written to a folder, in memory again."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

import numpy as np
from annotated_types import MinLen
from numpy.typing import NDArray
from typing_extensions import TypedDict

from assay.errors import UserError
from assay.findings import Finding
from assay.metrics.statistics import Estimate, with_ends
from assay.quality.measures import MEASURES, Measure
from assay.quality.score import Score, ScoreRow, Scoring
from assay.report.score.files import ITEMS, SAMPLES
from assay.runs.forms import Count, Settings
from assay.runs.pictured import read_pictured
from assay.strict import read_json, read_values, strict, unbound
from assay.types import Kind, Normalise

KINDS = {"condition": "i", "group": "i", "predicted": "i", "nearest": "i", "nearest_part": "U"}
KINDS |= {"score": "fi", "distance": "fi"}
"""What the page needs of the table of samples."""
REMEDY = "score the data again"
NAMED = {measure.name: measure for measure in MEASURES}


def read_score(folder: str | Path) -> Score:
    """The score of a folder.

    Raises
    ------
    UserError
        If there is none, or one of its files is damaged or of another version.
    """
    path = Path(folder) / "score.json"
    stored = with_ends(read_json(path, REMEDY))
    read_values(_File, stored, str(path), REMEDY)
    try:
        rows = list(map(_row, stored["measures"]))
        classes = [_numbers(found, "class") for found in stored["classes"]]
        groups = {int(found["group"]): _numbers(found, "group") for found in stored["groups"]}
        samples, names = _samples(Path(folder)), stored["info"]["classes"]
        labels = np.concatenate([samples["condition"], samples["predicted"]])
        if len(classes) != len(names) or not np.isin(labels, range(-1, len(names))).all():
            raise ValueError(f"classes: {len(names)} names do not fit")
        items = read_pictured(Path(folder) / ITEMS, len(names)) if "kind" in stored["info"] else None
        return Score(rows, classes, groups, samples, stored["info"], items=items)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, csv.Error) as error:
        raise UserError(f"{path}: damaged ({error!r}); {REMEDY}") from None


@strict
class _Groups(TypedDict):
    real: Count
    test: Count
    both: Count
    unlabelled: Count


@strict
class _Info(TypedDict):
    task: str
    classes: Annotated[list[str], MinLen(1)]
    real: Count
    unlabelled: Count
    synthetic: Count
    task_digest: str
    synthetic_digest: str
    scoring: Scoring
    against: Literal["labelled", "unlabelled"]
    backbone: Settings
    training: Settings
    records: list[str]
    groups: _Groups
    features: str
    device: str
    synthetic_name: str
    findings: NotRequired[list[Finding]]
    kind: NotRequired[Kind]
    versions: NotRequired[dict[str, str]]
    normalise: NotRequired[Normalise]


@unbound
class _Measure(TypedDict):
    measure: str
    value: dict[str, Any]
    floor: dict[str, Any]
    ceiling: dict[str, Any]
    repeats: list[float | None]


@strict
class _File(TypedDict):
    assay: str
    sentences: list[str]
    measures: Annotated[list[_Measure], MinLen(1)]
    classes: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    info: _Info


def _row(found: Mapping[str, Any]) -> ScoreRow:
    value, floor, ceiling = (_estimate(found[key]) for key in ("value", "floor", "ceiling"))
    measure = NAMED.get(found["measure"]) or _own(found)
    return ScoreRow(measure, value, floor, ceiling, tuple(found["repeats"]))


def _own(found: Mapping[str, Any]) -> Measure:
    """A metric of the user's own, which knows no bounds; its function is not in the file."""
    facts = (found["better"], -math.inf, math.inf, found["ceiling"]["worst"], found["meaning"])
    return Measure(found["measure"], *facts, lambda _: math.nan)


def _estimate(found: Mapping[str, Any]) -> Estimate:
    return read_values(Estimate, {field.name: found[field.name] for field in fields(Estimate)}, "an estimate")


def _numbers(found: Mapping[str, Any], name: str) -> dict[str, float]:
    return {key: math.nan if value is None else float(value) for key, value in found.items() if key != name}


# -- the samples table --------------------------------------------------------------------------------


def _samples(folder: Path) -> dict[str, NDArray[Any]]:
    """Its columns, but for the position and the names of classes, which are not stored in a score."""
    columns = _parquet(folder / SAMPLES[True]) or _csv(folder / SAMPLES[False])
    own = {key: values for key, values in columns.items() if key != "item" and not key.endswith("_name")}
    table = {key: np.array(values) for key, values in own.items()}
    for name, kinds in KINDS.items():
        if name not in table or table[name].dtype.kind not in kinds:
            raise ValueError(f"samples: {name}: not there, or not the values of it")
    return table


def _parquet(path: Path) -> dict[str, list[Any]]:
    if not path.is_file():
        return {}
    from pyarrow import parquet

    found: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
    return found


def _csv(path: Path) -> dict[str, list[Any]]:
    if not path.is_file():
        raise UserError(f"{path}: no such file; {REMEDY}")
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {name: [_value(row[place]) for row in rows] for place, name in enumerate(header)}


def _value(text: str) -> Any:
    """A truth value, a whole number, a number (empty: NaN) or text."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text or "nan")
        except ValueError:
            continue
    return text
