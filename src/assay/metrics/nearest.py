"""Nearest neighbours in Euclidean distance, exact, in bounded memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.pairs import (
    Doubles,
    Floats,
    blocks,
    centred,
    check_same_width,
    flat,
    roughly_centred,
    rounding,
)

SPARE = 4  # candidates beyond k: products of matrices round, and may swap neighbours that are nearly as near

Ints = NDArray[np.int64]


def nearest(
    queries: NDArray[Any], references: NDArray[Any], k: int = 1, leave_self_out: bool = False
) -> tuple[Doubles, Ints]:
    """For every query its `k` nearest references.

    Candidates come from matrix products in blocks, in float32 where its rounding leaves no doubt about them
    and in float64 where it does; their distances are then taken from the differences, in float64, so that a
    copy is at distance 0.

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
    most = _check_count(x, y, k, leave_self_out)
    own = np.arange(len(x)) if leave_self_out else np.full(len(x), -1)
    distances, index = np.empty((len(x), k)), np.empty((len(x), k), dtype=np.int64)
    for part in blocks(x, each=4):
        candidates, near = _candidates(x[part], y, k, most, own[part])
        exact = _distances(x[part], y, candidates, near)
        order = np.lexsort((candidates, exact))[:, :k]
        distances[part] = np.take_along_axis(exact, order, 1)
        index[part] = np.take_along_axis(candidates, order, 1)
    return distances, index


def _candidates(rows: Floats, y: Floats, k: int, most: int, own: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Positions of `k` + `SPARE` candidates a row, and whether each may be one of the `k` nearest.

    A square that is one of the `k` smallest is at most an error above the k-th that was found, and was found
    at most an error above itself.
    """
    count = min(k + SPARE, most)
    found = smallest_squares(rows, y, count, own, roughly=True)
    near = ~(found.squares > found.squares[:, k - 1 : k] + 2 * found.error[:, None])  # NaN may be
    doubtful = near[:, -1] & (count < most)
    if doubtful.any():
        surely = smallest_squares(rows[doubtful], y, count, own[doubtful])
        found.positions[doubtful], near[doubtful] = surely.positions, True
    return found.positions, near


class Smallest(NamedTuple):
    """The smallest squared distances of some rows, shape (n, k), ascending; of what; their error, (n,)."""

    squares: Floats
    positions: Ints
    error: Doubles


def smallest_squares(rows: Floats, y: Floats, k: int, own: Ints, roughly: bool = False) -> Smallest:
    """The `k` smallest squared distances of rows, few enough for a block, to rows of `y` but their `own`.

    In float64, or roughly in float32; within `error` of the true ones.
    """
    minus = roughly_centred if roughly else centred
    centre, best, longest = y.mean(0, dtype=np.float64), None, 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # float32 may overflow; then the error is infinite
        a = minus(rows, centre)
        twice = -2 * a
        for other in blocks(y):
            b = minus(y[other], centre)
            squares_b = np.einsum("nd,nd->n", b, b)
            squares = twice @ b.T
            squares += squares_b  # those of the rows change no order, and are added to the smallest alone
            mine = np.flatnonzero((own >= other.start) & (own < other.stop))
            squares[mine, own[mine] - other.start] = np.inf
            best, longest = _merge(best, squares, other.start, k), max(longest, float(squares_b.max()))
        assert best is not None  # `flat` lets no empty set through
        smallest = best[0] + np.einsum("nd,nd->n", a, a)[:, None]
        return Smallest(smallest, best[1], rounding(a, longest**0.5))


def _merge(best: tuple[Floats, Ints] | None, squares: Floats, first: int, k: int) -> tuple[Floats, Ints]:
    import torch

    found = torch.topk(torch.from_numpy(squares), min(k, squares.shape[1]), largest=False)
    values, index = found.values.numpy(), found.indices.numpy() + first
    if best is None:
        return values, index
    values, index = np.hstack([best[0], values]), np.hstack([best[1], index])
    order = np.argsort(values, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(values, order, 1), np.take_along_axis(index, order, 1)


def _distances(rows: Floats, references: Floats, index: Ints, wanted: NDArray[np.bool_]) -> Doubles:
    """|rows_i - references[index_ij]| where wanted, else infinite; by columns, to hold no more."""
    exact = np.full(index.shape, np.inf)
    for column, mine in enumerate(wanted.T):
        difference = np.subtract(references[index[mine, column]], rows[mine], dtype=np.float64)
        exact[mine, column] = np.sqrt(np.einsum("nd,nd->n", difference, difference))
    return exact


def _check_count(x: Floats, y: Floats, k: int, leave_self_out: bool) -> int:
    check_same_width(x, y)
    if leave_self_out and len(x) != len(y):
        raise UserError(f"leave_self_out: {len(x)} queries, {len(y)} references; expected the same items")
    available = len(y) - leave_self_out
    if not 1 <= k <= available:
        raise UserError(f"k: {k} neighbours among {available} references; expected 1 to {available}")
    return available
