"""Items that a model is asked about: a file or folder, with classes or without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.data.images import read_unsorted
from assay.data.objects.bring import table_of
from assay.data.table import read_synthetic
from assay.data.tabular.encode import reordered
from assay.data.tabular.naming import Naming
from assay.data.tabular.table import own_of_table
from assay.errors import UserError
from assay.lazy import lazy
from assay.settings import split_options
from assay.table_columns import Features
from assay.types import Kind, Normalise, Samples, Task


class NamedItems(NamedTuple):
    """Items, and what each is called: its place in a file of arrays, or its path in a folder."""

    samples: Samples
    names: NDArray[np.str_]


class Sort(NamedTuple):
    """What items a model takes.

    Attributes
    ----------
    classes, kind, shape, normalise
        As in `Task`.
    without_mean : bool
        Whether they are magnitudes of CSI without each recording's mean over time.
    features : Features, optional
        The columns of the table that the model learnt from.
    """

    classes: tuple[str, ...]
    kind: Kind
    shape: tuple[int, ...]
    normalise: Normalise
    without_mean: bool
    features: Features | None = None


def read_items(text: str, sort: Sort) -> NamedItems:
    """The items that ``FILE.npz`` or ``FOLDER`` names, with ``:key=value,...`` if wanted.

    They are read as synthetic data are: as those that the model learnt from, classes and columns of a table
    by name; in a file classes may be missing. A folder without folders holds images of unknown class.

    Raises
    ------
    UserError
        If there is no such file or folder, or items do not fit.
    """
    folder, options = split_options(text)
    if "missing=drop" in options.split(","):
        raise UserError("missing=drop: a model says something of every row; fill in what is missing")
    if Path(folder).is_dir() and not options and not any(_folders(Path(folder))):
        return named_items(_unsorted(Path(folder), sort))
    return named_items(read_synthetic(text, _stand_in(sort)))


def named_items(samples: Samples) -> NamedItems:
    """Items under the names of their files, or their places."""
    known = samples.files.names if samples.files else map(str, range(len(samples)))
    return NamedItems(samples, np.array(list(known), dtype=np.str_))


def items_of(data: Any, sort: Sort) -> Samples:
    """Items for a model, held in Python or under a path; a table's columns, if it knows any, by name.

    Raises
    ------
    UserError
        If a column is not there, or nothing is under the path.
    """
    features = sort.features
    if isinstance(data, str | Path):
        return read_items(str(data), sort).samples
    if isinstance(data, Samples):
        return replace(data, x=reordered(data.x, data.features, features))
    if features and (table := table_of(data, Naming())) is not None:
        return Samples(own_of_table(table, Naming(), features, labelled=False).x)
    return Samples(data if lazy(data) is not None else np.asarray(data))


def oddities(samples: Samples) -> list[str]:
    """What is odd about items that a model is asked about: a category that it has never seen, say."""
    warnings = [found.message for found in samples.findings if found.severity == "warn"]
    return [message.removeprefix("synthetic: ") for message in warnings]


def images_of(samples: Samples) -> list[Path]:
    """The files of images that were read from a folder.

    Raises
    ------
    UserError
        If there are none.
    """
    if samples.files is None:
        raise UserError("out: a folder of links is for images in a folder; give FILE.npz")
    return [Path(path) for path in samples.files.paths]


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _unsorted(folder: Path, sort: Sort) -> Samples:
    if len(sort.shape) != 3 or sort.shape[0] != 3 or sort.shape[1] != sort.shape[2]:
        raise UserError(f"{folder}: a folder of colour images; the model takes items of shape {sort.shape}")
    return read_unsorted(folder, sort.shape[1])


def _stand_in(sort: Sort) -> Task:
    """A task of such items, for what reads others like its own."""
    n = len(sort.classes)
    x = np.full((n, *sort.shape), 0 if sort.without_mean else 1, np.float32)
    items = Samples(x, np.arange(n), features=sort.features)
    return Task("model", sort.classes, items, items, normalise=sort.normalise, kind=sort.kind)
