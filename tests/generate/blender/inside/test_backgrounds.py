"""Photographs behind the object: the right way up, as bright as they are, and as sharp as the picture."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from assay.generate.blender.engine.worker import Worker
from assay.generate.blender.fit import Blender
from assay.generate.blender.inside.orientation import orientation, upright
from assay.generate.blender.scene.distribution import fixed
from assay.generate.blender.stream import open_stream
from tests.support.blender_here import blender_or_skip


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("said", range(1, 9))
def test_a_photograph_is_upright_as_it_says(tmp_path, said, order):
    """As Pillow turns it, whatever other parts come before and after."""
    pixels = np.random.default_rng(said).integers(0, 255, (16, 24, 3), np.uint8)
    exif = Image.Exif()
    exif.endian = order
    exif.update({0x010F: "maker", 0x0112: said, 0x011A: 72.0})
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif.tobytes(), comment=b"a comment")
    assert orientation(tmp_path / "a.jpg") == said
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif()[0x0112] == said
        expected = np.asarray(ImageOps.exif_transpose(image))
        assert (upright(np.asarray(image), said) == expected).all()


def test_a_photograph_that_does_not_say_is_upright(tmp_path):
    path, exif = tmp_path / "a.jpg", Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 8)).save(path, exif=exif.tobytes())
    whole = path.read_bytes()
    for size in reversed(range(len(whole))):  # cut anywhere
        os.truncate(path, size)
        assert orientation(path) in (1, 6)
    for content in (whole.replace(b"\x01\x12", b"\x01\x13"), b"\x89PNG", bytes(100)):
        path.write_bytes(content)
        assert orientation(path) == 1
    exif[0x0112] = 9
    Image.new("RGB", (8, 8)).save(path, exif=exif.tobytes())
    assert orientation(path) == 1


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The picture of a photograph with next to nothing before it."""
    folder = tmp_path_factory.mktemp("behind")
    plain = Blender(
        size=16, samples=1, denoise=False, scale=fixed(0.1), camera_distance=fixed(50), lights=fixed(0)
    )
    scene = open_stream(plain).scene(0)

    def take(path, zoom=1.0, **size):
        photograph = replace(scene.background, kind="photograph", path=str(path), zoom=zoom, mirror=False)
        picture = replace(scene.picture, **size)
        answer = worker.render(replace(scene, background=photograph, picture=picture), folder / "a.png")
        assert "error" not in answer, answer
        with Image.open(folder / "a.png") as image:
            return np.asarray(image).astype(int)

    with Worker(blender_or_skip()) as worker:
        yield take


def corners(picture):
    """The middles of the four quarters."""
    height, width = (side // 4 for side in picture.shape[:2])
    return picture[[height, height, -height, -height], [width, -width, width, -width]]


@pytest.mark.slow
@pytest.mark.parametrize("said", range(1, 9))
def test_pictures_of_telephones_stand_upright(behind, tmp_path, said):
    colours = np.array([[[250, 20, 20], [20, 250, 20]], [[20, 20, 250], [250, 250, 250]]], np.uint8)
    exif = Image.Exif()
    exif[0x0112] = said
    Image.fromarray(np.kron(colours, np.ones((16, 32, 1), np.uint8))).save(
        tmp_path / "a.jpg", exif=exif.tobytes(), quality=95
    )
    with Image.open(tmp_path / "a.jpg") as image:
        expected = np.asarray(ImageOps.exif_transpose(image)).astype(int)
    seen = behind(tmp_path / "a.jpg", width=expected.shape[1], height=expected.shape[0])
    assert np.abs(corners(seen) - corners(expected)).max() <= 3


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_photographs_of_16_bits_are_as_bright_as_those_of_8(behind, tmp_path, suffix):
    for level in (3, 128, 250):
        deep, plain = (tmp_path / f"{level}-{bits}.{suffix}" for bits in (16, 8))
        Image.fromarray(np.full((16, 16), 257 * level, np.uint16)).save(deep)
        Image.fromarray(np.full((16, 16), level, np.uint8)).save(plain)
        assert (behind(plain)[0, 0] == level).all()
        assert np.abs(behind(deep)[0, 0] - level).max() <= 1


@pytest.mark.slow
def test_photographs_are_as_sharp_as_the_picture(behind, tmp_path):
    """Stripes as wide as a pixel of the picture: they stay, whatever the size and the zoom."""
    for side, zoom in ((768, 1.0), (256, 0.25)):
        path, whole = tmp_path / f"{side}.png", int(side / zoom)
        Image.fromarray(np.tile(np.array([0, 255], np.uint8), (whole, whole // 2))).save(path)
        assert np.unique(behind(path, zoom, width=side, height=side)[0]).tolist() == [0, 255]
