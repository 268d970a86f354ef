"""Families of surfaces: what metal, wood, moss and others look like, each as ranges of a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

from assay.generate.blender.scene.distribution import Distribution, Names, fixed, names, uniform

ANY = uniform(0, 1)


@dataclass(frozen=True)
class Family:
    """What surfaces of a family have in common.

    Parameters
    ----------
    pattern : Names
        How the two looks of the surface are spread over it.
    hue, saturation, value : Distribution
        Of the first colour, 0 to 1, as displayed.
    hue_step, shade : Distribution
        Of the second colour: its hue less the first's, and its value as a part of the first's.
    roughness : Distribution
        Of the first look: 0 a mirror, 1 chalk.
    roughness_step : Distribution
        Roughness of the second look less that of the first.
    metallic : Distribution
        0 to 1.
    grain : Distribution
        Periods of the pattern a unit of length, about; the object's diagonal is 1.
    bump : Distribution
        How far the pattern stands out, 0 to 1.
    """

    pattern: Names
    hue: Distribution = ANY
    saturation: Distribution = uniform(0, 0.9)
    value: Distribution = uniform(0.15, 1)
    hue_step: Distribution = uniform(-0.05, 0.05)
    shade: Distribution = uniform(0.6, 0.95)
    roughness: Distribution = uniform(0.3, 0.7)
    roughness_step: Distribution = uniform(0, 0.2)
    metallic: Distribution = fixed(0)
    grain: Distribution = uniform(2, 6)
    bump: Distribution = fixed(0)


FAMILIES: dict[str, Family] = {
    "plastic": Family(names("plain"), roughness=uniform(0.15, 0.5), shade=uniform(0.9, 1)),
    "paint": Family(names("plain", "clouds"), roughness=uniform(0.4, 0.9)),
    "metal": Family(
        names("brushed", "plain", "clouds"),
        saturation=uniform(0, 0.35),
        value=uniform(0.5, 0.95),
        roughness=uniform(0.2, 0.5),
        metallic=uniform(0.7, 1),
    ),
    "rust": Family(
        names("tufts", "clouds"),
        hue=uniform(0.03, 0.08),
        saturation=uniform(0.4, 0.85),
        value=uniform(0.25, 0.6),
        shade=uniform(0.3, 0.7),
        roughness=uniform(0.5, 0.9),
        metallic=uniform(0, 0.5),
        bump=uniform(0.1, 0.4),
    ),
    "fingerprints": Family(
        names("smudges"),
        roughness=uniform(0.1, 0.25),
        roughness_step=uniform(0.2, 0.5),
        shade=uniform(0.85, 1),
        metallic=uniform(0, 0.6),
        grain=uniform(1.5, 4),
    ),
    "moss": Family(
        names("tufts"),
        hue=uniform(0.18, 0.36),
        saturation=uniform(0.4, 0.85),
        value=uniform(0.25, 0.65),
        hue_step=uniform(-0.08, 0.02),
        shade=uniform(0.25, 0.6),
        roughness=uniform(0.8, 1),
        grain=uniform(4, 10),
        bump=uniform(0.3, 0.8),
    ),
    "wood": Family(
        names("rings"),
        hue=uniform(0.04, 0.11),
        saturation=uniform(0.3, 0.7),
        value=uniform(0.3, 0.85),
        hue_step=fixed(0),
        shade=uniform(0.5, 0.85),
        roughness=uniform(0.4, 0.8),
        grain=uniform(3, 7),
        bump=uniform(0, 0.1),
    ),
    "fabric": Family(
        names("weave", "stripes", "checker", weights=(2, 1, 1)),
        shade=uniform(0.5, 0.9),
        roughness=uniform(0.8, 1),
        grain=uniform(3, 8),
        bump=uniform(0, 0.3),
    ),
    "leather": Family(
        names("cells"),
        hue=uniform(0, 0.12),
        value=uniform(0.1, 0.6),
        roughness=uniform(0.3, 0.6),
        grain=uniform(3, 8),
        bump=uniform(0.1, 0.4),
    ),
    "stone": Family(
        names("veins", "speckle", "clouds"),
        saturation=uniform(0, 0.25),
        value=uniform(0.3, 0.95),
        shade=uniform(0.4, 0.85),
        roughness=uniform(0.3, 0.9),
        grain=uniform(2, 5),
        bump=uniform(0, 0.2),
    ),
    "rubber": Family(names("plain"), saturation=uniform(0, 0.2), value=uniform(0.04, 0.25)),
    "paper": Family(names("plain"), saturation=uniform(0, 0.25), value=uniform(0.75, 1)),
    "leaf": Family(
        names("clouds"),
        hue=uniform(0.2, 0.38),
        saturation=uniform(0.4, 0.9),
        value=uniform(0.25, 0.75),
        shade=uniform(0.4, 0.8),
    ),
    "glass": Family(
        names("plain"),
        saturation=uniform(0, 0.3),
        value=uniform(0.6, 1),
        roughness=uniform(0.05, 0.2),
        metallic=uniform(0, 0.4),
    ),
}
