"""Average hashes: a bit for each cell of a picture made small, or step of a signal, above the mean or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.types import Kind

Floats = NDArray[np.float32]
CELLS, STEPS = 16, 64


def average_hash(x: Floats, kind: Kind) -> NDArray[np.uint64]:
    """Average hash of every item (Krawetz 2011, with 16 × 16 cells).

    Pictures are averaged over their channels and into 16 × 16 cells, signals over all but their time and into
    64 steps; cells are as large as each other, whatever the size. Vectors have no such hash.

    Parameters
    ----------
    x : float32 array, shape (n, *shape)
    kind : {"image", "signal", "vector"}

    Returns
    -------
    uint64 array, shape (n, 4) for pictures, (n, 1) for signals, (n, 0) for vectors
    """
    if kind == "image" and x.ndim == 4:
        grey = x.mean(1) if x.shape[1] > 1 else x[:, 0]
        return _bits(pooling(x.shape[2], CELLS).T @ (grey @ pooling(x.shape[3], CELLS)))
    if kind == "vector" or x.ndim < 3:
        return np.zeros((len(x), 0), np.uint64)
    course = x.mean(tuple(axis for axis in range(1, x.ndim) if axis != 2))
    return _bits(course @ pooling(x.shape[2], STEPS))


def pooling(size: int, cells: int) -> Floats:
    """The matrix (size, cells) that averages `size` numbers into cells of equal length."""
    edges = np.linspace(0, size, cells + 1)
    place = np.arange(size)[:, None]
    overlap = np.minimum(place + 1, edges[1:]) - np.maximum(place, edges[:-1])
    return np.asarray(np.maximum(overlap, 0) * cells / size, np.float32)


def _bits(cells: Floats) -> NDArray[np.uint64]:
    flat = cells.reshape(len(cells), -1)
    return np.packbits(flat > flat.mean(1, keepdims=True), axis=1).view(np.uint64)
