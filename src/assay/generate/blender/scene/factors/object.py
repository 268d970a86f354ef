"""How large the object is and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from assay.generate.blender.scene.distribution import Distribution, fixed, uniform
from assay.generate.blender.scene.factors.within import Within
from assay.generate.blender.scene.values import Point


@dataclass(frozen=True)
class ObjectFactors:
    """Size and tilt of the object.

    Parameters
    ----------
    scale : Distribution
        Diagonal of the object's bounding box, in units.
    tilt : Distribution
        Degrees about a horizontal axis; 0 stands as the model does. (To turn it about the vertical axis is
        what the camera's azimuth does.)
    """

    scale: Annotated[Distribution, Within(0.01, 100)] = uniform(1, 2)
    tilt: Annotated[Distribution, Within(-180, 180)] = fixed(0)


def object_rand(rng: np.random.Generator, settings: ObjectFactors) -> tuple[float, Point]:
    """Scale, and rotation in degrees about x, y and z."""
    scale, tilt = rng.random(2).tolist()
    return settings.scale.at(scale), (settings.tilt.at(tilt), 0.0, 0.0)
