"""Lines without axes, as small as a word: many of them side by side tell more than one large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from assay.report.inline import svg_element

BOX = 100, 30
"""Width and height in which lines are told; a page stretches them to their place."""
POINTS = 120
"""Of a line at most: more are not seen."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """A line: its values, one after the other, and its class in the page's style."""

    values: Floats
    look: str = ""


def traces(lines: Sequence[Trace], low: float, high: float, alt: str) -> Markup:
    """Lines on one scale from `low` to `high`, over the whole width; a pointer on them is told `alt`."""
    drawn = "".join(
        f'<polyline class="{line.look}" points="{_points(line.values, low, high)}"/>' for line in lines
    )
    told = f"<title>{escape(alt)}</title>" + '<rect class="felt" width="{}" height="{}"/>'.format(*BOX)
    return svg_element(f"<g>{told}{drawn}</g>", "0 0 {} {}".format(*BOX), alt, "trace")


def _points(values: Floats, low: float, high: float) -> str:
    width, height = BOX
    kept = (
        values
        if len(values) <= POINTS
        else values[np.linspace(0, len(values) - 1, POINTS).round().astype(int)]
    )
    across = np.linspace(1, width - 1, len(kept))
    down = 1 + (height - 2) * (1 - (kept - low) / (high - low or 1)).clip(0, 1)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down))
