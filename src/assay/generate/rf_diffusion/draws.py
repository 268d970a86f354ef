"""What is drawn in training: the order of the items, their steps and their noise.

Every epoch starts from numbers of its own, so that training goes on exactly where it was interrupted.
"""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Generator, Tensor

from assay.generate.rf_diffusion.schedule import likely

FROZEN_SEED = 420


def reseed(generator: Generator, seed: int, purpose: str, epoch: int = 0) -> Generator:
    """A stream of its own for every seed, purpose and epoch."""
    words = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), epoch])
    return generator.manual_seed(int(words.generate_state(1, np.uint64)[0]))


def frozen_noise(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """The noise of the published code: of the same shape, always the same.

    Parameters
    ----------
    shape : (batch, packets, 2 × columns)
        Drawn as (batch, packets, columns, 2), then laid out in planes.
    generator : torch.Generator
        Reseeded here, as published.
    """
    batch, packets, numbers = shape
    generator.manual_seed(FROZEN_SEED)
    size = (batch, packets, numbers // 2, 2)
    return torch.randn(size, generator=generator, device=generator.device).mT.flatten(2)


class Draws:
    """Fresh numbers for every item.

    Parameters
    ----------
    seed : int
    steps : int
        Diffusion steps.
    device : str
    """

    def __init__(self, seed: int, steps: int, device: str) -> None:
        self.seed, self.steps = seed, steps
        self.numbers = Generator()
        self.noise = Generator(device)
        self.others = np.random.default_rng(seed)

    def start_epoch(self, epoch: int) -> None:
        """Begin the epoch's own stream."""
        reseed(self.numbers, self.seed, "order and steps", epoch)
        reseed(self.noise, self.seed, "noise", epoch)
        self.others = np.random.default_rng([self.seed, epoch])

    def order(self, n: int) -> Tensor:
        """A permutation of n items."""
        return torch.randperm(n, generator=self.numbers)

    def draw(self, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Steps (batch,) and noise of `shape`.

        The steps of one batch are spread evenly, one out of each of `batch` equally likely parts of the range
        (see `schedule.likely`), so that the loss depends less on which were drawn.
        """
        noise = torch.randn(shape, generator=self.noise, device=self.noise.device)
        place = torch.randperm(shape[0], generator=self.numbers)
        within = torch.rand(shape[0], generator=self.numbers, dtype=torch.float64)
        steps = likely((place + within).clamp(min=1e-6) / shape[0], self.steps)
        return steps.to(self.noise.device), noise


class FrozenDraws(Draws):
    """The published code's: every draw of noise reseeds all random numbers with 420.

    From the second batch of an epoch on, steps and noise are therefore the same for every batch (four items
    learn the steps 81, 16, 42 and 47 only), and so are the masks of dropout, which follow the noise; from the
    second epoch on, so is the order. Here as on a GPU, where steps come from another stream than noise.
    """

    def start_epoch(self, epoch: int) -> None:
        """Go on from where the last batch left the numbers."""
        if epoch == 0:
            super().start_epoch(epoch)
        else:
            self.numbers.manual_seed(FROZEN_SEED)

    def draw(self, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Steps (batch,) and noise of `shape`."""
        steps = torch.randint(0, self.steps, (shape[0],), generator=self.numbers)
        self.numbers.manual_seed(FROZEN_SEED)
        return steps.to(self.noise.device), frozen_noise(shape, self.noise)
