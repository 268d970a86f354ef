"""Real items beside synthetic ones, class by class: what no score shows at a glance."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, features

from assay.quality.shown import CLASSES_SHOWN
from assay.report.drawing import Picture, data_uri

LINES_AT_MOST = 8
"""Signals with more channels than this are a heat picture, not lines."""
BARS_AT_MOST = 32
STRIP = 456
"""CSS pixels for the items of one class: half the page's column, less the names."""
SHARPNESS = 2
"""Stored pixels for each CSS pixel."""
GAP = 4
PHOTOGRAPH = 48
"""Pixels of the shorter side from which on a picture in colours is taken for one."""
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#000000")

Array = NDArray[Any]
Tile = Callable[[Array], Image.Image]


@dataclass(frozen=True)
class _Form:
    """How items of a shape are pictured: tiles of a size in CSS pixels, `count` of them in a strip."""

    lines: bool
    grey: bool
    large: bool
    count: int
    width: int
    height: int
    note: str


def strips(arrays: Mapping[str, Array], kind: str, normalise: str) -> list[dict[int, Image.Image]]:
    """A strip of pictures for every class, of the real and of the synthetic items, all on one scale.

    Parameters
    ----------
    arrays : mapping
        real_x, real_y and, if there are any, synthetic_x, synthetic_y.
    kind, normalise : str
        Of the task.
    """
    form = _form(arrays["real_x"].shape[1:], kind)
    names = [name for name in ("real", "synthetic") if f"{name}_x" in arrays]
    shown = [_shown(arrays[f"{name}_x"], arrays[f"{name}_y"], form.count) for name in names]
    return _drawn(shown, form, kind, normalise)


def tiles_in_strip(shape: tuple[int, ...], kind: str) -> int:
    """How many items of a shape stand side by side."""
    return _form(shape, kind).count


def strip_pictures(
    groups: Sequence[Mapping[int, Array]], kind: str, normalise: str
) -> list[dict[int, Picture]]:
    """A strip of pictures, without alternative text, for every array of items, all on one scale.

    Parameters
    ----------
    groups : sequence of mapping
        Arrays, each of shape (n, *shape), under any numbers; the strips come back under the same.
    kind, normalise : str
        Of the task.
    """
    shape = next(x.shape[1:] for group in groups for x in group.values())
    form = _form(shape, kind)
    drawn = _drawn(groups, form, kind, normalise)
    return [{i: _picture(strip, form.large) for i, strip in part.items()} for part in drawn]


