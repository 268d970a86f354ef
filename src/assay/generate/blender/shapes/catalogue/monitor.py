"""Computer monitors: a flat screen on a stand."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .mesh import Mesh, joined, mirrored
from .primitives import box, cylinder, panel, rod, slab
from .ranges import Parameters, drawn


def monitor(
    *,
    aspect: Annotated[float, 1.25, 2.0],
    bezel: Annotated[float, 0.02, 0.06],
    chin: Annotated[float, 0.02, 0.12],
    depth: Annotated[float, 0.05, 0.16],
    corner: Annotated[float, 0.005, 0.06],
    stand: Literal["plate", "disc", "fork"],
    neck: Annotated[float, 0.1, 0.24],
    clearance: Annotated[float, 0.2, 0.38],
    foot: Annotated[float, 0.38, 0.62],
    tilt: Annotated[float, -2.0, 14.0],
) -> Mesh:
    """Build a monitor; lengths in heights of the visible screen.

    Parameters
    ----------
    aspect
        Width of the visible screen.
    bezel, chin
        Width of the frame around the screen, and how much wider it is below.
    depth, corner
        Thickness of the case, and the radius of its corners.
    stand
        Foot: a rectangular plate, a disc, or two legs.
    neck
        Width of the neck.
    clearance
        From the desk to the lower edge of the case.
    foot
        Width of the foot.
    tilt
        How far the screen looks up, in degrees.
    """
    tall = 1 + 2 * bezel + chin
    case = joined(
        panel(aspect + 2 * bezel, 0.05, tall, corner, 0.01).moved(z=tall / 2),
        panel(aspect * 0.8, depth, tall * 0.7, 0.08, 0.04).moved(y=depth / 2, z=tall / 2).part("trim"),
        panel(aspect, 0.02, 1, 0.004).moved(y=-0.021, z=0.5 + bezel + chin).part("screen"),
        box(0.06, 0.02, chin * 0.3).moved(x=aspect * 0.42, y=-0.021, z=(bezel + chin) / 2).part("light"),
    )
    pole = box(neck, 0.05, clearance + 0.5).moved(y=0.06 + depth * 0.8, z=clearance / 2 + 0.25).part("metal")
    return joined(case.turned("x", -tilt).moved(z=clearance), pole, _foot(stand, foot).part("metal"))


def monitor_rand(rng: np.random.Generator) -> Parameters:
    """Draw a monitor's parameters."""
    return drawn(monitor, rng)


def _foot(style: str, width: float) -> Mesh:
    if style == "plate":
        return slab(width, width * 0.6, 0.03, 0.04, 0.01).moved(z=0.015)
    if style == "disc":
        return cylinder(width / 2, 0.035, width * 0.42, 32).scaled(y=0.8).moved(z=0.0175)
    leg = rod([0, 0.12, 0.04], [width * 0.62, -width * 0.45, 0.025], 0.03)
    return joined(mirrored(leg), rod([0, 0.08, 0.04], [0, 0.24, 0.03], 0.03))
