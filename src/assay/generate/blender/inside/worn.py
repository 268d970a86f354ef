"""What the meshes of files wear: materials of their own, with images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy


def worn(mesh: Any) -> set[Any]:
    """The materials of a mesh and their images; an image that is not there gives way to the plain colour."""
    materials = {material for material in mesh.materials if material}
    for material in materials:
        _forget_missing_images(material)
    return materials | {node.image for material in materials for node in image_nodes(material)}


def image_nodes(material: Any) -> list[Any]:
    """The nodes of a material that show an image."""
    nodes = material.node_tree.nodes if material.use_nodes else ()
    return [node for node in nodes if node.type == "TEX_IMAGE"]


def _forget_missing_images(material: Any) -> None:
    """One that is not there, or cannot be read, would show as magenta."""
    for node in image_nodes(material):
        if not _is_there(node.image):
            material.node_tree.nodes.remove(node)


def _is_there(image: Any) -> bool:
    if image is None or not (image.packed_file or Path(bpy.path.abspath(image.filepath)).is_file()):
        return False
    readable = bool(image.size[0])
    image.buffers_free()
    return readable
