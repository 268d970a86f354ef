"""Handwritten-like digits rendered from printed fonts, with domain randomisation (Tobin et al., IROS 2017).

The optical digits of scikit-learn are 32 x 32 bitmaps, normalised in size, whose ink was counted in blocks of
4 x 4. This renderer goes the same way: it bends, slants and thickens a glyph on a 32 x 32 sheet, then takes
the mean of the blocks. A glyph is kept as its signed distance to the outline, so that a thicker stroke is an
addition, a part left out is a minimum, and any geometry is one look-up. The fonts are those of matplotlib.

The default ranges and the habits were chosen with real optical digits and their labels in view (twelve trials
of transfer accuracy): how well these digits transfer to those is therefore a little flattered.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.digit_habits import rise, with_habit
from assay.generate.factors import Range, check_ranges, columns, uniform
from assay.types import Samples, Task

Floats = NDArray[np.float64]

# Of matplotlib's other fonts, DejaVu Sans Mono dots its zero, cmmi10 has old-style digits, the rest none.
FONTS = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic"),
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    *("cmr10", "cmb10", "cmss10", "cmti10", "cmtt10"),
)
GRID, BLOCK = 8, 4
SHEET = GRID * BLOCK  # render pixels along a side
FINE, MARGIN = 3, 24  # glyph pixels to a render pixel (about); empty glyph pixels around a glyph
KNOTS = 4  # the warp is drawn on KNOTS x KNOTS points
LIMITS = {  # lowest and highest value of each factor
    "slant": (-2.0, 2.0),
    "rotation": (-180.0, 180.0),
    "stroke": (-8.0, 8.0),
    "scale_x": (0.1, 4.0),
    "scale_y": (0.1, 4.0),
    "shift_x": (-8.0, 8.0),
    "shift_y": (-8.0, 8.0),
    "warp": (0.0, 16.0),
    "habit": (0.0, 1.0),
    "blur": (0.0, 16.0),
    "contrast": (0.0, 4.0),
    "background": (0.0, 1.0),
    "noise": (0.0, 1.0),
}


@dataclass(frozen=True)
class Factors:
    """What decides an image besides digit and font, in the units of `DigitsRendered`; by default plain print.

    `seed` (0 or more) decides the warp and the noise.
    """

    slant: float = 0.0
    rotation: float = 0.0
    stroke: float = 0.0
    scale_x: float = 0.7
    scale_y: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    warp: float = 0.0
    habit: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    background: float = 0.0
    noise: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class DigitsRendered:
    """Settings: the fonts, and for every factor one value (fixed) or two (drawn uniformly between them).

    Parameters
    ----------
    fonts : tuple of str
        Names out of `FONTS`, all equally likely.
    slant : Range
        How far the top leans to the right of the bottom, as a part of the height.
    rotation : Range
        Degrees, anticlockwise.
    stroke : Range
        Render pixels (four to a pixel of the image) added to each side of a stroke; negative thins.
    scale_x, scale_y : Range
        Width and height of the upright glyph, thickened strokes included, as parts of the image's side.
    shift_x, shift_y : Range
        Pixels of the image, to the right and down.
    warp : Range
        Typical size of a smooth random displacement, in render pixels.
    habit : Range
        From print (0) to what a hand does with the ones, fours, sixes, sevens and nines (1).
    blur : Range
        Standard deviation of a Gaussian, in render pixels.
    contrast : Range
        How far ink goes from the background to 1; above 1 it saturates.
    background : Range
        Grey level without ink, 0 to 1.
    noise : Range
        Standard deviation of the Gaussian noise of each pixel of the image, which is then cut to [0, 1].

    Raises
    ------
    UserError
        If a range has not one or two values, low first, within `LIMITS`, or a font is unknown.
    """

    fonts: tuple[str, ...] = FONTS
    slant: Range = (-0.2, 0.1)
    rotation: Range = (-8.0, 8.0)
    stroke: Range = (0.2, 1.4)
    scale_x: Range = (0.5, 0.78)
    scale_y: Range = (0.95, 1.05)
    shift_x: Range = (-0.5, 0.4)
    shift_y: Range = (-0.3, 0.3)
    warp: Range = (1.0, 2.0)
    habit: Range = (0.5, 1.0)
    blur: Range = (0.0, 1.5)
    contrast: Range = (0.9, 1.2)
    background: Range = (0.0,)
    noise: Range = (0.0, 0.06)

    def __post_init__(self) -> None:
        if not self.fonts:
            raise UserError(f"fonts: none given; known: {', '.join(FONTS)}")
        for font in self.fonts:
            _check_font(font)
        check_ranges(self, LIMITS)

    def fit(self, task: Task, seed: int = 0, workspace: Workspace | None = None) -> DigitsRendered:
        """Nothing to learn; raise `UserError` unless the task has ten classes of items (1, 8, 8)."""
        del seed, workspace
        if task.shape != (1, GRID, GRID):
            raise UserError(f"digits-rendered: draws items of shape (1, 8, 8); {task.name} has {task.shape}")
        if len(task.classes) != 10:
            raise UserError(f"digits-rendered: draws ten digits; {task.name} has {len(task.classes)} classes")
        return self

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, dict[str, NDArray[Any]]]:
        """Digits in random order, each as often as the others (give or take one), and how each was made.

        Parameters
        ----------
        n : int
            Number of digits, 0 or more.
        rng : numpy Generator
            Decides everything: same state, same bytes. To fix a factor leaves the others as they were.

        Returns
        -------
        samples : Samples
            x float32, shape (n, 1, 8, 8), range [0, 1], ink 1; y the digit.
        factors : dict of str to array, shape (n,)
            ``font`` and the fields of `Factors`: with y, what `render` needs to draw each item again.

        Raises
        ------
        UserError
            If `n` is negative.
        """
        if n < 0:
            raise UserError(f"digits_rendered: n is {n}; expected 0 or more")
        y = rng.permutation(np.arange(n) % 10)
        fonts = [font_rand(rng, self) for _ in range(n)]
        factors = [factors_rand(rng, self) for _ in range(n)]
        images = [render(*made) for made in zip(y.tolist(), fonts, factors)]
        x = np.array(images, dtype=np.float32).reshape(n, 1, GRID, GRID)
        return Samples(x, y), {"font": np.array(fonts, dtype=np.str_), **_columns(factors)}


def _check_font(font: str) -> None:
    if font not in FONTS:
        raise UserError(f"fonts: unknown font '{font}'; known: {', '.join(FONTS)}")


def _columns(factors: list[Factors]) -> dict[str, NDArray[Any]]:
    kinds = {name: type(default) for name, default in asdict(Factors()).items()}
    return columns([asdict(item) for item in factors], kinds)


def font_rand(rng: np.random.Generator, settings: DigitsRendered) -> str:
    """One of the settings' fonts; one draw, however many there are."""
    return settings.fonts[int(rng.random() * len(settings.fonts))]


