"""What a trunk sees in images, each looked at once and kept."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assay.data.augment import DRAWS, JITTER, Augmentation, Augmenter
from assay.data.root import cache_root
from assay.machine.parallel import default_workers
from assay.models import precision
from assay.models.timm_model import Timm
from assay.settings import fingerprint
from assay.train.feature_store import FeatureStore, Floats, Key, key_of
from assay.train.pools import compact

LOG = logging.getLogger(__name__)
BLOCK, AT_ONCE = 512, 32
"""Images that are kept together, and that a trunk sees at a time."""


@dataclass(frozen=True)
class Look:
    """An image as it is, or the augmented look of a number: of the same image always the same."""

    augment: Augmentation = "none"
    number: int = 0

    def __call__(self, pixels: Tensor, keys: Sequence[Key]) -> Tensor:
        """Looks of pixels in [0, 1], (n, 1 or 3, height, width), of items of these keys."""
        if self.augment == "none":
            return pixels
        rows = [np.random.default_rng([int.from_bytes(key), self.number]).random(sum(DRAWS)) for key in keys]
        draws = torch.from_numpy(np.array(rows, np.float32)).to(pixels.device)
        order = np.random.default_rng(self.number).permutation(len(JITTER)).tolist()
        augmenter = Augmenter(self.augment, torch.zeros(3, 1, 1), torch.ones(3, 1, 1))
        return augmenter.looks(pixels.expand(-1, 3, -1, -1), draws, order).clamp_(0, 1)


def seen(x: NDArray[Any], trunk: Timm, top: float, look: Look = Look(), device: str = "cpu") -> Floats:
    """Features of images in float32, (n, d); those that are on disk are not computed again.

    Parameters
    ----------
    x : array or `Lazy` items, shape (n, 1 or 3, height, width)
        As recorded.
    trunk : Timm
        With weights, located.
    top : float
        The number that stands for white.
    look : Look
    device : {"cpu", "cuda"}
    """
    named = [trunk.name, trunk.size, trunk.digest, top, look.augment, look.number]
    store = FeatureStore(cache_root() / "features" / fingerprint(named))
    blocks = (np.asarray(x[start : start + BLOCK]) for start in range(0, len(x), BLOCK))
    keys = [key_of(item) for block in blocks for item in block]
    known, missing = store.found(keys), store.missing(keys)
    if missing:
        LOG.info("%d images are looked at by %s, once", len(missing), trunk.name)
    for start in range(0, len(missing), BLOCK):
        at = missing[start : start + BLOCK]
        some = [keys[i] for i in at]
        pixels = (np.asarray(x[np.array(at)]) / np.float32(top)).astype(np.float32)
        new = _computed(pixels, _network(trunk, x.shape[1:], device), look, some)
        store.add(some, new)
        known |= dict(zip(some, new))
    return np.stack([known[key] for key in keys]) if keys else _none(trunk, x.shape[1:], device)


@functools.lru_cache(maxsize=1)
def _network(trunk: Timm, shape: tuple[int, ...], device: str) -> nn.Module:
    return trunk.trunk(shape).to(device).eval()


def _none(trunk: Timm, shape: tuple[int, ...], device: str) -> Floats:
    return np.empty((0, int(_network(trunk, shape, device).out_features)), np.float32)  # type: ignore[arg-type]


def _computed(pixels: Floats, network: nn.Module, look: Look, keys: Sequence[Key]) -> Floats:
    device = next(network.parameters()).device

    def block(start: int) -> Tensor:
        x = compact(torch.from_numpy(pixels[start : start + AT_ONCE]).to(device))
        features: Tensor = network(look(x, keys[start : start + AT_ONCE]))
        return features.float().cpu()

    with precision.threads(default_workers("cpu")), torch.no_grad():
        return torch.cat([block(start) for start in range(0, len(pixels), AT_ONCE)]).numpy()
