"""Mugs: a turned cup with one handle."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import arc, circle, rounded, spline, upright
from .mesh import Floats, Mesh, joined
from .primitives import lathe, sweep
from .ranges import Parameters, drawn


def mug(
    *,
    radius: Annotated[float, 0.34, 0.52],
    foot: Annotated[float, 0.62, 1.0],
    belly: Annotated[float, -0.08, 0.16],
    wall: Annotated[float, 0.035, 0.07],
    handle: Literal["round", "ear", "square"],
    reach: Annotated[float, 0.24, 0.4],
    span: Annotated[float, 0.45, 0.68],
    lift: Annotated[float, -0.06, 0.08],
    thickness: Annotated[float, 0.05, 0.085],
    band: Annotated[float, 0.0, 0.3],
    turn: Annotated[float, 0.0, 45.0],
) -> Mesh:
    """Build a mug; lengths in heights of the mug.

    Parameters
    ----------
    radius
        Outer radius of the rim.
    foot
        Radius of the foot, in radii of the rim.
    belly
        How far the side bulges halfway up, in radii of the rim.
    wall
        Thickness of the wall.
    handle
        Shape of the handle.
    reach, span
        How far the handle stands off the wall, and how high it is.
    lift
        How far the middle of the handle is above that of the mug.
    thickness
        Radius of the handle's body, which is half as wide again as it is deep.
    band
        Height of a band of another colour around the foot.
    turn
        How far the handle is turned from the right side to the front, in degrees.
    """
    middle = radius * ((1 + foot) / 2 + belly)
    side = spline([[radius * foot, 0], [middle, 0.5], [radius, 1]], 13)
    path = _handle(handle, reach + wall / 2, span / 2)
    grip = sweep(path, circle(10, thickness) * [1.5, 0.8]).moved(x=middle - wall / 2, z=0.5 + lift)
    return joined(_cup(side, wall), grip.part("handle"), _band(side, 0.04 + band)).turned("z", -turn)


def mug_rand(rng: np.random.Generator) -> Parameters:
    """Draw a mug's parameters."""
    return drawn(mug, rng)


def _cup(side: Floats, wall: float) -> Mesh:
    """The cup whose outside is given: up the outside, over the rim, down the inside."""
    inside = (side - [wall, 0])[side[:, 1] > wall][::-1]
    foot = rounded([[side[0, 0] * 0.7, 0], *side[:3]], 0.06, closed=False)
    rim = [side[-1, 0] - wall / 2, 1.015]
    return lathe([[0.0, 0.0], *foot, *side[3:], rim, *inside, [inside[-1, 0] * 0.8, wall], [0.0, wall]], 32)


def _handle(style: str, reach: float, half: float) -> Floats:
    """The middle of a handle, from its upper end at the wall to its lower one."""
    if style == "round":
        return upright(arc(90, -90, 15, reach, half))
    if style == "ear":
        bends = [[0, half], [reach, half * 0.9], [reach * 0.9, -half * 0.2], [-reach * 0.1, -half]]
        return upright(spline(bends, 17))
    return upright(rounded([[0, half], [reach, half], [reach, -half], [0, -half]], 0.13, closed=False))


def _band(side: Floats, height: float) -> Mesh:
    """A ring that hugs the lower end of the side."""
    z = np.linspace(0.03, height, 6)
    outer = np.stack([np.interp(z, side[:, 1], side[:, 0]) + 0.004, z], axis=1)
    return lathe([*outer, *(outer[::-1] - [0.02, 0])], 32, closed=True).part("trim")
