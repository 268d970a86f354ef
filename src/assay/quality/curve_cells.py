"""What a learning curve is fitted to: the errors of runs, by how much data they learnt from and by seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

Floats = NDArray[np.float64]
NOISE = 1e-3
"""Least standard deviation of a measured error: no cell is known better than to a tenth of a point."""


@dataclass(frozen=True)
class Row:
    """The error of one run that learnt from n real and m synthetic items."""

    real: int
    synthetic: int
    seed: int
    error: float


@dataclass(frozen=True, eq=False)
class Table:
    """Errors by cell and seed.

    Attributes
    ----------
    sizes : list of (int, int)
        The cells, ascending.
    errors : float array, shape (cells, seeds)
        0 where there is none.
    present : bool array, shape (cells, seeds)
    sigma : float array, shape (cells,)
        Standard deviation of one run.
    chance : float
        Error of a model that guesses.
    """

    rows: list[Row]
    sizes: list[tuple[int, int]]
    seeds: list[int]
    errors: Floats
    present: NDArray[np.bool_]
    sigma: Floats
    chance: float

    @cached_property
    def counts(self) -> tuple[Floats, Floats]:
        """Real and synthetic items of every cell."""
        real, synthetic = np.array(self.sizes, dtype=float).T
        return real, synthetic

    @cached_property
    def units(self) -> tuple[float, float]:
        """The largest numbers of real and of synthetic items."""
        return float(self.counts[0].max()), float(self.counts[1].max())

    def mean(self, index: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Mean error and weight of every cell over some seeds; weight 0 where there is none."""
        runs = self.present[:, index].sum(1)
        return self.errors[:, index].sum(1) / runs.clip(1), np.sqrt(runs) / self.sigma

    def largest(self) -> Callable[[Row], bool]:
        """Whether a row is of the largest real or the largest synthetic size."""
        real, synthetic = (max(column) for column in zip(*self.sizes))
        return lambda row: row.real == real or row.synthetic == synthetic

    def corners(self) -> list[tuple[int, int]]:
        """More real, more synthetic, more of both, each than what `largest` leaves."""
        (n, real), (m, synthetic) = (sorted(set(column))[-2:] for column in zip(*self.sizes))
        return [(real, m), (n, synthetic), (real, synthetic)]


def tabled(rows: Iterable[Row], chance: float) -> Table:
    """The rows by cell and seed, checked: `UserError` if no curve can be fitted to them."""
    listed = list(rows)
    _check(listed)
    sizes = sorted({(row.real, row.synthetic) for row in listed})
    seeds = sorted({row.seed for row in listed})
    errors, present = np.zeros((len(sizes), len(seeds))), np.zeros((len(sizes), len(seeds)), dtype=bool)
    for row in listed:
        place = sizes.index((row.real, row.synthetic)), seeds.index(row.seed)
        errors[place], present[place] = row.error, True
    if np.ptp(errors.sum(1) / present.sum(1)) == 0:
        raise UserError("learning curve: the error is the same at every size; there is nothing to fit")
    return Table(listed, sizes, seeds, errors, present, _sigma(errors, present), chance)


def _check(rows: Sequence[Row]) -> None:
    if not all(0 <= row.error <= 1 for row in rows):
        raise UserError("learning curve: an error that is not a number from 0 to 1")
    least = {
        "seed{}": (len({row.seed for row in rows}), 2),
        "real size{}": (len({row.real for row in rows}), 2),
        "amount{} of labelled synthetic items": (len({row.synthetic for row in rows} - {0}), 2),
        "cell{}": (len({(row.real, row.synthetic) for row in rows}), 6),
    }
    for what, (found, needed) in least.items():
        if found < needed:
            told = what.format("" if found == 1 else "s")
            raise UserError(f"learning curve: {found} {told}; it takes {needed} or more")
    if min(row.real for row in rows) < 1 or min(row.synthetic for row in rows) < 0:
        raise UserError("learning curve: it takes one real item or more in every run")


def check_amounts(table: Table) -> None:
    """Raise `UserError` if too few amounts of synthetic items are left once the largest is hidden."""
    found = len({m for _, m in table.sizes} - {0})
    if found < 3:
        raise UserError(
            f"{found} amounts of synthetic items; it takes three or more, so give three ratios or more"
        )


def _sigma(errors: Floats, present: NDArray[np.bool_]) -> Floats:
    """Deviation of one run: σ² = φ · ē(1 - ē), with one φ for all cells, as their own few runs say little."""
    runs = present.sum(1)
    mean = errors.sum(1) / runs
    squares = (np.where(present, errors - mean[:, None], 0.0) ** 2).sum(1)
    binomial = mean * (1 - mean)
    phi = squares.sum() / max(((runs - 1) * binomial).sum(), 1e-12)
    return np.asarray(np.sqrt(phi * binomial + NOISE**2))
