"""Bicycles, seen from the side: they ride along x, and the chain side faces the front."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import rounded, spline
from .mesh import Floats, Mesh, joined, mirrored
from .primitives import box, cylinder, loft, rod, torus, tube
from .ranges import Parameters, drawn

FORWARD, ACROSS, UP = np.eye(3)
TOP_TUBES = {"diamond": 0.97, "sloping": 0.74, "step": 0.35}  # where they meet the seat tube, in its lengths
# one half of each handlebar: forwards and up from its middle, and sideways in halves of its width
HANDLEBARS = {
    "drop": [[0, 0, 0], [0, 1, 0], [0.1, 1, 0.01], [0.16, 1, -0.06], [0.1, 1, -0.15], [-0.04, 1, -0.15]],
    "flat": [[0, 0, 0], [0, 0.3, 0.02], [-0.02, 1, 0.03]],
    "cruiser": [[0, 0, 0], [0.02, 0.5, 0.1], [-0.08, 1, 0.16], [-0.26, 1, 0.14]],
}


def bike(
    *,
    wheel: Annotated[float, 0.29, 0.36],
    tyre: Annotated[float, 0.024, 0.045],
    spokes: Annotated[int, 8, 14],
    base: Annotated[float, 0.96, 1.1],
    frame: Literal["diamond", "sloping", "step"],
    seat: Annotated[float, 0.5, 0.62],
    saddle: Annotated[float, 0.08, 0.2],
    rake: Annotated[float, 66.0, 74.0],
    pipe: Annotated[float, 0.02, 0.032],
    bar: Literal["drop", "flat", "cruiser"],
    grip: Annotated[float, 0.44, 0.62],
    crank: Annotated[float, 0.0, 180.0],
    guards: Literal["none", "guards"],
) -> Mesh:
    """Build a bicycle; lengths in metres.

    Parameters
    ----------
    wheel, tyre
        Radius of a wheel, and of its tyre's body.
    spokes
        Spokes of a wheel.
    base
        Between the two hubs.
    frame
        A level top tube, one that slopes back, or one low enough to step through.
    seat
        Length of the seat tube.
    saddle
        How far the saddle is above the seat tube.
    rake
        Angle between fork and ground, in degrees.
    pipe
        Radius of the frame's tubes.
    bar
        Shape of the handlebar.
    grip
        Width of the handlebar.
    crank
        Angle of the pedals, in degrees.
    guards
        Whether there are mudguards.
    """
    front, pedals = np.array([base, 0, 0]), np.array([0.43, 0, -0.06])
    steer, top = _direction(180 - rake), pedals + seat * _direction(106)
    crown, head = front + (wheel + tyre + 0.05) * steer, front + (seat + 0.02 * rake - 1.34) * steer
    rider = top + saddle * _direction(106)
    one = joined(_wheel(wheel, tyre, spokes), *([_guard(wheel + tyre)] if guards == "guards" else []))
    return joined(
        one,
        one.moved(x=base),
        _frame(frame, pedals, top, crown, head, pipe),
        _fork(front, crown, pipe * 0.8),
        rod(top, rider, pipe * 0.8).part("metal"),
        _saddle().moved(*rider),
        _stem(head, steer, pipe * 0.75).part("metal"),
        _handlebar(bar, grip, pipe * 0.75).moved(*(head + 0.06 * steer + FORWARD * 0.06)),
        _drive(pedals, crank),
    )


def bike_rand(rng: np.random.Generator) -> Parameters:
    """Draw a bicycle's parameters."""
    return drawn(bike, rng)


def _direction(degrees: float) -> Floats:
    """Unit vector in the bicycle's plane, 0 degrees forwards, 90 up."""
    return np.array([np.cos(np.radians(degrees)), 0, np.sin(np.radians(degrees))])


def _wheel(radius: float, tyre: float, spokes: int) -> Mesh:
    ring, rim = torus(radius, tyre).part("wheel"), torus(radius - tyre, 0.012, around=6).part("metal")
    hub, spoke = cylinder(0.035, 0.08, points=12), rod([0, 0, 0], [0, radius, 0], 0.007, points=4)
    star = joined(*(spoke.turned("z", 360 * (i + 0.5) / spokes) for i in range(spokes)))
    return joined(ring, rim, hub.part("metal"), star.part("metal")).turned("x", 90)


