"""Bottles: a body, a shoulder, a neck and a cap, turned."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from .curves import rounded
from .mesh import Mesh, joined
from .primitives import lathe
from .ranges import Parameters, drawn

# how far the shoulder rises, and how much its edges are rounded
SHOULDERS = {"round": (0.12, 0.16), "sloping": (0.22, 0.05), "square": (0.05, 0.04)}


def bottle(
    *,
    radius: Annotated[float, 0.12, 0.2],
    shoulder: Annotated[float, 0.48, 0.64],
    form: Literal["round", "sloping", "square"],
    neck: Annotated[float, 0.28, 0.52],
    waist: Annotated[float, 0.0, 0.14],
    cap: Annotated[float, 0.05, 0.1],
    label: Annotated[float, 0.15, 0.32],
) -> Mesh:
    """Build a bottle; lengths in heights of the bottle.

    Parameters
    ----------
    radius
        Radius of the body.
    shoulder
        Where the body begins to narrow.
    form
        Whether the shoulder is round, slopes up like a soft drink's, or is nearly flat.
    neck
        Radius of the neck, in radii of the body.
    waist
        How far the body narrows where the label is, in radii of the body.
    cap, label
        Heights of the cap and of the label.
    """
    rise, soft = SHOULDERS[form]
    throat, low = radius * neck, shoulder * 0.25
    thin, high = radius * (1 - waist), low + label
    body = [[0.0, 0.012], [radius * 0.8, 0.0], [radius, 0.04], [radius, low - 0.02], [thin, low + 0.02]]
    body += [[thin, high - 0.02], [radius, high + 0.02], [radius, shoulder], [throat, shoulder + rise]]
    lid = [[0.0, 1 - cap], [throat + 0.014, 1 - cap], [throat + 0.014, 1.0], [0.0, 1.0]]
    return joined(
        lathe(rounded([*body, [throat, 1 - cap], [0.0, 1 - cap]], soft, closed=False), 28),
        _ring(thin, thin + 0.006, low + 0.03, high - 0.03).part("label"),
        lathe(rounded(lid, 0.012, closed=False), 28).part("cap"),
        _ring(throat - 0.005, throat + 0.016, 0.975 - cap, 0.989 - cap),
    )


def bottle_rand(rng: np.random.Generator) -> Parameters:
    """Draw a bottle's parameters."""
    return drawn(bottle, rng)


def _ring(inner: float, outer: float, low: float, high: float) -> Mesh:
    """A sleeve around the bottle."""
    return lathe([[inner, low], [outer, low], [outer, high], [inner, high]], 28, closed=True)
