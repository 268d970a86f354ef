"""Nearest neighbours in Euclidean distance, exact, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.pairs import Doubles, Floats, blocks, centred, check_same_width, flat, squared_distances

SPARE = 4  # candidates beyond k: products of matrices round, and may swap neighbours that are nearly as near

Ints = NDArray[np.int64]


def nearest(
    queries: NDArray[Any], references: NDArray[Any], k: int = 1, leave_self_out: bool = False
) -> tuple[Doubles, Ints]:
    """For every query its `k` nearest references.

    Candidates come from matrix products in blocks; their distances are then taken from the differences, so
    that a copy is at distance 0.

    Parameters
    ----------
    queries, references : arrays, shapes (n, *shape) and (m, *shape)
    k : int
    leave_self_out : bool
        `queries` are the `references`, and no item is its own neighbour; a copy at another position can be.

    Returns
    -------
    distances : array, shape (n, k), ascending, range [0, inf)
    index : int array, shape (n, k)
        Positions in `references`; of equally near ones the first, unless they are many.

    Raises
    ------
    UserError
        If there are fewer than `k` references to choose from.
    """
    x, y = flat(queries), flat(references)
    k_most = _check_count(x, y, k, leave_self_out)
    distances, index = np.empty((len(x), k)), np.empty((len(x), k), dtype=np.int64)
    for part, _, candidates in smallest_squares(x, y, min(k + SPARE, k_most), leave_self_out):
        exact = _distances(x[part], y, candidates)
        order = np.lexsort((candidates, exact))[:, :k]
        distances[part] = np.take_along_axis(exact, order, 1)
        index[part] = np.take_along_axis(candidates, order, 1)
    return distances, index


def smallest_squares(
    x: Floats, y: Floats, k: int, leave_self_out: bool = False
) -> Iterator[tuple[slice, Doubles, Ints]]:
    """For each block of rows of `x`: its slice, the `k` smallest squared distances to rows of `y`, ascending
    and rounded as `squared_distances` rounds, and their positions.
    """
    centre = y.mean(0, dtype=np.float64)
    for part in blocks(x):
        rows, best = centred(x[part], centre), None
        for other in blocks(y):
            squares = squared_distances(rows, centred(y[other], centre))
            if leave_self_out and part == other:
                np.fill_diagonal(squares, np.inf)
            best = _merge(best, squares, other.start, k)
        assert best is not None  # `flat` lets no empty set through
        yield part, *best


def _merge(best: tuple[Doubles, Ints] | None, squares: Doubles, first: int, k: int) -> tuple[Doubles, Ints]:
    import torch

    found = torch.topk(torch.from_numpy(squares), min(k, squares.shape[1]), largest=False)
    values, index = found.values.numpy(), found.indices.numpy() + first
    if best is None:
        return values, index
    values, index = np.hstack([best[0], values]), np.hstack([best[1], index])
    order = np.argsort(values, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(values, order, 1), np.take_along_axis(index, order, 1)


def _distances(rows: Floats, references: Floats, index: Ints) -> Doubles:
    """|rows_i - references[index_ij]|, column by column so that memory stays that of a block."""
    columns = (np.subtract(references[column], rows, dtype=np.float64) for column in index.T)
    return np.stack([np.sqrt(np.einsum("nd,nd->n", c, c)) for c in columns], axis=1)


def _check_count(x: Floats, y: Floats, k: int, leave_self_out: bool) -> int:
    check_same_width(x, y)
    if leave_self_out and len(x) != len(y):
        raise UserError(f"leave_self_out: {len(x)} queries, {len(y)} references; expected the same items")
    available = len(y) - leave_self_out
    if not 1 <= k <= available:
        raise UserError(f"k: {k} neighbours among {available} references; expected 1 to {available}")
    return available
