"""What the object is made of."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from assay.generate.blender.scene.distribution import Distribution, Names, names
from assay.generate.blender.scene.factors.families import FAMILIES, Family
from assay.generate.blender.scene.factors.within import Among, Within
from assay.generate.blender.scene.values import Colour, Material

IMAGE, OWN = "image", "own"
KINDS = (*FAMILIES, IMAGE, OWN)
COMMON = ("plastic", "paint", "metal", "rust", "fingerprints", "moss", "wood", "fabric", "leather", "stone")
DRESSINGS = ("parts", "one")
ROLES = {
    "metal": "metal",
    "wood": "wood",
    "dark": "rubber",
    "soft": "fabric",
    "bright": "paper",
    "glass": "glass",
    "leaf": "leaf",
}
"""The family that a part of this role is made of, whatever the body is made of."""
DRAWS = 15
MaybeShare = Annotated[Distribution, Within(0, 1)] | None


@dataclass(frozen=True)
class MaterialFactors:
    """The surface.

    Parameters
    ----------
    material : Names
        Families (`families.FAMILIES`), "image" (a file out of `textures`) or "own" (as the mesh file has it).
    hue, saturation, value : Distribution, optional
        Of the colour as displayed, 0 to 1; by default as the family has them.
    roughness, metallic, bump : Distribution, optional
        0 to 1; by default as the family has them.
    grain : Distribution, optional
        Periods of the pattern a unit of length, the object's diagonal being 1; by default as the family has
        it.
    textures : Path, optional
        Folder of images, searched through; needed for "image".
    dressing : Names
        For models with parts: "parts" (a screen is dark, a leaf green, ...) or "one" (all parts as the body).
    """

    material: Annotated[Names, Among(KINDS)] = names(*COMMON)
    hue: MaybeShare = None
    saturation: MaybeShare = None
    value: MaybeShare = None
    roughness: MaybeShare = None
    metallic: MaybeShare = None
    bump: MaybeShare = None
    grain: Annotated[Distribution, Within(0.01, 1000)] | None = None
    textures: Path | None = None
    dressing: Annotated[Names, Among(DRESSINGS)] = names("parts", "one", weights=(4, 1))


def palette_rand(
    rng: np.random.Generator, settings: MaterialFactors, has_parts: bool, textures: Sequence[Path] = ()
) -> dict[str, Material]:
    """The body's material and, for a model with parts, the accent's and those of its other roles."""
    rows, share = rng.random((2 + len(ROLES), DRAWS)).tolist(), rng.random()
    palette = {"body": material_rand(rows[0], settings, textures)}
    if not has_parts or settings.dressing.at(share) == "one":
        return palette
    palette["accent"] = material_rand(rows[1], settings, textures)
    for (role, family), row in zip(ROLES.items(), rows[2:]):
        palette[role] = of_family(row, family, FAMILIES[family])
    return palette


def material_rand(shares: list[float], settings: MaterialFactors, textures: Sequence[Path]) -> Material:
    """A material from fifteen numbers between 0 and 1."""
    which, texture = shares[:2]
    name = settings.material.at(which)
    image = str(textures[int(texture * len(textures))]) if name == IMAGE else ""
    family = FAMILIES.get(name, FAMILIES["paint"])
    return of_family(shares, name, _overridden(family, settings), image)


def _overridden(family: Family, settings: MaterialFactors) -> Family:
    """The family with what the settings fix in its place."""
    return Family(
        pattern=family.pattern,
        hue=settings.hue or family.hue,
        saturation=settings.saturation or family.saturation,
        value=settings.value or family.value,
        hue_step=family.hue_step,
        shade=family.shade,
        roughness=settings.roughness or family.roughness,
        roughness_step=family.roughness_step,
        metallic=settings.metallic or family.metallic,
        grain=settings.grain or family.grain,
        bump=settings.bump or family.bump,
    )


def of_family(shares: list[float], name: str, family: Family, image: str = "") -> Material:
    """A material of a family from fifteen numbers between 0 and 1; the first two choose other things."""
    _, _, pattern, hue, saturation, value, step, shade, rough, rough_step, metal, grain, *rest = shares
    first = family.hue.at(hue), family.saturation.at(saturation), family.value.at(value)
    second = (first[0] + family.hue_step.at(step)) % 1, first[1], first[2] * family.shade.at(shade)
    roughness = family.roughness.at(rough)
    return Material(
        family=name,
        pattern=family.pattern.at(pattern),
        colour=_linear(first),
        second=_linear(second),
        roughness=roughness,
        second_roughness=min(roughness + family.roughness_step.at(rough_step), 1.0),
        metallic=family.metallic.at(metal),
        grain=family.grain.at(grain),
        bump=family.bump.at(rest[0]),
        offset=(10 * rest[1], 10 * rest[2], 10 * (rest[1] + rest[2]) % 10),
        image=image,
    )


def _linear(hsv: tuple[float, float, float]) -> Colour:
    """Displayed hue, saturation and value to linear red, green and blue (sRGB transfer curve)."""
    red, green, blue = (_light(channel) for channel in colorsys.hsv_to_rgb(*hsv))
    return red, green, blue


def _light(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
