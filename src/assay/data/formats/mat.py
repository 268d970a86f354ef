"""Arrays in MATLAB files of version 5 to 7.3, whichever of their axes counts the items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.npz import Arrays
from assay.data.spellings import OTHER_KEYS, Source, sources
from assay.findings import Finding
from assay.signal.formats.arrays import read_mat

SUFFIX = ".mat"


def read_together(path: Path) -> tuple[Arrays, list[Finding]]:
    """The arrays of a MATLAB file, each with its items along the first axis, and what was turned.

    Labels are vectors there, of one row or one column; items are often counted by the last axis.

    Raises
    ------
    UserError
        If the file cannot be read, or has no items.
    """
    stored = {name: _plain(values) for name, values in read_mat(path).items()}
    chosen = sources(list(stored))
    found = {key: stored[key] for key in OTHER_KEYS if key in stored}
    found = {key: np.atleast_1d(_flat(values)) for key, values in found.items()}
    found |= {s.key: _flat(stored[s.key]) for s in chosen if s.what != "x"}
    turned = []
    for source in (s for s in chosen if s.what == "x"):
        n = _items(source, chosen, found)
        x = stored[source.key]
        if n is not None and x.shape[0] != n and x.shape[-1] == n:
            turned.append(f"{source.key}: items counted by the last axis of {x.shape}")
            x = np.moveaxis(x, -1, 0)
        found[source.key] = x
    return found, [Finding("note", "keys", ", ".join(turned))] * bool(turned)


def _items(source: Source, chosen: list[Source], found: Arrays) -> int | None:
    """How many items there are, by their labels."""
    return next((len(found[s.key]) for s in chosen if s.what == "y" and s.part == source.part), None)


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """A row or a column as a vector; one-hot rows as they are."""
    return values.reshape(-1) if values.ndim == 2 and 1 in values.shape else values


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers or text; of cells the text in them."""
    if values.dtype.kind != "O":
        return values
    words = [np.asarray(cell).reshape(-1) for cell in values.reshape(-1)]
    if not all(word.dtype.kind in "US" and word.size == 1 for word in words):
        return values
    return np.array([str(word[0]) for word in words])
