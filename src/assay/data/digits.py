"""scikit-learn's optical digits: real handwriting, embedded, 1,797 items of 1 × 8 × 8 in [0, 1].

They are the test part of the UCI collection "Optical Recognition of Handwritten Digits" (Alpaydin and
Kaynak 1998): 13 of its 43 writers, 32 × 32 bitmaps, ink counted in 4 × 4 blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.data.split import task_of_parts
from assay.types import Samples, Seed, Task

Few = Annotated[int, Ge(1), Le(30)]
RESERVED = 100  # items of each class that never are test items, whatever the settings


@dataclass(frozen=True)
class Digits:
    """Settings: items of each class that are labelled, unlabelled and validation, up to 30 each.

    The test items, 797 of them, are the same for all settings but the seed.
    """

    labelled: Few = 5
    unlabelled: Few = 30
    validation: Few = 10
    seed: Seed = 0

    def load(self) -> Task:
        """The task; the items of a smaller `labelled` are among those of a larger one."""
        x, y = read_digits()
        part = np.full(len(y), "test", dtype="U10")
        rng = np.random.default_rng(self.seed)
        for label in range(10):
            members = rng.permutation(np.flatnonzero(y == label))
            part[members[:RESERVED]] = "none"
            part[members[: self.labelled]] = "labelled"
            part[members[30 : 30 + self.unlabelled]] = "unlabelled"
            part[members[60 : 60 + self.validation]] = "validation"
        used = part != "none"
        names = tuple(str(label) for label in range(10))
        return task_of_parts(Samples(x[used], y[used]), part[used], names, "digits")


def read_digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """All digits: (1797, 1, 8, 8) in [0, 1], and their classes."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return (digits.images / 16).astype(np.float32)[:, None], digits.target.astype(np.int64)
