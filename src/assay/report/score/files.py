"""A score as files: everything as JSON, a line for every item as CSV or Parquet, the tables, the pictured."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.columns import csv_bytes
from assay.errors import UserError
from assay.files import json_bytes, plain, replace_file
from assay.quality.score import Score, ScoreRow
from assay.report.score.numbers import place
from assay.report.score.text import markdown, sentences
from assay.types import Samples, Task
from assay.version import __version__

Columns = dict[str, NDArray[Any]]

ITEMS = "score_items.npz"
SAMPLES = {False: "samples.csv", True: "samples.parquet"}


def write_score(
    score: Score, task: Task, synthetic: Samples, folder: str | Path, parquet: bool = False
) -> list[Path]:
    """Write a score to a folder: score.json, samples.csv, score.md and the items that are pictured.

    Every file is replaced at once, after all of them have been made. Same score, same bytes.

    Parameters
    ----------
    score : Score
    task, synthetic : Task, Samples
        What was scored: their items are pictured.
    folder : path
        Made if need be. The samples table of an earlier score there is replaced, in whichever form it was.
    parquet : bool
        Whether the samples table is samples.parquet in place of samples.csv (extra `parquet`).

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UserError
        If the items are not those that were scored, or pyarrow is wanted and not installed.
    """
    _check_scored(score, task, synthetic)
    folder, columns = Path(folder), table_of(score)
    contents = {
        SAMPLES[parquet]: parquet_bytes(columns) if parquet else csv_bytes(columns),
        "score.json": json_bytes(as_json(score)),
        "score.md": (markdown(score) + "\n").encode(),
        **({ITEMS: score.items.content()} if score.items else {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        replace_file(folder / name, content)
    (folder / SAMPLES[not parquet]).unlink(missing_ok=True)
    return [folder / name for name in contents]


def check_parquet(wanted: bool) -> None:
    """Raise `UserError` if a Parquet table is wanted and nothing here can write one."""
    if wanted:
        _pyarrow()


def _check_scored(score: Score, task: Task, synthetic: Samples) -> None:
    for name, given in (("task", task), ("synthetic", synthetic)):
        if given.digest() != score.info[f"{name}_digest"]:
            raise UserError(f"{name}: not what was scored (digest {given.digest()})")


# -- JSON ---------------------------------------------------------------------------------------------


def as_json(score: Score) -> dict[str, Any]:
    """All but the samples table, as JSON values; what is not finite is null."""
    named = zip(score.info["classes"], score.classes)
    content = {
        "assay": __version__,
        "sentences": sentences(score),
        "measures": [_measure(row) for row in score.rows],
        "classes": [{"class": name, **found} for name, found in named],
        "groups": [{"group": group, **found} for group, found in score.groups.items()],
        "info": score.info,
    }
    finite: dict[str, Any] = plain(content)
    return finite


def _measure(row: ScoreRow) -> dict[str, Any]:
    m = row.measure
    return {
        "measure": m.name,
        "meaning": m.meaning,
        "better": m.better,
        "range": [m.low, m.high],
        "value": asdict(row.value),
        "floor": asdict(row.floor),
        "ceiling": {**asdict(row.ceiling), "worst": m.worst},
        "place": place(row, row.value.mean),
        "repeats": row.repeats,
    }


# -- the samples table --------------------------------------------------------------------------------


def table_of(score: Score) -> Columns:
    """The samples table with the position of each item first, and class names beside class numbers."""
    columns: Columns = {"item": np.arange(len(score.samples["condition"]))}
    names = np.array([*score.info["classes"], ""], dtype=object)  # label -1 is the last
    for key, values in score.samples.items():
        columns[key] = values
        if key in ("condition", "predicted"):
            columns[f"{key}_name"] = names[values]
    return columns


def parquet_bytes(columns: Columns) -> bytes:
    """The table as Apache Parquet, numbers in full.

    Raises
    ------
    UserError
        If pyarrow is not installed.
    """
    arrow = _pyarrow()
    buffer = io.BytesIO()
    listed = {name: _as_arrow(values) for name, values in columns.items()}
    arrow.parquet.write_table(arrow.table(listed), buffer)
    return buffer.getvalue()


def _as_arrow(values: NDArray[Any]) -> Any:
    return values.tolist() if values.dtype.kind in "OU" else values


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UserError("parquet: install pyarrow: pip install 'assay[parquet]'") from None
    return pyarrow
