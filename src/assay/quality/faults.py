"""Faults to plant in synthetic data whose truth is known: what a score must notice.

Each is a pure function of items, strength and random numbers, and leaves everything else as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from assay.types import Samples

Ints = NDArray[np.int64]
Plant = Callable[[Samples, float, Samples, np.random.Generator], Samples]
"""(synthetic, strength, real records, rng) to synthetic items with the fault."""


def flip_conditions(items: Samples, share: float, _real: Samples, rng: np.random.Generator) -> Samples:
    """A `share` of the items under a condition of another class, any of them."""
    classes = np.unique(items.y)
    chosen, y = some(items, share, rng), items.y.copy()
    place = np.searchsorted(classes, y[chosen]) + rng.integers(1, len(classes), len(chosen))
    y[chosen] = classes[place % len(classes)]
    return replace(items, y=y)


def collapse_modes(items: Samples, share: float, _real: Samples, rng: np.random.Generator) -> Samples:
    """A `share` of the items replaced by the most typical one of their class, with 1 % of noise."""
    chosen, x = some(items, share, rng), items.x.astype(np.float32)
    for label in np.unique(items.y):
        members = np.flatnonzero(items.y == label)
        centre = x[members].mean(0)
        typical = x[members[((x[members] - centre) ** 2).reshape(len(members), -1).sum(1).argmin()]]
        mine = chosen[items.y[chosen] == label]
        x[mine] = typical + 0.01 * x.std() * rng.standard_normal(x[mine].shape, dtype=np.float32)
    return replace(items, x=x)


def shift_domain(items: Samples, strength: float, _real: Samples, rng: np.random.Generator) -> Samples:
    """One smooth pattern of `strength` deviations added to all items: another background, another room."""
    pattern = gaussian_filter(rng.standard_normal(items.shape), [0, *(n / 8 for n in items.shape[1:])])
    unit = pattern / (pattern.std() or 1.0)
    return replace(items, x=(items.x + strength * items.x.std() * unit).astype(np.float32))


def add_noise(items: Samples, strength: float, _real: Samples, rng: np.random.Generator) -> Samples:
    """White noise of `strength` deviations, fresh for every item."""
    noise = rng.standard_normal(items.x.shape, dtype=np.float32)
    return replace(items, x=(items.x + strength * items.x.std() * noise).astype(np.float32))


def copy_records(items: Samples, share: float, real: Samples, rng: np.random.Generator) -> Samples:
    """A `share` of the items replaced by real records of their class."""
    chosen, x = some(items, share, rng), items.x.astype(np.float32)
    for label in np.unique(items.y):
        mine = chosen[items.y[chosen] == label]
        x[mine] = real.x[rng.choice(np.flatnonzero(real.y == label), len(mine))]
    return replace(items, x=x)


def drop_classes(items: Samples, share: float, _real: Samples, _rng: np.random.Generator) -> Samples:
    """Without the items of the first classes, a `share` of all (one or more, unless 0)."""
    classes = np.unique(items.y)
    dropped = classes[: int(np.ceil(share * len(classes)))]
    return items[~np.isin(items.y, dropped)]


def turn_over(items: Samples, distance: float, _real: Samples, rng: np.random.Generator) -> Samples:
    """All images upside down, each moved by up to `distance` of its sides (out on one, in on the other).

    Classes stay told apart by what an item shows; real items never look so.
    """
    x = items.x[..., ::-1, :].copy()
    most = [int(distance * side) for side in items.shape[-2:]]
    for i, (down, right) in enumerate(rng.integers(-np.array(most), np.array(most) + 1, (len(x), 2))):
        x[i] = np.roll(x[i], (down, right), (-2, -1))
    return replace(items, x=x)


def some(items: Samples, share: float, rng: np.random.Generator) -> Ints:
    """Positions of a random `share` of the items; those of a smaller share are among them."""
    return rng.permutation(len(items))[: round(share * len(items))]


@dataclass(frozen=True)
class Fault:
    """A fault, the strengths to plant it with, and the measures that name it.

    Attributes
    ----------
    worse : tuple of str
        Measures that must get worse, the more so the stronger the fault.
    untouched : tuple of str
        Measures that must not get worse.
    """

    plant: Plant
    strengths: tuple[float, ...]
    worse: tuple[str, ...]
    untouched: tuple[str, ...] = ()

    def planted(self, items: Samples, strength: float, real: Samples, seed: int) -> Samples:
        """The items with the fault; same seed, same items, and stronger faults of it hit the same items."""
        return self.plant(items, strength, real, np.random.default_rng([seed, 0xFA17]))


FAULTS: dict[str, Fault] = {
    "flipped conditions": Fault(
        flip_conditions, (0.1, 0.3, 0.5), ("affinity", "trts", "label_errors"), ("precision", "copying")
    ),
    "collapsed modes": Fault(
        collapse_modes, (0.5, 0.9, 1.0), ("diversity", "recall", "coverage"), ("affinity", "trts")
    ),
    "shifted domain": Fault(
        shift_domain, (0.5, 1.0, 2.0), ("two_sample", "precision", "frechet", "kernel"), ("imbalance",)
    ),
    "noise": Fault(add_noise, (0.5, 1.0, 2.0), ("two_sample", "frechet", "ssim"), ("imbalance", "copying")),
    "copied records": Fault(copy_records, (0.1, 0.3, 0.9), ("copying",), ("affinity", "imbalance")),
    "dropped classes": Fault(drop_classes, (0.1, 0.3, 0.5), ("imbalance", "diversity", "recall"), ("trts",)),
}
"""Those that measures are held against: a new one is one function and one line here."""
