"""One look at a block of items: hashes, constant channels, moments, extremes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.average_hash import average_hash
from assay.types import Kind

Array = NDArray[Any]
Doubles = NDArray[np.float64]
FEW = 8
LARGE = 2.0**60
"""Squares of larger differences are none of float32."""


def item_hashes(block: Array, as_type: np.dtype[Any] | None) -> NDArray[np.uint64]:
    """A hash of each item's numbers."""
    # adding 0 makes -0.0 the 0.0 that it is equal to
    numbers = block if as_type is None else block.astype(as_type) + as_type.type(0)
    rows = np.ascontiguousarray(numbers).reshape(len(block), -1).view(np.uint8)
    digests = b"".join(hashlib.blake2b(row.data, digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, np.uint64)


@dataclass(frozen=True, eq=False)
class Block:
    """A `Survey` of some of the items; `count` numbers a channel, `squares` of what differs from the mean."""

    hashes: NDArray[np.uint64]
    average: NDArray[np.uint64]
    constant: NDArray[np.bool_]
    dead: NDArray[np.int64]
    silent: NDArray[np.int64]
    count: int
    mean: Doubles
    squares: Doubles
    low: Doubles
    high: Doubles
    whole: bool

    @staticmethod
    def of(block: Array, kind: Kind, as_type: np.dtype[Any] | None) -> Block:
        """One look at some items."""
        real = np.abs(block) if block.dtype.kind == "c" else block
        numbers = real.astype(np.float32)
        lanes = real.reshape(len(real), real.shape[1], -1)
        low, high = lanes.min(2), lanes.max(2)
        large = max(-float(low.min()), float(high.max())) > LARGE
        exact = numbers.astype(np.float64) if large else numbers
        mean, squares = _moments(exact.reshape(lanes.shape))
        flat_channels = (low == high).sum(0) if lanes.shape[2] > 1 else np.zeros(lanes.shape[1], np.int64)
        return Block(
            item_hashes(block, as_type),
            average_hash(numbers, kind),
            (low.min(1) == high.max(1)) & (low[0].size * lanes.shape[2] >= FEW),
            flat_channels,
            _silent(real, kind),
            len(real) * lanes.shape[2],
            mean,
            squares,
            low.min(0).astype(np.float64),
            high.max(0).astype(np.float64),
            real.dtype.kind in "ui" or bool((numbers == np.floor(numbers)).all()),
        )


def _silent(real: Array, kind: Kind) -> NDArray[np.int64]:
    """In how many items a subcarrier is constant, shape (subcarriers,); of other items, none."""
    if kind != "signal" or real.ndim != 4:
        return np.zeros(0, np.int64)
    return np.asarray((real.min((1, 2)) == real.max((1, 2))).sum(0))


def _moments(lanes: NDArray[np.floating]) -> tuple[Doubles, Doubles]:
    """Mean of each channel, and sum of squares of what differs from it."""
    mean = lanes.mean((0, 2), dtype=np.float64)
    rest = lanes - mean[:, None].astype(lanes.dtype)
    np.square(rest, out=rest)
    return mean, rest.sum((0, 2), dtype=np.float64)
