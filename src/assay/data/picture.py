"""One image file as an upright RGB picture, read by the decoders that are meant and no other.

Pillow tries every decoder it has on a file, whatever the file is called, and one of them starts Ghostscript.
Here the decoders are named, and how many pixels a file holds is looked at before any is decoded.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assay.data.content import describe
from assay.data.folder_tree import shown
from assay.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
"""Decoders that files may reach; AVIF where Pillow has it."""
MOST_PIXELS = 89_478_485
"""A picture of more is not decoded: 268 MB as RGB, the limit at which Pillow warns."""

TOLD = 10
"""Files that are named where many cannot be read; the others are counted."""


class Facts(NamedTuple):
    """What a file is, beside its pixels; width and height are those of the upright picture."""

    format: str
    width: int
    height: int
    bytes: int
    transparent: bool
    frames: int
    deep: bool
    """Whether it has 16 bits a channel, of which the upper eight are taken."""


class Unreadable(UserError):
    """A file that is no picture that is read, and why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{shown(path)}: not a readable image ({reason})")
        self.reason = reason


def unreadable(reasons: Sequence[tuple[str, str]], n: int) -> str:
    """What to say of files that cannot be read: how many of `n`, and the first ten by their reasons."""
    alike: dict[str, list[str]] = {}
    for path, reason in reasons[:TOLD]:
        alike.setdefault(reason, []).append(path)
    more = f" and {len(reasons) - TOLD} more" if len(reasons) > TOLD else ""
    named = ", ".join(f"{', '.join(paths)} ({reason})" for reason, paths in alike.items())
    return f"{len(reasons)} of {n} images cannot be read: {named}{more}"


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Context with a file's picture, not decoded yet.

    Raises
    ------
    Unreadable
        If it is no picture of `FORMATS`, or larger than `MOST_PIXELS`; also where decoding it fails inside
        the context.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=_formats()) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UserError(_too_large(image.width * image.height))
            yield image
    except Exception as error:  # decoders of damaged files raise errors of a dozen kinds
        raise Unreadable(path, _reason(path, error)) from None


@functools.cache
def _formats() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def prepare() -> None:
    """Fill Pillow's table of formats: to be called before many threads read at once."""
    _formats()


@contextmanager
def quietly() -> Iterator[None]:
    """Context in which decoders do not warn of odd metadata, and a picture that is too large is an error.

    Filters of warnings are those of the whole process: enter it before threads begin, not in them.
    """
    from PIL import Image

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _reason(path: Path, error: Exception) -> str:
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return describe(path)
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return _too_large(int(re.findall(r"\d+", str(error))[0]))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _too_large(pixels: int) -> str:
    return (
        f"{pixels / 1e6:,.0f} million pixels, {3 * pixels / 1e9:,.1f} GB decoded; at most "
        f"{MOST_PIXELS / 1e6:.0f} million are read"
    )


def read_picture(
    path: Path, background: str = "white", least: int | None = None
) -> tuple[Image.Image, Facts]:
    """An upright RGB picture and what its file is.

    Transparency is composited on the background, the first frame of an animation is taken, and of 16 bits a
    channel the upper eight.

    Parameters
    ----------
    path : Path
    background : str
        A colour, as Pillow names them (``white``, ``#808080``).
    least : int, optional
        If given, JPEG files are decoded at the smallest scale of an eighth, a quarter, a half or one that
        leaves both sides at least so long.

    Raises
    ------
    Unreadable
        As `opened`.
    """
    from PIL import ImageOps

    with opened(path) as image:
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)  # photographs with a preview
        size, kind, deep = image.size, image.format or "", image.mode.startswith("I")
        if least is not None:
            image.draft("RGB", (least, least))
        upright = ImageOps.exif_transpose(image)
        turned = (upright.width > upright.height) != (size[0] > size[1])
        picture, transparent = _composited(_eight_bits(upright, kind), background)
    width, height = size[::-1] if turned else size
    kind = "JPEG" if kind == "MPO" else kind
    return picture, Facts(kind, width, height, path.stat().st_size, transparent, frames, deep)


def upright(image: Image.Image, background: str = "white") -> Image.Image:
    """A picture that is decoded already, upright and in RGB on a background.

    Raises
    ------
    UserError
        If it has 32 bits a channel.
    """
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(image)
    return _composited(_eight_bits(turned, image.format or ""), background)[0]


def _eight_bits(image: Image.Image, kind: str) -> Image.Image:
    """Grey levels of 16 bits as their upper eight, as Pillow itself reads colours of 16 bits.

    Raises
    ------
    UserError
        If there is no telling what is white: numbers of 32 bits, or fractions.
    """
    from PIL import Image

    clear = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255:
        image.info["transparency"] = tuple(level >> 8 for level in clear)
    if not image.mode.startswith(("I", "F")):
        return image
    if image.mode == "F" or (image.mode == "I" and kind == "TIFF"):
        raise UserError(f"mode {image.mode}, 32 bits a channel; expected 8 or 16")
    levels = np.asarray(image)
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    if clear is not None:
        grey.putalpha(Image.fromarray(np.where(levels == clear, 0, 255).astype(np.uint8)))
    return grey


def _composited(image: Image.Image, background: str) -> tuple[Image.Image, bool]:
    """The picture in RGB on a background, and whether any of that shines through."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB"), False
    clear = image.convert("RGBA")
    if clear.getchannel("A").getextrema()[0] == 255:
        return clear.convert("RGB"), False
    ground = Image.new("RGBA", clear.size, background)
    return Image.alpha_composite(ground, clear).convert("RGB"), True
