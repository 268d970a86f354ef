"""Things in the scene: a mesh, its place, and a material for each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from math import radians
from typing import Any

from .materials import Materials
from .meshes import Meshes
from .scratch import Scratch

OWN = "own"
"""The family that means: as the file has it."""
BODY = "body"
ROLES = {
    "metal": "metal",
    "wood": "wood",
    "screen": "dark",
    "wheel": "dark",
    "cable": "dark",
    "strap": "soft",
    "shade": "soft",
    "cushion": "soft",
    "sheet": "soft",
    "light": "bright",
    "label": "bright",
    "glass": "glass",
    "leaf": "leaf",
    "body": BODY,
}
"""Which material of the palette a part wears; parts that are not listed wear the accent."""


def add_thing(
    values: Mapping[str, Any], number: int, meshes: Meshes, materials: Materials, scratch: Scratch
) -> None:
    """The object or a piece of clutter; `number` is what a mask shows."""
    made = scratch.add_object("thing", meshes.get(values["model"], scratch))
    made.pass_index = number
    made.location = values["location"]
    made.rotation_euler = [radians(angle) for angle in values["rotation"]]
    made.scale = [values["scale"]] * 3
    _dress(made, values["palette"], materials)


def _dress(made: Any, palette: Mapping[str, Mapping[str, Any]], materials: Materials) -> None:
    """Every part in the material of its role, or in the body's where the palette has none for it."""
    if palette[BODY]["family"] == OWN and any(slot.material for slot in made.material_slots):
        return
    looks: dict[str, Any] = {}
    for slot, part in zip(made.material_slots, made.data["parts"].split("+")):
        role = ROLES.get(part, "accent")
        role = role if role in palette else BODY
        looks[role] = looks.get(role) or materials.get(palette[role])
        slot.link, slot.material = "OBJECT", looks[role]
