"""A user's own arrays or table in a file.

x        (n, *shape)  numbers; images channels first
y        (n,)         class, 0 to classes - 1; -1 where unknown. Synthetic data: the condition
group    (n,)         user, room or camera (optional)
split    (n,)         labelled, shots, unlabelled, validation or test (optional; dealt out if absent)
classes  (classes,)   names (optional)
origin   (n,)         synthetic data: the real item each was made from, by its place (optional)

and what people call these; `kind`, `normalise` and `axes` may stand in the file as in the options.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.data.formats.read import read_own
from assay.data.npz import naming
from assay.data.own_task import OwnSynthetic, OwnTask
from assay.table_columns import Features
from assay.types import Kind, Samples, Task


@dataclass(frozen=True, kw_only=True)
class ArrayFile(OwnTask):
    """Settings: the file, and what its content would otherwise decide."""

    path: str = ""

    def load(self) -> Task:
        """The task in the file."""
        own = read_own(Path(self.path), self)
        with naming(self.path):
            return self.task(own, Path(self.path).stem)


@dataclass(frozen=True, kw_only=True)
class SyntheticFile(OwnSynthetic):
    """Settings of synthetic items in a file."""

    path: str = ""

    def items(
        self,
        classes: tuple[str, ...],
        shape: tuple[int, ...],
        kind: Kind | None = None,
        features: Features | None = None,
    ) -> Samples:
        """The items, arranged to be of this shape and kind, labelled by their place in known classes."""
        own = read_own(Path(self.path), self, features, labelled=False)
        with naming(self.path):
            return self.of(own, classes, shape, kind, Path(self.path).name)
