"""Office-Caltech: photographs of everyday objects in two domains, shop pictures and found pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from assay.data.images import class_folders, read_folder
from assay.data.root import data_root
from assay.data.split import task_of_parts
from assay.errors import UserError
from assay.types import Samples, Seed, Task

FOLDER = Path("office_caltech")
Domain = Literal["amazon", "caltech"]


@dataclass(frozen=True)
class OfficeCaltech:
    """Settings of the task.

    Parameters
    ----------
    source, target : {"amazon", "caltech"}
        Labelled domain, and the domain of unlabelled and test images; the same domain twice gives an ordinary
        task without shift.
    size : int
        Side of the images in pixels.
    labelled : int, optional
        Labelled images of each class; all by default.
    validation, unlabelled : float
        Share of the source images that may choose the epoch, and of the target images that are unlabelled.
    seed : int
        Of the split.
    """

    source: Domain = "amazon"
    target: Domain = "caltech"
    size: Annotated[int, Ge(16), Le(128)] = 64
    labelled: Annotated[int, Ge(1)] | None = None
    validation: Annotated[float, Ge(0), Le(0.5)] = 0.1
    unlabelled: Annotated[float, Gt(0), Le(0.9)] = 0.5
    seed: Seed = 0

    def load(self) -> Task:
        """The task."""
        root = data_root() / FOLDER
        for domain in {self.source, self.target}:
            if not (root / domain).is_dir():
                raise UserError(
                    f"office-caltech: {root / domain} is not here; 'assay data' says where to get it"
                )
        classes = class_folders(root / self.source)
        samples, part = self._dealt(root, classes)
        used = part != "none"
        name = f"office-caltech {self.source} to {self.target}"
        return task_of_parts(samples[used], part[used], classes, name)

    def _dealt(self, root: Path, classes: tuple[str, ...]) -> tuple[Samples, NDArray[np.str_]]:
        rng = np.random.default_rng(self.seed)
        source = read_folder(root / self.source, classes, self.size)
        if self.source == self.target:
            return source, self._deal(source, rng, both=True)
        target = read_folder(root / self.target, classes, self.size)
        parts = self._deal(source, rng, both=False), self._deal(target, rng, target=True)
        return source.joined(target), np.concatenate(parts)

    def _deal(
        self, samples: Samples, rng: np.random.Generator, both: bool = False, target: bool = False
    ) -> NDArray[np.str_]:
        """The part of every image of one domain, dealt out class by class."""
        part = np.full(len(samples), "none", dtype="U10")
        for label in np.unique(samples.y):
            members = rng.permutation(np.flatnonzero(samples.y == label))
            held_out = len(members) if target else len(members) // 2 if both else 0
            split = round(self.unlabelled * held_out)
            part[members[:split]], part[members[split:held_out]] = "unlabelled", "test"
            rest = members[held_out:]
            validation = round(self.validation * len(rest))
            part[rest[:validation]] = "validation"
            part[rest[validation:][: self.labelled]] = "labelled"
        return part