def _frame(style: str, pedals: Floats, top: Floats, crown: Floats, head: Floats, pipe: float) -> Mesh:
    """Top, down, seat and head tube, and on both sides two stays to the rear hub."""
    joint, high = pedals + TOP_TUBES[style] * (top - pedals), crown + 0.85 * (head - crown)
    bent = [joint, joint + 0.2 * FORWARD, high] if style == "step" else [joint, high]
    stay = [
        rod(0.045 * ACROSS, end + 0.025 * ACROSS, pipe * 0.6) for end in (pedals, 0.85 * top + 0.15 * pedals)
    ]
    return joined(
        tube(rounded(bent, 0.3, closed=False), pipe * 0.9),
        rod(pedals, crown + 0.15 * (head - crown), pipe * 1.15),
        rod(pedals, top, pipe),
        rod(crown, head, pipe * 1.3),
        mirrored(*stay, axis="y"),
    )


def _fork(front: Floats, crown: Floats, pipe: float) -> Mesh:
    blade = rod(front + 0.05 * ACROSS, crown + 0.05 * ACROSS, pipe * 0.8, pipe)
    return joined(mirrored(blade, axis="y"), rod(crown - 0.06 * ACROSS, crown + 0.06 * ACROSS, pipe))


def _stem(head: Floats, steer: Floats, pipe: float) -> Mesh:
    """From the head tube up, and forwards to the handlebar."""
    bend = head + 0.06 * steer
    return joined(rod(head - 0.05 * steer, bend, pipe), rod(bend, bend + 0.06 * FORWARD, pipe))


def _handlebar(style: str, width: float, pipe: float) -> Mesh:
    """A handlebar about the origin, and its grips."""
    curve = spline(np.array(HANDLEBARS[style]) * [1, width / 2, 1], 22)
    return mirrored(tube(curve, pipe).part("metal"), tube(curve[-7:], pipe * 1.5).part("handle"), axis="y")


def _saddle() -> Mesh:
    """A wedge, wide behind and narrow in front."""
    widths = spline([[0.15, 0.018], [0.08, 0.028], [0.0, 0.055], [-0.1, 0.085], [-0.14, 0.05]], 9)
    ring = np.array([[-1, 0], [-0.7, -0.03], [0.7, -0.03], [1, 0], [0.6, 0.028], [-0.6, 0.028]])
    rings = [np.stack([np.full(6, x), -half * ring[:, 0], ring[:, 1] + 0.02], axis=1) for x, half in widths]
    return loft(rings).part("cushion")


def _drive(pedals: Floats, degrees: float) -> Mesh:
    """Chain wheel, cranks, pedals, chain and the sprocket behind."""
    arm, side = 0.17 * _direction(degrees), -0.07 * ACROSS
    ring, sprocket = cylinder(0.09, 0.012).turned("x", 90), cylinder(0.045, 0.02).turned("x", 90)
    chain = [rod(pedals + side + 0.085 * s * UP, side + 0.04 * s * UP, 0.009, points=6) for s in (-1, 1)]
    crank = [rod(pedals + s * side, pedals + s * (side + arm), 0.014) for s in (-1, 1)]
    tread = [box(0.1, 0.08, 0.025).moved(*(pedals + s * (side * 1.7 + arm))) for s in (-1, 1)]
    axle = rod(pedals - side, pedals + side, 0.022)
    metal = joined(ring.moved(*(pedals + side)), sprocket.moved(*side), *chain, *crank, axle)
    return joined(metal.part("metal"), joined(*tread).part("handle"))


def _guard(radius: float) -> Mesh:
    """Mudguard over the upper rear of a wheel."""
    path = [(radius + 0.02) * _direction(angle) for angle in np.linspace(35, 200, 18)]
    return tube(path, 0.02, 6).part("trim")
