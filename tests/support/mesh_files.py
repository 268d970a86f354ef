"""Small mesh files of one lopsided shape, byte by byte, in every format that the renderer reads."""

from __future__ import annotations

import itertools
import json
import struct

import numpy as np

FACES = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
"""Of a box whose corner number is 4 x + 2 y + z, seen from outside anticlockwise."""
BOXES = (
    ((0.0, 0.0, 0.0), (1.0, 0.6, 0.4)),
    ((1.0, 0.2, 0.1), (1.5, 0.4, 0.3)),
    ((0.1, 0.6, 0.1), (0.3, 0.9, 0.3)),
    ((0.7, 0.1, 0.4), (0.9, 0.3, 1.4)),
)
"""A box with noses of three lengths along x, y and z: it looks different turned or mirrored in any way."""


def shape(boxes=BOXES):
    """Corners (n, 3), z up, and faces."""
    points, faces = [], []
    for low, high in boxes:
        faces += [[len(points) + corner for corner in face] for face in FACES]
        points += [
            [(low, high)[c >> 2 & 1][0], (low, high)[c >> 1 & 1][1], (low, high)[c & 1][2]] for c in range(8)
        ]
    return np.array(points), faces


def y_up(points):
    """The same, y up."""
    x, y, z = np.asarray(points).T
    return np.stack([x, z, -y], 1)


def triangles(faces):
    return [[face[0], face[i], face[i + 1]] for face in faces for i in range(1, len(face) - 1)]


def ply(points, faces):
    head = (
        "ply\nformat ascii 1.0\n"
        f"element vertex {len(points)}\nproperty float x\nproperty float y\nproperty float z\n"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = [" ".join(f"{value:.6f}" for value in point) for point in points]
    return (head + "\n".join([*rows, *(" ".join(map(str, (len(f), *f))) for f in faces)]) + "\n").encode()


def obj(points, faces, head="", uv=()):
    """With corners of the picture (`uv`, one for each corner of a face) if they are given."""
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in points] + [f"vt {u} {v}" for u, v in uv]
    number = itertools.count(1)
    for face in faces:
        lines.append(" ".join(["f", *(f"{c + 1}/{next(number)}" if uv else f"{c + 1}" for c in face)]))
    return (head + "\n".join(lines) + "\n").encode()


def stl(points, faces):
    """The binary kind; its normals are 0, as many programs write them."""
    corners = np.asarray(points, "<f4")[triangles(faces)]
    body = b"".join(struct.pack("<3f", 0, 0, 0) + corner.tobytes() + b"\0\0" for corner in corners)
    return b"made in a test".ljust(80) + struct.pack("<I", len(corners)) + body


def glb(parts):
    """Parts (corners, faces, scale, translation), a node each under a root node."""
    binary, views, accessors, meshes, nodes = b"", [], [], [], [{"children": list(range(1, len(parts) + 1))}]
    for points, faces, scale, translation in parts:
        points, index = np.asarray(points, "<f4"), np.asarray(triangles(faces), "<u2").ravel()
        for array, kind, component in ((points, "VEC3", 5126), (index, "SCALAR", 5123)):
            content = array.tobytes().ljust(-(-array.nbytes // 4) * 4, b"\0")
            views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": array.nbytes})
            accessors.append(
                {"bufferView": len(views) - 1, "componentType": component, "count": len(array), "type": kind}
            )
            binary += content
        accessors[-2] |= {"min": points.min(0).tolist(), "max": points.max(0).tolist()}
        first = len(accessors) - 2
        meshes.append({"primitives": [{"attributes": {"POSITION": first}, "indices": first + 1}]})
        nodes.append({"mesh": len(meshes) - 1, "scale": [scale] * 3, "translation": translation})
    tree = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": meshes,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(tree).encode()
    text = text.ljust(-(-len(text) // 4) * 4)
    chunks = (
        struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x4E4942) + binary
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
