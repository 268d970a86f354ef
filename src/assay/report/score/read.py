"""A score that was written to a folder, in memory again."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.statistics import Estimate, with_ends
from assay.quality.measures import MEASURES
from assay.quality.score import Score, ScoreRow
from assay.report.score.files import SAMPLES
from assay.runs.store import read_json

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
    try:
        rows = [_row(found) for found in stored["measures"] if found["measure"] in NAMED]
        classes = [_numbers(found, "class") for found in stored["classes"]]
        groups = {int(found["group"]): _numbers(found, "group") for found in stored["groups"]}
        info = {**stored["info"], "records": stored["info"]["records"]}  # what older versions did not say
        return Score(rows, classes, groups, _samples(Path(folder)), info)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: damaged ({error!r}); {REMEDY}") from None


def _row(found: Mapping[str, Any]) -> ScoreRow:
    value, floor, ceiling = (_estimate(found[key]) for key in ("value", "floor", "ceiling"))
    return ScoreRow(NAMED[found["measure"]], value, floor, ceiling, tuple(found["repeats"]))


def _estimate(found: Mapping[str, Any]) -> Estimate:
    return Estimate(*(found[field.name] for field in fields(Estimate)))


def _numbers(found: Mapping[str, Any], name: str) -> dict[str, float]:
    return {key: math.nan if value is None else value for key, value in found.items() if key != name}


# -- the samples table --------------------------------------------------------------------------------


def _samples(folder: Path) -> dict[str, NDArray[Any]]:
    """Its columns, but for the position and the names of classes, which are not stored in a score."""
    columns = _parquet(folder / SAMPLES[True]) or _csv(folder / SAMPLES[False])
    own = {key: values for key, values in columns.items() if key != "item" and not key.endswith("_name")}
    return {key: np.array(values) for key, values in own.items()}


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
