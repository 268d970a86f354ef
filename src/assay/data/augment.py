"""Augmentation of image batches: each image its own crop, mirror image, colours and blur."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from assay.data.normalise import channel_statistics
from assay.errors import UserError
from assay.types import Task

Augmentation = Literal["none", "weak", "strong"]
TRIES = 10  # for a box that fits, as torchvision
DRAWS = (
    TRIES,
    TRIES,
    2,
    1,
    1,
    4,
    1,
    1,
    1,
)  # areas, ratios, place, mirrored; jitter?, by how much; grey?; blur?, sigma
PIXELS = 2**17  # worked on at a time on a CPU: all 64 images of 224 at once take 1.5 times as long


@dataclass(frozen=True, eq=False)
class Augmenter:
    """Random looks of normalised images, as Tang and Jia (CVPR 2023) trained with them.

    weak
        Published: short side to 256 pixels, random crop of 224, mirrored with probability 0.5. Here images
        have their final size s already: each is padded by reflection to round(256 s / 224), then cropped to
        s, so that objects keep their size and move by up to s / 14.
    strong
        Random-resized crop (share of the area uniform in [0.08, 1], ratio of the sides log-uniform in
        [3/4, 4/3], bilinear); mirrored with probability 0.5; with 0.8 brightness, contrast and saturation
        by factors uniform in [0.6, 1.4], [0.6, 1.4] and [0.8, 1.2] and hue by [-0.1, 0.1] of a turn, in a
        random order that the batch shares; with 0.2 grey; with 0.5 a Gaussian blur of sigma uniform in
        [0.1, 2] pixels of an image of 224, edges repeated. Differences: crops are taken from the image at its
        final size, so none is ever shrunk (antialiasing would change nothing); colours are not rounded to 256
        levels after each step; the kernel is a Gaussian cut at three of the largest sigmas, where Pillow
        repeats box filters.

    Parameters
    ----------
    kind : {"weak", "strong"}
    mean, deviation : Tensor, shape (3, 1, 1)
        Of each channel, with pixels in [0, 1]: what the normalisation took away and divided by.
    """

    kind: Augmentation
    mean: Tensor
    deviation: Tensor

    def __call__(self, x: Tensor, generator: Generator) -> Tensor:
        """New looks of a batch.

        Parameters
        ----------
        x : Tensor, shape (n, 3, height, width)
            Images as networks see them.
        generator : Generator
            On the device of `x`; one call takes the same numbers from it whatever the images are.

        Returns
        -------
        Tensor, shape (n, 3, height, width)
            Of the type and memory format of `x`.
        """
        draws = torch.rand((len(x), sum(DRAWS)), generator=generator, device=x.device)
        order = torch.randperm(len(JITTER), generator=generator, device=x.device).tolist()
        return self.looks(x, draws, order)

    def looks(self, x: Tensor, draws: Tensor, order: Sequence[int]) -> Tensor:
        """The looks that `draws`, uniform numbers in [0, 1), one row (sum(DRAWS),) an image, stand for."""
        y = torch.empty_like(x)
        at_once = max(1, len(x) if x.is_cuda else PIXELS // math.prod(x.shape[2:]))
        for look, image, u in zip(*(torch.split(part, at_once) for part in (y, x, draws))):
            look.copy_(self._look(image.float(), u, order))
        return y

    def _look(self, x: Tensor, draws: Tensor, order: Sequence[int]) -> Tensor:
        area, ratio, place, mirrored, *colour = torch.split(draws, list(DRAWS), 1)
        if self.kind == "weak":
            rows, columns = (shifted(size, u) for size, u in zip(x.shape[2:], place.unbind(1)))
        else:
            rows, columns = boxes(x.shape[2:], area, ratio, place)
        x = sampled(x, rows, torch.where(mirrored < 0.5, columns.flip(1), columns))
        return x if self.kind == "weak" else self._coloured(x, order, *colour)

    def _coloured(self, x: Tensor, order: Sequence[int], *draws: Tensor) -> Tensor:
        jitter, strength, grey, blur, sigma = draws
        mean, deviation = self.mean.to(x.device), self.deviation.to(x.device)
        pixels = torch.addcmul(mean, x, deviation)
        _replace(pixels, jitter < 0.8, lambda part, at: jittered(part, strength[at], order))
        _replace(pixels, grey < 0.2, lambda part, _: luma(part)[:, None])
        _replace(pixels, blur < 0.5, lambda part, at: blurred(part, 0.1 + 1.9 * sigma[at, 0]))
        return pixels.sub_(mean).div_(deviation)


def augmenter(kind: Augmentation, task: Task) -> Augmenter | None:
    """What augments the batches of a task, or None for "none".

    Raises
    ------
    UserError
        If the task's items are not images of three channels, normalised by channel, of whole numbers of one
        byte or real ones in [0, 1].
    """
    if kind == "none":
        return None
    _check(kind, task)
    scale = 255 if task.labelled.x.dtype.kind == "u" else 1
    mean, deviation = (torch.from_numpy(part[0] / scale) for part in channel_statistics(task))
    return Augmenter(kind, mean, deviation)


def _check(kind: Augmentation, task: Task) -> None:
    x = task.labelled.x
    if task.kind != "image" or len(task.shape) != 3 or task.shape[0] != 3:
        what = (
            f"items of kind {task.kind} and shape {task.shape}; expected images of shape (3, height, width)"
        )
    elif task.normalise != "channel":
        what = f'normalise is "{task.normalise}"; expected "channel"'
    elif x.dtype != "uint8" and x.dtype.kind != "f":
        what = f"labelled x of {x.dtype}; expected uint8, or real numbers in [0, 1]"
    elif x.dtype.kind == "f" and not 0 <= x.min() <= x.max() <= 1:
        what = f"labelled x from {x.min():.4g} to {x.max():.4g}; expected uint8, or real numbers in [0, 1]"
    else:
        return
    raise UserError(f'augment "{kind}": task {task.name} has {what}')


def _replace(x: Tensor, chosen: Tensor, step: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Put `step` of the chosen images (n, 1) and of their positions in their place."""
    at = chosen[:, 0].nonzero()[:, 0]
    if len(at):
        x[at] = step(x[at], at)


