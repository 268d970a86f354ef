"""Pot plants: leaves on stalks, blades or fronds in a turned pot."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import spline
from .mesh import Floats, Mesh, joined
from .primitives import lathe, loft, sphere
from .ranges import Parameters, drawn

TURN = 137.5  # degrees between two leaves, as most plants have it
# how far the innermost leaf leans and the outermost one more (in spreads), degrees it droops, and its length
HABITS = {"broad": (0.35, 0.9, 30.0, 1.0), "blades": (0.1, 0.45, 3.0, 1.35), "palm": (0.4, 0.8, 75.0, 1.3)}


def plant(
    *,
    kind: Literal["broad", "blades", "palm"],
    leaves: Annotated[int, 9, 16],
    leaf: Annotated[float, 0.5, 0.8],
    wide: Annotated[float, 0.8, 1.3],
    spread: Annotated[float, 25.0, 50.0],
    pot: Annotated[float, 0.2, 0.28],
    taper: Annotated[float, 0.62, 0.95],
    height: Annotated[float, 0.34, 0.5],
    rim: Annotated[float, 0.01, 0.05],
) -> Mesh:
    """Build a pot plant; lengths in a usual plant's height above the pot.

    Parameters
    ----------
    kind
        Broad leaves on stalks, upright blades, or long leaves that arch over.
    leaves
        Number of leaves.
    leaf
        Length of the longest leaf.
    wide
        Width of the leaves, in widths that suit the kind.
    spread
        How far the outermost leaves lean out, in degrees.
    pot, taper, height, rim
        Radius of the pot at the top, of its foot in these radii, its height, and how far its rim stands out.
    """
    edge, lip = height * 0.8, pot + rim
    outside = [[0.0, 0.0], [pot * taper, 0.0], [pot, edge], [lip, edge], [lip, height]]
    vessel = lathe([*outside, [pot - 0.03, height], [pot - 0.05, edge], [0.0, edge]], 28)
    soil = sphere(pot * 0.9).scaled(z=0.15).moved(z=height * 0.88).part("wood")
    places = np.linspace(0, 1, leaves)
    crown = [_leaf(kind, at, leaf, wide, spread).turned("z", TURN * i) for i, at in enumerate(places)]
    return joined(vessel, soil, joined(*crown).moved(z=edge).part("leaf"))


def plant_rand(rng: np.random.Generator) -> Parameters:
    """Draw a plant's parameters."""
    return drawn(plant, rng)


def _leaf(kind: str, outer: float, length: float, wide: float, spread: float) -> Mesh:
    """One leaf: the innermost (0) stands in the middle, the outermost (1) leans out furthest."""
    inmost, more, droop, size = HABITS[kind]
    lean = (inmost + more * outer) * spread
    angle = np.radians(90 - np.linspace(lean, lean + droop * (0.4 + outer), 12))
    steps = np.stack([np.cos(angle), np.zeros(12), np.sin(angle)], axis=1) / 12
    spine = np.cumsum([[0.03 + 0.05 * outer, 0, 0], *(steps * length * size * (1 - 0.25 * outer))], axis=0)
    return _blade(spine, _width(kind) * wide, angle)


def _width(kind: str) -> Floats:
    """Half the width of a leaf along its length, 13 places."""
    through = {
        "broad": [[0, 0.012], [0.45, 0.012], [0.6, 0.12], [0.8, 0.11], [1, 0.004]],
        "blades": [[0, 0.03], [0.3, 0.06], [0.6, 0.06], [0.85, 0.035], [1, 0.004]],
        "palm": [[0, 0.02], [0.3, 0.05], [0.6, 0.06], [0.85, 0.035], [1, 0.004]],
    }[kind]
    line = spline(through, 60)
    return np.interp(np.linspace(0, 1, 13), line[:, 0], line[:, 1])


def _blade(spine: Floats, half: Floats, angle: Floats) -> Mesh:
    """A thin leaf along its spine, folded a little along the middle."""
    way = np.concatenate([angle[:1], angle])
    up = np.stack([-np.sin(way), np.zeros(13), np.cos(way)], axis=1)
    side = np.array([0, 1.0, 0]) * half[:, None]
    fold, thick = up * half[:, None] * 0.35, np.maximum(half, 0.02)[:, None] * 0.12 * up
    rings = np.stack([spine - thick, spine + side + fold, spine + thick, spine - side + fold], axis=1)
    return loft(rings)
