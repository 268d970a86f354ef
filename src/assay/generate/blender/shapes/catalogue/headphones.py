"""Headphones: two cups on a band that arches over the head."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import arc, rectangle, rounded, spline, upright
from .mesh import Mesh, joined, mirrored
from .primitives import lathe, rod, sphere, sweep, torus, tube
from .ranges import Parameters, drawn


def headphones(
    *,
    width: Annotated[float, 0.74, 0.95],
    arch: Annotated[float, 0.6, 0.75],
    band: Annotated[float, 0.08, 0.14],
    thickness: Annotated[float, 0.03, 0.055],
    pad: Annotated[float, 40.0, 75.0],
    cup: Annotated[float, 0.19, 0.27],
    oval: Annotated[float, 1.0, 1.3],
    shell: Annotated[float, 0.07, 0.14],
    cushion: Annotated[float, 0.05, 0.08],
    toe: Annotated[float, 0.0, 14.0],
    yaw: Annotated[float, 0.0, 40.0],
    extra: Literal["none", "cable", "microphone"],
) -> Mesh:
    """Build headphones; lengths in distances from the cups' middles to a usual top.

    Parameters
    ----------
    width
        Between the two ends of the band.
    arch
        Height of the band above the cups' middles.
    band, thickness
        Width and thickness of the band.
    pad
        Half the angle that the cushion below the band covers, in degrees.
    cup, oval
        Radius of a cup, and how much taller than wide it is.
    shell, cushion
        How far a cup's case stands out, and the radius of its cushion's body.
    toe
        How far the cups' lower ends turn inwards, in degrees.
    yaw
        How far the headphones are turned to the side, in degrees.
    extra
        A cable below the cups or a microphone in front of the mouth.
    """
    x = width / 2
    ring = _cup(cup, shell, cushion).scaled(z=oval).turned("y", toe).moved(x=x)
    inner = upright(arc(90 + pad, 90 - pad, 15, x - thickness * 0.8, arch - thickness * 0.8))
    parts = [
        sweep(upright(arc(180, 0, 29, x, arch)), rounded(rectangle(band, thickness), 0.01, 2)),
        sweep(inner, rectangle(band * 1.15, thickness * 1.2, 0.02)).part("cushion"),
        mirrored(ring, rod([x, 0, 0.02], [x, 0, cup * oval * 1.15], thickness * 0.8).part("metal")),
        *_extra(extra, x, cup * oval),
    ]
    return joined(*parts).turned("z", yaw)


def headphones_rand(rng: np.random.Generator) -> Parameters:
    """Draw the parameters of headphones."""
    return drawn(headphones, rng)


def _cup(radius: float, depth: float, cushion: float) -> Mesh:
    """A right cup: its case outwards along x, its cushion inwards."""
    profile = [[0.0, 0.0], [radius, 0.0], [radius, depth * 0.5], [radius * 0.72, depth], [0, depth]]
    case = lathe(rounded(profile, 0.05, closed=False), 24).part("trim")
    cap = lathe([[radius * 0.5, depth - 0.01], [radius * 0.42, depth + 0.012]], 20).part("metal")
    ear = torus(radius - cushion * 0.7, cushion, 24).moved(z=-cushion * 0.7).part("cushion")
    plate = lathe([[radius * 0.8, -0.03], [radius * 0.8, 0.01]]).part("strap")
    return joined(case, cap, ear, plate).turned("y", 90)


def _extra(kind: str, x: float, low: float) -> list[Mesh]:
    """What hangs on the cups, at x from the middle and as far down as low."""
    if kind == "cable":
        fork = [[x, 0, -low * 0.9], [x * 0.8, -0.04, -low - 0.16], [0, -0.05, -low - 0.3]]
        tail = [[0, -0.05, -low - 0.28], [0.05, -0.05, -low - 0.4], [-0.04, -0.05, -low - 0.52]]
        return [
            mirrored(tube(spline(fork, 12), 0.018, 6)).part("cable"),
            tube(spline(tail, 10), 0.02, 6).part("cable"),
        ]
    if kind == "microphone":
        boom = spline([[-x, -0.05, -low * 0.4], [-x * 0.95, -0.3, -low * 0.9], [-x * 0.4, -0.5, -low]], 12)
        head = sphere(0.05, 12).scaled(x=1.5).moved(*boom[-1]).part("cable")
        return [tube(boom, 0.02, 6).part("metal"), head]
    return []
