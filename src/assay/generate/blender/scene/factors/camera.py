"""Where the camera is, what it looks at, and how it exposes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from assay.generate.blender.scene.distribution import Distribution, fixed, uniform
from assay.generate.blender.scene.factors.within import Within
from assay.generate.blender.scene.values import Camera, Environment, Light

GREY = 0.18
"""What a camera makes of a middle grey: the radiance that it shows as such."""
FACING = 0.6
"""Share of a light's full effect that a surface takes on average, over those that face it at all."""


@dataclass(frozen=True)
class CameraFactors:
    """The viewpoint, on a sphere around a point near the object.

    Parameters
    ----------
    camera_distance : Distribution
        Units from the point it looks at; the object's diagonal is `scale` units.
    camera_azimuth, camera_elevation, camera_roll : Distribution
        Degrees; elevation from the horizon, roll about the axis of view.
    focal_length : Distribution
        Millimetres, for a sensor of 36 across: 50 sees 40 degrees.
    look_at : Distribution
        How far the point it looks at lies from the object's middle along each axis, in units.
    exposure : Distribution
        Stops brighter (+) or darker (-) than metered.
    metering : Distribution
        How much of the difference in light the camera makes up for: 0 nothing (as if set once for all
        pictures) to 1 all (as an automatic camera).
    """

    camera_distance: Annotated[Distribution, Within(0.1, 100)] = uniform(2, 2.8)
    camera_azimuth: Annotated[Distribution, Within(-360, 720)] = uniform(0, 360)
    camera_elevation: Annotated[Distribution, Within(-90, 90)] = uniform(5, 60)
    camera_roll: Annotated[Distribution, Within(-180, 180)] = uniform(-15, 15)
    focal_length: Annotated[Distribution, Within(5, 1000)] = fixed(50)
    look_at: Annotated[Distribution, Within(-10, 10)] = uniform(-0.1, 0.1)
    exposure: Annotated[Distribution, Within(-10, 10)] = uniform(0, 1)
    metering: Annotated[Distribution, Within(0, 1)] = fixed(0.8)


def camera_rand(
    rng: np.random.Generator, settings: CameraFactors, lights: Sequence[Light], around: Environment
) -> Camera:
    """A camera that exposes for the lights and what is around."""
    shares = iter(rng.random(10).tolist())
    return Camera(
        distance=settings.camera_distance.at(next(shares)),
        azimuth=settings.camera_azimuth.at(next(shares)),
        elevation=settings.camera_elevation.at(next(shares)),
        roll=settings.camera_roll.at(next(shares)),
        focal_length=settings.focal_length.at(next(shares)),
        look_at=(
            settings.look_at.at(next(shares)),
            settings.look_at.at(next(shares)),
            settings.look_at.at(next(shares)),
        ),
        exposure=settings.exposure.at(next(shares))
        + settings.metering.at(next(shares)) * metered(lights, around),
    )


def metered(lights: Sequence[Light], around: Environment) -> float:
    """Stops that bring a middle grey surface in the middle to the brightness of middle grey.

    A light of P watts at r units gives the irradiance P / (4 pi r^2), of which a grey surface of reflectance
    `GREY` sends `GREY` / pi on; what is around sends its mean radiance.
    """
    direct = sum(
        light.energy * float(np.mean(light.colour)) / (4 * math.pi * light.radius**2) for light in lights
    )
    radiance = GREY * (FACING * direct / math.pi + around.strength * float(np.mean(around.colour)))
    return -math.log2(max(radiance, 1e-6) / GREY)
