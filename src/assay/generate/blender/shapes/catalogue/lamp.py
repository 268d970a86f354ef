"""Lamps: a table lamp with a shade over a turned foot, or a desk lamp on a jointed arm."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import rounded, spline
from .mesh import Floats, Mesh, joined
from .primitives import cylinder, lathe, rod, sphere
from .ranges import Parameters, drawn

# radii of the bodies from the foot to the shade, in the widest radius that a vase has
BODIES = {"stick": [0.35, 0.3, 0.3, 0.3], "vase": [0.5, 1.0, 0.75, 0.3], "ball": [0.4, 1.4, 1.3, 0.25]}


def lamp(
    *,
    kind: Literal["vase", "stick", "ball", "desk"],
    foot: Annotated[float, 0.15, 0.22],
    body: Annotated[float, 0.07, 0.13],
    shade: Annotated[float, 0.24, 0.34],
    narrow: Annotated[float, 0.45, 0.85],
    drop: Annotated[float, 0.28, 0.42],
    bend: Annotated[float, 20.0, 40.0],
) -> Mesh:
    """Build a lamp; lengths in heights of the lamp.

    Parameters
    ----------
    kind
        Shape of the body below the shade; a desk lamp has two arms and a bell that looks down.
    foot
        Radius of the foot.
    body
        Radius of the body where it is widest; of a desk lamp's bell at its closed end.
    shade
        Radius of the shade's lower edge; of a desk lamp's bell two thirds of it.
    narrow
        Radius of the shade's upper edge, in radii of the lower one; of a desk lamp, the length of its upper
        arm, in lengths of the lower one.
    drop
        Height of the shade.
    bend
        How far a desk lamp's lower arm leans back (degrees); of others, the shape of the foot.
    """
    plate = [[0.0, 0.0], [foot, 0.0], [foot, 0.035], [foot * 0.02 * bend, 0.05], [0, 0.05]]
    stand = lathe(rounded(plate, 0.02, closed=False))
    if kind == "desk":
        return joined(stand, *_desk(body, shade * 0.66, narrow, drop, bend))
    low, bulb = 1 - drop, 1 - drop * 0.6
    return joined(
        stand.part("metal"),
        lathe(_body(kind, body, low)),
        rod([0, 0, low - 0.03], [0, 0, bulb], 0.02).part("metal"),
        _hollow(shade, shade * narrow, drop).moved(z=low).part("shade"),
        sphere(0.07).moved(z=bulb).part("light"),
    )


def lamp_rand(rng: np.random.Generator) -> Parameters:
    """Draw a lamp's parameters."""
    return drawn(lamp, rng)


def _body(kind: str, radius: float, top: float) -> Floats:
    """Profile of the body, from the foot to just below the shade."""
    radii, heights = radius * np.array(BODIES[kind]), top * np.array([0.06, 0.4, 0.65, 1.0])
    line = spline(np.stack([radii, heights], axis=1), 16)
    return np.concatenate([[[0, 0.03], [line[0, 0], 0.03]], line, [[0, top]]])


def _hollow(low: float, high: float, height: float) -> Mesh:
    """A thin cone, open at both ends."""
    outer = np.array([[low, 0], [high, height]])
    return lathe([*outer, *(outer[::-1] - [0.012, 0])], 28, closed=True)


def _desk(neck: float, mouth: float, ratio: float, drop: float, lean: float) -> list[Mesh]:
    """Two arms with their joints, and a bell that looks down."""
    elbow = np.array([0.55 * np.sin(np.radians(lean)), 0, 0.55 * np.cos(np.radians(lean)) + 0.05])
    head = elbow + np.array([-0.8, 0, 0.6]) * (0.55 * ratio + 0.15)
    arms = joined(rod([0, 0, 0.04], elbow, 0.02), rod(elbow, head, 0.02)).part("metal")
    joint = cylinder(0.035, 0.06).turned("x", 90)
    bell = _bell(neck, mouth, 0.6 * drop).turned("y", 25)
    return [arms, joint.moved(*elbow), joint.moved(*head), bell.moved(*head)]


def _bell(neck: float, mouth: float, length: float) -> Mesh:
    """A shade that hangs from the origin, open below, with its bulb."""
    outer = np.array([[mouth, -length], [neck, -0.2 * length], [neck * 0.6, 0]])
    inner = (outer - [0.015, 0.015])[::-1]
    shade = lathe([*outer, [0.0, 0.0], [0.0, -0.015], *inner], 24, closed=True)
    return joined(shade.part("shade"), sphere(neck * 0.7).moved(z=-0.7 * length).part("light"))
