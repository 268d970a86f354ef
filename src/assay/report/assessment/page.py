"""The page of one question: what is known of it, in one order, in one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay.files import replace_file
from assay.report.advice.page import content as of_advice
from assay.report.assessment.costs import costs_of_methods, costs_of_parts
from assay.report.assessment.hardest import hard_items
from assay.report.assessment.heading import facts, missing, verdict
from assay.report.assessment.items import items, sets
from assay.report.assessment.result import Assessment, Part, with_all
from assay.report.comparison.page import content as of_comparison
from assay.report.findings import findings_list
from assay.report.score.page import content as of_score
from assay.report.template import render
from assay.runs.commands import commands
from assay.settings import fingerprint
from assay.version import __version__

LINKED = {
    "results.csv": "every run under every selection",
    "samples.csv": "every synthetic item with its scores",
    "samples.parquet": "every synthetic item with its scores",
    "score.json": "every number of the score",
    "advice.json": "every number of the advice",
    "compare.json": "what was compared",
}
SETTINGS = ("training", "backbone", "methods", "ratio", "scoring", "seeds", "device", "metric")


def page(found: Assessment | Part, path: Path | None = None) -> str:
    """The page as text; same results, same bytes.

    Parameters
    ----------
    found : Assessment, or a part of one
    path : Path, optional
        Where the page will lie, for links to the files beside it.
    """
    whole = found if isinstance(found, Assessment) else with_all(found, getattr(found, "folder", None))
    return render("assessment/page.html.jinja", _content(whole, path))


def write_page(found: Assessment | Part, path: str | Path) -> Path:
    """Write the page as one HTML file that opens without a network and without JavaScript.

    Parameters
    ----------
    found : Assessment, or a part of one
        With a part, the others of the same data that lie in its folder are on the page too.
    path : path
        The file; its folder is made if need be, and an older page there is replaced at once.

    Returns
    -------
    Path
        The file.
    """
    replace_file(Path(path), page(found, Path(path)).encode())
    return Path(path)


def _content(found: Assessment, path: Path | None) -> dict[str, Any]:
    said = verdict(found)
    return {
        **facts(found),
        "said": said.first,
        "more": said.rest,
        "missing": missing(found),
        "findings": findings_list({"findings": found.examination.as_dicts()}),
        "comparison": of_comparison(found.comparison) if found.comparison else None,
        "score": of_score(found.score) if found.score else None,
        "advice": of_advice(found.advice) if found.advice else None,
        "sheet": items(found),
        "sets": sets(found),
        "hardest": hard_items(found),
        "costs": costs_of_methods(found.comparison) if found.comparison else [],
        "took": costs_of_parts(found),
        "commands": commands(found.folder) if found.folder else {},
        "hashes": dict(_hashes(found)),
        "files": _links(found.folder, path) if found.folder else {},
        "version": __version__,
    }


def _hashes(found: Assessment) -> Iterator[tuple[str, str]]:
    """Of the settings of every part: equal settings, equal hashes."""
    for name, part in found.parts().items():
        seeds = part.info.get("seeds") or sorted({run["seed"] for run in part.info.get("runs", ())})
        info = {**part.info, "seeds": seeds}
        yield f"settings of the {name} (hash)", fingerprint({key: info.get(key) for key in SETTINGS})


def _links(folder: Path, path: Path | None) -> dict[str, dict[str, str]]:
    """The files beside the page, by name: where they are from there, and what is in them."""
    start = path.parent if path else folder
    return {
        name: {"href": quote(os.path.relpath(folder / name, start)), "what": what}
        for name, what in LINKED.items()
        if (folder / name).is_file()
    }
