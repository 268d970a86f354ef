"""Backpacks: a soft bag with pockets in front, a loop on top and two straps behind."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import arc, rectangle, rounded, spline, upright
from .mesh import Floats, Mesh, joined, mirrored
from .primitives import extruded, panel, sweep, tube
from .ranges import Parameters, drawn


def backpack(
    *,
    width: Annotated[float, 0.62, 0.8],
    depth: Annotated[float, 0.28, 0.42],
    dome: Annotated[float, 0.14, 0.34],
    taper: Annotated[float, 0.82, 1.0],
    pocket: Annotated[float, 0.34, 0.5],
    pockets: Annotated[int, 1, 2],
    sides: Literal["none", "pockets"],
    closure: Literal["zip", "flap"],
    bulge: Annotated[float, 0.1, 0.2],
    strap: Annotated[float, 0.09, 0.14],
    bow: Annotated[float, 0.14, 0.26],
    loop: Annotated[float, 0.06, 0.11],
) -> Mesh:
    """Build a backpack; lengths in heights of the bag.

    Parameters
    ----------
    width, depth
        Size of the bag.
    dome
        How round its top is: the radius of its upper corners.
    taper
        Width of the top, in widths of the bottom.
    pocket
        Height of the front pocket.
    pockets
        Pockets in front.
    sides
        Whether there are pockets at the sides.
    closure
        A zip around the front, or a flap over it with two buckles.
    bulge
        How rounded the bag is towards the front.
    strap
        Width of the shoulder straps.
    bow
        How far the straps stand off the bag, sideways and behind.
    loop
        How high the loop on top stands.
    """
    front, lowest = -depth / 2, pocket / 2 - 0.44
    fore = _puffed(_dome(width * 0.74, pocket, 0.12, 0.94), 0.18, 0.07).moved(y=front - 0.02, z=lowest)
    seam = _zip(_dome(width * 0.6, pocket * 0.66, 0.1, 0.94)).moved(y=front - 0.112, z=lowest)
    top = tube(upright(arc(200, -20, 13, 0.1, loop)), 0.022).moved(y=depth * 0.2, z=0.5)
    side = panel(0.12, depth * 0.6, 0.34, 0.05, 0.04).part("trim").moved(x=width / 2, z=-0.26)
    close = (
        _flap(width, depth, taper, pockets)
        if closure == "flap"
        else _zips(width, depth, dome, taper, pockets, pocket)
    )
    return joined(
        _puffed(_dome(width, 1, dome, taper), depth, bulge),
        fore.part("trim"),
        seam,
        close,
        mirrored(_strap(width, depth, strap, bow), *([side] if sides == "pockets" else [])),
        top.part("handle"),
    )


def backpack_rand(rng: np.random.Generator) -> Parameters:
    """Draw a backpack's parameters."""
    return drawn(backpack, rng)


def _dome(width: float, height: float, radius: float, taper: float) -> Floats:
    """Outline of a bag from the front, its upper corners rounder than its lower ones."""
    corners = rectangle(width, height) * [[1, 1], [1, 1], [taper, 1], [taper, 1]]
    return rounded(corners, [0.09, 0.09, radius, radius], steps=6)


def _puffed(outline: Floats, depth: float, bevel: float) -> Mesh:
    """A bag of this outline that faces the front."""
    return extruded(outline, depth, bevel, steps=5).turned("x", 90)


def _zip(outline: Floats) -> Mesh:
    """Zip along the upper three sides of an outline."""
    quarter = len(outline) // 4
    return tube(upright(outline[quarter + 3 : -3]), 0.013, 6).part("metal")


def _zips(width: float, depth: float, dome: float, taper: float, pockets: int, pocket: float) -> Mesh:
    """The zip around the front and, if there are two pockets, the upper one."""
    seam = _zip(_dome(width * 0.93, 0.97, dome, taper)).moved(y=-depth / 2 + 0.09)
    upper = _puffed(_dome(width * 0.66, 0.24, 0.06, 0.9), 0.1, 0.045).part("trim")
    return joined(seam, upper.moved(y=-depth / 2 - 0.01, z=pocket - 0.27)) if pockets == 2 else seam


def _flap(width: float, depth: float, taper: float, buckles: int) -> Mesh:
    """A flap over the top, held by belts with buckles."""
    front = -depth / 2
    lid = _puffed(_dome(width * 0.98, 0.46, 0.16, taper), depth * 0.62 + 0.06, 0.1)
    belt = panel(0.07, 0.03, 0.34, 0.01).moved(y=front - 0.115, z=0.02).part("strap")
    buckle = panel(0.11, 0.045, 0.07, 0.015).moved(y=front - 0.12, z=-0.06).part("metal")
    both = joined(belt, buckle)
    belts = both if buckles == 1 else mirrored(both.moved(x=0.2 * width))
    return joined(lid.moved(y=-depth * 0.24, z=0.29), belts)


def _strap(width: float, depth: float, wide: float, bow: float) -> Mesh:
    """The right strap: from the top of the back, out and down to its lower corner."""
    back, side = depth / 2, width / 2
    bends = [[0.14, back * 0.7, 0.44], [0.2, back + bow * 0.6, 0.42], [side * 0.84, back + bow, 0.15]]
    bends += [
        [side + bow * 0.5, back + bow * 0.8, -0.1],
        [side, back + 0.03, -0.34],
        [side * 0.8, back - 0.05, -0.42],
    ]
    return sweep(spline(bends, 24), rectangle(wide, 0.035), normal=[1, 0, 0], smooth=False).part("strap")
