"""What the files hold that a set is made from: by that a set knows them again, wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from assay.generate.blender.scene.factors.light import INBUILT_MAPS, NO_MAP
from assay.generate.blender.settings import IMAGES
from assay.generate.blender.shapes.models import Models
from assay.generate.blender.stream import Stream
from assay.settings import fingerprint

Part = Path | str
WHOLE = 1 << 30
"""Bytes of all files of a setting up to which their contents count; of more, names and sizes alone."""
REFERRING = (".obj", ".gltf")
BESIDE = (".mtl", ".bin", ".tga", *IMAGES)
"""Files that such meshes refer to."""


def fingerprints(stream: Stream) -> dict[str, str]:
    """A fingerprint of the files behind each setting that names some: the same files, the same pictures.

    Where the files lie does not count; the order does in which the stream chooses from them.
    """
    around = stream.settings.environment
    maps: list[Part] = [name if name in (*INBUILT_MAPS, NO_MAP) else Path(name) for name in around.words]
    return {
        "models": _fingerprint(_parts(stream.models)),
        "photographs": _fingerprint(stream.photographs),
        "textures": _fingerprint(stream.textures),
        "environment": _fingerprint([*maps, *map(str, around.weights)]),
    }


def _parts(models: Models) -> Iterator[Part]:
    """Each class by its name, its models in their order, and what these refer to."""
    for label, found in models.by_class.items():
        yield label
        yield from found
        yield from _beside(path for path in found if isinstance(path, Path))


def _beside(meshes: Iterable[Path]) -> Iterator[Path]:
    """Materials, buffers and images below the folders of meshes; ShapeNet has images beside that folder."""
    homes = [mesh.parent for mesh in meshes if mesh.suffix.lower() in REFERRING]
    for folder in dict.fromkeys(place for home in homes for place in (home, home.parent / "images")):
        yield from (p for p in sorted(folder.rglob("*")) if p.suffix.lower() in BESIDE and p.is_file())


def _fingerprint(parts: Iterable[Part]) -> str:
    """Of words as they are and of files by name, size and content."""
    parts = list(parts)
    is_small = sum(part.stat().st_size for part in parts if isinstance(part, Path)) <= WHOLE
    return fingerprint([part if isinstance(part, str) else _told(part, is_small) for part in parts])


def _told(path: Path, is_small: bool) -> list[str | int]:
    return [path.name, path.stat().st_size, _content(path) if is_small else ""]


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
