"""The space that movement is learnt in: fewer numbers than packets × columns, and no traces of the place.

What a recording shows is the static channel, most of the power, and what moves. The channel of a person in a
room also decides in which columns (antennas, subcarriers) movement shows. Both are estimated from real items,
labelled or not, and given back to items that are made; what is left to learn is movement as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

Array = NDArray[Any]
Ints = NDArray[np.int64]
LEAST = 1e-4
"""Share of the mean variance that is added to every component's, so that none is divided by nothing."""
FEW = 512
"""Columns whose covariance is taken apart as a whole."""


@dataclass(frozen=True)
class Space:
    """Principal components over columns, made alike between groups, a few packets a token.

    With the columns' basis V (columns, k) and the covariance C_g = E[z zᴴ] of z = Vᴴ x over the packets of a
    group g, an item is C_g^{-p/2} z / unit. The symmetric root turns components as little as can be, so that
    they mean the same in all groups.

    Parameters
    ----------
    basis : array, shape (columns, k)
        Real if the items are.
    groups : int array, shape (g, m)
        The groups that were seen; others take what all have together, the last of each of the following.
    into, out : array, shape (g + 1, k, k)
        C_g^{-p/2} and its inverse.
    rest : float array, shape (g + 1, columns)
        Deviation of what the components leave out.
    unit : float
        Root mean square of the real numbers of C_g^{-p/2} z.
    patch : int
        Packets a token.
    """

    basis: Array
    groups: Ints
    into: Array
    out: Array
    rest: NDArray[np.float32]
    unit: float
    patch: int

    @property
    def real(self) -> bool:
        """Whether items have no imaginary part."""
        return not np.iscomplexobj(self.basis)

    def tokens(self, moving: Array, group: Ints) -> NDArray[np.complex64]:
        """(n, packets, columns) without a mean over time to (n, packets / patch, numbers).

        Two numbers of real items make a complex one.
        """
        z = self.components(moving, group)
        rows = z.reshape(len(z), z.shape[1] // self.patch, self.patch * z.shape[2])
        if self.real:
            half = rows.shape[2] // 2
            rows = rows[:, :, :half] + 1j * rows[:, :, half:]
        return rows.astype(np.complex64)

    def components(self, moving: Array, group: Ints) -> Array:
        """(n, packets, columns) without a mean over time to (n, packets, k)."""
        moving = moving.real if self.real else moving
        z: Array = (moving @ self.basis.conj()) @ self._of(self.into, group).transpose(0, 2, 1) / self.unit
        return z

    def left_out(self, moving: Array, group: Ints) -> NDArray[np.float32]:
        """Root mean square of what components leave out of items, in that of their groups, (n,)."""
        moving = moving.real if self.real else moving
        left = np.square(np.abs(moving - (moving @ self.basis.conj()) @ self.basis.T)).mean((1, 2))
        usual = np.square(self._of(self.rest, group)).mean(1)
        share: NDArray[np.float32] = np.sqrt(left / np.where(usual > 0, usual, 1)).astype(np.float32)
        return share

    def moving(
        self, tokens: Array, group: Ints, rng: np.random.Generator, noise: Array | float = 1.0
    ) -> NDArray[np.complex64]:
        """The inverse of `tokens`, with noise in the place of what the components leave out.

        `noise` is its strength, of each item (n,) or all, in those of what is left out of the group's items.
        """
        rows = np.concatenate([tokens.real, tokens.imag], 2) if self.real else tokens
        z = rows.reshape(len(rows), rows.shape[1] * self.patch, self.basis.shape[1]) * self.unit
        x = (z @ self._of(self.out, group).transpose(0, 2, 1)) @ self.basis.T
        strength: Array = np.broadcast_to(noise, len(x))[:, None, None]
        whole: Array = x + strength * self._left_out(x.shape, group, rng)
        return whole.astype(np.complex64)

    def _left_out(self, shape: tuple[int, ...], group: Ints, rng: np.random.Generator) -> Array:
        deviation = self._of(self.rest, group)[:, None]
        noise: Array = rng.standard_normal(shape, dtype=np.float32)
        if not self.real:
            other = rng.standard_normal(shape, dtype=np.float32)
            noise = (noise + 1j * other) / np.sqrt(2, dtype=np.float32)
        scaled: Array = deviation * noise
        return scaled

    def _of(self, each: Array, group: Ints) -> Array:
        """What the groups of items have, (n, m), out of what each group has."""
        same = (group[:, None] == self.groups[None]).all(2)
        return each[np.where(same.any(1), same.argmax(1), len(self.groups))]


def learnt(moving: Array, group: Ints, components: int, patch: int, power: float) -> Space:
    """The space of items (n, packets, columns) of unit power, without a mean over time, of groups (n, m).

    `components` are at most the columns, and an even number of numbers a token is kept.
    """
    moving = moving if np.abs(moving.imag).max(initial=0) > 0 else moving.real
    basis = _basis(moving, min(components, moving.shape[2]))
    groups = np.unique(group, axis=0)
    masks = [*(np.equal(group, one).all(1) for one in groups), np.ones(len(moving), dtype=bool)]
    z = moving @ basis.conj()
    floor = LEAST * float(np.square(np.abs(z)).mean()) * np.eye(z.shape[2])
    covariances = [_covariance(z[mask]) + floor for mask in masks]
    left = moving - z @ basis.T
    rest = [np.sqrt(np.square(np.abs(left[mask])).mean((0, 1))) for mask in masks]
    into, out = (np.stack([_power(c, p) for c in covariances]) for p in (-power / 2, power / 2))
    space = Space(basis, groups, into, out, np.stack(rest).astype(np.float32), 1.0, patch)
    size = np.abs(space.tokens(moving, group))
    unit = float(np.sqrt(np.square(size).mean() / 2))  # of real and imaginary parts alike
    return Space(basis, groups, into, out, space.rest, unit or 1.0, patch)


def _basis(moving: Array, components: int) -> Array:
    """Directions of the columns in which most power lies, (columns, components).

    Of many columns a few directions are found by iterations, whose time does not grow with the cube.
    """
    columns = moving.shape[2]
    if columns <= FEW or components >= columns:
        _, vectors = np.linalg.eigh(_covariance(moving))
        return np.ascontiguousarray(vectors[:, ::-1][:, :components]).astype(moving.dtype)
    rows = moving.reshape(-1, columns)
    begin = np.random.default_rng(0).normal(size=min(rows.shape)).astype(moving.dtype)
    _, _, directions = svds(rows, k=min(components, min(rows.shape) - 1), v0=begin)
    return np.ascontiguousarray(directions[::-1].T).astype(moving.dtype)


def _covariance(z: Array) -> Array:
    """E[z zᴴ] over items and packets, float64."""
    rows = z.reshape(-1, z.shape[2])
    product: Array = (rows.T @ rows.conj()).astype(np.result_type(z.dtype, np.float64)) / len(rows)
    return product


def _power(covariance: Array, power: float) -> Array:
    """A Hermitian matrix to a power."""
    values, vectors = np.linalg.eigh(covariance)
    result: Array = (vectors * values.clip(min=np.finfo(np.float32).tiny) ** power) @ vectors.conj().T
    return result.astype(np.complex64 if np.iscomplexobj(covariance) else np.float32)
