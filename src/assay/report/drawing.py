"""What all figures share: the look of each method, one style, and pictures that travel inside the page."""

from __future__ import annotations

import base64
import io
import math
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine

from assay.comparison.names import BASELINE, controlled

PIXELS_PER_INCH = 96
WIDTH = 10.6
"""Inches: the width of the page's column, so that letters in figures are as large as those beside them."""
INK, GREY, FAINT, GRID = "#222222", "#767676", "#c9c9c9", "#e6e6e6"
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")
"""Okabe and Ito's colours without the yellow, which white paper swallows; the baseline is black."""
MARKERS = "osD^vPX"
LETTERS = 22
"""In a line beside a row of a figure."""
CANVASES = {"svg": FigureCanvasSVG, "png": FigureCanvasAgg}
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.dash_capstyle": "butt",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.hashsalt": "assay",
    "text.parse_math": False,
}
"""A name with a dollar sign is no formula, and equal figures are equal bytes."""


@dataclass(frozen=True)
class Picture:
    """An image for the page.

    Attributes
    ----------
    uri : str
        The image itself, as a ``data:`` address.
    alt : str
        What is seen, for those who do not see it.
    width, height : int
        CSS pixels.
    """

    uri: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """How a method is drawn in every figure; a control shares its filter's colour, but hollow and dashed."""

    colour: str
    marker: str
    control: bool

    @property
    def face(self) -> str:
        """Colour inside markers."""
        return "white" if self.control else self.colour

    @property
    def line(self) -> Any:
        """Line style."""
        return (0, (3, 1.6)) if self.control else "-"


def looks(methods: Sequence[str]) -> dict[str, Look]:
    """The look of each method."""
    own = [name for name in methods if name != BASELINE and controlled(name) not in methods]
    found = {BASELINE: Look("#000000", "o", False)}
    for i, name in enumerate(own):
        found[name] = Look(COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)], controlled(name) is not None)
    for name in methods:
        if name not in found:
            like = found[controlled(name) or BASELINE]
            found[name] = Look(like.colour, like.marker, True)
    return found


def families(methods: Sequence[str]) -> list[list[str]]:
    """Each method followed by its control, so that a filter always stands beside a random one."""
    heads = [name for name in methods if controlled(name) not in methods]
    return [[head, *(name for name in methods if controlled(name) == head)] for head in heads]


def svg(
    draw: Callable[[Figure], None], width: float, height: float, style: Mapping[str, Any] | None = None
) -> bytes:
    """The figure that `draw` fills, of a size in inches, as a file; `style` departs from the usual one."""
    return _file(draw, width, height, "svg", {"Date": None, "Creator": None}, style)


def png(draw: Callable[[Figure], None], width: float, height: float) -> bytes:
    """Likewise, as pixels."""
    return _file(draw, width, height, "png", {"Software": None})


def _file(
    draw: Callable[[Figure], None],
    width: float,
    height: float,
    kind: str,
    about: dict[str, None],
    style: Mapping[str, Any] | None = None,
) -> bytes:
    buffer = io.BytesIO()
    with matplotlib.style.context(["default", STYLE, dict(style or {})]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # a very narrow panel
        layout, dpi = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.07), 2 * PIXELS_PER_INCH
        figure = Figure(figsize=(width, height), dpi=dpi, layout=layout)
        CANVASES[kind](figure)
        draw(figure)
        layout.execute(figure)
        figure.set_layout_engine(None)  # else `savefig` would draw all of it once more, for the layout
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=about)
    return buffer.getvalue()


def data_uri(kind: str, content: bytes) -> str:
    """Bytes as an address that needs no network."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def panels(figure: Figure, count: int, columns: int, **share: Any) -> list[Axes]:
    """`count` small axes in rows of `columns`; the rest of the last row stays empty."""
    columns = min(columns, count)
    grid = figure.subplots(math.ceil(count / columns), columns, squeeze=False, **share)
    for empty in grid.flat[count:]:
        empty.set_axis_off()
    for above in grid.flat[max(count - columns, 0) : (count // columns) * columns]:
        above.tick_params(labelbottom=True)  # nothing below it that would carry the numbers
    return list(grid.flat[:count])


def shortened(name: str, most: int) -> str:
    """A name of at most so many letters: of a longer one its two ends, where names differ."""
    if len(name) <= most:
        return name
    return f"{name[: most - most // 3 - 1]}…{name[-(most // 3) :]}"


def row_label(name: str) -> str:
    """A name beside a row of a figure: in two lines, broken between words, where one line is too short."""
    lines = textwrap.wrap(name, LETTERS, break_long_words=False, break_on_hyphens=False)
    if len(lines) > 2:
        lines = [lines[0], " ".join(lines[1:])]
    return "\n".join(shortened(line, LETTERS) for line in lines)


def class_names(classes: Sequence[str]) -> list[str]:
    """Names short enough for an axis; numbers if the figures' typeface cannot write one of them."""
    known = get_font(findfont("DejaVu Sans")).get_charmap()
    if not all(ord(letter) in known for name in classes for letter in name):
        return [str(i) for i in range(len(classes))]
    return [shortened(name, 12) for name in classes]


def class_ticks(axes: Axes, classes: Sequence[str], most: int, which: str) -> None:
    """Name the classes along an axis, every second or third only if there are many."""
    names = class_names(classes)
    shown = range(0, len(names), math.ceil(len(names) / most))
    labels = [names[i] for i in shown]
    if which == "y":
        axes.set_yticks(shown, labels)
    else:
        long = sum(map(len, labels)) > 3 * most
        axes.set_xticks(shown, labels, rotation=60 if long else 0, ha="right" if long else "center")
        axes.tick_params(axis="x", pad=1 if long else 3)
