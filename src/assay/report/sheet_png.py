"""Real beside synthetic items, class by class, as one PNG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assay.comparison.compare import pictured
from assay.report.contact_sheet import SHARPNESS, strips
from assay.types import Samples, Task

LABEL, MARGIN, TEXT = 150 * SHARPNESS, 12 * SHARPNESS, 15 * SHARPNESS


def sheet_png(task: Task, synthetic: Samples) -> bytes:
    """A picture of the first items of every class: real on the left, synthetic on the right.

    Complex items are shown by their magnitude.
    """
    arrays = {
        key: np.abs(value) if np.iscomplexobj(value) else value
        for key, value in pictured(task, synthetic).items()
    }
    parts = strips(arrays, task.kind, task.normalise)
    names = [*task.classes, "condition not given"]  # label -1 is the last
    labels = sorted({label for part in parts for label in part}, key=lambda label: label % len(names))
    rows = [(names[label], [part.get(label) for part in parts]) for label in labels]
    buffer = io.BytesIO()
    _sheet(rows).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _sheet(rows: list[tuple[str, list[Image.Image | None]]]) -> Image.Image:
    found = [strip for _, strips in rows for strip in strips if strip]
    width, height = max(strip.width for strip in found), max(strip.height for strip in found)
    size = LABEL + 2 * (width + MARGIN), MARGIN + TEXT + (height + MARGIN) * len(rows)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for column, title in enumerate(("real", "synthetic (condition)")):
        pen.text((LABEL + column * (width + MARGIN), 0), title, "black", font)
    for row, (name, pair) in enumerate(rows):
        top = MARGIN + TEXT + row * (height + MARGIN)
        pen.text((MARGIN, top), name, "black", font)
        for column, strip in enumerate(pair):
            if strip:
                sheet.paste(strip, (LABEL + column * (width + MARGIN), top), strip)
    return sheet
