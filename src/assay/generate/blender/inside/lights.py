"""Lights, on a shell around the middle of the scene and turned to it."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi, radians
from typing import Any

import bpy

from .camera import on_sphere
from .scratch import Scratch


def add_light(values: Mapping[str, Any], scratch: Scratch) -> None:
    """One light; whatever its kind, as bright in the middle as a point light of `energy` watts."""
    data = bpy.data.lights.new("light", values["kind"].upper())
    data.color = values["colour"]
    made = scratch.add_object("light", data)
    scratch.keep(data)
    towards = on_sphere(values["azimuth"], values["elevation"])
    made.location = values["radius"] * towards
    made.rotation_euler = towards.to_track_quat("Z", "Y").to_euler()
    made.visible_camera = False
    _set_strength(data, values)


def _set_strength(data: Any, values: Mapping[str, Any]) -> None:
    """Energy and size; a point light gives E = P / (4 pi r^2), an area light four times that on its axis."""
    energy, radius, size = values["energy"], values["radius"], values["size"]
    if data.type == "POINT":
        data.energy, data.shadow_soft_size = energy, size / 2
    elif data.type == "AREA":
        data.energy, data.shape, data.size = energy / 4, "DISK", size
    else:
        data.energy, data.angle = energy / (4 * pi * radius**2), min(size / radius, radians(180))
