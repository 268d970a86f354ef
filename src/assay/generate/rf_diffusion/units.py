"""Items in the network's units and back: length, complex numbers as real ones, and scale.

As released (`Fixed`), an item is its packets; as corrected (`Learnt`), what moves in a learnt space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.generate.rf_diffusion.alike import alike_rand
from assay.generate.rf_diffusion.space import Space, learnt

Complex = NDArray[np.complex64]
Ints = NDArray[np.int64]
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

    def __getitem__(self, index: Ints) -> Scale:
        """The scales at `index`."""
        return Scale(self.mean[index], self.deviation[index])

    def removed(self, x: Floats) -> Floats:
        """(n, …) in the network's units."""
        return (x - self.mean[:, None, None]) / self.deviation[:, None, None]

    def restored(self, x: Floats) -> Floats:
        """The inverse of `removed`."""
        return x * self.deviation[:, None, None] + self.mean[:, None, None]


def scale_of(x: Floats) -> Scale:
    """The released scale of every item of (n, time, 2 × columns).

    Mean and unbiased standard deviation of an item's real numbers; the mean is so taken off real and
    imaginary parts alike, which moves the origin of the complex plane. A network whose output is zero has the
    loss 1.
    """
    mean, deviation = x.mean((1, 2)), x.std((1, 2), ddof=1)
    return Scale(mean, np.where(deviation > 0, deviation, 1).astype(np.float32))


def scale_rand(scale: Scale, known: Ints, wanted: Ints, rng: np.random.Generator) -> Scale:
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
    return scale[alike_rand(known, wanted, rng)]


@dataclass(frozen=True)
class Fixed:
    """The released units: as many packets as there are, resampled, with one mean and deviation an item.

    Parameters
    ----------
    packets, time : int
        Packets of an item to the network, and of an item as it is.
    known : int array, shape (n, k)
        Conditions of the real items.
    scale : Scale
        Theirs.
    """

    packets: int
    time: int
    known: Ints
    scale: Scale

    def enter(self, x: NDArray[Any], condition: Ints) -> tuple[Tensor, Scale]:
        """Items (n, time, columns) to (n, packets, 2 × columns), and what `leave` is to give back to each."""
        del condition
        return entered(x, self.packets)

    def leave(self, made: Floats, condition: Ints, own: Scale | None, rng: np.random.Generator) -> Complex:
        """The inverse; without scales of their own, items take those of real ones that are alike."""
        scale = own or scale_rand(self.scale, self.known, condition, rng)
        return resampled(complex_of(scale.restored(made)), self.time)


def entered(x: NDArray[Any], packets: int) -> tuple[Tensor, Scale]:
    """Items (n, time, columns) in released units, and their scales."""
    real = planes(resampled(x, packets))
    scale = scale_of(real)
    return torch.from_numpy(scale.removed(real)), scale


@dataclass(frozen=True)
class Learnt:
    """The corrected units: what moves, of unit power, in a space of fewer numbers.

    Parameters
    ----------
    space : Space
    packets, time : int
    known : int array, shape (n, k)
        Conditions of all real items: class, then the group's numbers.
    power : float array, shape (n,)
        Root mean square of what moves in each.
    static : complex array, shape (n, columns)
        The mean over time of each.
    noise : float array, shape (n,)
        What components leave out of each, in those of its group (see `Space.left_out`).
    """

    space: Space
    packets: int
    time: int
    known: Ints
    power: Floats
    static: Complex
    noise: Floats

    def enter(self, x: NDArray[Any], condition: Ints) -> tuple[Tensor, Floats]:
        """Items (n, time, columns) to (n, tokens, numbers), and the power of each."""
        moving, power, _ = split(resampled(x, self.packets))
        return torch.from_numpy(planes(self.space.tokens(moving, condition[:, 1:]))), power

    def components(self, x: NDArray[Any], condition: Ints) -> NDArray[Any]:
        """What moves in items (n, time, columns), in the space's components, (n, packets, k)."""
        return self.space.components(split(resampled(x, self.packets))[0], condition[:, 1:])

    def leave(self, made: Floats, condition: Ints, own: Floats | None, rng: np.random.Generator) -> Complex:
        """The inverse, with the static channel of a real item of the group.

        Power and noise are those of a real item of the class and group, or of the class, unless items have a
        power of their own.
        """
        group, like = condition[:, 1:], alike_rand(self.known, condition, rng)
        power = self.power[like] if own is None else own
        static = self.static[alike_rand(self.known[:, 1:], group, rng)]
        moving = self.space.moving(complex_of(made), group, rng, self.noise[like])
        return resampled(static[:, None] + power[:, None, None] * moving, self.time)


def split(x: Complex) -> tuple[Complex, Floats, Complex]:
    """What moves, of unit power (n, packets, columns); its root mean square (n,); the static (n, columns)."""
    static = x.mean(1)
    moving = x - static[:, None]
    power = np.sqrt(np.square(np.abs(moving)).mean((1, 2)))
    power = np.where(power > 0, power, 1).astype(np.float32)
    return moving / power[:, None, None], power, static


def learnt_units(
    x: NDArray[Any], condition: Ints, packets: int, components: int, patch: int, whitening: float
) -> Learnt:
    """The units of complex items (n, time, columns) with conditions (n, k), -1 where a class is unknown."""
    moving, power, static = split(resampled(x, packets))
    space = learnt(moving, condition[:, 1:], components, patch, whitening)
    noise = space.left_out(moving, condition[:, 1:])
    return Learnt(space, packets, x.shape[1], condition, power, static, noise)
