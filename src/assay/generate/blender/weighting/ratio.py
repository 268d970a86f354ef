"""How likely each rendered picture is to be a photograph: density ratios by classification.

A classifier that tells two sets apart gives the ratio of their densities: p(photograph | x) / p(render | x)
= p_photograph(x) / p_render(x), up to the sets' sizes (Bickel, Brückner and Scheffer, JMLR 2009; Sugiyama,
Suzuki and Kanamori, Density Ratio Estimation in Machine Learning, 2012, chapter 4).
"""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Inverse strengths of the penalty to choose from; at the first a classifier hardly tells anything."""
SURE = 2.33
"""Deviations above 0.5 that chance lifts an area under the curve (Mann and Whitney, 1947) once in 100."""
FAR = 4.0
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


class Odds(NamedTuple):
    """Log odds (m,) of each rendered picture to be a photograph, and how well sets are told apart.

    `auc` is that of held-out items: about 0.5 if they cannot be told apart, to 1.
    """

    logits: Doubles
    auc: float


class Weights(NamedTuple):
    """Weights (m,) of mean 1 in each class, the power that tempers them, and how many pictures they are
    worth."""

    weights: Doubles
    power: float
    effective: float


def odds(real: Doubles, rendered: Doubles, seed: int = 0) -> Odds:
    """Log odds by a logistic regression on features and their squares.

    That is the ratio of two Gaussians with different variances, so it can say "nearer to the middle" as well
    as "brighter". Cross-fitted: no item is judged by a model that learnt from it. Of several penalties the
    one of the least held-out log loss is taken. Where even that tells held-out items apart no better than
    chance may (`SURE`), all odds are 0: its direction would be noise, and factors that show in the features
    would follow it.

    Parameters
    ----------
    real, rendered : arrays, shapes (n, d) and (m, d), as many items as there are folds or more
    seed : int
        Of the folds.
    """
    from sklearn.metrics import log_loss, roc_auc_score
    from threadpoolctl import threadpool_limits

    which = np.repeat([1, 0], [len(real), len(rendered)])
    rows = with_squares(np.concatenate([real, rendered]))
    with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
        found = [_held_out(rows, which, strength, seed) for strength in STRENGTHS]
    share = np.where(which == 1, 0.5 / which.mean(), 0.5 / (1 - which.mean()))
    losses = [log_loss(which, _probability(logits), sample_weight=share) for logits in found]
    best = found[int(np.argmin(losses))]
    auc = float(roc_auc_score(which, best))
    told = auc > 0.5 + SURE * math.sqrt((len(which) + 1) / (12 * len(real) * len(rendered)))
    return Odds(best[len(real) :] * told, auc)


def with_squares(rows: Doubles) -> Doubles:
    """Standardised columns, cut off at `FAR` deviations, and their squares; constant columns left out."""
    deviation = rows.std(0)
    moving = deviation > 1e-9 * (1 + np.abs(rows).max(0))
    z = np.clip((rows[:, moving] - rows[:, moving].mean(0)) / deviation[moving], -FAR, FAR)
    return np.hstack([z, z**2, np.zeros((len(rows), 1))])  # the last: never without a column


def _held_out(rows: Doubles, which: Ints, strength: float, seed: int) -> Doubles:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = LogisticRegression(C=strength, max_iter=200, class_weight="balanced")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    model = make_pipeline(StandardScaler(), classifier)
    return np.asarray(cross_val_predict(model, rows, which, cv=folds, method="decision_function"))


def _probability(logits: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))))


def tempered(logits: Doubles, labels: NDArray[Any], least: float) -> Weights:
    """Weights odds^power: the largest power up to 1 with which they are worth `least` of the pictures.

    Weights have mean 1 in each class, so that the classes' shares among the photographs, which nobody knows,
    do not matter, and each class has the same say.

    Parameters
    ----------
    logits : array, shape (m,)
    labels : array, shape (m,)
        Class of each picture.
    least : float
        Effective sample size (Σw)² / Σw² as a share of the pictures, 0 to 1.
    """
    power = 1.0
    if effective(_at(logits, labels, 1.0)) < least * len(logits):
        low, power = 0.0, 0.5
        for step in range(2, 30):  # halving: the size falls as the power rises
            enough = effective(_at(logits, labels, power)) >= least * len(logits)
            low = power if enough else low
            power += 0.5**step if enough else -(0.5**step)
        power = low
    weights = _at(logits, labels, power)
    return Weights(weights, power, effective(weights))


def _at(logits: Doubles, labels: NDArray[Any], power: float) -> Doubles:
    weights = np.empty(len(logits))
    for label in np.unique(labels):
        members = labels == label
        own = np.exp(power * (logits[members] - logits[members].max()))
        weights[members] = own / own.mean()
    return weights


def effective(weights: Doubles) -> float:
    """Effective sample size (Σw)² / Σw² (Kish, 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())
