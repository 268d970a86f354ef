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


def blocks(rows: Floats) -> Iterator[slice]:
    """Slices whose rows in float64, and whose pairs with as many others, stay within `BLOCK_BYTES`."""
    step = int(max(1, min(BLOCK_BYTES // (8 * max(rows.shape[1], 1)), (BLOCK_BYTES // 8) ** 0.5)))
    for start in range(0, len(rows), step):
        yield slice(start, min(start + step, len(rows)))


def centred(rows: Floats, centre: Doubles) -> Doubles:
    """Rows - centre, in float64."""
    return np.asarray(np.subtract(rows, centre, dtype=np.float64))


def squared_distances(a: Doubles, b: Doubles, slack: float = 0) -> Doubles:
    """|a_i - b_j|² - slack · (|a_i|² + |b_j|²), shape (n, m), from one matrix product.

    Exact to about 1e-15 · (|a_i|² + |b_j|²), so rows should be centred; rounding may leave a copy slightly
    below 0.
    """
    squares_a, squares_b = ((1 - slack) * np.einsum("nd,nd->n", c, c)[:, None] for c in (a, b))
    left = np.hstack([-2 * a, squares_a, np.ones_like(squares_a)])
    return np.asarray(left @ np.hstack([b, np.ones_like(squares_b), squares_b]).T)
