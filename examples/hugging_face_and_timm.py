"""Images of a Hugging Face data set and a network of timm: pip install datasets 'assay[timm]'."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from datasets import ClassLabel, Dataset, DatasetDict, Features, Image
from PIL import Image as Picture
from PIL import ImageDraw

import assay

KINDS = ("circle", "square", "triangle")


def drawn(n: int, seed: int, noise: int) -> Dataset:
    """Pictures of shapes, somewhere in the picture, in some colour."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n).tolist()
    features = Features({"image": Image(), "label": ClassLabel(names=list(KINDS))})
    pictures = [_picture(KINDS[label], rng, noise) for label in labels]
    return Dataset.from_dict({"image": pictures, "label": labels}, features)


def _picture(kind: str, rng: np.random.Generator, noise: int) -> Picture.Image:
    grain = rng.integers(0, noise + 1, (32, 32, 3), dtype=np.uint8)
    picture = Picture.fromarray(grain)
    x, y, r = (*rng.integers(10, 22, 2).tolist(), int(rng.integers(6, 10)))
    colour = tuple(rng.integers(120, 256, 3).tolist())
    draw = ImageDraw.Draw(picture)
    if kind == "circle":
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    elif kind == "square":
        draw.rectangle((x - r, y - r, x + r, y + r), fill=colour)
    else:
        draw.polygon([(x - r, y + r), (x + r, y + r), (x, y - r)], fill=colour)
    return picture


def main(out: str = "runs/shapes", seeds: int = 3, epochs: int = 10, **options: Any) -> None:
    """The splits of a DatasetDict are the parts of the task."""
    real = DatasetDict(train=drawn(60, 0, 160), validation=drawn(60, 1, 160), test=drawn(150, 2, 160))
    training = assay.Training(epochs=epochs, steps=20)
    own = {"seeds": seeds, "training": training, "backbone": "timm:name=test_resnet", "out": out, **options}
    result = assay.compare(real, drawn(300, 3, 60), methods=["mixed"], **own)
    print(assay.table(result))
    print(assay.verdict(result))


if __name__ == "__main__":
    main(*sys.argv[1:2])
