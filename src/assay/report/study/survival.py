"""A study under both protocols: how much of each gain survives the corrected one."""

from __future__ import annotations

from pathlib import Path

from assay.files import replace_file, writing
from assay.report.study.table import markdown_table
from assay.report.study.text import survival
from assay.studies.runs import StudyRuns

PROTOCOLS = ("corrected", "released")


def survived(runs: StudyRuns) -> list[dict[str, str]]:
    """Rows of `survival`; none unless both protocols, with no switch turned, are there for the same data."""
    start = f"{runs.info['study']}-{runs.info['generator']}"
    names = [f"{start}-{protocol}" for protocol in PROTOCOLS]
    if not all((runs.folder / f"{name}.json").is_file() for name in names):
        return []
    corrected, released = (StudyRuns.open(runs.folder, name) for name in names)
    same = corrected.info.get("origin") == released.info.get("origin")
    return survival(corrected, released) if same else []


def write_survival(runs: StudyRuns) -> Path | None:
    """Write STUDY-GENERATOR-survival.md beside the study; None if there is nothing to compare.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    rows = survived(runs)
    if not rows:
        return None
    path = runs.folder / f"{runs.info['study']}-{runs.info['generator']}-survival.md"
    text = f"# How much of each gain survives the corrected protocol?\n\n{markdown_table(rows)}\n"
    with writing(path):
        replace_file(path, text.encode())
    return path
