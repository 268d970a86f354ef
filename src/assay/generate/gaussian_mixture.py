"""Class-conditional Gaussian mixtures: a generator for any task of numbers, learnt in seconds.

Items wider than `dimensions` are projected on their principal components first; what these leave out comes
back as Gaussian noise of its variance (probabilistic PCA: Tipping and Bishop, J. R. Stat. Soc. B 61, 1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray

from assay.generate.base import Factors, Workspace
from assay.generate.labelled import Floats, Labelled, classes_in_turn, labelled_of
from assay.types import Samples, Task

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture as Mixture

ITEMS_A_COMPONENT = 5
"""Fewer items of a class than this a component get fewer components."""
FLOOR = 1e-3
"""Least variance along a dimension, as a share of its variance over all classes."""


@dataclass(frozen=True)
class GaussianMixture:
    """Settings.

    Parameters
    ----------
    components : int
        Gaussians a class, at most: one of every `ITEMS_A_COMPONENT` items that the class has.
    dimensions : int
        Principal components, at most.
    """

    components: Annotated[int, Gt(0)] = 3
    dimensions: Annotated[int, Gt(0)] = 20

    def fit(self, task: Task, seed: int, workspace: Workspace) -> GaussianMixtureSampler:
        """A mixture of each class, of the labelled items alone.

        Raises
        ------
        UserError
            If a class has fewer than two labelled items, or items are complex or streamed.
        """
        del workspace
        real = labelled_of(task, "gaussian-mixture", least=2)
        plane = Plane.of(real.rows, self.dimensions)
        codes = plane.codes(real.rows)
        mixtures = [self._mixture(codes[real.of(label)], codes.var(0), seed) for label in range(real.classes)]
        return GaussianMixtureSampler(real, plane, mixtures)

    def _mixture(self, codes: Floats, spread: Floats, seed: int) -> Mixture:
        from sklearn.mixture import GaussianMixture as Mixture

        n, wide = codes.shape
        kind = "full" if n > 2 * wide else "diag"
        count = min(self.components, max(1, n // ITEMS_A_COMPONENT))
        floor = float(FLOOR * spread.mean()) or 1e-12
        return Mixture(count, covariance_type=kind, reg_covar=floor, random_state=seed).fit(codes)


@dataclass(frozen=True)
class Plane:
    """The principal components of rows.

    Attributes
    ----------
    mean : float array, shape (d,)
    axes : float array, shape (k, d)
        Orthonormal.
    rest : float array, shape (d,)
        Deviation of what the axes leave out.
    """

    mean: Floats
    axes: Floats
    rest: Floats

    @staticmethod
    def of(rows: Floats, most: int) -> Plane:
        """As many as there are numbers or items, at most so many."""
        mean = rows.mean(0)
        _, _, axes = np.linalg.svd(rows - mean, full_matrices=False)
        kept = axes[: min(most, len(rows) - 1)]
        left = rows - mean - (rows - mean) @ kept.T @ kept
        return Plane(mean, kept, np.sqrt((left**2).sum(0) / max(len(rows) - 1, 1)))

    def codes(self, rows: Floats) -> Floats:
        """Places along the axes, shape (n, k)."""
        return (rows - self.mean) @ self.axes.T

    def rows(self, codes: Floats, rng: np.random.Generator) -> Floats:
        """Rows of which these are the places, with noise for what the axes leave out."""
        noise = rng.standard_normal((len(codes), len(self.mean))) * self.rest
        return self.mean + codes @ self.axes + noise - (noise @ self.axes.T) @ self.axes


@dataclass(frozen=True)
class GaussianMixtureSampler:
    """Mixtures that are ready to make items."""

    real: Labelled
    plane: Plane
    mixtures: list[Any]

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Samples, Factors]:
        """`n` items, each class as often as the others, and the ``component`` that each is of.

        Same state of `rng`, same bytes. No item is made of a single real one: there is no `origin`.
        """
        y = classes_in_turn(n, self.real.classes, rng)
        component = np.zeros(n, np.int64)
        codes = np.empty((n, len(self.plane.axes)))
        for label, mixture in enumerate(self.mixtures):
            mine = np.flatnonzero(y == label)
            component[mine] = rng.choice(len(mixture.weights_), len(mine), p=_shares(mixture.weights_))
            for part in range(len(mixture.weights_)):
                at = mine[component[mine] == part]
                codes[at] = rng.multivariate_normal(mixture.means_[part], _covariance(mixture, part), len(at))
        return Samples(self.real.recorded(self.plane.rows(codes, rng)), y), {"component": component}


def _shares(weights: NDArray[Any]) -> Floats:
    return np.asarray(weights / weights.sum())


def _covariance(mixture: Mixture, part: int) -> Floats:
    found: Floats = mixture.covariances_[part]
    return np.diag(found) if found.ndim == 1 else found