def factors_rand(rng: np.random.Generator, settings: DigitsRendered) -> Factors:
    """Each factor uniform in its range; one draw each, also for a fixed one."""
    return Factors(**uniform(rng, settings, LIMITS), seed=int(rng.integers(2**32)))


def render(digit: int, font: str, factors: Factors) -> NDArray[np.float32]:
    """One digit; same arguments, same bytes.

    Parameters
    ----------
    digit : int
        0 to 9.
    font : str
        A name out of `FONTS`.
    factors : Factors
        Geometry, ink, and the seed of the warp and the noise.

    Returns
    -------
    float32 array, shape (8, 8), range [0, 1]
        Ink is 1.

    Raises
    ------
    UserError
        If there is no such digit or font.
    """
    rng = np.random.default_rng(factors.seed)
    bends, grains = rng.standard_normal((2, KNOTS, KNOTS)), rng.standard_normal((GRID, GRID))
    reduce = _reduction(factors.blur)
    ink = reduce @ _sheet(digit, _glyph(digit, font), factors, bends) @ reduce.T
    grey = np.clip(factors.background + factors.contrast * (1 - factors.background) * ink, 0, 1)
    noisy: NDArray[np.float32] = np.clip(grey + factors.noise * grains, 0, 1).astype(np.float32)
    return noisy


