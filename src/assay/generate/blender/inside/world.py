"""What surrounds the scene: one colour, or an environment map as bright on average as the scene asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from math import radians
from typing import Any

import bpy

from .maps import Maps

MAP_RESOLUTION = 256
"""Of the table that Cycles draws directions from; its own choice takes a second an image."""


MOST_HELD = 10**9
"""Bytes of copies of maps on the disk."""


class Worlds:
    """A world for every map, made once as long as there is room."""

    def __init__(self, maps: Maps) -> None:
        self.maps = maps
        self.known: OrderedDict[tuple[str, bool], Any] = OrderedDict()

    def get(self, values: Mapping[str, Any], is_seen: bool) -> Any:
        """The world of an environment: its map turned, its mean radiance set."""
        name = values["map"]
        if (name, is_seen) not in self.known:
            self.known[name, is_seen] = self._with_map(name, is_seen) if name else _plain()
        self.known.move_to_end((name, is_seen))
        self._make_room()
        world = self.known[name, is_seen]
        nodes = world.node_tree.nodes
        brightness = self.maps.brightness.get(name, 1)
        nodes["Background"].inputs["Strength"].default_value = values["strength"] / brightness
        if name:
            nodes["Mapping"].inputs["Rotation"].default_value[2] = radians(values["rotation"])
        else:
            nodes["Background"].inputs["Color"].default_value = (*values["colour"], 1)
        return world

    def _make_room(self) -> None:
        """Forget the maps that were not wanted for longest."""
        while self.maps.held() > MOST_HELD and len(self.known) > 1:
            key, world = self.known.popitem(last=False)
            bpy.data.worlds.remove(world)
            self.maps.forget(*key)

    def _with_map(self, name: str, is_seen: bool) -> Any:
        image = self.maps.get(name, is_seen)
        world = _plain()
        nodes, link = world.node_tree.nodes, world.node_tree.links.new
        place, turn = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeMapping")
        texture = nodes.new("ShaderNodeTexEnvironment")
        texture.image = image
        link(place.outputs["Generated"], turn.inputs["Vector"])
        link(turn.outputs["Vector"], texture.inputs["Vector"])
        link(texture.outputs["Color"], nodes["Background"].inputs["Color"])
        return world


def _plain() -> Any:
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = MAP_RESOLUTION
    return world
