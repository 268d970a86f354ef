"""The verb `report`; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.answer import note
from assay.cli.early import check_metric
from assay.cli.options import Verbose
from assay.cli.results import show_result


def report(
    runs: Annotated[Path, typer.Argument(help="Folder that compare, advise, score or bench wrote.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The HTML file.")] = Path("report.html"),
    metric: Annotated[str | None, typer.Option(help="Of a comparison: accuracy, macro_f1, auroc ...")] = None,
    verbose: Verbose = False,
) -> None:
    """Write the report of a comparison, an advice, a score or a study again, finished or not.

    If the folder holds several, each has a file of its own, OUT and OUT-NAME.
    """
    if metric:
        check_metric(metric)
    from assay.runs.store import studies_in

    studies_in(runs)  # refused before PyTorch loads

    from assay.files import writing
    from assay.report.reopen import reopen, told_by, write_page

    for place, (name, found) in enumerate(reopen(runs).items()):
        result = told_by(found, metric)
        show_result(result, verbose)
        path = out.with_stem(f"{out.stem}-{name}") if place else out
        with writing(path):
            written = write_page(result, path)
            note(files=[str(written)])
            typer.echo(f"report: {written}")
