"""What stands behind the object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from assay.generate.blender.scene.distribution import Distribution, Names, names, uniform
from assay.generate.blender.scene.factors.within import Among, Within
from assay.generate.blender.scene.values import Background

KINDS = ("none", "colour", "drawing", "environment", "photograph")
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class BackgroundFactors:
    """The background of the picture.

    Parameters
    ----------
    background : Names
        "none" (white), "colour", "drawing" (gradients, clouds, shapes, rooms: no download), "environment"
        (the map around the scene; an even grey where there is none) or "photograph".
    photographs : Path, optional
        Folder of photographs, searched through; needed for "photograph".
    background_colour : Distribution
        Of each of red, green and blue as displayed, 0 to 1.
    background_zoom : Distribution
        Side of the piece cut out of a photograph, as a part of the largest that fits.
    """

    background: Annotated[Names, Among(KINDS)] = names("drawing", "environment", weights=(3, 1))
    photographs: Path | None = None
    background_colour: Annotated[Distribution, Within(0, 1)] = uniform(0, 1)
    background_zoom: Annotated[Distribution, Within(0.01, 1)] = uniform(0.5, 1)


def background_rand(
    rng: np.random.Generator, settings: BackgroundFactors, photographs: Sequence[Path]
) -> Background:
    """A background; `photographs` are the files to choose from."""
    kind, which, zoom, across, down, mirror, *colour = rng.random(9).tolist()
    seed, drawn = int(rng.integers(2**32)), settings.background.at(kind)
    if drawn == "photograph":
        path = str(photographs[int(which * len(photographs))])
        zoomed = settings.background_zoom.at(zoom)
        return Background("photograph", WHITE, 0, path, zoomed, across, down, mirror < 0.5)
    if drawn == "colour":
        red, green, blue = (settings.background_colour.at(share) for share in colour)
        return Background("colour", (red, green, blue))
    return Background(drawn, WHITE, seed if drawn == "drawing" else 0)  # type: ignore[arg-type]
