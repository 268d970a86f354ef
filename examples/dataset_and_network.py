"""A PyTorch Dataset and a network of one's own: which synthetic waves are worth learning from?"""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, random_split

import assay


class Waves(Dataset[tuple[Tensor, int]]):
    """Waves of three frequencies in noise."""

    classes = ("slow", "middle", "fast")

    def __init__(self, n: int, seed: int, noise: float = 3.0) -> None:
        draws = torch.Generator().manual_seed(seed)
        self.y = torch.randint(0, 3, (n,), generator=draws)
        turns = (1 + self.y)[:, None] * torch.linspace(0, 6.28, 64)
        self.x = turns.sin()[:, None] + noise * torch.randn(n, 1, 64, generator=draws)

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        return self.x[place], int(self.y[place])


def network(shape: tuple[int, ...]) -> nn.Module:
    """From items to features; Assay puts the last layer behind it."""
    return nn.Sequential(
        nn.Conv1d(shape[0], 16, 9, stride=4), nn.ReLU(), nn.Flatten(), nn.LazyLinear(32), nn.ReLU()
    )


def main(out: str = "runs/waves", seeds: int = 3, epochs: int = 10, **options: Any) -> None:
    """The parts are one's own: a training, a validation and a test set."""
    parts = random_split(Waves(300, 0), [90, 60, 150], torch.Generator().manual_seed(0))
    real = dict(zip(("train", "val", "test"), parts))
    training = assay.Training(epochs=epochs, steps=20)
    own = {"seeds": seeds, "training": training, "backbone": network, "out": out, **options}
    result = assay.compare(real, Waves(600, 1, noise=2.0), methods=["mixed"], **own)
    print(assay.table(result))
    print(assay.verdict(result))


if __name__ == "__main__":
    main(*sys.argv[1:2])
