"""What is odd about data, before anything trains, whatever holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assay.data.examine.questions import examine as of_task
from assay.findings import Examination
from assay.generate.table import open_synthetic, open_task


def examine(task: Any, synthetic: Any = None, accept: Iterable[str] = ()) -> Examination:
    """What a reader of results must know of the data: leaks, scales, layouts, labels, groups.

    One pass over all items, in blocks. Labels of test items are used for nothing.

    Parameters
    ----------
    task : Task, or as of `assay.open_task`
    synthetic : Samples, or as of `assay.open_synthetic`, optional
        Synthetic items for it.
    accept : iterable of str
        Codes of refusals (`assay.findings.REFUSALS`) that are taken nevertheless; those that stand in the
        options of the task and of the synthetic data count too.

    Returns
    -------
    Examination
        `Examination.raise_refused` ends what must not go on.

    Raises
    ------
    UserError
        If a code is unknown, or the synthetic items do not fit the task.
    """
    real = open_task(task)
    return of_task(real, None if synthetic is None else open_synthetic(synthetic, real), accept)
