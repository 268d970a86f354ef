"""One pass over items, in blocks: what all questions need to know of them, and nothing of their labels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.examine.block import Array, Block, Doubles
from assay.data.examine.rows import block_of
from assay.lazy import lazy
from assay.types import Kind, Samples

BLOCK = 1 << 20
"""Numbers looked at together: a few MB, whatever the size of the whole."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What one pass over n items of c channels (of vectors: features) tells.

    Attributes
    ----------
    hashes : uint64 array, shape (n,)
        Of each item's numbers; equal items, equal hashes (others: with a chance of 2^-64 a pair).
    average : uint64 array, shape (n, words)
        Average hashes; no words for vectors.
    constant : bool array, shape (n,)
        Items of one number throughout; rows of fewer than `FEW` numbers never are.
    dead : int array, shape (c,)
        In how many items a channel is constant; of vectors, 0.
    silent : int array, shape (subcarriers,)
        In how many items the last of three axes of a signal is constant; of others, empty.
    mean, deviation, low, high : arrays, shape (c,)
        Of all numbers of a channel.
    whole : bool
        Whether all numbers are whole.
    dtype : numpy dtype
    """

    hashes: NDArray[np.uint64]
    average: NDArray[np.uint64]
    constant: NDArray[np.bool_]
    dead: NDArray[np.int64]
    silent: NDArray[np.int64]
    mean: Doubles
    deviation: Doubles
    low: Doubles
    high: Doubles
    whole: bool
    dtype: np.dtype[Any]

    def __len__(self) -> int:
        return len(self.hashes)


def survey(samples: Samples, kind: Kind, as_type: np.dtype[Any] | None = None) -> Survey:
    """One pass over items; lazy ones are made block by block.

    Parameters
    ----------
    samples : Samples
        One item or more.
    kind : {"image", "signal", "vector"}
    as_type : numpy dtype, optional
        What numbers are hashed as; as they are stored by default.
    """
    found = list(_blocks(samples.x, kind, as_type))
    moments = _pooled(found)
    return Survey(
        np.concatenate([block.hashes for block in found]),
        np.concatenate([block.average for block in found]),
        np.concatenate([block.constant for block in found]),
        np.sum([block.dead for block in found], axis=0),
        np.sum([block.silent for block in found], axis=0),
        *moments,
        np.min([block.low for block in found], axis=0),
        np.max([block.high for block in found], axis=0),
        all(block.whole for block in found),
        samples.x.dtype,
    )


def _blocks(x: Array, kind: Kind, as_type: np.dtype[Any] | None) -> Iterator[Block]:
    """Items, some at a time; those that were looked at when they were read are not looked at again."""
    rows = getattr(x, "rows", None)
    if rows is not None and kind == "image" and as_type is None:
        yield block_of(rows, math.prod(x.shape[2:]))
    else:
        yield from (Block.of(block, kind, as_type) for block in blocks(x))


def blocks(x: Array) -> Iterator[Array]:
    """Items, some at a time."""
    size, items = max(1, BLOCK // math.prod(x.shape[1:])), lazy(x)
    if items is not None:
        yield from items.blocks(size)
        return
    for start in range(0, len(x), size):
        yield x[start : start + size]


def common_type(*of: np.dtype[Any]) -> np.dtype[Any] | None:
    """What numbers of these types are hashed as, lest equal ones differ; None for as they are."""
    if len(set(of)) == 1 and of[0].kind in "ui":
        return None
    return np.dtype(np.complex64 if any(one.kind == "c" for one in of) else np.float32)


def _pooled(found: list[Block]) -> tuple[Doubles, Doubles]:
    """Mean and deviation over all blocks (Chan, Golub and LeVeque 1983, formula 1.5)."""
    counts = np.array([block.count for block in found], np.float64)[:, None]
    means = np.array([block.mean for block in found])
    mean = (counts * means).sum(0) / counts.sum()
    squares = np.sum([block.squares for block in found], axis=0) + (counts * (means - mean) ** 2).sum(0)
    return mean, np.sqrt(squares / counts.sum())
