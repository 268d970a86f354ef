"""Which way up a JPEG file is to be seen: cameras and telephones say so in its EXIF part.

Blender does not heed it. EXIF 2.32, 4.6.4: orientation 1 to 8.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

MOST_READ = 2**18
"""Bytes: the EXIF part comes first, and no part is longer than 64 KiB."""
APPLICATION_1, IMAGE = 0xFFE1, 0xFFDA
"""Marks of the parts that hold EXIF, and of the first that holds the image itself."""
TAG = 0x0112


def orientation(path: Path) -> int:
    """1 to 8, as EXIF has it; 1 for an upright image, and where nothing is said."""
    with path.open("rb") as file:
        content = file.read(MOST_READ)
    try:
        said = _orientation(_exif(content))
    except struct.error:  # cut short, or no such part
        return 1
    return said if 1 <= said <= 8 else 1


def upright(image: NDArray[Any], said: int) -> NDArray[Any]:
    """An image (height, width, ...) of this orientation as it is to be seen."""
    turned = image.swapaxes(0, 1) if said > 4 else image
    down, across = said in (3, 4, 7, 8), said in (2, 3, 6, 7)
    return turned[:: -1 if down else 1, :: -1 if across else 1]


def _exif(jpeg: bytes) -> bytes:
    """The TIFF structure in the EXIF part of a JPEG file; nothing if there is none."""
    start, marker = 2, 0 if jpeg.startswith(b"\xff\xd8") else IMAGE
    while marker != IMAGE:
        marker, length = struct.unpack_from(">HH", jpeg, start)
        part = jpeg[start + 4 : start + 2 + length]
        if marker == APPLICATION_1 and part.startswith(b"Exif\0\0"):
            return part[6:]
        start += 2 + length
    return b""


def _orientation(tiff: bytes) -> int:
    """The value of the tag in the first directory of a TIFF structure; 0 if it is not there."""
    order = "<" if tiff.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, start)
    for place in range(start + 2, start + 2 + 12 * entries, 12):
        if struct.unpack_from(f"{order}H", tiff, place)[0] == TAG:
            return int(struct.unpack_from(f"{order}H", tiff, place + 8)[0])
    return 0
