"""New distributions from draws and the weights of the pictures that they were for.

Pure: nothing here knows of Blender. Factors are refitted one by one, as if they were independent in the
photographs as they are in the renderer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.generate.blender.scene.distribution import Distribution, Names
from assay.generate.blender.weighting.draws import Draws

SHUFFLES = 1000
"""Times that weights are dealt out at random to see what chance does."""
Doubles = NDArray[np.float64]
Factor = TypeVar("Factor", Distribution, Names)


@dataclass(frozen=True)
class Refit:
    """New shares of a factor's parts, and how far the evidence let them move: 0 not at all, to 1."""

    shares: Doubles
    evidence: float


def cut(factor: Factor, bins: int) -> Factor:
    """The same distribution with its ranges cut into about `bins` equal pieces in all, at least one each.

    What is cut already, and a choice of words, stays as it is.
    """
    if isinstance(factor, Names):
        return factor
    ranges = sum(low < high for low, high in factor.pieces)
    each = max(1, round(bins / max(ranges, 1)))
    if ranges == 0 or each == 1:
        return factor
    parts = [_cut(low, high, each) for low, high in factor.pieces]
    weights = factor.weights or (1.0,) * len(parts)
    shared = tuple(_short(weight / len(part)) for weight, part in zip(weights, parts) for _ in part)
    return Distribution(tuple(piece for part in parts for piece in part), shared)


def _cut(low: float, high: float, count: int) -> list[tuple[float, float]]:
    """Equal pieces whose inner ends are short numbers."""
    if low == high:
        return [(low, high)]
    width = (high - low) / count
    digits = 3 - math.floor(math.log10(width))
    ends = [low, *(round(low + width * i, digits) for i in range(1, count)), high]
    return list(pairwise(ends))


def _short(weight: float) -> float:
    return float(f"{weight:.4g}")


def shares_of(factor: Distribution | Names) -> Doubles:
    """How often each part comes, shape (k,), of sum 1."""
    parts = factor.words if isinstance(factor, Names) else factor.pieces
    weights = np.array(factor.weights or (1.0,) * len(parts), dtype=np.float64)
    return np.asarray(weights / weights.sum())


def refitted(
    factor: Factor,
    start: Factor,
    draws: Draws,
    weights: Doubles,
    keep: float,
    doubt: float,
    rng: np.random.Generator,
) -> tuple[Factor, float]:
    """The factor as the weighted pictures have it, and the evidence for that (see `reweighted`).

    Parameters
    ----------
    factor, start : Distribution or Names
        What the values were drawn from, and where learning began: of the same parts.
    draws : Draws
    weights : array, shape (n,)
        One for each picture, 0 or more.
    keep : float
        Share of `start` that every later distribution holds.
    doubt : float
        How often chance alone may move the factor, 0 to 1.
    rng : numpy.random.Generator
        Shuffles weights to see what chance does.

    Raises
    ------
    UserError
        If a value is of no part, or weights are not finite numbers, 0 or more, some above 0.
    """
    counts = counted(factor, draws, len(weights))
    found = reweighted(shares_of(factor), shares_of(start), counts, _checked(weights), keep, doubt, rng)
    if found.evidence == 0:
        return factor, 0.0
    return replace(factor, weights=tuple(_short(share) for share in found.shares.tolist())), found.evidence


def _checked(weights: Doubles) -> Doubles:
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise UserError("weights: expected finite numbers, 0 or more, some above 0")
    return np.asarray(weights / weights.mean())


def counted(factor: Distribution | Names, draws: Draws, pictures: int) -> Doubles:
    """How many draws of each part there were for each picture, shape (pictures, k).

    A value that lies in several pieces counts for each as likely as it came from it.
    """
    counts = np.zeros((pictures, len(shares_of(factor))))
    np.add.at(counts, draws.picture, _belonging(factor, draws.values))
    return counts


