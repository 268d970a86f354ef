"""Streams of scenes that never repeat: its place in a stream, and nothing else, decides a picture.

index -> seed sequence (seed, stream, index) -> one generator for each factor -> scene. A factor draws the
same numbers whatever the others are, so two settings that differ in one factor give pictures that differ in
that one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assay.errors import UserError
from assay.generate.blender.scene.distribution import names
from assay.generate.blender.scene.factors.background import background_rand
from assay.generate.blender.scene.factors.camera import camera_rand
from assay.generate.blender.scene.factors.clutter import clutter_rand
from assay.generate.blender.scene.factors.light import environment_rand, lights_rand
from assay.generate.blender.scene.factors.material import palette_rand
from assay.generate.blender.scene.factors.object import object_rand
from assay.generate.blender.scene.values import Picture, Scene, Thing
from assay.generate.blender.settings import BlenderSettings, images_in
from assay.generate.blender.shapes.models import Models, model_rand
from assay.strict import check_whole

STREAMS = {"train": 0, "test_iid": 1, "test_iid_no_background": 1}
"""The stream of every part: the last is the twin of the one before it."""


@dataclass(frozen=True)
class Stream:
    """Scenes by their index.

    Parameters
    ----------
    settings : BlenderSettings
    models : Models
    photographs, textures : tuple of Path
        Files to choose from.
    seed : int
    part : str
        A key of `STREAMS`.
    """

    settings: BlenderSettings
    models: Models
    photographs: tuple[Path, ...]
    textures: tuple[Path, ...]
    seed: int
    part: str

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order in which their pictures follow each other."""
        return self.models.classes

    def label(self, index: int) -> str:
        """The class of the picture at `index`: all in turn."""
        return self.classes[index % len(self.classes)]

    def scene(self, index: int) -> Scene:
        """The scene at `index`."""
        sequence = np.random.SeedSequence([self.seed, STREAMS[self.part], index])
        shape, stand, look, light, around, view, behind, clutter, last = (
            np.random.default_rng(child) for child in sequence.spawn(9)
        )
        model = model_rand(shape, self.models, self.label(index))
        scale, rotation = object_rand(stand, self.settings)
        palette = palette_rand(look, self.settings, model.kind == "catalogue", self.textures)
        lights, environment = lights_rand(light, self.settings), environment_rand(around, self.settings)
        camera = camera_rand(view, self.settings, lights, environment)
        return Scene(
            label=self.label(index),
            part=self.part,
            seed=self.seed,
            index=index,
            object=Thing(model, scale, (0.0, 0.0, 0.0), rotation, palette),
            clutter=clutter_rand(clutter, self.settings, camera),
            lights=lights,
            environment=environment,
            camera=camera,
            background=background_rand(behind, self.settings, self.photographs),
            picture=self._picture(int(last.integers(2**31))),
        )

    def _picture(self, seed: int) -> Picture:
        s = self.settings
        height = s.height or s.size
        return Picture(s.size, height, s.samples, s.denoise, seed, s.mask, s.depth, s.threads, s.device)


def open_stream(settings: BlenderSettings, seed: int = 0, part: str = "train") -> Stream:
    """The stream of a part; what it needs is looked for here.

    Raises
    ------
    UserError
        If there is no such part, or it is not rendered, or models, photographs or textures are missing, or
        the seed is no whole number from 0.
    """
    check_whole("seed", seed, 0)
    if part == "test_ood":
        raise UserError(
            "part: test_ood is not rendered: it is a folder of real photographs, one folder for each class, "
            f"named as an image folder task (assay compare PHOTOS); rendered are {', '.join(STREAMS)}"
        )
    if part not in STREAMS:
        raise UserError(f"part: '{part}'; expected {', '.join(STREAMS)}")
    if part == "test_iid_no_background":
        settings = replace(settings, background=names("none"))
    words = settings.background.words, settings.material.words
    photographs = images_in(settings.photographs, "photographs") if "photograph" in words[0] else ()
    textures = images_in(settings.textures, "textures") if "image" in words[1] else ()
    return Stream(settings, settings.find_models(), photographs, textures, seed, part)
