"""What verbs say of the data before they do anything with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.answer import note

if TYPE_CHECKING:
    from assay.findings import Examination
    from assay.types import Samples, Task

Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", help="CODE of a refusal to take nevertheless; repeatable."),
]


def show_examination(found: Examination) -> None:
    """Say what was found in the data, warnings apart, which have been told."""
    note(findings=found.as_dicts())
    typer.echo(f"data: {len(found.warnings)} warnings, {len(found.notes)} notes")
    for finding in found.notes:
        typer.echo(f"note: {finding.line()}")


def examined(
    task: Task, synthetic: Samples | None = None, accept: Sequence[str] | None = None, notes: bool = False
) -> Examination:
    """Examine data and say the warnings; with `notes` all that was found, with its details.

    Raises
    ------
    UserError
        If anything is refused.
    """
    from assay.data.examine.questions import examine

    found = examine(task, synthetic, accept or ())
    found.raise_refused()
    for finding, line in zip(found.findings, found.lines()):
        if notes or finding.severity == "warn":
            typer.echo("\n    ".join((line, *(finding.details if notes else ()))))
    return found
