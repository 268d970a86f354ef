"""Pocket and desk calculators: a display above a grid of keys, leaning towards who looks at it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import circle, rectangle
from .mesh import Floats, Mesh, joined
from .primitives import box, extruded, slab
from .ranges import Parameters, drawn


def calculator(
    *,
    aspect: Annotated[float, 0.5, 0.78],
    columns: Annotated[int, 4, 5],
    rows: Annotated[int, 5, 6],
    keys: Literal["square", "wide", "round"],
    gap: Annotated[float, 0.2, 0.36],
    display: Annotated[float, 0.14, 0.22],
    solar: Annotated[float, 0.2, 0.5],
    corner: Annotated[float, 0.02, 0.1],
    thickness: Annotated[float, 0.06, 0.14],
    travel: Annotated[float, 0.02, 0.04],
    lean: Annotated[float, 35.0, 80.0],
) -> Mesh:
    """Build a calculator; lengths in heights of its face.

    Parameters
    ----------
    aspect
        Width of the face.
    columns, rows
        Numbers of keys.
    keys
        Shape of the keys.
    gap
        Gap between two keys, in keys.
    display
        Height of the display.
    solar
        Width of the solar cell above the display, in widths of the face.
    corner, thickness
        Radius of the case's corners, and its thickness.
    travel
        Height of the keys.
    lean
        How far the calculator is tilted up to be looked at, in degrees.
    """
    case = slab(aspect, 1, thickness, corner, 0.02).moved(z=-thickness / 2)
    cell = box(aspect * solar, 0.05, 0.012).moved(x=aspect * (0.42 - solar / 2), y=0.43).part("trim")
    lcd = box(aspect * 0.84, display, 0.012).moved(y=0.385 - display / 2).part("screen")
    pad = _keys(keys, columns, rows, aspect * 0.86, 0.8 - display, gap, travel).moved(y=-0.45)
    return joined(case, cell, lcd, pad).turned("x", lean)


def calculator_rand(rng: np.random.Generator) -> Parameters:
    """Draw a calculator's parameters."""
    return drawn(calculator, rng)


def _keys(
    style: str, columns: int, rows: int, width: float, height: float, gap: float, travel: float
) -> Mesh:
    """The grid of keys, on y = 0; the rightmost column and the top row are of another colour."""
    across, up = width / columns, height / rows
    outline = _key(style, across * (1 - gap), up * (1 - gap))
    key = extruded(outline, travel, travel * 0.4)
    return joined(
        *(
            key.moved((column + 0.5) * across - width / 2, (row + 0.5) * up, travel / 2).part(
                "accent" if column == columns - 1 else "trim" if row == rows - 1 else "keys"
            )
            for row in range(rows)
            for column in range(columns)
        )
    )


def _key(style: str, width: float, height: float) -> Floats:
    if style == "round":
        return circle(16, min(width, height) / 2)
    return rectangle(width, height * (0.8 if style == "wide" else 1.0), 0.2 * height)
