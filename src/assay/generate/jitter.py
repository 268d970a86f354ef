"""Class-conditional jitter and mixing: a real item, a way towards another of its class, a little noise.

The least that a generator must beat: SMOTE's segment between two items of a class (Chawla et al., J. Artif.
Intell. Res. 16, 2002) and noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.generate.base import Factors, Workspace
from assay.generate.labelled import Labelled, classes_in_turn, labelled_of
from assay.types import Samples, Task


@dataclass(frozen=True)
class Jitter:
    """Settings.

    Parameters
    ----------
    mix : float
        Greatest part of the way to another item of the class, of which a uniform share is gone.
    noise : float
        Deviation of Gaussian noise, as a share of each number's deviation over all labelled items.
    """

    mix: Annotated[float, Ge(0), Le(1)] = 0.5
    noise: Annotated[float, Ge(0)] = 0.1

    def fit(self, task: Task, seed: int, workspace: Workspace) -> JitterSampler:
        """The labelled items themselves.

        Raises
        ------
        UserError
            If a class has no labelled item, or items are complex or streamed.
        """
        del seed, workspace
        return JitterSampler(self, labelled_of(task, "jitter", least=1))


@dataclass(frozen=True)
class JitterSampler:
    """Items that are ready to be jittered."""

    settings: Jitter
    real: Labelled

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """`n` items, each class as often as the others; same state of `rng`, same bytes.

        Returns
        -------
        samples : Samples
            `origin` is the place of the first item, `group` its group.
        factors : dict of arrays, shape (n,)
            ``source`` and ``partner``: places among the labelled items and shots; ``share``: of the way.
        """
        y = classes_in_turn(n, self.real.classes, rng)
        source, partner = self._drawn(y, rng), self._drawn(y, rng)
        share = rng.random(n) * self.settings.mix
        rows = self.real.rows[source] + share[:, None] * (self.real.rows[partner] - self.real.rows[source])
        rows = rows + self.settings.noise * self.real.rows.std(0) * rng.standard_normal(rows.shape)
        samples = Samples(self.real.recorded(rows), y, self.real.group[source], origin=source)
        return samples, {"source": source, "partner": partner, "share": share}

    def _drawn(self, y: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """For each condition one of its class's items."""
        own = [self.real.of(label) for label in range(self.real.classes)]
        return np.array([own[label][int(u * len(own[label]))] for label, u in zip(y, rng.random(len(y)))])
