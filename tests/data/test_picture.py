"""Picture files of every sort to items: transparency, depth, frames, foreign content, too large sizes."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from assay.data import picture
from assay.data.decoder import Decoder, looked_at
from assay.data.picture import Unreadable, read_picture

RED = (200, 30, 40)
SRC = Path(__file__).parents[2] / "src"


def item(path: Path, size: int = 8, background: str = "white") -> np.ndarray:
    return Decoder(background)(path, size).astype(int)


def look_at(path: Path):
    """The item and its facts, or why there is none."""
    [found] = looked_at([path], lambda path: Decoder().look(path, 8), threads=1)
    return found


def png16(levels: np.ndarray, transparent: tuple[int, ...] = ()) -> bytes:
    """A PNG of 16 bits a channel, grey (h, w) or colour (h, w, 3); one value may be transparent."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = levels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, 2 if levels.ndim == 3 else 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    clear = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b""
    parts = chunk(b"IHDR", header), clear, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


# --- transparency


def cut_out(hidden: tuple[int, int, int], alpha: int = 0) -> Image.Image:
    """A red square of 4 × 4 in a transparent picture of 8 × 8 that hides another colour."""
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = hidden, alpha
    pixels[2:6, 2:6] = (*RED, 255)
    return Image.fromarray(pixels)


def save_palette(image: Image.Image, path: Path, as_bytes: bool) -> None:
    palette = Image.fromarray((np.asarray(image)[..., 3] > 0).astype(np.uint8), "L")
    palette = Image.frombytes("P", (8, 8), palette.tobytes())
    hidden = np.asarray(image)[0, 0, :3].tolist()
    palette.putpalette([*hidden, *RED])
    palette.save(path, transparency=b"\0" if as_bytes else 0)


def save_cut_out(kind: str, hidden: tuple[int, int, int], path: Path) -> None:
    image = cut_out(hidden)
    if kind.startswith("palette"):
        save_palette(image, path, kind == "palette of bytes")
    elif kind == "colour":
        image.convert("RGB").save(path, transparency=hidden)
    else:
        image.save(path, **({"lossless": True} if path.suffix == ".webp" else {}))


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("alpha", ".png"),
        ("alpha", ".tif"),
        ("alpha", ".webp"),
        ("alpha", ".gif"),
        ("palette", ".png"),
        ("palette", ".gif"),
        ("palette of bytes", ".png"),
        ("colour", ".png"),
    ],
)
def test_what_is_hidden_under_transparency_is_not_seen(tmp_path, kind, ending):
    for number, hidden in enumerate(((255, 255, 255), (0, 0, 0), (10, 200, 90))):
        path = tmp_path / f"{number}{ending}"
        save_cut_out(kind, hidden, path)
        for background, level in (("white", 255), ("#203040", (0x20, 0x30, 0x40))):
            expected = np.empty((8, 8, 3), int)
            expected[:], expected[2:6, 2:6] = level, RED
            found = item(path, background=background).transpose(1, 2, 0)
            assert np.abs(found - expected).max() == 0, (hidden, background)
        assert read_picture(path)[1].transparent


def test_grey_with_alpha_is_composited_in_proportion(tmp_path):
    pixels = np.full((8, 8, 2), (100, 51), np.uint8)  # alpha of a fifth
    Image.fromarray(pixels, "LA").save(tmp_path / "a.png")
    assert np.abs(item(tmp_path / "a.png") - (0.2 * 100 + 0.8 * 255)).max() <= 1
    assert np.abs(item(tmp_path / "a.png", background="black") - 20).max() <= 1


def test_an_alpha_channel_without_transparency_changes_nothing_and_is_not_counted(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "plain.png")
    opaque = np.concatenate([pixels, np.full((8, 8, 1), 255, np.uint8)], 2)
    Image.fromarray(opaque).save(tmp_path / "alpha.png")
    assert (item(tmp_path / "plain.png") == item(tmp_path / "alpha.png")).all()
    assert not read_picture(tmp_path / "alpha.png")[1].transparent


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_is_read_with_its_transparency(tmp_path):
    cut_out((0, 0, 0)).save(tmp_path / "a.avif", quality=100)
    assert np.abs(item(tmp_path / "a.avif")[:, 0, 0] - 255).max() <= 8
    assert read_picture(tmp_path / "a.avif")[1].format == "AVIF"


# --- depth


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1))
def test_sixteen_bits_are_read_as_their_upper_eight_in_every_format(tmp_path, seed):
    rng = np.random.default_rng(seed)
    grey, colour = (rng.integers(0, 65536, shape).astype(np.uint16) for shape in ((8, 8), (8, 8, 3)))
    Image.fromarray(grey).save(tmp_path / "a.tif")
    (tmp_path / "b.png").write_bytes(png16(grey))
    (tmp_path / "c.pgm").write_bytes(b"P5 8 8 65535\n" + grey.astype(">u2").tobytes())
    (tmp_path / "d.png").write_bytes(png16(colour))
    for name in ("a.tif", "b.png", "c.pgm"):
        assert (item(tmp_path / name) == grey >> 8).all(), name
        assert read_picture(tmp_path / name)[1].deep
    assert (item(tmp_path / "d.png") == (colour >> 8).transpose(2, 0, 1)).all()


