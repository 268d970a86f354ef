"""Cars, seen from the side: they drive along x."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import rounded
from .mesh import Floats, Mesh, joined, mirrored
from .primitives import box, cylinder, extruded, loft, rod, torus
from .ranges import Parameters, drawn

# where the cabin begins, its roof begins and ends, and the cabin ends, from the back, in lengths
ROOFS = {
    "sedan": [0.17, 0.3, 0.58, 0.7],
    "hatchback": [0.03, 0.1, 0.58, 0.72],
    "estate": [0.02, 0.05, 0.6, 0.74],
    "coupe": [0.12, 0.34, 0.5, 0.68],
}


def car(
    *,
    kind: Literal["sedan", "hatchback", "estate", "coupe"],
    length: Annotated[float, 3.4, 4.6],
    width: Annotated[float, 1.6, 1.85],
    waist: Annotated[float, 0.85, 1.05],
    roof: Annotated[float, 0.46, 0.62],
    bonnet: Annotated[float, 0.7, 0.92],
    wheel: Annotated[float, 0.3, 0.38],
    clearance: Annotated[float, 0.16, 0.28],
    inward: Annotated[float, 0.72, 0.88],
) -> Mesh:
    """Build a car; lengths in metres.

    Parameters
    ----------
    kind
        Where the roof begins and ends.
    length, width
        Size of the body.
    waist
        Height of the doors' upper edge.
    roof
        Height of the cabin above it.
    bonnet
        Height of the front, in heights of the waist.
    wheel
        Radius of a wheel.
    clearance
        Height of the body above the ground.
    inward
        Width of the roof, in widths of the body.
    """
    nose, tail = length - 0.03, 0.03
    lamp = box(0.08, 0.3, 0.14).moved(nose, width / 3, waist * bonnet * 0.72).part("light")
    brake = box(0.08, 0.25, 0.14).moved(tail, width / 3, waist * 0.8).part("accent")
    bumper = box(0.1, width * 0.98, 0.12).moved(z=clearance + 0.08).part("trim")
    wheels = [_wheel(wheel).moved(share * length, width / 2, wheel) for share in (0.19, 0.8)]
    return joined(
        _body(length, width, waist, waist * bonnet * 0.9, clearance),
        *_cabin(np.array(ROOFS[kind]) * length, width, waist, roof, inward),
        mirrored(*wheels, lamp, brake, axis="y"),
        *(bumper.moved(x=x) for x in (tail, nose)),
    )


def car_rand(rng: np.random.Generator) -> Parameters:
    """Draw a car's parameters."""
    return drawn(car, rng)


def _body(length: float, width: float, waist: float, nose: float, low: float) -> Mesh:
    """All that is below the windows."""
    side = np.array([[0, low], [1, low], [1, nose], [0.74, waist], [0, waist]]) * [length, 1]
    return extruded(rounded(side, 0.15), width, 0.05).turned("x", 90)


def _cabin(along: Floats, width: float, waist: float, height: float, inward: float) -> list[Mesh]:
    """The windows, the posts between them and the roof above."""
    top = width * inward
    low = _level(along[0], along[3], width * 0.94, waist - 0.02)
    high = _level(along[1], along[2], top, waist + height)
    lid = _level(along[1] + 0.05, along[2] - 0.05, top * 0.94, waist + height + 0.05)
    posts = [_post(low[2:], high[2:], share) for share in (0.02, 0.5, 0.98)]
    roof = loft([high, lid], smooth=False)
    return [loft([low, high], smooth=False).part("glass"), roof, mirrored(*posts, axis="y")]


def _level(rear: float, front: float, width: float, z: float) -> Floats:
    """A level rectangle, counter-clockwise seen from above."""
    y = width / 2
    return np.array([[rear, -y, z], [front, -y, z], [front, y, z], [rear, y, z]])


def _post(low: Floats, high: Floats, share: float) -> Mesh:
    """A post between two windows, at a share of the way from the front to the rear of the left side."""
    foot, head = ((1 - share) * edge[0] + share * edge[1] for edge in (low, high))
    return rod(foot, head, 0.045, points=6)


def _wheel(radius: float) -> Mesh:
    tyre = torus(radius * 0.72, radius * 0.28, 24, 8).turned("x", 90).part("wheel")
    return joined(tyre, cylinder(radius * 0.6, radius * 0.4).turned("x", 90).part("metal"))
