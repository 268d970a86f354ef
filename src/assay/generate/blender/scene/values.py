"""Everything that decides one picture, as plain values: what the host draws and Blender builds.

A scene goes to Blender and into the manifest as JSON; read back, it gives the same picture.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from assay.strict import decoded, strict

Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 1: linear for what is lit, as displayed for backgrounds."""
Point = tuple[float, float, float]
ModelKind = Literal["catalogue", "file", "solid"]
LightKind = Literal["point", "area", "sun"]
BackgroundKind = Literal["none", "colour", "drawing", "environment", "photograph"]


@strict
@dataclass(frozen=True)
class Model:
    """A shape.

    `kind` is "catalogue" (an object made up from `parameters`), "file" (a mesh at `path`, of which `up`,
    "y", "z" or "auto", points up) or "solid" (a plain solid by `name`). Blender scales all to a diagonal of
    1.
    """

    kind: ModelKind
    name: str
    parameters: dict[str, float | int | str] = field(default_factory=dict)
    path: str = ""
    up: str = "auto"


@strict
@dataclass(frozen=True)
class Material:
    """A surface: a pattern or an image between two looks.

    Where the pattern is 0 the surface has `colour` and `roughness`, where it is 1 `second` and
    `second_roughness` (0 mirror to 1 chalk). `metallic` 0 to 1; `grain` periods a unit of length; `bump` 0
    to 1, how far the pattern stands out; `offset` moves the pattern; `image` is a file in the pattern's
    place; `glow` is emitted light.
    """

    family: str
    pattern: str
    colour: Colour
    second: Colour
    roughness: float
    second_roughness: float
    metallic: float
    grain: float
    bump: float
    offset: Point
    image: str = ""
    glow: float = 0.0


@strict
@dataclass(frozen=True)
class Thing:
    """A model in its place: `scale` is its diagonal, `location` in units, `rotation` degrees about x, y, z.

    `palette` holds the material of the body and, for models with parts, of other roles.
    """

    model: Model
    scale: float
    location: Point
    rotation: Point
    palette: dict[str, Material]


@strict
@dataclass(frozen=True)
class Light:
    """A light at `radius` units from the middle, `elevation` and `azimuth` degrees, turned to the middle.

    `energy`: watts of a point light that is as bright in the middle; `size` units across.
    """

    kind: LightKind
    radius: float
    elevation: float
    azimuth: float
    energy: float
    colour: Colour
    size: float


@strict
@dataclass(frozen=True)
class Environment:
    """What is around: the map of that name or file turned by `rotation` degrees; `colour` where it is "".

    `strength` is the mean radiance.
    """

    map: str
    rotation: float
    strength: float
    colour: Colour


@strict
@dataclass(frozen=True)
class Camera:
    """A camera at `distance` units from the point it looks at; `azimuth`, `elevation` and `roll` in degrees.

    `focal_length` millimetres on a sensor of 36; `exposure` in stops.
    """

    distance: float
    azimuth: float
    elevation: float
    roll: float
    focal_length: float
    look_at: Point
    exposure: float


@strict
@dataclass(frozen=True)
class Background:
    """What is behind: nothing, a `colour`, a drawing by `seed`, the environment, or a photograph's piece.

    A piece is `zoom` (to 1) of the largest that fits, at `across` and `down` (0 to 1), perhaps mirrored.
    """

    kind: BackgroundKind
    colour: Colour
    seed: int = 0
    path: str = ""
    zoom: float = 1.0
    across: float = 0.5
    down: float = 0.5
    mirror: bool = False


@strict
@dataclass(frozen=True)
class Picture:
    """Pixels, samples for each, and what else is wanted; `seed` is that of Cycles."""

    width: int
    height: int
    samples: int
    denoise: bool
    seed: int
    mask: bool = False
    depth: bool = False
    threads: int = 1
    device: str = "cpu"


@strict
@dataclass(frozen=True)
class Scene:
    """One labelled picture: `label` is the class, `index` its place in the stream `part` of `seed`."""

    label: str
    part: str
    seed: int
    index: int
    object: Thing
    clutter: tuple[Thing, ...]
    lights: tuple[Light, ...]
    environment: Environment
    camera: Camera
    background: Background
    picture: Picture

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(self.as_json(), separators=(",", ":"), allow_nan=False)


def read_scene(line: str, where: str) -> Scene:
    """The scene in a line of JSON.

    Parameters
    ----------
    line : str
    where : str
        File and line, for errors.

    Raises
    ------
    UserError
        If a field is unknown, missing or of the wrong type.
    """
    return decoded(Scene, line, where)