def test_one_transparent_level_of_sixteen_bits_is_composited(tmp_path):
    grey = np.full((8, 8), 0x1234, np.uint16)
    grey[2:6, 2:6] = 0xC0FF
    (tmp_path / "grey.png").write_bytes(png16(grey, (0x1234,)))
    colour = np.stack([grey, grey, grey], 2)
    (tmp_path / "colour.png").write_bytes(png16(colour, (0x1234,) * 3))
    for name in ("grey.png", "colour.png"):
        found = item(tmp_path / name)
        assert (found[:, 0, 0] == 255).all(), name
        assert (found[:, 3, 3] == 0xC0).all(), name


@pytest.mark.parametrize(("mode", "bits"), [("F", "mode F, 32 bits"), ("I", "mode I, 32 bits")])
def test_levels_without_a_known_white_are_refused(tmp_path, mode, bits):
    Image.new(mode, (8, 8), 3).save(tmp_path / "a.tif")
    with pytest.raises(Unreadable, match=bits):
        item(tmp_path / "a.tif")


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_every_mode_gives_the_colours_that_it_shows(tmp_path, mode):
    shown = np.zeros((8, 8, 3), np.uint8)
    shown[:, 4:] = 255
    ending = ".jpg" if mode == "YCbCr" else ".tif"
    Image.fromarray(shown).convert(mode).save(tmp_path / f"a{ending}")
    assert np.abs(item(tmp_path / f"a{ending}") - shown.transpose(2, 0, 1)).max() <= 4


# --- frames, looks


def frames() -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]


@pytest.mark.parametrize(("ending", "n"), [(".gif", 3), (".png", 3), (".tif", 3), (".webp", 3), (".mpo", 1)])
def test_the_first_frame_is_taken_and_frames_are_counted(tmp_path, ending, n):
    first, *rest = frames()
    first.save(tmp_path / f"a{ending}", save_all=True, append_images=rest)
    assert np.abs(item(tmp_path / f"a{ending}")[:, 4, 4] - (255, 0, 0)).max() <= 3
    facts = read_picture(tmp_path / f"a{ending}")[1]
    assert facts.frames == n
    assert facts.format == {".gif": "GIF", ".png": "PNG", ".tif": "TIFF", ".webp": "WEBP"}.get(ending, "JPEG")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_of_the_upright_picture(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 20), RED).save(tmp_path / "a.jpg", exif=exif)
    for decoder in (Decoder(), Decoder(draft=True)):
        facts = decoder.look(tmp_path / "a.jpg", 8)[1]
        assert (facts.width, facts.height) == ((40, 20) if orientation < 5 else (20, 40))
    assert facts.bytes == (tmp_path / "a.jpg").stat().st_size


def test_odd_metadata_is_no_damage_and_says_nothing(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\xff\0\0\0\xff\xff\0\0"
    Image.new("RGB", (8, 8), RED).save(tmp_path / "a.jpg", exif=exif)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        look = look_at(tmp_path / "a.jpg")
    assert not isinstance(look, Unreadable)
    assert told == []


# --- what is no picture


def test_a_postscript_file_never_reaches_ghostscript(tmp_path, monkeypatch):
    ghostscript = tmp_path / "bin" / "gs"
    ghostscript.parent.mkdir()
    ghostscript.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(ghostscript.parent), prepend=os.pathsep)
    body = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    for name in ("a.png", "b.jpg", "c.eps", "d"):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(Unreadable, match=rf"{name}: not a readable image \(a PostScript file\)"):
            item(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_every_file_that_is_opened_says_which_decoders_may_see_it():
    opening = re.compile(r"Image\.open\((?!.*formats=)")
    code = [path for path in SRC.rglob("*.py") if opening.search(path.read_text())]
    assert code == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  <!DOCTYPE html><html>", "a web page"),
        (b"%PDF-1.7", "a PDF file"),
        (b"\xd7\xcd\xc6\x9a\0\0", "a Windows metafile"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "an HEIC file: save it as JPEG or PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 file"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"not found", "text"),
        (b"\0\1\2\3\xff", "no image format that is read"),
    ],
)
def test_the_reason_says_what_a_file_is_instead(tmp_path, content, reason):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(Unreadable, match=re.escape(reason)):
        item(tmp_path / "a.jpg")


def test_a_picture_too_large_is_not_decoded_whatever_pillow_allows(tmp_path, monkeypatch):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    monkeypatch.setattr(picture, "MOST_PIXELS", 1000)
    with pytest.raises(Unreadable, match=r"0 million pixels, 0\.0 GB decoded; at most 0 million are read"):
        item(tmp_path / "a.png")
    monkeypatch.setattr(picture, "MOST_PIXELS", 10**9)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    look = look_at(tmp_path / "a.png")
    assert isinstance(look, Unreadable)
    assert "million pixels" in look.reason


def encoded(kind: str) -> bytes:
    buffer, noise = io.BytesIO(), np.random.default_rng(0).integers(0, 256, (12, 9, 3), np.uint8)
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


WHOLE = {kind: encoded(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_of_any_kind_is_an_item_or_a_reason_and_nothing_else(tmp_path, kind, data):
    content = bytearray(WHOLE[kind])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "a.png"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    look = look_at(path)
    if isinstance(look, Unreadable):
        assert look.reason
        assert str(path) not in look.reason
    else:
        assert look[0].shape == (3, 8, 8)
