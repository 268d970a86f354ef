"""Rows of keys, as keyboards and laptops have them."""

from __future__ import annotations

from .mesh import Mesh, joined
from .primitives import box

Rows = tuple[tuple[float, ...], ...]
ROWS: Rows = (
    (1.25, 1, 1, 1, 6.25, 1, 1, 1, 1.5),
    (2.25, *[1] * 10, 2.75),
    (1.75, *[1] * 11, 2.25),
    (1.5, *[1] * 12, 1.5),
    (*[1] * 13, 2),
    (1, -0.75, 1, 1, 1, 1, -0.625, 1, 1, 1, 1, -0.625, 1, 1, 1, 1),
)
"""Widths of the keys of every row from the nearest one, in keys; a gap is negative; each adds up to 15."""

PAD: Rows = (
    (2, 1, 1),
    (1, 1, 1, 1),
    (1, 1, 1, 1),
    (1, 1, 1, 1),
    (1, 1, 1, 1),
    (1, 1, 1, 1),
)
ARROWS: Rows = ((1, 1, 1), (-1, 1, -1), (-3,), (1, 1, 1), (1, 1, 1), (1, 1, 1))


def block(rows: Rows, pitch: float, height: float, gap: float, taper: float = 0.8) -> Mesh:
    """Keys of rows that go up from y = 0 and right from x = 0, on z = 0.

    Parameters
    ----------
    pitch
        From one key to the next.
    height
        Height of a key.
    gap
        Width of the gap between two keys, in pitches.
    taper
        Width of a key's upper face, in widths of its lower one.
    """
    keys = []
    for row, widths in enumerate(rows):
        left = 0.0
        for width in widths:
            if width > 0:
                key = box((width - gap) * pitch, (1 - gap) * pitch, height, taper)
                keys.append(key.moved((left + width / 2) * pitch, (row + 0.5) * pitch, height / 2))
            left += abs(width)
    return joined(*keys).part("keys")
