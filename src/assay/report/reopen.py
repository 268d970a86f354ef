"""Results that lie in a folder, in memory again, and the page of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.files import replace_file
from assay.report.assessment.page import page as page_of_assessment
from assay.report.assessment.result import Assessment, assessments
from assay.report.battery.page import page as page_of_battery
from assay.report.images.page import page as page_of_images
from assay.report.study.page import page as page_of_study
from assay.runs.store import studies_in
from assay.studies.battery.runs import BatteryRuns
from assay.studies.images.runs import ImageRuns
from assay.studies.requests import is_battery, is_of_images
from assay.studies.runs import StudyRuns

Result = Assessment | StudyRuns
PAGES: dict[type, Callable[[Any], str]] = {BatteryRuns: page_of_battery, ImageRuns: page_of_images}
"""Of studies that have one of their own."""


def reopen(folder: Path) -> dict[str, Result]:
    """The results of a folder by name: what is known of one question together, then every study.

    Raises
    ------
    UserError
        If there is none, or one is damaged.
    """
    studies = studies_in(folder)
    found: dict[str, Result] = {
        f"assessment-{i}" if i else "assessment": whole for i, whole in enumerate(assessments(folder))
    }
    return found | {name: _kind(name).open(folder, name) for name in studies}


def _kind(study: str) -> type[StudyRuns]:
    if is_battery(study):
        return BatteryRuns
    return ImageRuns if is_of_images(study) else StudyRuns


def write_page(result: Result, path: Path) -> Path:
    """Write a result as one HTML file, at once; returns its path."""
    if isinstance(result, Assessment):
        content = page_of_assessment(result, path)
    else:
        content = PAGES.get(type(result), page_of_study)(result)
    replace_file(path, content.encode())
    return path


def told_by(result: Result, metric: str | None) -> Result:
    """A comparison as it is told by another metric, if one is named; other results as they are.

    Raises
    ------
    UserError
        If it was not measured.
    """
    if not (metric and isinstance(result, Assessment) and result.comparison):
        return result
    return replace(result, comparison=result.comparison.by(metric))
