"""Augmentation of batches of images against Pillow and numpy doing the same steps image by image.

python benchmarks/augmentation.py [--repeats 7]
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter
from timing import alternate, told

from assay.data.augment import Augmentation, Augmenter

BATCH, SIZES = 64, (64, 128, 224)
MEAN, DEVIATION = np.float32([0.49, 0.45, 0.46]), np.float32([0.24, 0.25, 0.27])


def weak(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Padded by reflection, cropped."""
    size = image.size[0]
    margin = round(size * 256 / 224) - size
    sides = (margin // 2, margin - margin // 2)
    padded = np.pad(np.asarray(image), (sides, sides, (0, 0)), mode="reflect")
    top, left = rng.integers(0, margin + 1, 2)
    return mirrored(Image.fromarray(padded[top : top + size, left : left + size]), rng)


def strong(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Crop resized, colours, grey, blur."""
    size = image.size[0]
    box = random_box(size, rng)
    image = mirrored(image.resize((size, size), Image.Resampling.BILINEAR, box), rng)
    if rng.random() < 0.8:
        image = jittered(image, rng)
    if rng.random() < 0.2:
        image = image.convert("L").convert("RGB")
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.1, 2) * size / 224))
    return image


def random_box(size: int, rng: np.random.Generator) -> tuple[int, int, int, int]:
    for _ in range(10):
        area, ratio = rng.uniform(0.08, 1) * size**2, np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
        height, width = round(np.sqrt(area / ratio)), round(np.sqrt(area * ratio))
        if height <= size and width <= size:
            top, left = rng.integers(0, size - height + 1), rng.integers(0, size - width + 1)
            return int(left), int(top), int(left) + width, int(top) + height
    return 0, 0, size, size


def mirrored(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image


def jittered(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    steps = [(ImageEnhance.Brightness, 0.4), (ImageEnhance.Contrast, 0.4), (ImageEnhance.Color, 0.2), None]
    for i in rng.permutation(4):
        if steps[i] is None:
            image = hue(image, rng.uniform(-0.1, 0.1))
        else:
            enhance, spread = steps[i]
            image = enhance(image).enhance(rng.uniform(1 - spread, 1 + spread))
    return image


def hue(image: Image.Image, turn: float) -> Image.Image:
    h, s, v = image.convert("HSV").split()
    h = Image.fromarray((np.asarray(h).astype(int) + round(255 * turn)).astype(np.uint8))
    return Image.merge("HSV", (h, s, v)).convert("RGB")


def one_by_one(images: np.ndarray, kind: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Images (n, height, width, 3) of one byte to a normalised batch (n, 3, height, width)."""
    look = weak if kind == "weak" else strong
    looks = np.stack([np.asarray(look(Image.fromarray(image), rng)) for image in images])
    return ((looks.astype(np.float32) / 255 - MEAN) / DEVIATION).transpose(0, 3, 1, 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    o = parser.parse_args()
    torch.set_num_threads(1)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    statistics = [torch.from_numpy(part)[:, None, None] for part in (MEAN, DEVIATION)]
    for size in SIZES:
        images = rng.integers(0, 256, (BATCH, size // 8, size // 8, 3), dtype=np.uint8)
        images = np.stack([np.asarray(Image.fromarray(one).resize((size, size))) for one in images])
        x = torch.from_numpy(((images / np.float32(255) - MEAN) / DEVIATION).transpose(0, 3, 1, 2))
        for kind in ("weak", "strong"):
            ours = Augmenter(kind, *statistics)
            slow, fast = alternate(
                lambda kind=kind, images=images: one_by_one(images, kind, rng),
                lambda ours=ours, x=x: ours(x, generator),
                repeats=o.repeats,
            )
            speeds = f"{BATCH / slow[0]:,.0f} and {BATCH / fast[0]:,.0f} images a CPU-second"
            print(told(f"{kind}, {BATCH} images of {size} × {size}", slow, fast) + f"; {speeds}")


if __name__ == "__main__":
    main()
