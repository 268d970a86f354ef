"""The synthetic items worth keeping: which, with what label and weight, and why."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.columns import Columns, csv_bytes, named
from assay.data.spellings import TABLE
from assay.errors import UserError
from assay.files import at_once, replace_file, writing
from assay.types import Samples


@dataclass(frozen=True, eq=False)
class Kept:
    """What `select` found, an entry for every synthetic item.

    Attributes
    ----------
    synthetic : Samples
        All items.
    classes : tuple of str
    kept : bool array, shape (n,)
    label : int array, shape (n,)
        To learn the item with: its condition, or what the models take it for where the method relabels.
    weight : float array, shape (n,)
        In [0, 1]: share of the models that keep it with this label (of "agreement" the mean probability of
        the condition); 0 for what is left out.
    predicted : int array, shape (n,)
        What the models take it for, by their mean probabilities.
    confidence : float array, shape (n,)
        That probability.
    reason : str array, shape (n,)
    """

    synthetic: Samples
    classes: tuple[str, ...]
    kept: NDArray[np.bool_]
    label: NDArray[np.int64]
    weight: NDArray[np.floating[Any]]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.floating[Any]]
    reason: NDArray[np.str_]

    def samples(self) -> Samples:
        """The items kept, under the labels to use."""
        x = self.synthetic[self.kept]
        return Samples(x.x, self.label[self.kept], x.group, origin=x.origin, features=x.features)

    @property
    def weights(self) -> NDArray[np.floating[Any]]:
        """Their weights."""
        return self.weight[self.kept]

    def columns(self, names: Sequence[str] | None = None) -> Columns:
        """A line for every item, kept or not."""
        return {
            "item": np.arange(len(self.kept)).astype(np.str_) if names is None else np.array(names),
            "condition": named(self.synthetic.y, self.classes),
            "kept": self.kept,
            "label": np.where(self.kept, named(self.label, self.classes), ""),
            "weight": self.weight,
            "predicted": named(self.predicted, self.classes),
            "confidence": self.confidence,
            "reason": self.reason,
        }

    def save(self, path: str | Path) -> list[Path]:
        """Write the items kept as an ``.npz`` file, and the reasons for all beside it as ``.csv``.

        The arrays are x, y (the labels to use), group, classes, weight, and item, the place among all. It is
        a file of synthetic data as any other.

        Raises
        ------
        UserError
            If the name ends otherwise, or cannot be written to.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise UserError(f"out: {path}: expected a name that ends in .npz")
        items, buffer = self.samples(), io.BytesIO()
        arrays: dict[str, Any] = {
            "x": np.asarray(items.x),
            "y": items.y,
            "group": items.group,
            "weight": self.weights,
        }
        if items.features:
            arrays[TABLE] = np.array(items.features.numbers, dtype=np.str_)
        names = np.array(self.classes, dtype=np.str_)
        np.savez_compressed(buffer, **arrays, item=np.flatnonzero(self.kept), classes=names)
        with writing(path):
            replace_file(path, buffer.getvalue())
            replace_file(path.with_suffix(".csv"), csv_bytes(self.columns()))
        return [path, path.with_suffix(".csv")]

    def link(self, folder: str | Path, images: Sequence[Path]) -> list[Path]:
        """Fill a new folder with links to the images kept, by the class to use, and write the reasons beside.

        Parameters
        ----------
        folder : path
            Links are ``FOLDER/<class>/<place>-<name>``; the reasons ``FOLDER.csv``, where weights are too.
        images : sequence of Path
            The file of every item.

        Raises
        ------
        UserError
            If the folder has something in it, or cannot be written to.
        """
        folder = Path(folder)
        if folder.is_dir() and any(folder.iterdir()):
            raise UserError(f"out: {folder}: has something in it; give a new folder")
        table, digits = folder.with_name(f"{folder.name}.csv"), len(str(len(images)))
        with writing(folder), at_once(folder) as part:
            for place in map(int, np.flatnonzero(self.kept)):
                link = part / self.classes[self.label[place]] / f"{place:0{digits}}-{images[place].name}"
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(images[place].absolute())
            part.mkdir(exist_ok=True)
            replace_file(table, csv_bytes(self.columns([path.as_posix() for path in images])))
        return [folder, table]
