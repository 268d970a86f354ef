"""What belongs to one image only, and is removed after it."""

from __future__ import annotations

from typing import Any

import bpy

from .worn import image_nodes


class Scratch:
    """Data blocks of the image at hand."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        self.blocks: list[Any] = []

    def keep(self, block: Any) -> Any:
        """Note a data block for removal."""
        self.blocks.append(block)
        return block

    def add_object(self, name: str, data: Any) -> Any:
        """A new object in the scene."""
        made = self.keep(bpy.data.objects.new(name, data))
        self.scene.collection.objects.link(made)
        return made

    def clear(self) -> None:
        """Remove everything, objects before what they show, then the images that nothing else shows."""
        materials = [block for block in self.blocks if isinstance(block, bpy.types.Material)]
        images = {node.image for material in materials for node in image_nodes(material)}
        bpy.data.batch_remove(self.blocks[::-1])
        bpy.data.batch_remove([image for image in images if not image.users])
        self.blocks.clear()
