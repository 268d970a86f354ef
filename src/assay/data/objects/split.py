"""Whatever holds labelled real data, dealt out to the parts of a task."""

from __future__ import annotations

from typing import Any

from assay.data.objects.bring import task_of_object
from assay.data.split import SHARES, Deal, Shares
from assay.data.split import split_task as dealt_out
from assay.types import Samples, Task


def split_task(
    data: Any,
    classes: tuple[str, ...] | None = None,
    name: str = "data",
    seed: int = 0,
    shares: Shares = SHARES,
    deal: Deal | None = None,
    **options: Any,
) -> Task:
    """A task from labelled real data: 30 % labelled, 30 % unlabelled, 10 % validation, 30 % test by class.

    Items whose class is unknown (-1) all go to the unlabelled part. Where there are groups of several items,
    whole groups are dealt out, as near to those shares of each class as they allow; then items of unknown
    class in groups of test items are left out. Parts that the data have themselves stay as they are.

    Parameters
    ----------
    data : Samples, or as of `assay.samples`
        ``(x, y)``, ``(x, y, group)``, a DataFrame, a data set of PyTorch or Hugging Face ...
    classes : tuple of str, optional
        Names of the classes of `Samples`, the numbers themselves by default; else the classes to take.
    name : str
    seed : int
        Same seed, same split.
    shares : four floats that sum to 1
        Of the labelled, unlabelled, validation and test part. The second and the third may be 0.
    deal : {"groups", "items"}, optional
        ``items`` deals items out, groups or not: then items of one group stand on both sides.
    **options
        ``normalise``, ``kind`` as of `Task`; of other data than `Samples` those of `assay.samples` too.

    Raises
    ------
    UserError
        If a class has fewer items than there are parts, groups are too few, or a label is out of range.
    """
    if isinstance(data, Samples):
        return dealt_out(data, classes, name, seed, shares, deal, **options)
    given = {"seed": seed, "shares": shares, "deal": deal, "classes": classes or ()}
    return task_of_object(data, name, **given, **options)
