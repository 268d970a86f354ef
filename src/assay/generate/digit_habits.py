"""How handwritten digits differ from printed ones, beyond any bending of the print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What a hand leaves out of print (a one's foot, a four's closing, a six's hook) or adds (a seven's bar),
# as boxes: left, right, top and bottom as parts of the glyph's width and height, and the part of the height
# by which each of these sides draws back, to nothing, as the habit fades.
OUT, IN, FAR = -1, 1, 9.0
HABITS = {
    1: (OUT, (-FAR, FAR, 0.88, FAR), 0.12),
    4: (OUT, (-FAR, 0.62, -FAR, 0.5), 0.5),
    6: (OUT, (0.6, FAR, -FAR, 0.25), 0.25),
    7: (IN, (0.1, 1.0, 0.47, 0.58), 0.055),
}
RAISED = {4: 0.7, 6: -0.6, 9: 0.8}  # a hand raises a four's bar and a nine's loop, and lowers a six's loop


def rise(digit: int, part: Floats) -> Floats:
    """How far below a place (part of the height from the top) the hand finds what it puts there."""
    inside = np.clip(part, 0, 1)
    upwards: Floats = RAISED.get(digit, 0.0) * inside * (1 - inside)
    return upwards


def with_habit(distance: Floats, digit: int, habit: float, place: Floats, size: NDArray[np.int64]) -> Floats:
    """The distance with the digit's box of `HABITS` left out or added."""
    if digit not in HABITS:
        return distance
    kind, (left, right, top, bottom), depth = HABITS[digit]
    (row, column), (height, width) = place, size
    across = np.minimum(column - left * width, right * width - column)
    down = np.minimum(row - top * height, bottom * height - row)
    inside = np.minimum(across, down) - (1 - habit) * depth * height
    changed: Floats = np.maximum(distance, inside) if kind == IN else np.minimum(distance, -inside)
    return changed
