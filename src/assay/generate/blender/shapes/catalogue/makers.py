"""Everyday objects built in code: every class has parameters, so no two objects are alike.

Needs only NumPy, and can be imported from its folder by another program's Python. An object is a closed
`Mesh`, z up, its front (of a bike, a car and a bed: its side) facing -y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .backpack import backpack, backpack_rand
from .bed import bed, bed_rand
from .bike import bike, bike_rand
from .bottle import bottle, bottle_rand
from .calculator import calculator, calculator_rand
from .car import car, car_rand
from .chair import chair, chair_rand
from .headphones import headphones, headphones_rand
from .keyboard import keyboard, keyboard_rand
from .lamp import lamp, lamp_rand
from .laptop import laptop, laptop_rand
from .mesh import PARTS, Mesh, normalised
from .monitor import monitor, monitor_rand
from .mouse import mouse, mouse_rand
from .mug import mug, mug_rand
from .plant import plant, plant_rand
from .ranges import Maker, Parameters, Value, check, ranges
from .table import table, table_rand
from .umbrella import umbrella, umbrella_rand

__all__ = ["CLASSES", "PARTS", "Mesh", "Parameters", "build", "limits", "sample"]

MAKERS: dict[str, tuple[Maker, Callable[[np.random.Generator], Parameters]]] = {
    "backpack": (backpack, backpack_rand),
    "bed": (bed, bed_rand),
    "bike": (bike, bike_rand),
    "bottle": (bottle, bottle_rand),
    "calculator": (calculator, calculator_rand),
    "car": (car, car_rand),
    "chair": (chair, chair_rand),
    "headphones": (headphones, headphones_rand),
    "keyboard": (keyboard, keyboard_rand),
    "lamp": (lamp, lamp_rand),
    "laptop": (laptop, laptop_rand),
    "monitor": (monitor, monitor_rand),
    "mouse": (mouse, mouse_rand),
    "mug": (mug, mug_rand),
    "plant": (plant, plant_rand),
    "table": (table, table_rand),
    "umbrella": (umbrella, umbrella_rand),
}
CLASSES: tuple[str, ...] = tuple(MAKERS)


def sample(name: str, rng: np.random.Generator) -> Parameters:
    """Draw the parameters of one object of a class, as plain Python values."""
    _known(name)
    return MAKERS[name][1](rng)


def build(name: str, parameters: Mapping[str, Value]) -> Mesh:
    """Build the object that the parameters describe.

    Parameters
    ----------
    name
        One of `CLASSES`.
    parameters
        All of the class's parameters, each within its `limits`.

    Returns
    -------
    Mesh
        Its bounding box centred at the origin, its longest extent 1; the same bytes for the same parameters.

    Raises
    ------
    ValueError
        If there is no such class, or a parameter is unknown, missing or outside its limits.
    """
    _known(name)
    make = MAKERS[name][0]
    check(make, name, parameters)
    return normalised(make(**parameters))


def limits(name: str) -> dict[str, tuple[Value, ...]]:
    """Lowest and highest value of each of a class's numbers, and every choice of its words."""
    _known(name)
    return dict(ranges(MAKERS[name][0]))


def _known(name: str) -> None:
    if name not in MAKERS:
        raise ValueError(f"no class {name!r} in the catalogue; it has {', '.join(CLASSES)}")
