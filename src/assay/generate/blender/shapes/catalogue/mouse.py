"""Computer mice: a low hump with two buttons, a wheel and, of some, a cable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from .curves import spline
from .mesh import Floats, Mesh, joined
from .primitives import cylinder, loft, tube
from .ranges import Parameters, drawn


def mouse(
    *,
    width: Annotated[float, 0.52, 0.68],
    height: Annotated[float, 0.28, 0.4],
    hump: Annotated[float, 0.45, 0.68],
    nose: Annotated[float, 0.5, 0.72],
    waist: Annotated[float, 0.0, 0.12],
    square: Annotated[float, 2.1, 3.2],
    buttons: Annotated[float, 0.36, 0.52],
    wheel: Annotated[float, 0.08, 0.11],
    cable: Literal["none", "cable"],
    lean: Annotated[float, 0.0, 40.0],
) -> Mesh:
    """Build a mouse whose buttons face the front; lengths in lengths of the mouse.

    Parameters
    ----------
    width, height
        Size of the body.
    hump
        How far back the body is highest.
    nose
        Height of the front edge, in heights of the body.
    waist
        How far the sides draw in halfway, in widths.
    square
        Exponent of the outline from above: 2 is an ellipse, more is squarer.
    buttons
        Length of the buttons.
    wheel
        Radius of the wheel.
    cable
        Whether a cable leaves the front.
    lean
        How far the mouse is tilted to be looked at, in degrees.
    """

    def skin(along: float, across: Floats, grow: float = 0.0) -> Floats:
        return _arch(along, across, (width + grow, height + grow), hump, nose, waist, square)

    stations = (1 - np.cos(np.linspace(0.06, np.pi - 0.06, 21))) / 2
    full = np.linspace(1, -1, 17)
    body = loft([skin(at, full) for at in stations][::-1])
    plates = [_plate(skin, np.linspace(*ends, 9), buttons) for ends in ((0.93, 0.05), (-0.05, -0.93))]
    top = skin(0.24, np.zeros(1))[0, 2]
    roller = (
        cylinder(wheel, 0.06, points=16).turned("y", 90).moved(y=-0.26, z=top - wheel * 0.4).part("wheel")
    )
    wire = [_cable(skin(0.02, np.zeros(1))[0, 2] * 0.4)] if cable == "cable" else []
    return joined(body, *plates, roller, *wire).turned("x", lean)


def mouse_rand(rng: np.random.Generator) -> Parameters:
    """Draw a mouse's parameters."""
    return drawn(mouse, rng)


def _arch(
    along: float,
    across: Floats,
    size: tuple[float, float],
    hump: float,
    nose: float,
    waist: float,
    square: float,
) -> Floats:
    """Points of the upper side in one section.

    `along` is 0 at the front and 1 at the back, `across` 1 at the right and -1 at the left.
    """
    wide = (1 - abs(2 * along - 1) ** square) ** (1 / square) * (1 - waist * np.sin(np.pi * along))
    line = spline([[-0.3, nose * 0.8], [0, nose], [hump, 1], [0.9, 0.62], [1, 0.3]], 161)
    high = np.interp(along, line[:, 0], line[:, 1])
    angle = (1 - across) * np.pi / 2
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.8 * wide * size[0] / 2
    z = np.clip(np.sin(angle), 0, None) ** 0.8 * high * size[1]
    return np.stack([x, np.full_like(x, along - 0.5), z], axis=1)


def _plate(skin: Callable[[float, Floats, float], Floats], across: Floats, length: float) -> Mesh:
    """A button: a shell that stands a little proud of the body."""
    stations = np.linspace(length, 0.06, 9)
    rings = [np.concatenate([skin(at, across, 0.016), skin(at, across[::-1], -0.04)]) for at in stations]
    return loft(rings).part("keys")


def _cable(z: float) -> Mesh:
    bends = [[0, -0.45, z], [0, -0.62, z], [0.1, -0.8, 0.03], [-0.06, -0.98, 0.03]]
    return tube(spline(bends, 16), 0.026, 6).part("cable")
