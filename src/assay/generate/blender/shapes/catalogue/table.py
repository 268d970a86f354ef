"""Tables: a flat top on legs, a column or trestles."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import circle, rectangle
from .mesh import Mesh, at_corners, joined, mirrored
from .primitives import box, extruded, lathe, rod
from .ranges import Parameters, drawn


def table(
    *,
    length: Annotated[float, 0.9, 1.8],
    width: Annotated[float, 0.7, 0.95],
    height: Annotated[float, 0.5, 0.78],
    top: Literal["rectangle", "round", "oval"],
    thickness: Annotated[float, 0.03, 0.06],
    corner: Annotated[float, 0.01, 0.14],
    support: Literal["legs", "splayed", "column", "trestle"],
    leg: Annotated[float, 0.03, 0.05],
    inset: Annotated[float, 0.04, 0.14],
    apron: Annotated[float, 0.05, 0.12],
) -> Mesh:
    """Build a table; lengths in metres.

    Parameters
    ----------
    length, width, height
        Size of the top and how high it is; a round top's diameter is the mean of length and width.
    top
        Outline of the top.
    thickness
        Thickness of the top.
    corner
        Radius of the corners; of a round or an oval top, how much its edge is rounded.
    support
        Four upright legs, four splayed ones, a column with a foot, or two trestles.
    leg
        Half the width of a leg.
    inset
        How far the legs stand in from the edge, in lengths and widths of the top.
    apron
        Height of the frame below the top.
    """
    size = np.array([length, width] if top != "round" else [(length + width) / 2] * 2)
    outline = rectangle(size[0], size[1], corner) if top == "rectangle" else circle(40, 0.5) * size
    bevel = 0.008 if top == "rectangle" else 0.12 * corner
    x, y = size * (0.5 - inset) * (1.0 if top == "rectangle" else 0.72)
    frame = box(2 * x, 2 * y, apron).moved(z=height - thickness - apron / 2).part("trim")
    return joined(
        extruded(outline, thickness, bevel).moved(z=height - thickness / 2),
        frame,
        _support(support, x, y, height - thickness, leg).part("wood"),
    )


def table_rand(rng: np.random.Generator) -> Parameters:
    """Draw a table's parameters."""
    return drawn(table, rng)


def _support(style: str, x: float, y: float, height: float, leg: float) -> Mesh:
    """What carries the top: legs at x and y from the middle, or less."""
    if style == "column":
        wide = min(x, y) * 0.8
        low = [[0.0, 0.0], [wide, 0.0], [wide, 0.03], [leg * 2, 0.09]]
        return lathe([*low, [leg * 1.5, height / 2], [leg * 2.5, height], [0.0, height]], 20)
    if style == "trestle":
        foot = box(leg * 1.6, 2 * y, leg * 1.6).moved(z=leg * 0.8)
        post = box(leg * 1.6, y * 0.9, height).moved(z=height / 2)
        beam = box(1.6 * x, leg, leg * 2).moved(z=height * 0.4)
        return joined(mirrored(joined(foot, post).moved(x=x * 0.8)), beam)
    if style == "splayed":
        end, start = [x * 1.12, y * 1.12, 0], [x * 0.88, y * 0.88, height]
        return at_corners(rod(end, start, leg * 0.55, leg, points=10))
    return at_corners(box(2 * leg, 2 * leg, height).moved(x=x, y=y, z=height / 2))
