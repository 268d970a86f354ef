"""Which thing each pixel shows and how far away it is: one sample through the middle of every pixel.

Every surface glows with (depth, number of the thing): that needs no compositor, which differs by version.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .scratch import Scratch
from .temporary import as_floats, written

NARROW = 0.01  # pixels: the filter then is the middle of the pixel


def mask_and_depth(
    scene: Any, folder: Path, picture: Mapping[str, Any], scratch: Scratch
) -> dict[str, NDArray[Any]]:
    """``mask`` uint8 (height, width): 0 background, 1 the object, 2.. clutter; ``depth`` float32: along the
    optical axis in scene units, infinite where there is nothing."""
    pixels = _rendered(scene, folder, scratch)
    number = np.rint(pixels[..., 1]).astype(np.uint8)
    parts: dict[str, NDArray[Any]] = {
        "mask": number,
        "depth": np.where(number > 0, pixels[..., 0], np.inf).astype(np.float32),
    }
    return {name: part for name, part in parts.items() if picture[name]}


def _rendered(scene: Any, folder: Path, scratch: Scratch) -> NDArray[np.float32]:
    path, layer = folder / "passes.exr", scene.view_layers[0]
    scene.render.filepath = str(path)
    as_floats(scene.render.image_settings, "RGBA")
    scene.render.film_transparent, scene.cycles.samples = True, 1
    scene.cycles.use_denoising = False
    width, scene.cycles.filter_width = scene.cycles.filter_width, NARROW
    scene.world = None  # nothing is lit, and to read a map takes longer than the picture
    layer.material_override = scratch.keep(_glow())
    try:
        with written(path, 16 * scene.render.resolution_x * scene.render.resolution_y):
            bpy.ops.render.render(write_still=True, scene=scene.name)
    finally:
        layer.material_override, scene.cycles.filter_width = None, width
    return _read(path, scratch)


def _glow() -> Any:
    """A material that shows depth in red and the number of the thing in green."""
    material = bpy.data.materials.new("passes")
    material.use_nodes = True
    nodes, link = material.node_tree.nodes, material.node_tree.links.new
    nodes.clear()
    camera, thing = nodes.new("ShaderNodeCameraData"), nodes.new("ShaderNodeObjectInfo")
    joined, glow = nodes.new("ShaderNodeCombineXYZ"), nodes.new("ShaderNodeEmission")
    link(camera.outputs["View Z Depth"], joined.inputs[0])
    link(thing.outputs["Object Index"], joined.inputs[1])
    link(joined.outputs[0], glow.inputs["Color"])
    link(glow.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def _read(path: Path, scratch: Scratch) -> NDArray[np.float32]:
    image = scratch.keep(bpy.data.images.load(str(path)))
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, 4)[::-1]
