"""What surrounds the scene: one colour, or an environment map as bright on average as the scene asks."""

from __future__ import annotations

from collections.abc import Mapping
from math import radians
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MAP_RESOLUTION = 256
"""Of the table that Cycles draws directions from; its own choice takes a second an image."""
LUMINANCE = (0.2126, 0.7152, 0.0722)


class Worlds:
    """A world for every map, made once."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.brightness: dict[str, float] = {}

    def get(self, values: Mapping[str, Any]) -> Any:
        """The world of an environment: its map turned, its mean radiance set."""
        name = values["map"]
        if name not in self.known:
            self.known[name] = self._with_map(name) if name else _plain()
        world = self.known[name]
        nodes = world.node_tree.nodes
        nodes["Background"].inputs["Strength"].default_value = values["strength"] / self.brightness.get(
            name, 1
        )
        if name:
            nodes["Mapping"].inputs["Rotation"].default_value[2] = radians(values["rotation"])
        else:
            nodes["Background"].inputs["Color"].default_value = (*values["colour"], 1)
        return world

    def _with_map(self, name: str) -> Any:
        image = bpy.data.images.load(str(map_path(name)))
        self.brightness[name] = _mean_luminance(image)
        world = _plain()
        nodes, link = world.node_tree.nodes, world.node_tree.links.new
        place, turn = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeMapping")
        texture = nodes.new("ShaderNodeTexEnvironment")
        texture.image = image
        link(place.outputs["Generated"], turn.inputs["Vector"])
        link(turn.outputs["Vector"], texture.inputs["Vector"])
        link(texture.outputs["Color"], nodes["Background"].inputs["Color"])
        return world


def map_path(name: str) -> Path:
    """A file of the user's, or one of the maps that come with Blender."""
    inbuilt = Path(bpy.utils.system_resource("DATAFILES"), "studiolights", "world", f"{name}.exr")
    path = Path(name) if Path(name).suffix else inbuilt
    if not path.is_file():
        raise FileNotFoundError(f"environment map {path}: no such file")
    return path


def _plain() -> Any:
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = MAP_RESOLUTION
    return world


def _mean_luminance(image: Any) -> float:
    """Mean over the sphere: rows near the poles count for less."""
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    rows = (pixels.reshape(height, width, 4)[..., :3] @ np.array(LUMINANCE, np.float32)).mean(1)
    weights = np.sin(np.pi * (np.arange(height) + 0.5) / height)
    return max(float((rows * weights).sum() / weights.sum()), 1e-6)
