"""Means over tasks and seeds of several methods, with intervals that hold for all of them together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.metrics.statistics import ENOUGH, Estimate, around

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DRAWS = 4000
CHUNK = 500
"""Draws that are made at a time."""


def simultaneous(values: Floats, within: tuple[float, float], level: float = 0.95) -> list[Estimate | None]:
    """Mean of each method with an interval; all intervals hold together with probability `level`.

    Tasks are drawn with replacement, and of each drawn task its seeds (hierarchical bootstrap: Davison and
    Hinkley, Bootstrap Methods, 1997, 3.8; Saravanan et al., Neurons Behav. Data Anal. Theory, 2020). All
    methods are drawn alike, so that what they have in common stays. With s_m the deviation of the drawn
    means of method m, its interval is mean_m ± c · s_m, where c is the quantile of max over m of
    |drawn mean_m - mean_m| / s_m (single-step max-t: Westfall and Young, Resampling-Based Multiple Testing,
    1993): methods that move together cost less than Bonferroni's correction would.

    Drawing seeds too makes intervals a little wider than needed: the scatter over seeds is in the task's
    means already.

    Parameters
    ----------
    values : float array, shape (methods, tasks, seeds)
        NaN where nothing was measured.
    within : (float, float)
        Where a value can be.
    level : float

    Returns
    -------
    list of Estimate or None
        `n` is the number of tasks; of fewer than three the ends are NaN; None for a method without a value.
    """
    counts = np.isfinite(known_mean(values)).sum(1)
    known = values[counts > 0]
    mean = known_mean(known_mean(known))
    told = (_told(*found, within) for found in zip(mean, _margins(known, mean, level), counts[counts > 0]))
    return [next(told) if n else None for n in counts]


def _told(mean: float, half: float, n: int, within: tuple[float, float]) -> Estimate:
    if n < ENOUGH:
        return Estimate(float(mean), np.nan, np.nan, int(n))
    return around(float(mean), float(half), int(n), within)


def _margins(values: Floats, mean: Floats, level: float) -> Floats:
    """Half widths, shape (methods,)."""
    away = np.abs(_drawn(values) - mean)
    scale = np.sqrt(np.nanmean(away**2, 0))
    moving = scale > 0
    if not moving.any():
        return np.zeros(len(mean))
    most = np.nanmax(away[:, moving] / scale[moving], 1)
    return np.asarray(scale * np.quantile(most, level))


def _drawn(values: Floats) -> Floats:
    """Means of redrawn tasks and seeds, shape (draws, methods)."""
    rng = np.random.default_rng(0xB007)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).any(0))
    found = []
    for _ in range(DRAWS // CHUNK):
        task, seed, missing = _places(known, rng)
        redrawn = (np.where(missing, np.nan, own[task, seed]) for own in values)
        found.append(np.stack([known_mean(known_mean(own)) for own in redrawn], 1))
    return np.concatenate(found)


def _places(known: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Tasks, and of each as many of its known seeds as it has, what is missing marked."""
    tasks, seeds = known.shape
    count, order = known.sum(1), np.argsort(~known, axis=1, kind="stable")
    task = rng.integers(tasks, size=(CHUNK, tasks, 1))
    place = (rng.random((CHUNK, tasks, seeds)) * count[task]).astype(np.int64)
    return task, order[task, place], np.arange(seeds) >= count[task]


def known_mean(values: Floats) -> Floats:
    """Mean over the last axis of what was measured; NaN where nothing was."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(-1) / known.sum(-1))
