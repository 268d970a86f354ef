"""Conditions as what the network sees of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor


@dataclass(frozen=True)
class Encoder:
    """Turns rows of whole numbers into complex vectors whose imaginary parts are zero.

    Parameters
    ----------
    values : tuple of tuple of int, optional
        Of each column, the values that training saw; each becomes an indicator (one-hot), any other value
        zeros; columns behind the last that is given are left out. None: the numbers themselves, as published.
    columns : int
    """

    values: tuple[tuple[int, ...], ...] | None
    columns: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Complex numbers that each column takes."""
        return (1,) * self.columns if self.values is None else tuple(map(len, self.values))

    def __call__(self, condition: NDArray[np.int64]) -> Tensor:
        """(n, columns) to float32 (n, 2 × the sum of the sizes)."""
        real = condition if self.values is None else self._indicators(condition, self.values)
        both = np.concatenate([real, np.zeros_like(real)], 1)
        return torch.from_numpy(both.astype(np.float32))

    def _indicators(
        self, condition: NDArray[np.int64], values: tuple[tuple[int, ...], ...]
    ) -> NDArray[np.bool_]:
        return np.concatenate([column[:, None] == known for column, known in zip(condition.T, values)], 1)


def encoder_of(condition: NDArray[np.int64], released: bool, class_alone: bool = False) -> Encoder:
    """An encoder for the conditions (n, k) of the training items; -1 is unknown and gets no indicator."""
    if released:
        return Encoder(None, condition.shape[1])
    told = condition.T[:1] if class_alone else condition.T
    seen = (np.unique(column[column >= 0]).tolist() for column in told)
    return Encoder(tuple(map(tuple, seen)), condition.shape[1])


def without_class(encoded: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Encoded conditions with their first column, the class, and the profile set to zeros."""
    kept = torch.ones(encoded.shape[1], device=encoded.device)
    kept[: sizes[0]] = kept[sum(sizes) : sum(sizes) + sizes[0]] = kept[2 * sum(sizes) :] = 0
    return encoded * kept


def hidden(encoded: Tensor, sizes: tuple[int, ...], share: float, generator: Generator) -> Tensor:
    """Encoded conditions with each column of each item set to zeros with probability `share`.

    Parameters
    ----------
    encoded : Tensor, shape (batch, 2 × sum of sizes)
    generator : torch.Generator
        On the CPU.
    """
    kept = torch.rand(len(encoded), len(sizes), generator=generator) >= share
    each = kept.repeat_interleave(torch.tensor(sizes), 1)
    return encoded * torch.cat([each, each], 1).to(encoded)
