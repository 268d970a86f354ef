"""A matrix of shares by class as SVG: one cell a pair of classes, each telling what it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from assay.report.drawing import shortened
from assay.report.inline import Drawing, svg_element

Floats = NDArray[np.float64]

SIDE, LETTERS, LETTER = 300, 14, 7.0
"""Pixels of the whole, letters of a name at most, and pixels that a letter takes at most."""
ROOM, MARGIN = 13, 6
"""Pixels that a name needs from the next one, and at the end."""
NO_CLASS = "no class"
"""The further column of methods that may predict none of the classes."""


def matrix(shares: Floats, classes: Sequence[str], alt: str, title: str) -> Drawing:
    """Shares of predictions (columns) by true class (rows), each in [0, 1].

    A cell is as strong as the root of its share, so that rare confusions show; empty ones are left out.
    """
    names = [*classes, NO_CLASS][: shares.shape[1]]
    short = [shortened(name, LETTERS) for name in names]
    left = 8 + LETTER * max(map(len, short))
    cell = (SIDE - left - MARGIN) / len(names)
    place = f"translate({left:.0f} {left:.0f}) scale({cell:.2f})"
    grid = f'<g transform="{place}">{"".join(_rows(shares, names))}</g>'
    words = "".join((*_across(short, left, cell), *_down(short[: len(classes)], left, cell)))
    height = math.ceil(left + cell * len(shares)) + MARGIN
    return Drawing(title, svg_element(grid + words, f"0 0 {SIDE} {height}", alt, most=SIDE), alt)


def _rows(shares: Floats, names: Sequence[str]) -> Iterator[str]:
    rows, columns = shares.shape
    yield f'<rect class="frame" width="{columns}" height="{rows}"/>'
    for true, row in enumerate(shares):
        cells = "".join(_cell(true, column, row[column], names) for column in np.flatnonzero(row).tolist())
        yield f'<g data-class="{escape(names[true])}">{cells}</g>'


def _cell(true: int, column: int, share: float, names: Sequence[str]) -> str:
    told = f"{names[true]} taken for {names[column]}" if true != column else f"{names[true]} recognised"
    words = escape(f"{told}: {_percent(share)}")
    place = f'x="{column}" y="{true}" width="1" height="1" fill-opacity="{math.sqrt(share):.2f}"'
    return f'<rect class="{"hit" if true == column else "miss"}" {place}><title>{words}</title></rect>'


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.005 else "below 0.5 %"


def _every(cell: float) -> int:
    return math.ceil(ROOM / cell)


def _across(names: Sequence[str], top: float, cell: float) -> Iterator[str]:
    """Names of the columns, upright where they are short, else on their side."""
    flat = max(map(len, names)) * LETTER + 3 <= cell
    for i in range(0, len(names), _every(cell)):
        x = top + (i + 0.5) * cell
        turn = "" if flat else f' transform="rotate(-90 {x:.1f} {top - 5:.1f})"'
        place = f'x="{x:.1f}" y="{top - 5:.1f}" ' + ('text-anchor="middle"' if flat else 'dy="4"')
        yield f"<text {place}{turn}>{escape(names[i])}</text>"


def _down(names: Sequence[str], left: float, cell: float) -> Iterator[str]:
    for i in range(0, len(names), _every(cell)):
        y = left + (i + 0.5) * cell + 4
        yield f'<text x="{left - 5:.1f}" y="{y:.1f}" text-anchor="end">{escape(names[i])}</text>'