def _sheet(digit: int, glyph: Floats, factors: Factors, bends: Floats) -> Floats:
    """Ink of each render pixel, shape (SHEET, SHEET): the glyph's distance looked up where it came from."""
    from scipy.ndimage import map_coordinates

    size = np.array(glyph.shape) - 2 * MARGIN
    sides = SHEET * np.array([factors.scale_y, factors.scale_x]) - 2 * factors.stroke
    scale = np.maximum(sides, 1) / size
    place = _upright(factors, bends) / scale[:, None, None] + (size[:, None, None] - 1) / 2
    place[0] += factors.habit * rise(digit, place[0] / size[0]) * size[0]
    distance = map_coordinates(glyph, place + MARGIN, order=1, mode="nearest")
    distance = with_habit(distance, digit, factors.habit, place, size)
    ink: Floats = np.clip(0.5 + math.sqrt(scale.prod()) * distance + factors.stroke, 0, 1)
    return ink


def _upright(factors: Factors, bends: Floats) -> Floats:
    """Each render pixel's (y, x) from the middle, with shift, warp, rotation and slant undone."""
    along, smooth = _ruler()
    bend_x, bend_y = factors.warp * (smooth @ bends @ smooth.T)
    x = along[None, :] - BLOCK * factors.shift_x + bend_x
    y = along[:, None] - BLOCK * factors.shift_y + bend_y
    cos, sin = math.cos(math.radians(factors.rotation)), math.sin(math.radians(factors.rotation))
    x, y = cos * x - sin * y, sin * x + cos * y
    return np.stack([y, x + factors.slant * y])


@lru_cache(maxsize=1)
def _ruler() -> tuple[Floats, Floats]:
    """Render pixels' places from the middle; their weights on the knots, shape (SHEET, KNOTS), norm 1."""
    along: Floats = np.arange(SHEET, dtype=np.float64) - (SHEET - 1) / 2
    knots = np.linspace(-SHEET / 2, SHEET / 2, KNOTS)
    weights: Floats = np.exp(-0.5 * ((along[:, None] - knots) / (knots[1] - knots[0])) ** 2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return along, weights


def _reduction(blur: float) -> Floats:
    """Gaussian blur, then the mean of BLOCK pixels, along one axis: shape (GRID, SHEET), rows sum to 1."""
    along, _ = _ruler()
    weights: Floats = np.exp(-0.5 * ((along[:, None] - along) / max(blur, 1e-3)) ** 2)
    means: Floats = (weights / weights.sum(1, keepdims=True)).reshape(GRID, BLOCK, SHEET).mean(1)
    return means


@lru_cache(maxsize=10 * len(FONTS))
def _glyph(digit: int, font: str) -> Floats:
    """Distance to the outline in glyph pixels, positive in the ink; cropped to the ink and a margin."""
    from scipy.ndimage import distance_transform_edt

    if digit not in range(10):
        raise UserError(f"digits_rendered: digit {digit}; expected 0 to 9")
    ink = np.pad(_drawn(digit, font) > 127, MARGIN)
    distance: Floats = distance_transform_edt(ink) - distance_transform_edt(~ink)
    return distance - np.sign(distance) / 2


def _drawn(digit: int, font: str) -> NDArray[np.uint8]:
    """The glyph as 255 on 0, about FINE * SHEET pixels high, without its margins."""
    from pathlib import Path

    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFont

    _check_font(font)
    path = Path(get_data_path(), "fonts", "ttf", f"{font}.ttf")
    typeface = ImageFont.truetype(str(path), round(1.4 * FINE * SHEET))
    paper = Image.new("L", (3 * FINE * SHEET, 3 * FINE * SHEET))
    ImageDraw.Draw(paper).text((FINE * SHEET, FINE * SHEET), str(digit), fill=255, font=typeface)
    return np.asarray(paper.crop(paper.getbbox()))
