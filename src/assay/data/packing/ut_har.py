"""UT-HAR as SenseFi (Yang et al., Patterns 2023) gives it: whole parts as arrays, under names that say CSV.

data/X_train.csv  data/X_val.csv  data/X_test.csv      .npy inside: (n, 250, 90), time × (antenna, subcarrier)
label/y_train.csv …                                    .npy inside: (n,), 0 to 6
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.formats.npy import mapped
from assay.errors import UserError
from assay.types import Samples

PARTS = {"train": "labelled", "val": "validation", "test": "test"}
ANTENNAS, PACKETS, COLUMNS = 3, 250, 90


def is_ut_har(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return (folder / "data" / "X_train.csv").is_file()


def read_ut_har(folder: Path) -> tuple[Samples, NDArray[np.str_]]:
    """Items (antenna, time, subcarrier) and the part of each.

    Raises
    ------
    UserError
        If a file is not there, damaged, or of another shape.
    """
    x, y = ([_read(folder, name, part) for part in PARTS] for name in ("X", "y"))
    for items, labels, part in zip(x, y, PARTS):
        n = len(labels) if labels.ndim == 1 else None
        if items.shape not in ((n, PACKETS, COLUMNS), (n, 1, PACKETS, COLUMNS)):
            raise UserError(
                f"{folder}: {part}: shapes {items.shape} and {labels.shape}; "
                f"expected (n, {PACKETS}, {COLUMNS}) and (n,)"
            )
        if items.dtype.kind not in "iuf" or labels.dtype.kind not in "iuf":
            raise UserError(f"{folder}: {part}: {items.dtype} and {labels.dtype}; expected numbers")
    whole = np.concatenate([items.reshape(-1, PACKETS, ANTENNAS, COLUMNS // ANTENNAS) for items in x])
    names = np.repeat(list(PARTS.values()), [len(labels) for labels in y])
    items = np.ascontiguousarray(whole.transpose(0, 2, 1, 3), np.float32)
    return Samples(items, np.concatenate(y).astype(np.int64)), names


def _read(folder: Path, name: str, part: str) -> NDArray[Any]:
    return mapped(folder / ("data" if name == "X" else "label") / f"{name}_{part}.csv")
