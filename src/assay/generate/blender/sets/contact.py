"""The first pictures of every class on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import UserError
from assay.files import at_once

if TYPE_CHECKING:
    from PIL import Image

NAME = "contact_sheet.png"
ACROSS, GAP, LABEL, SIDE, MOST_CLASSES = 10, 4, 110, 96, 60


def contact_sheet(folder: Path, classes: Sequence[str]) -> None:
    """Write the sheet: a row of up to ten pictures for each of up to 60 classes; nothing without pictures.

    Raises
    ------
    UserError
        If a picture cannot be read.
    """
    from PIL import Image, ImageDraw, ImageFont

    rows = {name: sorted((folder / name).glob("*.png"))[:ACROSS] for name in classes[:MOST_CLASSES]}
    across = max(map(len, rows.values()), default=0)
    if not across:
        return
    step = SIDE + GAP
    sheet = Image.new("RGB", (LABEL + across * step, GAP + len(rows) * step), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for row, (name, paths) in enumerate(rows.items()):
        top = GAP + row * step
        pen.text((GAP, top + SIDE // 2 - 10), name, "black", font)
        for column, path in enumerate(paths):
            sheet.paste(_tile(path), (LABEL + column * step, top))
    with at_once(folder / NAME) as part:
        sheet.save(part, "PNG", optimize=True)


def _tile(path: Path) -> Image.Image:
    """A picture in a square; small ones keep their pixels sharp."""
    from PIL import Image

    picture = _read(path)
    fit = min(SIDE / picture.width, SIDE / picture.height)
    size = max(1, round(picture.width * fit)), max(1, round(picture.height * fit))
    kind = Image.Resampling.BICUBIC if fit > 1 else Image.Resampling.LANCZOS
    return picture.resize(size, kind)


def _read(path: Path) -> Image.Image:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return picture.convert("RGB")
    except (OSError, SyntaxError) as error:  # the second is what a PNG with a damaged middle raises
        raise UserError(f"{path}: damaged ({error}); remove it, and it is made again") from None
