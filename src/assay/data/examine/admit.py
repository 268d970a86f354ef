"""What stands before all that trains: data are examined, refusals end it, warnings are told."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from assay.data.examine.questions import examine
from assay.findings import Examination
from assay.machine.launched import rank
from assay.types import Samples, Task


def admit(
    task: Task,
    synthetic: Samples | None = None,
    accept: Iterable[str] = (),
    examined: Examination | None = None,
) -> Examination:
    """Examine data before anything trains; warnings go to standard error, a line each.

    Parameters
    ----------
    task, synthetic, accept
        As of `assay.examine`.
    examined : Examination, optional
        What it has found already: then nothing is looked at and nothing is said again.

    Raises
    ------
    UserError
        If anything is refused.
    """
    if examined is None:
        return settled(examine(task, synthetic, accept))
    examined.raise_refused()
    return examined


def settled(found: Examination) -> Examination:
    """The same, if nothing in it is refused, with its warnings told."""
    found.raise_refused()
    if not rank():
        for line in Examination(found.warnings).lines():
            print(line, file=sys.stderr)
    return found
