"""Items in the network's units and back: length, complex numbers as real ones, and scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex64]
Floats = NDArray[np.float32]


def resampled(x: Complex, length: int) -> Complex:
    """(n, time, columns) to (n, length, columns): output i takes input ⌊(i + ½)·time/length⌋, the nearest."""
    time = x.shape[1]
    return x[:, (2 * np.arange(length) + 1) * time // (2 * length)]


def planes(x: Complex) -> Floats:
    """Complex (n, time, columns) to real (n, time, 2 × columns): real parts, then imaginary parts."""
    return np.concatenate([x.real, x.imag], -1).astype(np.float32)


def complex_of(x: Floats) -> Complex:
    """The inverse of `planes`."""
    real, imaginary = np.split(x, 2, -1)
    return (real + np.complex64(1j) * imaginary).astype(np.complex64)


@dataclass(frozen=True)
class Scale:
    """One mean and one deviation of all real numbers of an item: (x − mean) / deviation.

    Parameters
    ----------
    mean, deviation : array, shape (n,)
    """

    mean: Floats
    deviation: Floats

    def __getitem__(self, index: NDArray[np.int64]) -> Scale:
        """The scales at `index`."""
        return Scale(self.mean[index], self.deviation[index])

    def removed(self, x: Floats) -> Floats:
        """(n, …) in the network's units."""
        return (x - self.mean[:, None, None]) / self.deviation[:, None, None]

    def restored(self, x: Floats) -> Floats:
        """The inverse of `removed`."""
        return x * self.deviation[:, None, None] + self.mean[:, None, None]


def scale_of(x: Floats, released: bool) -> Scale:
    """The scale of every item of (n, time, 2 × columns).

    Released: mean and unbiased standard deviation of an item's real numbers; the mean is so taken off real
    and imaginary parts alike, which moves the origin of the complex plane. Corrected: mean 0 and root mean
    square, which leave phases alone. Either way a network whose output is zero has the loss 1.
    """
    if released:
        mean, deviation = x.mean((1, 2)), x.std((1, 2), ddof=1)
    else:
        mean, deviation = np.zeros(len(x), np.float32), np.sqrt(np.square(x).mean((1, 2)))
    return Scale(mean, np.where(deviation > 0, deviation, 1).astype(np.float32))


def scale_rand(
    scale: Scale, known: NDArray[np.int64], wanted: NDArray[np.int64], rng: np.random.Generator
) -> Scale:
    """A scale for every item that is to be made, as real items have it.

    It is the scale of a real item drawn out of those with the same condition; where there is none, out of
    those with the same first column (the class); where there is none either, out of all.

    Parameters
    ----------
    scale : Scale
        Of n real items.
    known, wanted : int array, shape (n, k) and (m, k)
        Conditions of the real items and of those to be made.
    """
    return scale[np.array([rng.choice(_alike(known, row)) for row in wanted], dtype=np.int64)]


def _alike(known: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    for columns in (len(row), 1):
        found = np.flatnonzero((known[:, :columns] == row[:columns]).all(1))
        if len(found):
            return found
    return np.arange(len(known))
