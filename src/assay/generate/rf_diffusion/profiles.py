"""How a person moves, in a few numbers that other recordings tell: the second condition of the generator.

What tells activities apart is the spectrum of a recording, how its components move together and when it
moves; none of it is the recording itself. A profile is these, of one to three recordings of the same class
and group: a network learns from it what a class is like for whom, and a new person's few recordings tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.rf_diffusion.alike import alike, alike_rand

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
EDGES = (0.005, 0.025, 0.055, 0.105, 0.205, 0.405, 0.605, 1.0)
"""Bands of frequency, in those of half the packets' rate."""
LOW = 0.205
SEGMENTS = 10
MOST = 3
LEAST = 1e-4
SPREAD = 3
"""Deviation of a profile's first number."""


@dataclass(frozen=True)
class Axes:
    """Principal components of the `looks` of the recordings that were learnt from.

    Parameters
    ----------
    mean : float array, shape (m,)
    directions : float array, shape (d, m)
    unit : float
        Deviation along the first of them.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    unit: float

    def __call__(self, z: NDArray[np.inexact]) -> Floats:
        """The profile of each recording (n, packets, components), shape (n, d)."""
        told: Floats = (SPREAD * ((looks(z) - self.mean) @ self.directions.T) / self.unit).astype(np.float32)
        return told


@dataclass(frozen=True)
class Profiles:
    """Profiles of real recordings.

    Parameters
    ----------
    known : int array, shape (n, k)
        Conditions of the recordings.
    each : float array, shape (n, d)
        The profile of each alone.
    """

    known: Ints
    each: Floats

    @property
    def numbers(self) -> int:
        """Numbers of a profile, and whether there is one."""
        return int(self.each.shape[1]) + 1

    def drawn(self, wanted: Ints, rng: np.random.Generator) -> Floats:
        """A profile for every condition (m, k) that is wanted, shape (m, numbers).

        Of recordings with its condition; where there is none, of its class in one group; the class unknown:
        zeros, no profile.
        """
        like = alike_rand(self.known, wanted, rng)
        return self._told([self._mean(alike(self.known, self.known[i]), rng) for i in like], wanted)

    def of_others(self, own: Ints, rng: np.random.Generator) -> Floats:
        """A profile for each recording at positions `own`, of others with its condition if there are any."""
        rows = self.known[own]
        cells = (alike(self.known, row) for row in rows)
        others = (cell[cell != i] if len(cell) > 1 else cell for cell, i in zip(cells, own))
        return self._told([self._mean(cell, rng) for cell in others], rows)

    def joined(self, other: Profiles) -> Profiles:
        """These and others."""
        return Profiles(np.concatenate([self.known, other.known]), np.concatenate([self.each, other.each]))

    def _mean(self, cell: Ints, rng: np.random.Generator) -> Floats:
        mean: Floats = self.each[rng.choice(cell, rng.integers(1, MOST + 1))].mean(0)
        return mean

    def _told(self, means: list[Floats], rows: Ints) -> Floats:
        each = np.array(means, np.float32).reshape(len(rows), self.numbers - 1)
        both = np.concatenate([each, np.ones((len(rows), 1), np.float32)], 1)
        return both * (rows[:, :1] >= 0)


def axes_of(z: NDArray[np.inexact], numbers: int) -> Axes:
    """At most `numbers` axes of recordings (n, packets, components)."""
    seen = looks(z)
    mean = seen.mean(0)
    _, _, directions = np.linalg.svd(seen - mean, full_matrices=False)
    spread = ((seen - mean) @ directions[:1].T).std()
    return Axes(mean, directions[:numbers], float(spread) or 1.0)


def looks(z: NDArray[np.inexact]) -> NDArray[np.float64]:
    """What of recordings (n, packets, components) does not say which they are, shape (n, numbers).

    The logarithm of the share of power of each component in each band and of each segment of time, and the
    real parts of the products of components in slow and in fast movement.
    """
    spectrum = np.fft.fft(z, axis=1)
    frequency = 2 * np.abs(np.fft.fftfreq(z.shape[1]))
    power = np.square(np.abs(spectrum))
    whole = _positive(power.sum((1, 2)))
    bands = [power[:, (frequency > a) & (frequency <= b)].sum(1) for a, b in pairwise(EDGES)]
    times = np.array_split(np.square(np.abs(z)).sum(2), min(SEGMENTS, z.shape[1]), axis=1)
    shares = np.stack(bands, 1).reshape(len(z), -1) / whole[:, None]
    when = np.stack([part.sum(1) for part in times], 1) * (z.shape[1] / whole)[:, None]
    slow = (frequency > 0) & (frequency <= LOW)
    together = [_products(spectrum[:, part]) for part in (slow, frequency > LOW)]
    return np.concatenate([np.log(shares + LEAST), np.log(when + LEAST * 10), *together], 1)


def _products(spectrum: NDArray[np.inexact]) -> NDArray[np.float64]:
    """SPREAD · Re Σ_f a_f b_f* / Σ |.|² for every pair of components a, b, shape (n, pairs)."""
    products = np.einsum("nfi,nfj->nij", spectrum, spectrum.conj()).real
    whole = _positive(np.trace(products, axis1=1, axis2=2))
    upper = np.triu_indices(spectrum.shape[2])
    told: NDArray[np.float64] = SPREAD * products[:, upper[0], upper[1]] / whole[:, None]
    return told


def _positive(x: Any) -> Any:
    return np.where(x > 0, x, 1)
