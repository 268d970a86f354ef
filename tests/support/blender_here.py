"""Blender for tests, where there is one that renders with the default settings."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from assay.errors import UserError
from assay.generate.blender.engine.crew import Job, render
from assay.generate.blender.engine.environment import Environment, find_environment
from assay.generate.blender.fit import Blender
from assay.generate.blender.stream import open_stream


def blender_or_skip() -> Environment:
    """The Blender that Assay finds; the test is skipped where there is none, or one that cannot denoise."""
    found = _found()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@functools.cache
def _found() -> Environment | str:
    try:
        environment = find_environment()
        scene = open_stream(Blender(size=8, samples=1, classes=("mug",))).scene(0)
        with tempfile.TemporaryDirectory() as folder:
            job = Job(scene, Path(folder) / "probe.png")
            errors = [outcome.error for outcome in render([job], environment=environment)]
    except UserError as error:
        return str(error)
    return next((error for error in errors if error and "Open Image Denoise" in error), environment)
