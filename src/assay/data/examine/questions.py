"""All questions about real and synthetic data, asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from assay.data.examine.constants import constants
from assay.data.examine.duplicates import duplicates_of_test, repeats, synthetic_is_real
from assay.data.examine.facts import Facts, gather
from assay.data.examine.groups import groups
from assay.data.examine.labels_present import labels_present
from assay.data.examine.names import with_names
from assay.data.examine.near import near_duplicates
from assay.data.examine.picture_files import unlike_files
from assay.data.examine.reading import complex_items, layout, unlike_features
from assay.data.examine.scale import scale
from assay.findings import Examination, Finding, examination
from assay.types import Samples, Task

QUESTIONS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    duplicates_of_test,
    synthetic_is_real,
    complex_items,
    scale,
    near_duplicates,
    groups,
    layout,
    constants,
    repeats,
    labels_present,
    unlike_features,
    unlike_files,
)


def examine(task: Task, synthetic: Samples | None = None, accept: Iterable[str] = ()) -> Examination:
    """What a reader of results must know of the data: leaks, scales, layouts, labels, groups.

    One pass over all items, in blocks. Labels of test items are used for nothing.

    Parameters
    ----------
    task : Task
    synthetic : Samples, optional
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
    read = task.findings if synthetic is None else task.findings + synthetic.findings
    if synthetic is not None:
        task.check_synthetic(synthetic)
    facts = gather(task, synthetic)
    asked = [with_names(finding, facts) for ask in QUESTIONS for finding in ask(facts)]
    return examination([*read, *asked], accept)
