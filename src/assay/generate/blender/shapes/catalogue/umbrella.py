"""Open umbrellas: a canopy of flat gores over a stick with a handle."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import arc, upright
from .mesh import Mesh, joined
from .primitives import cylinder, loft, rod, tube
from .ranges import Parameters, drawn


def umbrella(
    *,
    gores: Annotated[int, 7, 10],
    height: Annotated[float, 0.27, 0.4],
    scallop: Annotated[float, 0.03, 0.1],
    stick: Annotated[float, 0.72, 0.95],
    grip: Literal["hook", "straight"],
    shaft: Annotated[float, 0.016, 0.026],
    stripes: Literal["plain", "striped"],
    tilt: Annotated[float, 10.0, 50.0],
) -> Mesh:
    """Build an open umbrella; lengths in diameters of its canopy.

    Parameters
    ----------
    gores
        Panels of the canopy.
    height
        From the canopy's edge to its top.
    scallop
        How far the edge draws in and up between two ribs.
    stick
        Length of the stick.
    grip
        Shape of the handle.
    shaft
        Radius of the stick.
    stripes
        Whether every other panel has another colour.
    tilt
        How far the umbrella leans to its side, in degrees.
    """
    tip = rod([0, 0, height - 0.02], [0, 0, height + 0.07], shaft * 1.3, 0.008).part("metal")
    pole = rod([0, 0, height - stick], [0, 0, height], shaft).part("metal")
    gore = _gore(gores, height, scallop)
    parts = ["body", "trim" if stripes == "striped" else "body"]
    canopy = [gore.turned("z", 360 * i / gores).part(parts[i % 2]) for i in range(gores)]
    return joined(*canopy, tip, pole, _grip(grip, shaft).moved(z=height - stick)).turned("y", tilt)


def umbrella_rand(rng: np.random.Generator) -> Parameters:
    """Draw an umbrella's parameters."""
    return drawn(umbrella, rng)


def _gore(count: int, height: float, scallop: float) -> Mesh:
    """One panel of the canopy, a thin solid between two ribs, from its edge up."""
    way = np.linspace(0, 1, 7)
    angle, sag = 2 * np.pi * way / count, 4 * scallop * way * (1 - way)
    edge = np.stack([(1 - sag) * np.cos(angle), (1 - sag) * np.sin(angle), 0.3 * sag], axis=1)
    rise = np.radians(20 + 68 * way)  # of a dome, without its steep edge
    radii = 0.5 * np.cos(rise) / np.cos(rise[0])
    levels = height * (np.sin(rise) - np.sin(rise[0])) / (1 - np.sin(rise[0]))
    outer = radii[:, None, None] * edge + levels[:, None, None] * [0, 0, 1]
    inner = outer * [0.97, 0.97, 1] - [0, 0, 0.012]
    return loft(np.concatenate([outer, inner[:, ::-1]], axis=1))


def _grip(style: str, shaft: float) -> Mesh:
    if style == "straight":
        return cylinder(shaft * 1.6, 0.2, shaft * 2.0).moved(z=0.02).part("handle")
    hook = upright([[-0.07, 0.12], *arc(180, 360, 13, 0.07, 0.07)])
    return tube(hook, shaft * 1.5).moved(x=0.07).part("handle")