def shifted(size: int, u: Tensor) -> Tensor:
    """Coordinates (n, size) of a random crop of an axis that reflection lengthened to 256 / 224 of it."""
    margin = round(size * 256 / 224) - size
    first = (u * (margin + 1)).floor().clamp(max=margin) - margin // 2
    at = first[:, None] + torch.arange(size, device=u.device)
    return (size - 1) - (size - 1 - at.abs()).abs()


def boxes(sizes: Sequence[int], area: Tensor, ratio: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates of rows (n, height) and columns (n, width) of random-resized crops, boxes in whole pixels.

    `area` and `ratio` (n, tries) and `place` (n, 2) are uniform in [0, 1). The first try that fits into the
    image counts; where none does, the largest box in the middle with a ratio of 3/4 to 4/3.
    """
    height, width = sizes
    area = (0.08 + 0.92 * area) * height * width
    ratio = ((2 * ratio - 1) * math.log(4 / 3)).exp()
    high, wide = (area / ratio).sqrt().round(), (area * ratio).sqrt().round()
    fits = (high >= 1) & (high <= height) & (wide >= 1) & (wide <= width)
    first, found = fits.int().argmax(1, keepdim=True), fits.any(1, keepdim=True)
    high = torch.where(found, high.gather(1, first), min(height, round(width * 4 / 3)))
    wide = torch.where(found, wide.gather(1, first), min(width, round(height * 4 / 3)))
    place = torch.where(found, place, 0.5)
    return stretched(height, high, place[:, :1]), stretched(width, wide, place[:, 1:])


def stretched(size: int, length: Tensor, place: Tensor) -> Tensor:
    """Coordinates (n, size) that resize pieces (n, 1) of an axis to all of it; nothing outside is seen."""
    first = (place * (size - length + 1)).floor().minimum(size - length)
    at = first + (torch.arange(size, device=length.device) + 0.5) * length / size - 0.5
    return at.clamp(first, first + length - 1)


def sampled(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images (n, c, h, w) at rows (n, h) and columns (n, w), counted in pixels, interpolated bilinearly."""
    size = x[:, 0].shape
    vertical = ((2 * rows + 1) / x.shape[2] - 1)[:, :, None].expand(size)
    horizontal = ((2 * columns + 1) / x.shape[3] - 1)[:, None, :].expand(size)
    grid = torch.stack((horizontal, vertical), -1)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def jittered(x: Tensor, strength: Tensor, order: Sequence[int]) -> Tensor:
    """Images (n, 3, h, w) in [0, 1] after the steps of `JITTER`; uniform numbers (n, 4) say by how much."""
    for i in order:
        step, neutral, spread = JITTER[i]
        x = step(x, neutral + spread * (2 * strength[:, i] - 1))
    return x


def luma(x: Tensor) -> Tensor:
    """Grey level (n, h, w): 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601)."""
    red, green, blue = x.unbind(1)
    return red.mul(0.299).add_(green, alpha=0.587).add_(blue, alpha=0.114)


def _blend(x: Tensor, other: Tensor | float, factor: Tensor) -> Tensor:
    """factor x + (1 - factor) other, kept in [0, 1]."""
    return (x - other).mul_(factor[:, None, None, None]).add_(other).clamp_(0, 1)


def brightness(x: Tensor, factor: Tensor) -> Tensor:
    """Images (n, 3, h, w) in [0, 1], lighter by factors (n,): away from or towards black."""
    return _blend(x, 0.0, factor)


def contrast(x: Tensor, factor: Tensor) -> Tensor:
    """Images (n, 3, h, w) in [0, 1], away from or towards their mean grey level by factors (n,)."""
    return _blend(x, luma(x).mean((1, 2))[:, None, None, None], factor)


def saturation(x: Tensor, factor: Tensor) -> Tensor:
    """Images (n, 3, h, w) in [0, 1], away from or towards grey by factors (n,)."""
    return _blend(x, luma(x)[:, None], factor)


def hue(x: Tensor, turn: Tensor) -> Tensor:
    """Images (n, 3, h, w) in [0, 1] with the hue of HSV further by turns (n,), |turn| <= 1/6.

    With channels less their minimum and over their range, the hue in sextants from red is 1 + g + b - r (t,
    2 - t or 2 + t where r is the largest, middle or smallest channel and t the middle value), with the sign
    of g - b. A channel is 1 up to one sextant from its own hue, 0 from two on, linear between. The cases of
    Smith, Color gamut transform pairs (SIGGRAPH 1978), in one formula.
    """
    red, green, blue = x.unbind(1)
    low = torch.minimum(torch.minimum(red, green), blue)
    span = torch.maximum(torch.maximum(red, green), blue).sub_(low)
    sextant = (green + blue).sub_(red).sub_(low).div_(span.clamp(min=1e-12)).add_(1)
    sextant = sextant.copysign_(green - blue).add_(6 * turn[:, None, None])
    away = torch.stack((sextant, sextant - 2, sextant + 2), 1).abs_()
    share = away.sub_(3).abs_().sub_(1).clamp_(0, 1)  # the way round from `away` is 3 - |away - 3|
    return share.mul_(span[:, None]).add_(low[:, None])


JITTER: tuple[tuple[Callable[[Tensor, Tensor], Tensor], float, float], ...]
JITTER = ((brightness, 1, 0.4), (contrast, 1, 0.4), (saturation, 1, 0.2), (hue, 0, 0.1))
"""Steps, the values that change nothing, and how far to both sides of these."""


def blurred(x: Tensor, sigma: Tensor) -> Tensor:
    """Images (n, 3, h, w) after Gaussian blur, edges repeated; sigma (n,) to 2, in pixels at size 224."""
    shortest = min(x.shape[2:])
    reach = math.ceil(3 * 2 * shortest / 224)
    taps = torch.arange(-reach, reach + 1, device=x.device)
    kernel = torch.softmax(-(taps**2) / (2 * (sigma[:, None] * shortest / 224) ** 2), 1)
    x = F.pad(x, (reach,) * 4, mode="replicate")
    return _convolved(_convolved(x, kernel, 3), kernel, 2)


def _convolved(x: Tensor, kernel: Tensor, axis: int) -> Tensor:
    """Each image with its own kernel (n, taps) along an axis, where kernel and image overlap fully."""
    weights = kernel.T[..., None, None, None]
    size = x.shape[axis] - len(weights) + 1
    y = x.narrow(axis, 0, size) * weights[0]  # sums of shifted images: faster than `conv2d` in n groups
    for i, weight in enumerate(weights[1:], 1):
        y.addcmul_(x.narrow(axis, i, size), weight)
    return y
