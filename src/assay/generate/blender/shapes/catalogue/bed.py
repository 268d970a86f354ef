"""Beds: a mattress with pillows and a blanket between a headboard and a footboard."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import rounded
from .mesh import Mesh, at_corners, joined, mirrored
from .primitives import box, extruded, panel, rod, slab
from .ranges import Parameters, drawn


def bed(
    *,
    width: Annotated[float, 0.95, 1.8],
    length: Annotated[float, 1.9, 2.1],
    height: Annotated[float, 0.3, 0.42],
    mattress: Annotated[float, 0.16, 0.28],
    board: Annotated[float, 0.7, 1.2],
    head: Literal["square", "arched", "bars"],
    foot: Annotated[float, 0.0, 0.3],
    pillow: Annotated[float, 0.1, 0.16],
    blanket: Annotated[float, 0.5, 0.75],
) -> Mesh:
    """Build a bed whose side faces the front; lengths in metres.

    Parameters
    ----------
    width, length
        Size of the mattress.
    height
        Height of the frame.
    mattress
        Thickness of the mattress.
    board
        Height of the headboard.
    head
        Shape of the headboard.
    foot
        Height of the footboard above the frame.
    pillow
        Thickness of the pillows.
    blanket
        Length of the blanket, in lengths of the mattress.
    """
    top, wood = height + mattress - 0.05, width + 0.08
    frame = box(length + 0.06, width + 0.06, 0.18).moved(z=height - 0.09)
    end = box(0.06, wood, foot + 0.2).moved(x=length / 2 + 0.04, z=height + foot / 2 - 0.1)
    leg = box(0.08, 0.08, height).moved(length / 2, width / 2, height / 2)
    board_end = _head(head, wood, board).moved(x=-length / 2 - 0.05)
    cover = slab(length * blanket, width * 1.05, mattress * 0.85, 0.08, 0.06)
    return joined(
        joined(frame, end, at_corners(leg), board_end).part("wood"),
        slab(length, width, mattress, 0.08, 0.05).moved(z=top - mattress / 2).part("sheet"),
        cover.moved(x=length * (0.51 - blanket / 2), z=top - mattress * 0.33),
        _pillows(width, pillow).moved(x=0.28 - length / 2, z=top + pillow / 2).part("cushion"),
    )


def bed_rand(rng: np.random.Generator) -> Parameters:
    """Draw a bed's parameters."""
    return drawn(bed, rng)


def _pillows(width: float, thickness: float) -> Mesh:
    """One pillow, or two side by side on a wide bed."""
    if width < 1.3:
        return slab(0.38, 0.8 * width, thickness, 0.1, thickness * 0.45).turned("y", 12)
    half = slab(0.38, 0.42 * width, thickness, 0.1, thickness * 0.45).turned("y", 12)
    return mirrored(half.moved(y=0.24 * width), axis="y")


def _head(style: str, width: float, height: float) -> Mesh:
    """The headboard, across x = 0."""
    if style == "bars":
        post, rail = rod([0, width / 2, 0], [0, width / 2, height], 0.04), box(0.06, width, 0.07)
        places = np.linspace(-width / 2, width / 2, 8)[1:-1]
        bars = [rod([0, y, 0.25], [0, y, height - 0.04], 0.022) for y in places]
        return joined(mirrored(post, axis="y"), rail.moved(z=height - 0.04), *bars)
    if style == "arched":
        corners = [[-0.5, 0.2], [0.5, 0.2], [0.5, height * 0.8], [0, height * 1.1], [-0.5, height * 0.8]]
        outline = rounded(np.array(corners) * [width, 1], [0.02, 0.02, 0.1, width, 0.1])
        return extruded(outline, 0.07).turned("x", 90).turned("z", 90)
    return panel(width, 0.07, height - 0.2, 0.03, 0.02).moved(z=height / 2 + 0.1).turned("z", 90)
