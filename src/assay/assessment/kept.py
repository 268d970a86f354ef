"""The score that a folder has already, if it is that of the same data, settings and code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.errors import UserError
from assay.quality.score import Score
from assay.report.score.read import read_score
from assay.strict import json_values


def kept_score(folder: Path, info: Mapping[str, Any]) -> Score | None:
    """The score of a folder, if it says the same of its data and of how it was made as `info`."""
    if not (folder / "score.json").is_file():
        return None
    try:
        found = read_score(folder)
    except UserError:  # damaged, or of another version: it is made again
        return None
    same = all(found.info.get(key) == value for key, value in _as_read(info).items())
    return found if same and found.items is not None else None


def _as_read(info: Mapping[str, Any]) -> dict[str, Any]:
    from assay.files import json_bytes

    return json_values(json_bytes(info), "info")
