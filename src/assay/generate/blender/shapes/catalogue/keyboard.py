"""Computer keyboards: rows of keys in a flat case, leaning towards who looks at it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import spline
from .keys import ARROWS, PAD, ROWS, block
from .mesh import Mesh, joined
from .primitives import slab, tube
from .ranges import Parameters, drawn


def keyboard(
    *,
    layout: Literal["full", "tenkeyless", "compact"],
    rows: Annotated[int, 5, 6],
    gap: Annotated[float, 0.12, 0.24],
    taper: Annotated[float, 0.68, 0.92],
    travel: Annotated[float, 0.25, 0.6],
    margin: Annotated[float, 0.2, 0.7],
    thickness: Annotated[float, 0.3, 0.8],
    corner: Annotated[float, 0.1, 0.7],
    palm: Annotated[float, 0.0, 1.8],
    lean: Annotated[float, 12.0, 55.0],
    cable: Literal["none", "cable"],
) -> Mesh:
    """Build a keyboard; lengths in keys.

    Parameters
    ----------
    layout
        With a block of arrows and a number pad, without the pad, or letters only.
    rows
        Rows of keys; the sixth has function keys.
    gap
        Gap between two keys.
    taper
        Width of a key's upper face, in widths of its lower one.
    travel
        Height of the keys.
    margin, thickness, corner
        Width of the case around the keys, its thickness, and the radius of its corners.
    palm
        Depth of the rest below the keys.
    lean
        How far the keyboard is tilted up to be looked at, in degrees.
    cable
        Whether a cable leaves the far side.
    """
    blocks = {"compact": [ROWS], "tenkeyless": [ROWS, ARROWS], "full": [ROWS, ARROWS, PAD]}[layout]
    starts = [0, 15.4, 18.8][: len(blocks)]
    across = {"compact": 15.0, "tenkeyless": 18.4, "full": 22.8}[layout]
    keys = [block(b[:rows], 1, travel, gap, taper).moved(x=s - across / 2) for b, s in zip(blocks, starts)]
    deep = rows + 2 * margin + palm
    case = slab(across + 2 * margin, deep, thickness, corner, 0.15)
    board = [*keys, case.moved(y=deep / 2 - margin - palm, z=0.06 - thickness / 2)]
    if cable == "cable":
        board.append(_cable(rows + margin, thickness))
    return joined(*board).turned("x", lean)


def keyboard_rand(rng: np.random.Generator) -> Parameters:
    """Draw a keyboard's parameters."""
    return drawn(keyboard, rng)


def _cable(far: float, thickness: float) -> Mesh:
    bends = [
        [-4, far - 0.4, 0],
        [-4, far + 0.6, 0],
        [-2.6, far + 1.4, 0],
        [0, far + 1.1, 0],
        [1.6, far + 1.8, 0],
    ]
    return tube(spline(bends, 20) - [0, 0, thickness / 2], 0.17, 6).part("cable")
