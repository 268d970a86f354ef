"""Pixels: from Blender to an array, over a background, into a file."""

from __future__ import annotations

import io
import os
import struct
import uuid
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .temporary import written

Floats = NDArray[np.float32]


def rendered(scene: Any, folder: Path) -> Floats:
    """Render; colours as displayed and coverage, shape (height, width, 4), range [0, 1], not premultiplied.

    Blender gives a render's pixels only as a file; this kind is no work to write and to read.
    """
    path, render = folder / "colours.tga", scene.render
    render.filepath = str(path)
    render.image_settings.file_format, render.image_settings.color_mode = "TARGA_RAW", "RGBA"
    with written(path, 18 + 4 * render.resolution_x * render.resolution_y):
        bpy.ops.render.render(write_still=True, scene=scene.name)
    return _read_tga(path.read_bytes())


def _read_tga(content: bytes) -> Floats:
    """An uncompressed 32-bit TGA file."""
    width, height, bits, flags = struct.unpack_from("<HHBB", content, 12)
    if bits != 32:
        raise ValueError(f"colours.tga: {bits} bits a pixel; expected 32")
    pixels = np.frombuffer(content, np.uint8, 4 * width * height, 18 + content[0])
    rows = pixels.reshape(height, width, 4)[:: 1 if flags & 32 else -1, :, [2, 1, 0, 3]]
    return (rows / 255).astype(np.float32)


def over(front: Floats, behind: Floats) -> NDArray[np.uint8]:
    """A picture over another, shape (height, width, 3)."""
    alpha = front[..., 3:]
    mixed = front[..., :3] * alpha + behind * (1 - alpha)
    return np.asarray(np.clip(np.rint(mixed * 255), 0, 255), np.uint8)


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Eight-bit RGB; the file appears at once or not at all."""
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    write_at_once(path, b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """An ``.npz`` file; at once or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    write_at_once(path, buffer.getvalue())


def write_at_once(path: Path, content: bytes) -> None:
    """Write beside the place, then rename."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)  # noqa: PTH105 - one call on every version
    finally:
        part.unlink(missing_ok=True)
