"""The grid of fixed against random factors of Tang and Jia (CVPR 2023), table 2.

Each set has one factor fixed or restricted and all others random; a model trained on it is tested on the
fully random `test_iid` and `test_iid_no_background`. The paper does not give the places of its fixed lights
and cameras: those here are ours.
"""

from __future__ import annotations

from dataclasses import replace

from assay.generate.blender.scene.distribution import fixed, names, one_of
from assay.generate.blender.settings import BlenderSettings

SCALES = (1.0, 1.5, 2.0)
MATERIALS = ("metal", "plastic", "fingerprints", "moss")
LIGHTS = ((45.0, 30.0), (225.0, 60.0))
"""Azimuth and elevation of the fixed lights, degrees."""
CAMERAS = ((0.0, 10.0), (45.0, 30.0), (135.0, 30.0), (270.0, 60.0))
"""Azimuth and elevation of the fixed cameras, degrees."""
RADIUS, ELEVATION = 3.0, 45.0


def table2_grid(settings: BlenderSettings) -> dict[str, BlenderSettings]:
    """Settings by the name of their row; the last, "random", is `settings` itself.

    A set with one material wears it on all parts.
    """
    return {
        **{f"scale {scale:g}": replace(settings, scale=fixed(scale)) for scale in SCALES},
        "scale mix": replace(settings, scale=one_of(*SCALES)),
        **{
            f"material {name}": replace(settings, material=names(name), dressing=names("one"))
            for name in MATERIALS
        },
        **{f"light location {i}": _light(settings, *place) for i, place in enumerate(LIGHTS, start=1)},
        "light radius": replace(settings, light_radius=fixed(RADIUS)),
        "light elevation": replace(settings, light_elevation=fixed(ELEVATION)),
        **{f"camera location {i}": _camera(settings, *place) for i, place in enumerate(CAMERAS, start=1)},
        "no background": replace(settings, background=names("none")),
        "random": settings,
    }


def _light(settings: BlenderSettings, azimuth: float, elevation: float) -> BlenderSettings:
    place = {
        "light_azimuth": fixed(azimuth),
        "light_elevation": fixed(elevation),
        "light_radius": fixed(RADIUS),
    }
    return replace(settings, lights=fixed(1), **place)  # type: ignore[arg-type]


def _camera(settings: BlenderSettings, azimuth: float, elevation: float) -> BlenderSettings:
    middle = (settings.camera_distance.lowest + settings.camera_distance.highest) / 2
    return replace(
        settings,
        camera_azimuth=fixed(azimuth),
        camera_elevation=fixed(elevation),
        camera_distance=fixed(middle),
        camera_roll=fixed(0),
        look_at=fixed(0),
    )
