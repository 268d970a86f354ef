"""Lights on a shell around the object, and what surrounds the scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from assay.generate.blender.scene.distribution import Distribution, Names, fixed, names, uniform
from assay.generate.blender.scene.factors.within import Among, Within
from assay.generate.blender.scene.values import Colour, Environment, Light

KINDS = ("point", "area", "sun")
INBUILT_MAPS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
"""Maps that come with Blender (CC0)."""
NO_MAP = "none"
MOST_LIGHTS = 8


@dataclass(frozen=True)
class LightFactors:
    """Illumination: some lights of one kind each, and an environment.

    Parameters
    ----------
    lights : Distribution
        How many; rounded.
    light_kind : Names
        "point", "area" (soft shadows) or "sun" (parallel rays).
    light_radius : Distribution
        Units from the middle of the scene.
    light_elevation, light_azimuth : Distribution
        Degrees.
    light_energy : Distribution
        Watts of a point light that is as bright in the middle of the scene.
    light_colour : Distribution
        Of each of red, green and blue, 0 to 1.
    light_size : Distribution
        Units across: larger is softer.
    environment : Names
        Maps around the scene: names of those that come with Blender, or paths of .exr or .hdr files; "none"
        is an even grey.
    environment_rotation : Distribution
        Degrees about the vertical.
    environment_strength : Distribution
        Mean radiance of what is around, whatever the map; a white surface in it alone shows this much.
    environment_colour : Distribution
        Of each of red, green and blue, 0 to 1, where there is no map.
    """

    lights: Annotated[Distribution, Within(0, MOST_LIGHTS)] = uniform(1, 3)
    light_kind: Annotated[Names, Among(KINDS)] = names("point", "area", "sun")
    light_radius: Annotated[Distribution, Within(0.1, 100)] = uniform(2, 5)
    light_elevation: Annotated[Distribution, Within(-90, 90)] = uniform(15, 89)
    light_azimuth: Annotated[Distribution, Within(-360, 720)] = uniform(0, 360)
    light_energy: Annotated[Distribution, Within(0, 1e6)] = uniform(100, 500)
    light_colour: Annotated[Distribution, Within(0, 1)] = uniform(0.7, 1)
    light_size: Annotated[Distribution, Within(0, 100)] = uniform(0.2, 2)
    environment: Names = names(*INBUILT_MAPS, NO_MAP)
    environment_rotation: Annotated[Distribution, Within(-360, 720)] = uniform(0, 360)
    environment_strength: Annotated[Distribution, Within(0, 1000)] = uniform(0.3, 1)
    environment_colour: Annotated[Distribution, Within(0, 1)] = fixed(1)


def lights_rand(rng: np.random.Generator, settings: LightFactors) -> tuple[Light, ...]:
    """Some lights; as many draws however many there are."""
    count = round(settings.lights.at(rng.random()))
    return tuple(_light(shares, settings) for shares in rng.random((MOST_LIGHTS, 9)).tolist()[:count])


def _light(shares: list[float], settings: LightFactors) -> Light:
    kind, radius, elevation, azimuth, energy, *colour, size = shares
    return Light(
        kind=settings.light_kind.at(kind),  # type: ignore[arg-type]
        radius=settings.light_radius.at(radius),
        elevation=settings.light_elevation.at(elevation),
        azimuth=settings.light_azimuth.at(azimuth),
        energy=settings.light_energy.at(energy),
        colour=_colour(colour, settings.light_colour),
        size=settings.light_size.at(size),
    )


def _colour(shares: list[float], channel: Distribution) -> Colour:
    red, green, blue = (channel.at(share) for share in shares)
    return red, green, blue


def environment_rand(rng: np.random.Generator, settings: LightFactors) -> Environment:
    """What is around."""
    which, rotation, strength, *colour = rng.random(6).tolist()
    name = settings.environment.at(which)
    return Environment(
        map=_map(name),
        rotation=settings.environment_rotation.at(rotation),
        strength=settings.environment_strength.at(strength),
        colour=(1.0, 1.0, 1.0) if name != NO_MAP else _colour(colour, settings.environment_colour),
    )


def _map(name: str) -> str:
    """As scenes have it: a file by its whole path, so that it is found from every folder."""
    if name == NO_MAP:
        return ""
    return name if name in INBUILT_MAPS else str(Path(name).resolve())
