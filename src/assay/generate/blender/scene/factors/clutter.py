"""Things beside the object, and things in front of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from assay.generate.blender.scene.distribution import Distribution, fixed, uniform
from assay.generate.blender.scene.factors.families import FAMILIES
from assay.generate.blender.scene.factors.material import COMMON, DRAWS, of_family
from assay.generate.blender.scene.factors.within import Within
from assay.generate.blender.scene.values import Camera, Model, Point, Thing

SOLIDS = ("box", "wedge", "ball", "drum", "cone", "rod")
MOST = 16
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClutterFactors:
    """Plain solids around the object (distractors) and between it and the camera (occluders).

    Parameters
    ----------
    distractors, occluders : Distribution
        How many; rounded.
    distractor_distance : Distribution
        Units from the object's middle, in any direction but towards the camera.
    distractor_scale : Distribution
        Diagonal in units.
    occluder_scale : Distribution
        Diagonal, as a part of the picture's side where it is.
    occluder_offset : Distribution
        How far from the line of sight, as a part of the picture's side.
    """

    distractors: Annotated[Distribution, Within(0, MOST)] = fixed(0)
    distractor_distance: Annotated[Distribution, Within(0, 100)] = uniform(1, 2)
    distractor_scale: Annotated[Distribution, Within(0.01, 100)] = uniform(0.2, 0.8)
    occluders: Annotated[Distribution, Within(0, MOST)] = fixed(0)
    occluder_scale: Annotated[Distribution, Within(0.01, 10)] = uniform(0.1, 0.3)
    occluder_offset: Annotated[Distribution, Within(0, 1)] = uniform(0.1, 0.4)


def clutter_rand(rng: np.random.Generator, settings: ClutterFactors, camera: Camera) -> tuple[Thing, ...]:
    """Distractors, then occluders; as many draws however many there are."""
    counts = settings.distractors.at(rng.random()), settings.occluders.at(rng.random())
    beside, before = rng.random((2, MOST, DRAWS + 8)).tolist()
    distractors = [_distractor(shares, settings, camera) for shares in beside[: round(counts[0])]]
    occluders = [_occluder(shares, settings, camera) for shares in before[: round(counts[1])]]
    return (*distractors, *occluders)


def _distractor(shares: list[float], settings: ClutterFactors, camera: Camera) -> Thing:
    """Somewhere on a sphere about the object; a place nearer to the camera is moved to the far side."""
    height, around = 2 * shares[0] - 1, 2 * math.pi * shares[1]
    flat = math.sqrt(1 - height**2)
    direction = np.array([flat * math.cos(around), flat * math.sin(around), height])
    back = axes(camera)[2]
    direction -= 2 * max(float(direction @ back), 0) * back
    place = settings.distractor_distance.at(shares[2]) * direction
    return _solid(shares, settings.distractor_scale.at(shares[3]), place)


def _occluder(shares: list[float], settings: ClutterFactors, camera: Camera) -> Thing:
    """Half-way or more from the object to the camera, off the line of sight."""
    right, up, back = axes(camera)
    away = camera.distance * (0.5 + 0.2 * shares[2])
    side = (camera.distance - away) * 36 / camera.focal_length
    turn, offset = 2 * math.pi * shares[0], side * settings.occluder_offset.at(shares[1])
    place = np.array(camera.look_at) + away * back + offset * (math.cos(turn) * right + math.sin(turn) * up)
    return _solid(shares, side * settings.occluder_scale.at(shares[3]), place)


def _solid(shares: list[float], scale: float, place: Floats) -> Thing:
    kind, *turns = shares[4:8]
    family = COMMON[int(shares[8] * len(COMMON))]
    material = of_family(shares[8:], family, FAMILIES[family])
    model = Model("solid", SOLIDS[int(kind * len(SOLIDS))])
    return Thing(model, scale, _point(place), _point(360 * np.array(turns)), {"body": material})


def _point(values: Floats) -> Point:
    x, y, z = values.tolist()
    return x, y, z


def axes(camera: Camera) -> tuple[Floats, Floats, Floats]:
    """Right, up and back of a camera without roll: unit vectors."""
    a, e = math.radians(camera.azimuth), math.radians(camera.elevation)
    back = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    right = np.array([-math.sin(a), math.cos(a), 0.0])
    return right, np.cross(back, right), back