def _belonging(factor: Distribution | Names, values: Sequence[float | str]) -> Doubles:
    """How likely each value came from each part, shape (values, k)."""
    likely = _likelihood(factor, values) * shares_of(factor)
    total = likely.sum(1, keepdims=True)
    if not (total > 0).all():
        raise UserError(f"{values[int(np.argmin(total))]}: not a value of {factor}")
    return np.asarray(likely / total)


def _likelihood(factor: Distribution | Names, values: Sequence[float | str]) -> Doubles:
    """Density of each value in each part, shape (values, k); that of a point is beyond any range's."""
    if isinstance(factor, Names):
        same = [[word == value for word in factor.words] for value in values]
        return np.array(same, dtype=np.float64).reshape(len(values), len(factor.words))
    low, high = np.array(factor.pieces).T
    column = np.array(values, dtype=np.float64)[:, None]
    inside = (low <= column) & (column <= high)
    return np.asarray(inside / np.maximum(high - low, 1e-12 * np.maximum(np.abs(high), 1)))


def reweighted(
    shares: Doubles,
    start: Doubles,
    counts: Doubles,
    weights: Doubles,
    keep: float,
    doubt: float,
    rng: np.random.Generator,
) -> Refit:
    """New shares of parts: each part's share times the mean weight of the pictures that drew it.

    With q the shares, w the weights of pictures drawn from q and c the counts, the cross-entropy method's
    update (Rubinstein, 1999: maximum likelihood of weighted draws) of an independent factor is
    q'_b = q_b · E[w | b] / E[w]. The mean over the draws of a part estimates E[w | b] without the scatter
    of how often it was drawn; equal weights leave q as it is, exactly.

    Means of few draws scatter. How far is seen from D = Σ q_b (r_b - 1)² of the ratios r_b = q'_b / q_b when
    the weights are dealt out to the pictures at random. A factor whose D chance exceeds more often than
    `doubt` stays. Any other goes the part λ = 1 - D₀ / D of the way, D₀ the mean of D by chance (as James
    and Stein, 1961, shrink means).

    At last q' is brought back to hold `keep` of the start: q' = keep · start + (1 - keep) · something, so
    that no part dies out.
    """
    ratios = _ratios(shares, counts, weights[None])[0]
    evidence = _evidence(shares, counts, weights, ratios, doubt, rng)
    return Refit(_holding(shares * (1 + evidence * (ratios - 1)), start, keep), evidence)


def _evidence(
    shares: Doubles,
    counts: Doubles,
    weights: Doubles,
    ratios: Doubles,
    doubt: float,
    rng: np.random.Generator,
) -> float:
    dealt = rng.permuted(np.tile(weights, (SHUFFLES, 1)), axis=1)
    chance = _distance(shares, _ratios(shares, counts, dealt))
    distance = float(_distance(shares, ratios))
    plain = distance > max(float(np.quantile(chance, 1 - doubt)), 1e-12)
    return max(0.0, 1 - float(chance.mean()) / distance) if plain else 0.0


def _ratios(shares: Doubles, counts: Doubles, weights: Doubles) -> Doubles:
    """Mean weight of each part over that of all, shape (sets of weights, k); 1 where nothing was drawn."""
    drawn = counts.sum(0)
    seen = drawn > 0
    means = np.ones((len(weights), len(drawn)))
    means[:, seen] = (weights @ counts[:, seen]) / drawn[seen]
    return np.asarray(means / (means @ shares)[:, None])


def _distance(shares: Doubles, ratios: Doubles) -> Doubles:
    return np.asarray((shares * (ratios - 1) ** 2).sum(-1))


def _holding(target: Doubles, start: Doubles, keep: float) -> Doubles:
    """The target if it holds `keep` of the start; else the nearest of its kind that does."""
    rest = np.maximum(target - keep * start, 0)
    return np.asarray(keep * start + (1 - keep) * rest / rest.sum())
