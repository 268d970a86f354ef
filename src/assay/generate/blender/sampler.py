"""Rendered images as samples for a task."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.base import Factors, Workspace
from assay.generate.blender.scene.values import Scene
from assay.generate.blender.sets.render_set import file_of, render_set
from assay.generate.blender.settings import BlenderSettings
from assay.generate.blender.stream import open_stream
from assay.types import Samples

IMAGES = "images"
"""Folder of the rendered set, in the workspace."""


@dataclass(frozen=True)
class BlenderSampler:
    """Renders for a task: `settings.classes` are the models of its classes, in their order.

    `full` is the value of white in the task's items, `dtype` the kind of their numbers. The set of images
    itself, with its manifest, masks and depths, is kept where the workspace has a folder.
    """

    settings: BlenderSettings
    workspace: Workspace
    dtype: np.dtype[Any]
    full: float = 255.0

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """Images (n, 3, height, width), all classes in turn, and the factors of each.

        An image that Blender could not make is left out.

        Raises
        ------
        UserError
            If there is no Blender, or not one image could be made.
        """
        seed = int(rng.integers(2**32))
        stream = open_stream(self.settings, seed)
        with self._folder() as folder:
            rendered = render_set(
                self.settings, folder, n, seed, workers=_workers(n), report=self.workspace.rendered
            )
            made = [index for index in range(n) if index not in rendered.failed]
            if not made:
                raise UserError(f"blender: no image could be made: {rendered.failed[0]}")
            x = np.stack([self._read(rendered.folder / file_of(stream, index)) for index in made])
        y = np.array(made) % len(stream.classes)
        return Samples(x, y), factor_columns([stream.scene(index) for index in made])

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """Where the images lie: for good, or until they are read."""
        if self.workspace.folder is None:
            with tempfile.TemporaryDirectory(prefix="assay-") as folder:
                yield Path(folder, IMAGES)
            return
        yield self.workspace.folder / IMAGES  # finished images of the same set are not made again

    def _read(self, path: Path) -> NDArray[Any]:
        from PIL import Image

        with Image.open(path, formats=("PNG",)) as picture:
            pixels = np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
        return (pixels * (self.full / 255)).astype(self.dtype)


def _workers(n: int) -> int:
    """One for every core, as long as each has enough images to be worth its two seconds of beginning."""
    return max(1, min(os.cpu_count() or 1, n // 25))


def factor_columns(scenes: list[Scene]) -> Factors:
    """What differs most between scenes, an array (n,) each; the manifest of a set has everything."""
    rows = [factor_row(scene) for scene in scenes]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def factor_row(scene: Scene) -> dict[str, float | int | str]:
    """The factors of one scene by name; those of a first light that is not there are 0."""
    body, camera, light = scene.object.palette["body"], scene.camera, (*scene.lights, None)[0]
    return {
        "index": scene.index,
        "model": scene.object.model.path or scene.object.model.name,
        "scale": scene.object.scale,
        "material": body.family,
        "roughness": body.roughness,
        "metallic": body.metallic,
        "lights": len(scene.lights),
        **{
            f"light_{name}": getattr(light, name, 0.0)
            for name in ("radius", "elevation", "azimuth", "energy")
        },
        "environment": scene.environment.map or "none",
        "environment_strength": scene.environment.strength,
        **{f"camera_{name}": getattr(camera, name) for name in ("distance", "azimuth", "elevation", "roll")},
        "exposure": camera.exposure,
        "background": scene.background.kind,
    }
