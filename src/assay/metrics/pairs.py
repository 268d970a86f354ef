"""All pairs of two sets, block by block: no n × m matrix is ever held."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

BLOCK_BYTES = 32 * 2**20

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]


def flat(items: NDArray[Any], least: int = 1) -> Floats:
    """Items as rows of finite real numbers, shape (n, d); a complex number counts as two.

    Raises
    ------
    UserError
        If there are fewer than `least` items, or one is not finite.
    """
    rows = np.ascontiguousarray(items).reshape(len(items), math.prod(np.shape(items)[1:]))
    if len(rows) < least:
        raise UserError(f"items: {len(rows)} of them; expected {least} or more")
    if rows.dtype.kind == "c":
        rows = rows.view(rows.real.dtype)
    with np.errstate(invalid="ignore"):
        if not np.isfinite(rows.sum(dtype=np.float64)):
            raise UserError("items: NaN or infinity among them")
    return rows


def check_same_width(*sets: Floats) -> None:
    """Raise `UserError` unless all sets of rows have as many columns."""
    widths = [rows.shape[1] for rows in sets]
    if len(set(widths)) > 1:
        raise UserError(f"items: {' and '.join(map(str, widths))} numbers each; expected as many")


def blocks(rows: Floats, each: int = 8) -> Iterator[slice]:
    """Slices whose rows, of numbers of `each` bytes, and whose pairs in float64 stay within `BLOCK_BYTES`."""
    step = int(max(1, min(BLOCK_BYTES // (each * max(rows.shape[1], 1)), (BLOCK_BYTES // 8) ** 0.5)))
    for start in range(0, len(rows), step):
        yield slice(start, min(start + step, len(rows)))


def centred(rows: Floats, centre: Doubles) -> Doubles:
    """Rows - centre, in float64."""
    return np.asarray(np.subtract(rows, centre, dtype=np.float64))


def roughly_centred(rows: Floats, centre: Doubles) -> Floats:
    """Rows - a centre, rounded once to float32."""
    return np.asarray(np.subtract(rows, centre.astype(np.float32)).astype(np.float32, copy=False))


def squared_distances(a: Floats, b: Floats, slack: float = 0) -> Floats:
    """|a_i - b_j|² - slack · (|a_i|² + |b_j|²), shape (n, m), from one matrix product.

    In float64 exact to about 1e-15 · (|a_i|² + |b_j|²), so rows should be centred; rounding may leave a copy
    slightly below 0.
    """
    squares_a, squares_b = ((1 - slack) * np.einsum("nd,nd->n", c, c)[:, None] for c in (a, b))
    left = np.hstack([-2 * a, squares_a, np.ones_like(squares_a)])
    return np.asarray(left @ np.hstack([b, np.ones_like(squares_b), squares_b]).T)


def rounding(a: Floats, longest: float) -> Doubles:
    """Bound by row on the errors of |a_i|² + |b_j|² - 2 a_i·b_j in the type of `a`, |b_j| at most `longest`.

    With u half the type's epsilon, a sum of d products is within d u of the sum of their magnitudes, whatever
    the order (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1); here d of each
    row's squares, then d + 2 terms, of rows that were rounded once themselves. Infinite where numbers may be
    beyond the type's range.
    """
    kind, terms = np.finfo(a.dtype), 2 * a.shape[1] + 8
    reach = (lengths(a) + longest) ** 2
    bound = terms * (kind.eps / 2 * reach + float(kind.tiny))
    return np.asarray(np.where(reach < float(kind.max), bound, np.inf))


def lengths(rows: Floats) -> Doubles:
    """|row| of every row."""
    squares = np.einsum("nd,nd->n", rows, rows)
    return np.asarray(np.sqrt(squares.astype(np.float64)))
