"""A scene to a picture: what is built once, what is built for every image, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from . import camera, cycles, lights, picture
from .backgrounds import Backgrounds
from .maps import Maps
from .materials import Materials
from .meshes import Meshes
from .passes import mask_and_depth
from .scratch import Scratch
from .things import add_thing
from .world import Worlds


def version() -> str:
    """Blender's version and build."""
    build = bpy.app.build_hash
    return f"{bpy.app.version_string} {build.decode() if isinstance(build, bytes) else build}"


class Renderer:
    """Keeps meshes, maps and photographs between images, and nothing else; temporary files go to `folder`.

    Its scene is not the one that Blender shows: that one Blender would evaluate, unasked, for every image.
    """

    def __init__(self, folder: Path) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.folder, self.scene = folder, bpy.data.scenes.new("pictures")
        self.meshes, self.materials = Meshes(), Materials()
        self.worlds, self.backgrounds = Worlds(Maps(folder, self.scene)), Backgrounds()
        self.scratch = Scratch(self.scene)
        self.camera = camera.new_camera(self.scene)

    def render(self, scene: Mapping[str, Any], path: Path) -> None:
        """Write the picture of a scene to `path`, at once; mask and depth beside it if they are wanted."""
        try:
            self.build(scene)
            self.write(scene, path)
        finally:
            self.scratch.clear()
            self.materials.release()

    def build(self, scene: Mapping[str, Any]) -> None:
        """Put everything into Blender's scene."""
        cycles.set_up(self.scene, scene["picture"])
        for index, thing in enumerate([scene["object"], *scene["clutter"]], start=1):
            add_thing(thing, index, self.meshes, self.materials, self.scratch)
        for light in scene["lights"]:
            lights.add_light(light, self.scratch)
        is_seen = scene["background"]["kind"] == "environment"
        self.scene.world = self.worlds.get(scene["environment"], is_seen)
        self.scene.render.film_transparent = not is_seen
        camera.place(self.scene, self.camera, scene["camera"])

    def write(self, scene: Mapping[str, Any], path: Path) -> None:
        """Render what was built."""
        size = scene["picture"]["height"], scene["picture"]["width"]
        colours = picture.rendered(self.scene, self.folder)
        behind = self.backgrounds.get(scene["background"], size)
        if scene["picture"]["mask"] or scene["picture"]["depth"]:
            parts = mask_and_depth(self.scene, self.folder, scene["picture"], self.scratch)
            picture.write_arrays(path.with_suffix(".npz"), parts)
        picture.write_png(path, picture.over(colours, behind))
