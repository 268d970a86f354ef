"""Laptop computers: a flat base with keys, and a lid with a screen, open."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .keys import ROWS, block
from .mesh import Mesh, joined
from .primitives import cylinder, panel, slab
from .ranges import Parameters, drawn


def laptop(
    *,
    aspect: Annotated[float, 1.3, 1.65],
    base: Annotated[float, 0.035, 0.075],
    lid: Annotated[float, 0.02, 0.04],
    bezel: Annotated[float, 0.03, 0.07],
    corner: Annotated[float, 0.01, 0.07],
    opening: Annotated[float, 95.0, 130.0],
    rows: Annotated[int, 5, 6],
    gap: Annotated[float, 0.12, 0.26],
    pad: Annotated[float, 0.3, 0.5],
    hinge: Literal["bar", "pair"],
) -> Mesh:
    """Build a laptop; lengths in depths of its base.

    Parameters
    ----------
    aspect
        Width of the base.
    base, lid
        Thickness of the base and of the lid.
    bezel
        Width of the frame around the screen.
    corner
        Radius of the corners.
    opening
        Angle between the base and the lid, in degrees.
    rows
        Rows of keys; the sixth has function keys.
    gap
        Gap between two keys, in keys.
    pad
        Width of the touch pad.
    hinge
        One wide hinge or two small ones.
    """
    pitch = aspect * 0.88 / 15
    keys = block(ROWS[:rows], pitch, 0.02, gap).moved(x=-7.5 * pitch, y=0.9 - rows * pitch, z=-0.004)
    touch = slab(pad, 0.2, 0.01, 0.01).moved(y=0.05 + (0.85 - rows * pitch) / 2).part("trim")
    low = slab(aspect, 1, base, corner, 0.012).moved(y=0.5, z=-base / 2)
    return joined(low, keys, touch, *_hinges(hinge, aspect), _lid(aspect, lid, bezel, corner, opening))


def laptop_rand(rng: np.random.Generator) -> Parameters:
    """Draw a laptop's parameters."""
    return drawn(laptop, rng)


def _lid(aspect: float, thickness: float, bezel: float, corner: float, opening: float) -> Mesh:
    case = panel(aspect, thickness, 0.98, corner, 0.008).moved(y=thickness / 2, z=0.5)
    screen = panel(aspect - 2 * bezel, 0.012, 0.95 - 2 * bezel, 0.004).moved(y=-0.004, z=0.5)
    return joined(case, screen.part("screen")).turned("x", 90 - opening).moved(y=0.985)


def _hinges(style: str, aspect: float) -> list[Mesh]:
    places, width = ([0.0], 0.6) if style == "bar" else ([-0.33, 0.33], 0.12)
    pin = cylinder(0.022, width * aspect, points=12).turned("y", 90).moved(y=0.985).part("metal")
    return [pin.moved(x=place * aspect) for place in places]
