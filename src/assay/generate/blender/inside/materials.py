"""Materials: one principled shader whose colour, roughness and relief follow a pattern or an image.

A tree of nodes is built once for a pattern and used again with other values: building costs more than
setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from .patterns import PATTERNS

IMAGE = "image"


class Materials:
    """Materials in use by the image at hand, and free ones from earlier images."""

    def __init__(self) -> None:
        self.free: dict[str, list[Any]] = {}
        self.used: list[tuple[str, Any]] = []
        self.images: dict[str, Any] = {}

    def get(self, values: Mapping[str, Any]) -> Any:
        """A material with these values."""
        pattern = IMAGE if values["image"] else values["pattern"]
        waiting = self.free.setdefault(pattern, [])
        material = waiting.pop() if waiting else _new_material(pattern)
        self.used.append((pattern, material))
        _set(material.node_tree.nodes, values)
        if pattern == IMAGE:
            material.node_tree.nodes["pattern"].image = self._image(values["image"])
        return material

    def release(self) -> None:
        """All materials are free again."""
        for pattern, material in self.used:
            self.free[pattern].append(material)
        self.used.clear()

    def _image(self, path: str) -> Any:
        if path not in self.images:
            if not Path(path).is_file():
                raise FileNotFoundError(f"texture {path}: no such file")
            image = bpy.data.images.load(path)
            if not image.size[0]:
                bpy.data.images.remove(image)
                raise ValueError(f"texture {path}: not a readable image")
            image.use_fake_user = True  # a file's own material that shows it too may go, the image stays
            self.images[path] = image
        return self.images[path]


def _new_material(pattern: str) -> Any:
    material = bpy.data.materials.new(pattern)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    where = _point(tree)
    shader, out = tree.nodes.new("ShaderNodeBsdfPrincipled"), tree.nodes.new("ShaderNodeOutputMaterial")
    shader.name = "shader"
    tree.links.new(shader.outputs[0], out.inputs["Surface"])
    share, colour = _image(tree, where) if pattern == IMAGE else _pattern(tree, pattern, where)
    tree.links.new(colour, shader.inputs["Base Color"])
    tree.links.new(colour, _emission(shader))
    tree.links.new(_between(tree, "roughness", share), shader.inputs["Roughness"])
    tree.links.new(_relief(tree, share), shader.inputs["Normal"])
    return material


def _point(tree: Any) -> Any:
    """The point on the surface in the object's own frame, moved, then stretched by the grain."""
    place, mapping = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeMapping")
    mapping.name = "place"
    tree.links.new(place.outputs["Object"], mapping.inputs["Vector"])
    return mapping.outputs["Vector"]


def _pattern(tree: Any, pattern: str, where: Any) -> tuple[Any, Any]:
    """Share of the second colour, and the mixed colour."""
    share = PATTERNS[pattern](tree, where)
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.name = "colours"
    tree.links.new(share, mix.inputs[0])
    return share, mix.outputs[0]


def _image(tree: Any, where: Any) -> tuple[Any, Any]:
    """Grey level and colour of an image, cast from six sides."""
    texture, grey = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeRGBToBW")
    texture.name, texture.projection, texture.projection_blend = "pattern", "BOX", 0.2
    tree.links.new(where, texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], grey.inputs[0])
    return grey.outputs[0], texture.outputs["Color"]


def _between(tree: Any, name: str, share: Any) -> Any:
    """From one value to another as `share` goes from 0 to 1."""
    node = tree.nodes.new("ShaderNodeMapRange")
    node.name = name
    tree.links.new(share, node.inputs[0])
    return node.outputs[0]


def _relief(tree: Any, share: Any) -> Any:
    node = tree.nodes.new("ShaderNodeBump")
    node.name = "relief"
    tree.links.new(share, node.inputs["Height"])
    return node.outputs[0]


def _emission(shader: Any) -> Any:
    """Its name has changed with Blender 4."""
    return shader.inputs["Emission Color" if "Emission Color" in shader.inputs else "Emission"]


def _set(nodes: Any, values: Mapping[str, Any]) -> None:
    shader, place = nodes["shader"], nodes["place"]
    shader.inputs["Metallic"].default_value = values["metallic"]
    shader.inputs["Emission Strength"].default_value = values["glow"]
    place.inputs["Location"].default_value = values["offset"]
    place.inputs["Scale"].default_value = [values["grain"]] * 3
    nodes["roughness"].inputs[3].default_value = values["roughness"]
    nodes["roughness"].inputs[4].default_value = values["second_roughness"]
    nodes["relief"].inputs["Strength"].default_value = values["bump"]
    nodes["relief"].inputs["Distance"].default_value = 0.1 / values["grain"]
    if "colours" in nodes:
        nodes["colours"].inputs[1].default_value = (*values["colour"], 1)
        nodes["colours"].inputs[2].default_value = (*values["second"], 1)
