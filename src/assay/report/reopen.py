"""Results that lie in a folder, in memory again, and the page of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from assay.advice.result import Advice
from assay.comparison.result import Comparison
from assay.files import replace_file
from assay.quality.score import Score
from assay.report.advice.page import page as page_of_advice
from assay.report.comparison.page import page as page_of_comparison
from assay.report.images.page import page as page_of_images
from assay.report.score.page import page as page_of_score
from assay.report.score.read import read_score
from assay.report.study.page import page as page_of_study
from assay.studies.images.runs import ImageRuns
from assay.studies.requests import is_of_images
from assay.studies.runs import StudyRuns

Result = Comparison | Advice | Score | StudyRuns
OPENED: dict[str, Callable[[Path], Result]] = {
    "compare.json": Comparison.open,
    "advice.json": Advice.open,
    "score.json": read_score,
}
PAGES: dict[type, Callable[[Any], str]] = {
    Comparison: page_of_comparison,
    Advice: page_of_advice,
    Score: page_of_score,
    StudyRuns: page_of_study,
    ImageRuns: page_of_images,
}


def reopen(folder: Path, name: str) -> Result:
    """The result that a file of a folder begins, as `assay.runs.store.results_in` names it.

    Raises
    ------
    UserError
        If it is damaged.
    """
    if name in OPENED:
        return OPENED[name](folder)
    stem = Path(name).stem
    return (ImageRuns if is_of_images(stem) else StudyRuns).open(folder, stem)


def write_page(result: Result, path: Path) -> Path:
    """Write a result as one HTML file, at once; returns its path."""
    replace_file(path, PAGES[type(result)](result).encode())
    return path


def told_by(result: Result, metric: str | None) -> Result:
    """A comparison as it is told by another metric, if one is named; other results as they are.

    Raises
    ------
    UserError
        If it was not measured.
    """
    return result.by(metric) if metric and isinstance(result, Comparison) else result
