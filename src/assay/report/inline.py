"""A figure inside a page: SVG that fits its place, takes the colours of the page and tells its values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from assay.report.drawing import COLOURS, FAINT, GREY, GRID, INK, PIXELS_PER_INCH, svg

ON_PAGE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 8.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
"""Letters are text: they take the page's typeface, and can be searched and copied."""
TOLD = "tip "
"""Starts the id of what tells its value; Matplotlib's own ids have no space."""
PAGE_COLOURS = {
    **{colour.lower(): f"var(--c{i})" for i, colour in enumerate(COLOURS)},
    **dict.fromkeys((INK, "#000000"), "currentColor"),
    GREY: "var(--soft)",
    FAINT: "var(--pale)",
    GRID: "var(--line)",
    "#ffffff": "var(--page)",
}


@dataclass(frozen=True)
class Drawing:
    """A panel of a figure for a page.

    Attributes
    ----------
    title : str
        Above it, in the page's own letters, so that a long one wraps.
    svg : str
        The panel itself, marked as HTML.
    alt : str
        What is seen, for those who do not see it.
    below : tuple of str
        Words under it, from its left to its right end.
    of_class : str
        The class that it is of, if it is of one.
    """

    title: str
    svg: Markup
    alt: str
    below: tuple[str, ...] = ()
    of_class: str = ""


def tell(artist: Artist, words: str) -> None:
    """Let what is drawn say its value where a pointer rests on it."""
    artist.set_gid(TOLD + words)


def inline(draw: Callable[[Figure], None], width: float, height: float, alt: str, title: str = "") -> Drawing:
    """The figure that `draw` fills, of a size in inches at which its letters are as large as the page's."""
    drawn = svg(draw, width, height, ON_PAGE).decode()
    most = round(1.25 * width * PIXELS_PER_INCH)
    return Drawing(title, svg_element(_inside(drawn), _box(drawn), alt, most=most), alt)


def svg_element(inside: str, box: str, alt: str, kind: str = "drawn", most: int | None = None) -> Markup:
    """An SVG element around what is `inside`: as wide as its place, but at most so many pixels."""
    style = f' style="max-width: {most}px"' if most else ' preserveAspectRatio="none"'
    start = f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{escape(alt)}"{style}>'
    return Markup(f"{start}{inside}</svg>")


def _box(drawn: str) -> str:
    found = re.search(r'viewBox="([^"]+)"', drawn)
    assert found
    return found[1]


def _inside(drawn: str) -> str:
    """What Matplotlib drew, for use within HTML."""
    body = drawn.partition("</style>\n </defs>")[2].rpartition("</svg>")[0]
    body = re.sub(r'<g id="([^"]*)">', _group, body)
    body = re.sub(r"<[^>]+>", _tag, body)
    mark = "f" + hashlib.sha256(body.encode()).hexdigest()[:6]
    body = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{mark}", body)  # ids are of the whole page
    return body.replace("\n", "")


def _group(found: re.Match[str]) -> str:
    words = found[1]
    return f"<g><title>{words.removeprefix(TOLD)}</title>" if words.startswith(TOLD) else "<g>"


def _tag(found: re.Match[str]) -> str:
    """A tag with colours of the page, its typeface and short numbers."""
    tag = re.sub(r"\s+", " ", found[0])
    tag = re.sub(r" font-family: [^;\"]+;?", "", tag)
    tag = re.sub(r" transform=\"rotate\(-?0 [^\"]*\"", "", tag)
    tag = re.sub(r": (#[0-9a-f]{6})\b", lambda m: f": {PAGE_COLOURS.get(m[1], m[1])}", tag)
    return re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), tag)
