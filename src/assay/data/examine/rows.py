"""What one look at a picture tells of it, kept a row an item: streamed pictures need no second look."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.average_hash import average_hash
from assay.data.examine.block import FEW, Block, item_hashes

Rows = NDArray[Any]
"""A structured array (n,) of `ROW`."""
ROW = np.dtype(
    [
        ("hash", np.uint64),
        ("average", np.uint64, (4,)),
        ("constant", np.bool_),
        ("dead", np.bool_, (3,)),
        *((name, np.float64, (3,)) for name in ("mean", "squares", "low", "high")),
    ]
)


def rows_of(x: NDArray[np.uint8]) -> Rows:
    """A row for each picture, shape (n,); `x` of (n, 3, height, width)."""
    rows, numbers = np.zeros(len(x), ROW), x.astype(np.float32)
    lanes = numbers.reshape(len(x), 3, -1)
    low, high, mean = lanes.min(2), lanes.max(2), lanes.mean(2, dtype=np.float64)
    rows["hash"], rows["average"] = item_hashes(x, None), average_hash(numbers, "image")
    rows["dead"], rows["low"], rows["high"], rows["mean"] = low == high, low, high, mean
    rows["constant"] = (low.min(1) == high.max(1)) & (x[0].size >= FEW if len(x) else False)
    rows["squares"] = np.square(lanes - mean[..., None].astype(np.float32)).sum(2, dtype=np.float64)
    return rows


def block_of(rows: Rows, numbers: int) -> Block:
    """Rows of one picture or more together; `numbers` is how many numbers a channel of a picture has."""
    mean = rows["mean"].mean(0)
    squares = rows["squares"].sum(0) + numbers * np.square(rows["mean"] - mean).sum(0)
    return Block(
        rows["hash"],
        rows["average"],
        rows["constant"],
        rows["dead"].sum(0),
        np.zeros(0, np.int64),
        len(rows) * numbers,
        mean,
        squares,
        rows["low"].min(0),
        rows["high"].max(0),
        whole=True,
    )
