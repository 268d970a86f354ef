"""Procedural patterns: shader nodes that give a number from 0 to 1 at every point of a surface.

Each builder takes the tree and a socket with the point, already stretched by the grain, and gives a socket.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Socket = Any


def _node(tree: Any, kind: str, **settings: Any) -> Any:
    made = tree.nodes.new(f"ShaderNode{kind}")
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def _put(tree: Any, node: Any, **inputs: Any) -> Any:
    """Set or connect inputs by name; `_` stands for a space."""
    for name, value in inputs.items():
        socket = node.inputs[name.replace("_", " ")]
        if hasattr(value, "is_output"):
            tree.links.new(value, socket)
        else:
            socket.default_value = value
    return node


def _noise(tree: Any, point: Socket, scale: float, detail: float, roughness: float = 0.5) -> Socket:
    node = _put(tree, _node(tree, "TexNoise"), Vector=point, Scale=scale, Detail=detail, Roughness=roughness)
    return _sharper(tree, node.outputs[0], 0.3, 0.7)


def _sharper(tree: Any, value: Socket, low: float, high: float) -> Socket:
    """`low` to 0 and `high` to 1, straight between and cut off outside."""
    node = _node(tree, "MapRange", clamp=True)
    node.inputs[1].default_value, node.inputs[2].default_value = low, high
    tree.links.new(value, node.inputs[0])
    return node.outputs[0]


def _math(tree: Any, operation: str, first: Socket, second: Socket | float) -> Socket:
    node = _node(tree, "Math", operation=operation)
    tree.links.new(first, node.inputs[0])
    if isinstance(second, float):
        node.inputs[1].default_value = second
    else:
        tree.links.new(second, node.inputs[1])
    return node.outputs[0]


def _waves(tree: Any, point: Socket, kind: str, scale: float, distortion: float, **settings: Any) -> Socket:
    node = _node(tree, "TexWave", wave_type=kind, **settings)
    _put(tree, node, Vector=point, Scale=scale, Distortion=distortion, Detail=3.0)
    return node.outputs[1]


def _stretched(tree: Any, point: Socket, *by: float) -> Socket:
    node = _put(tree, _node(tree, "Mapping"), Vector=point)
    node.inputs["Scale"].default_value = by
    return node.outputs[0]


def plain(tree: Any, point: Socket) -> Socket:
    """Hardly anything: slow, faint clouds."""
    return _math(tree, "MULTIPLY", _noise(tree, point, 0.5, 1.0), 0.3)


def clouds(tree: Any, point: Socket) -> Socket:
    """Soft patches."""
    return _noise(tree, point, 1.0, 3.0)


def tufts(tree: Any, point: Socket) -> Socket:
    """Rough growth on several scales."""
    return _noise(tree, point, 2.0, 8.0, 0.7)


def brushed(tree: Any, point: Socket) -> Socket:
    """Fine scratches in one direction."""
    return _noise(tree, _stretched(tree, point, 1.0, 1.0, 30.0), 2.0, 4.0)


def rings(tree: Any, point: Socket) -> Socket:
    """Grown rings, cut along."""
    slow = _stretched(tree, point, 1.0, 1.0, 0.25)
    return _waves(tree, slow, "RINGS", 1.2, 5.0, rings_direction="Z")


def veins(tree: Any, point: Socket) -> Socket:
    """Thin dark lines, as in marble."""
    wave = _waves(tree, point, "BANDS", 0.6, 12.0)
    return _sharper(tree, wave, 0.0, 0.35)


def weave(tree: Any, point: Socket) -> Socket:
    """Threads across threads."""
    one = _waves(tree, point, "BANDS", 5.0, 0.3, bands_direction="X")
    other = _waves(tree, point, "BANDS", 5.0, 0.3, bands_direction="Z")
    return _math(tree, "MULTIPLY", one, other)


def cells(tree: Any, point: Socket) -> Socket:
    """Grains with seams between them, as in leather."""
    node = _put(tree, _node(tree, "TexVoronoi", feature="DISTANCE_TO_EDGE"), Vector=point, Scale=5.0)
    return _sharper(tree, node.outputs[0], 0.0, 0.25)


def smudges(tree: Any, point: Socket) -> Socket:
    """Whorls of fine ridges, here and there."""
    whorls = _waves(tree, point, "RINGS", 4.0, 3.0, rings_direction="SPHERICAL")
    return _math(tree, "MULTIPLY", whorls, _noise(tree, point, 1.5, 1.0))


def speckle(tree: Any, point: Socket) -> Socket:
    """Grit."""
    return _sharper(tree, _noise(tree, point, 12.0, 2.0), 0.45, 0.6)


def checker(tree: Any, point: Socket) -> Socket:
    """Squares."""
    node = _put(tree, _node(tree, "TexChecker"), Vector=point, Scale=3.0)
    return node.outputs[1]


def stripes(tree: Any, point: Socket) -> Socket:
    """Straight bands."""
    wave = _waves(tree, _stretched(tree, point, 1.0, 0.6, 0.3), "BANDS", 1.5, 0.0, bands_direction="DIAGONAL")
    return _sharper(tree, wave, 0.45, 0.55)


PATTERNS: dict[str, Callable[[Any, Socket], Socket]] = {
    pattern.__name__: pattern
    for pattern in (
        plain,
        clouds,
        tufts,
        brushed,
        rings,
        veins,
        weave,
        cells,
        smudges,
        speckle,
        checker,
        stripes,
    )
}
