"""Chairs: a seat and a back on four legs or on a star with castors."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import arc, upright
from .mesh import Mesh, at_corners, joined, mirrored
from .primitives import box, cylinder, panel, rod, slab, tube
from .ranges import Parameters, drawn


def chair(
    *,
    width: Annotated[float, 0.42, 0.52],
    depth: Annotated[float, 0.42, 0.5],
    height: Annotated[float, 0.42, 0.5],
    legs: Literal["four", "splayed", "star"],
    leg: Annotated[float, 0.018, 0.03],
    seat: Annotated[float, 0.025, 0.06],
    back: Literal["panel", "slats", "rungs", "shell"],
    rise: Annotated[float, 0.42, 0.6],
    lean: Annotated[float, 4.0, 16.0],
    bars: Annotated[int, 3, 5],
    arms: Literal["none", "arms"],
    cushion: Annotated[float, 0.0, 0.05],
) -> Mesh:
    """Build a chair; lengths in metres of a chair about a metre high.

    Parameters
    ----------
    width, depth, height
        Size of the seat, and how high it is.
    legs
        Four upright legs, four splayed ones, or a column on a star of five castors.
    leg
        Radius of a leg.
    seat
        Thickness of the seat.
    back
        A panel, upright slats, level rungs, or an open rounded hoop around a small panel.
    rise
        Height of the back above the seat.
    lean
        How far the back leans, in degrees.
    bars
        Number of slats or rungs; of a panel or a shell, how far up it begins.
    arms
        Whether there are arm rests.
    cushion
        Thickness of the cushion on the seat.
    """
    soft = slab(width * 0.9, depth * 0.9, 0.02 + cushion, 0.08, 0.02).part("cushion")
    rest = joined(*_back(back, width, rise, leg, bars)).turned("x", -lean)
    under = height - seat / 2
    return joined(
        slab(width, depth, seat, 0.06, 0.02).moved(z=under),
        soft.moved(z=height + cushion / 2),
        _star(under, leg) if legs == "star" else _four(width, depth, under, leg, legs),
        rest.moved(y=depth / 2 - leg, z=under),
        *([_arms(width, depth, height, leg)] if arms == "arms" else []),
    )


def chair_rand(rng: np.random.Generator) -> Parameters:
    """Draw a chair's parameters."""
    return drawn(chair, rng)


def _four(width: float, depth: float, height: float, leg: float, style: str) -> Mesh:
    out = 1.22 if style == "splayed" else 1.0
    low, high = (part * np.array([width / 2 - leg, depth / 2 - leg]) for part in (out, 2 - out))
    return at_corners(rod([*low, 0], [*high, height], leg * 0.8, leg)).part("wood")


def _star(height: float, leg: float) -> Mesh:
    """A column on five spokes, each on a castor."""
    spoke = rod([0, 0, 0.1], [0, -0.3, 0.065], leg * 1.1, leg * 0.8)
    castor = cylinder(0.035, 0.04).turned("y", 90).moved(y=-0.29, z=0.035).part("wheel")
    spokes = [mesh.turned("z", 72 * i) for i in range(5) for mesh in (spoke.part("metal"), castor)]
    return joined(*spokes, rod([0, 0, 0.07], [0, 0, height], leg * 1.3, points=12).part("metal"))


def _back(style: str, width: float, rise: float, leg: float, bars: int) -> list[Mesh]:
    """The back, before it leans: its foot at the origin."""
    x, low = width / 2 - leg, 0.1 + 0.03 * bars
    if style == "panel":
        plate = panel(width * 0.96, 0.04, rise - low, 0.08, 0.018).part("cushion")
        posts = mirrored(rod([x * 0.6, 0, 0], [x * 0.6, 0, rise * 0.9], leg)).part("wood")
        return [plate.moved(z=(rise + low) / 2), posts]
    if style == "shell":
        top = rise * 0.84
        hoop = tube(upright(arc(180, 0, 17, x, rise)), leg).part("wood")
        return [hoop, panel(x * 1.3, 0.03, top - low, 0.06, 0.01).moved(z=(top + low) / 2)]
    return [mirrored(rod([x, 0, 0], [x, 0, rise], leg)).part("wood"), *_bars(style, x, rise, bars)]


def _bars(style: str, x: float, rise: float, bars: int) -> list[Mesh]:
    """Level rungs, or upright slats under a rail, between posts at x from the middle."""
    if style == "rungs":
        rung = box(2 * x, 0.02, 0.055)
        return [rung.moved(z=z) for z in np.linspace(rise * 0.3, rise - 0.04, bars)]
    slat = box(0.04, 0.018, rise).moved(z=rise / 2)
    rail = box(2 * x + 0.05, 0.035, 0.08).moved(z=rise - 0.02)
    return [rail, *(slat.moved(x=at) for at in np.linspace(-x, x, bars + 2)[1:-1])]


def _arms(width: float, depth: float, height: float, leg: float) -> Mesh:
    x, z = width / 2 + leg * 0.6, height + 0.2
    rest = box(0.05, depth, 0.03).moved(x=x, z=z)
    post = rod([x, -depth * 0.36, height - 0.03], [x, -depth * 0.36, z], leg)
    back = rod([x, depth * 0.4, height - 0.03], [x, depth * 0.4, z], leg)
    return mirrored(rest, post, back).part("wood")
