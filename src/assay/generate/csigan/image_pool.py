"""The pool of generated items that keeps discriminators from forgetting (Shrivastava et al., CVPR 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

SIZE = 50


class ImagePool:
    """Hands the discriminator a generated item from earlier, instead of the newest, every second time.

    Until the pool is full, the newest is stored and handed out. Then a coin falls for each unit: heads, a
    random stored unit is handed out and the newest takes its place; tails, the newest is handed out and not
    stored.

    Parameters
    ----------
    unit : {"item", "batch"}
        What is stored and swapped. "batch" is the `released` behaviour: 50 whole batches instead of 50 items,
        so that it takes 50 steps to fill, and what is handed out may be of another size than what came in.
    size : int
        Units that the pool holds.
    stored : sequence of tensors, optional
        Units to start with (from a checkpoint), oldest place first.
    """

    def __init__(
        self, unit: Literal["item", "batch"], size: int = SIZE, stored: Sequence[Tensor] = ()
    ) -> None:
        self.unit, self.size, self.stored = unit, size, list(stored)

    def exchange(self, newest: Tensor, rng: np.random.Generator, heads: bool | None = None) -> Tensor:
        """Items for the discriminator, shape (m, *shape): m = n unless units are batches; no gradients.

        Parameters
        ----------
        newest : Tensor, shape (n, *shape)
        rng : numpy Generator
            Coins and places.
        heads : bool, optional
            How a coin fell that was thrown for more than this exchange; each unit throws its own without it.
        """
        newest = newest.detach()
        units = torch.split(newest, 1) if self.unit == "item" else (newest,)
        return torch.cat([self._swapped(unit, rng, heads) for unit in units])

    def _swapped(self, unit: Tensor, rng: np.random.Generator, heads: bool | None) -> Tensor:
        if len(self.stored) < self.size:
            self.stored.append(unit)
            return unit
        if not (rng.random() >= 0.5 if heads is None else heads):
            return unit
        place = int(rng.integers(self.size))
        earlier, self.stored[place] = self.stored[place], unit
        return earlier
