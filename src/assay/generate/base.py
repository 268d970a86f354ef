"""What every generator shares.

A generator is frozen settings with one verb, `fit`, which learns from a task (or, for a renderer, checks that
the task fits) and gives a `Sampler`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assay.types import Samples, Task

Factors = dict[str, NDArray[Any]]
"""What each item was made with: an array (n,) for every factor."""


def _silent(done: int, total: int, more: object) -> None:
    del done, total, more


@dataclass(frozen=True)
class Workspace:
    """Where and how a generator learns; nothing here changes what it learns, but for the device's last bits.

    Parameters
    ----------
    folder : Path, optional
        Checkpoints and rendered images go there (none are kept without it).
    resume : bool
        Go on from the newest checkpoint and the images in the folder.
    device : str
        "cpu" or "cuda".
    report : callable
        Told (epochs done, epochs in all, losses) after every epoch.
    rendered : callable
        Told (images done, images in all, images a second) as a renderer goes on.
    """

    folder: Path | None = None
    resume: bool = False
    device: str = "cpu"
    report: Callable[[int, int, dict[str, float]], None] = _silent
    rendered: Callable[[int, int, float], None] = _silent


class Sampler(Protocol):
    """A generator that is ready to make data."""

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """`n` items with their conditions as labels, and the factors each was made with."""
        ...


class Generator(Protocol):
    """Frozen settings of a generator."""

    def fit(self, task: Task, seed: int, workspace: Workspace) -> Sampler:
        """Learn from the task. Same task, settings and seed: same sampler.

        Raises
        ------
        UserError
            If the generator cannot serve the task.
        """
        ...