def reading_note(task: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """What a reader must know to read the strips; `task` has kind, normalise and classes."""
    return _note(task, _form(shape, task["kind"]))


def _drawn(
    groups: Sequence[Mapping[int, Array]], form: _Form, kind: str, normalise: str
) -> list[dict[int, Image.Image]]:
    views = [{i: _view(scaled(x, normalise), kind, form.lines) for i, x in p.items()} for p in groups]
    if kind == "vector":
        views, ends = _each_number_alone(views), (0.0, 1.0)
    else:
        ends = _range([view for part in views for view in part.values()])
    tile = _tile(form, *ends)
    return [{i: _strip([tile(item) for item in view]) for i, view in p.items()} for p in views]


def _each_number_alone(views: list[dict[int, Array]]) -> list[dict[int, Array]]:
    """Numbers of vectors from 0 to 1, each on its own range: metres and grams have no common one."""
    pooled = np.concatenate([view for part in views for view in part.values()])
    low, high = np.percentile(pooled, [1, 99], axis=0)
    return [{i: (view - low) / np.where(high > low, high - low, 1) for i, view in p.items()} for p in views]


def _shown(x: Array, y: Array, count: int) -> dict[int, Array]:
    """The first items of every class that is shown."""
    labels = [int(label) for label in np.unique(y) if label < CLASSES_SHOWN]
    return {label: x[y == label][:count] for label in labels}


def _note(task: Mapping[str, Any], form: _Form) -> str:
    scale = (
        "Every item is z-scored, as in training; then all share one scale"
        if task["normalise"] == "item"
        else ""
    )
    parts = [
        form.note,
        (scale or "All items share one scale") + " (1st to 99th percentile of the items shown).",
    ]
    if len(task["classes"]) > CLASSES_SHOWN:
        parts.append(f"The first {CLASSES_SHOWN} of {len(task['classes'])} classes.")
    return " ".join(part for part in parts if part)


# -- from arrays to pictures or lines -----------------------------------------------------------------


def _form(shape: tuple[int, ...], kind: str) -> _Form:
    if kind == "vector" or len(shape) == 1:
        return _Form(
            True,
            False,
            False,
            4,
            110,
            60,
            f"Each item: its {np.prod(shape)} numbers from left to right, each on its own range.",
        )
    if kind == "signal" and len(shape) == 2 and shape[0] <= LINES_AT_MOST:
        return _Form(True, False, False, 4, 110, 60, f"Each item: its {shape[0]} channels over time.")
    height, width = shape[-2:] if kind == "image" or len(shape) == 2 else shape[:-3:-1]
    aspect = float(np.clip(width / height, 2 / 3, 2))
    count = 4 if aspect > 1.3 else 5 if width > 48 else 8
    size = STRIP // count - GAP, round((STRIP // count - GAP) / aspect)
    photographs = kind == "image" and len(shape) == 3 and shape[0] == 3 and min(width, height) >= PHOTOGRAPH
    large = photographs or width * height > size[0] * size[1] * SHARPNESS**2
    return _Form(False, kind == "image", large, count, *size, _picture_note(shape, kind))


def _picture_note(shape: tuple[int, ...], kind: str) -> str:
    if kind == "image":
        return (
            ""
            if len(shape) == 2 or shape[0] in (1, 3)
            else f"Each item: the first of its {shape[0]} channels."
        )
    if len(shape) == 2:
        return f"Each item: its {shape[0]} channels from top to bottom, time to the right."
    return (
        f"Each item: the first of its {shape[0]} antennas; time to the right, subcarriers from top to bottom."
    )


def scaled(x: Array, normalise: str) -> Array:
    """Items as numbers; z-scored one by one where the model sees them so."""
    x = x.astype(np.float64)
    if normalise != "item":
        return x
    own = tuple(range(1, x.ndim))
    scaled: Array = (x - x.mean(own, keepdims=True)) / np.maximum(x.std(own, keepdims=True), 1e-12)
    return scaled


def _view(x: Array, kind: str, lines: bool) -> Array:
    """Lines as (n, channel, time); pictures as (n, height, width) or (n, height, width, 3)."""
    if lines:
        return x if kind == "signal" and x.ndim == 3 else x.reshape(len(x), 1, -1)
    if x.ndim == 3:
        return x
    if kind == "image" and x.shape[1] == 3:
        return np.moveaxis(x, 1, -1)
    first = x.reshape(len(x), -1, *x.shape[-2:])[:, 0]
    return first if kind == "image" else np.swapaxes(first, 1, 2)


def _range(views: list[Array]) -> tuple[float, float]:
    pooled = np.concatenate([view.ravel() for view in views])
    low, high = np.percentile(pooled, [1, 99])
    if low == high:  # nearly all background
        low, high = pooled.min(), pooled.max()
    return float(low), float(high if high > low else low + 1)


# -- tiles and strips ---------------------------------------------------------------------------------


def _tile(form: _Form, low: float, high: float) -> Tile:
    """What draws one item."""
    size = form.width * SHARPNESS, form.height * SHARPNESS

    def draw(item: Array) -> Image.Image:
        scaled = np.clip((item - low) / (high - low), 0, 1)
        if form.lines:
            return _plot(scaled, size, float(np.clip(-low / (high - low), 0, 1)))
        return _image(scaled, form.grey).resize(size, Image.Resampling.BOX)

    return draw


def _image(scaled: Array, grey: bool) -> Image.Image:
    """An RGB picture as it is, one number a pixel as brightness, and what is no image as a heat picture."""
    if not grey:
        return Image.fromarray(matplotlib.colormaps["viridis"](scaled, bytes=True)).convert("RGB")
    return Image.fromarray((255 * scaled).round().astype(np.uint8)).convert("RGB")


def _plot(scaled: Array, size: tuple[int, int], zero: float) -> Image.Image:
    """Lines of every channel; bars if they are few numbers."""
    factor, (width, height) = 2, size
    canvas = Image.new("RGB", (factor * width, factor * height), "#f4f4f4")
    pen = ImageDraw.Draw(canvas)
    if len(scaled) == 1 and scaled.shape[1] <= BARS_AT_MOST:
        _bars(pen, scaled[0], zero, *canvas.size)
    else:
        for values, colour in zip(scaled, LINE_COLOURS):
            _line(pen, values, colour, *canvas.size)
    return canvas.resize(size, Image.Resampling.BOX)


def _bars(pen: ImageDraw.ImageDraw, values: Array, zero: float, width: int, height: int) -> None:
    step = width / len(values)
    for i, value in enumerate(values):
        top, bottom = sorted(_down(np.array([value, zero]), height).tolist())
        pen.rectangle(((i + 0.15) * step, top, (i + 0.85) * step, bottom), fill=LINE_COLOURS[0])


def _down(values: Array, height: int) -> Array:
    """Values from 0 to 1 as distances from the top, with a margin."""
    return (1 - values) * (height - 12) + 6


def _line(pen: ImageDraw.ImageDraw, values: Array, colour: str, width: int, height: int) -> None:
    across = np.linspace(4, width - 4, len(values))
    pen.line(list(zip(across.tolist(), _down(values, height).tolist())), fill=colour, width=5)


def _strip(tiles: list[Image.Image]) -> Image.Image:
    """Tiles in a row; nothing between them, so that a page of any colour shows there."""
    width, height = tiles[0].size
    step = width + GAP * SHARPNESS
    strip = Image.new("RGBA", (step * len(tiles) - GAP * SHARPNESS, height))
    for i, part in enumerate(tiles):
        strip.paste(part, (i * step, 0))
    return strip


def _picture(strip: Image.Image, large: bool) -> Picture:
    """Exact, unless they are photographs or had to be shrunk: these would fill megabytes."""
    kind = "WEBP" if features.check("webp") else "PNG"
    buffer = io.BytesIO()
    strip.save(buffer, kind, lossless=not large, quality=80 if large else 50)
    width, height = (side // SHARPNESS for side in strip.size)
    return Picture(data_uri(f"image/{kind.lower()}", buffer.getvalue()), "", width, height)
