"""Classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017): can a classifier tell synthetic from real?"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics.pairs import Doubles, Floats, check_same_width, flat

FOLDS = 5
Ints = NDArray[np.int64]


class TwoSample(NamedTuple):
    """Means over the folds, range [0, 1]: 0.5 where sets cannot be told apart, 1 where they always are."""

    balanced_accuracy: float
    auc: float


def two_sample(
    real: NDArray[Any], synthetic: NDArray[Any], seed: int = 0, max_iterations: int = 200
) -> TwoSample:
    """Cross-validated scores of a logistic regression that tells synthetic items from real ones.

    Five stratified folds (fewer where a set has fewer items), features standardised on each fold's training
    part, sets weighted equally whatever their sizes. Lower is better. A linear classifier sees differences in
    means; in raw items rather than features it can miss much.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, *shape) and (m, *shape), two items or more
    seed : int
        Of the folds.
    max_iterations : int
        Bound on the solver's time; one that has not converged by then is good enough for a score.
    """
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    x, y = flat(real, least=2), flat(synthetic, least=2)
    check_same_width(x, y)
    if max_iterations < 1:
        raise UserError(f"max_iterations: {max_iterations}; expected 1 or more")
    folds = StratifiedKFold(min(FOLDS, len(x), len(y)), shuffle=True, random_state=seed)
    items, which = np.concatenate([x, y]), np.repeat([0, 1], [len(x), len(y)])
    # the solver's vectors are short: several threads wait for each other ten times as long as they work
    with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
        scores = [
            _scores(which[held], _logits(items[learnt], which[learnt], items[held], max_iterations))
            for learnt, held in folds.split(items, which)
        ]
    return TwoSample(*np.mean(scores, axis=0).tolist())


def _logits(items: Floats, which: Ints, held: Floats, max_iterations: int) -> Doubles:
    """Log odds of held-out items to be of set 1, by a model of the others."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(items)
    classifier = LogisticRegression(max_iter=max_iterations, class_weight="balanced")
    return np.asarray(
        classifier.fit(scaler.transform(items), which).decision_function(scaler.transform(held)), np.float64
    )


def _scores(which: Ints, logits: Doubles) -> TwoSample:
    """Of one fold; the area is the share of pairs in order (Mann and Whitney, 1947), ties counting half."""
    from scipy.stats import rankdata

    one, zero = which == 1, which == 0
    above = rankdata(logits)[one].mean() - (one.sum() + 1) / 2
    return TwoSample(((logits[one] > 0).mean() + (logits[zero] <= 0).mean()) / 2, above / zero.sum())
