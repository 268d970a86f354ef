"""The camera: on a sphere around what it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, radians, sin
from typing import Any

import bpy
from mathutils import Matrix, Vector

SENSOR = 36.0  # millimetres, the longer side


def new_camera(scene: Any) -> Any:
    """The one camera of all pictures."""
    made = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(made)
    scene.camera = made
    made.data.sensor_width, made.data.clip_start = SENSOR, 0.01
    return made


def place(scene: Any, camera: Any, values: Mapping[str, Any]) -> None:
    """Place and turn the camera; set lens and exposure."""
    target = Vector(values["look_at"])
    back = on_sphere(values["azimuth"], values["elevation"])
    turned = back.to_track_quat("Z", "Y").to_matrix().to_4x4()
    roll = Matrix.Rotation(radians(values["roll"]), 4, "Z")
    camera.matrix_world = Matrix.Translation(target + values["distance"] * back) @ turned @ roll
    camera.data.lens = values["focal_length"]
    scene.view_settings.exposure = values["exposure"]


def on_sphere(azimuth: float, elevation: float) -> Any:
    """Unit vector; degrees, elevation from the horizon."""
    a, e = radians(azimuth), radians(elevation)
    return Vector((cos(e) * cos(a), cos(e) * sin(a), sin(e)))
