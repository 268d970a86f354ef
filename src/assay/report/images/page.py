"""The page of a study of images: one HTML file that needs nothing but itself."""

from __future__ import annotations

import base64
from pathlib import Path

from assay.report.comparison import against_oracle
from assay.report.findings import findings_list
from assay.report.images.study import heading, notes, pictures, table
from assay.report.template import render
from assay.studies.images.runs import ImageRuns
from assay.version import __version__


def page(runs: ImageRuns, selection: str | None = None) -> str:
    """The page as text, with the pictures that lie beside the study."""
    content = {
        "name": runs.name,
        "info": runs.info,
        "heading": heading(runs, selection),
        "rows": table(runs, selection),
        "findings": findings_list(runs.info),
        "notes": list(notes(runs)),
        "pictures": [(what, _uri(path)) for what, path in pictures(runs).items()],
        "against": against_oracle.of_study(runs),
        "against_note": against_oracle.NOTE,
        "version": __version__,
    }
    return render("images/page.html.jinja", content)


def _uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
