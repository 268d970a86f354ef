"""The verb `report`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_metric
from assay.cli.options import Verbose
from assay.cli.results import show_result, show_side_by_side
from assay.files import check_place


def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Folder that assess, compare, advise, score or bench wrote.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file.")] = Path("report.html"),
    metric: Annotated[str | None, typer.Option(help="Of a comparison: accuracy, macro_f1, auroc ...")] = None,
    verbose: Verbose = False,
) -> None:
    """Write the page of a folder again, finished or not; of several, their comparisons side by side.

    If one folder holds results of several data or studies, each has a file of its own, OUT and OUT-NAME.
    """
    if metric:
        check_metric(metric)
    from assay.runs.store import studies_in

    check_place(out)
    for folder in runs:
        studies_in(folder)  # refused before PyTorch loads
    _side_by_side(runs, out, metric) if len(runs) > 1 else _one(runs[0], out, metric, verbose)


def _one(runs: Path, out: Path, metric: str | None, verbose: bool) -> None:
    from assay.files import writing
    from assay.report.reopen import reopen, told_by, write_page

    for place, (name, found) in enumerate(reopen(runs).items()):
        result = told_by(found, metric)
        show_result(result, verbose)
        path = out.with_stem(f"{out.stem}-{name}") if place else out
        with writing(path):
            _say(write_page(result, path))


def _side_by_side(runs: list[Path], out: Path, metric: str | None) -> None:
    from assay.files import writing
    from assay.report.assessment.side_by_side import open_runs, write_side_by_side

    found = open_runs(runs, metric)
    show_side_by_side(found)
    with writing(out):
        _say(write_side_by_side(found, out))


def _say(path: Path) -> None:
    note(files=[str(path)])
    typer.echo(f"report: {path}")
