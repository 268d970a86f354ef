"""What features tell of the factors, and nothing else of them.

Renders differ from photographs in much that no factor can change: no brand on the laptop, no noise of a
sensor. A classifier that sees it tells all renders from all photographs, and which render it takes for least
unlike a photograph is chance. So pictures are compared by what can be read off them of each factor: linear
predictions, learnt from renders, whose factors are known.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assay.generate.blender.weighting.draws import Draws
from assay.generate.blender.weighting.ratio import FOLDS, with_squares

READABLE = 0.02
"""Share of a factor's variance, in pictures that no model learnt from, that makes it worth looking at."""
PENALTIES = (1e1, 1e2, 1e3, 1e4, 1e5)
Doubles = NDArray[np.float64]


def as_factors(
    real: Doubles, rendered: Doubles, draws: Mapping[str, Draws], seed: int = 0
) -> tuple[Doubles, Doubles]:
    """Features as predictions of the factors that can be read off them, shapes (n, f) and (m, f).

    Ridge regressions on features and their squares, cross-fitted; a photograph is read by the model of one
    fold, as a render is, so that predictions of both scatter alike.

    Parameters
    ----------
    real, rendered : arrays, shapes (n, d) and (m, d)
    draws : mapping of str to Draws
        Of the rendered ones.
    seed : int
        Of the folds.
    """
    truth = columns(draws, len(rendered))
    if truth.shape[1] == 0:
        return np.zeros((len(real), 0)), np.zeros((len(rendered), 0))
    rows = with_squares(np.concatenate([real, rendered]))
    told = _told(rows[: len(real)], rows[len(real) :], truth, np.random.default_rng([seed, 4]))
    readable = 1 - ((told[1] - truth) ** 2).mean(0) > READABLE
    return told[0][:, readable], told[1][:, readable]


def columns(draws: Mapping[str, Draws], pictures: int) -> Doubles:
    """Factors as standardised columns, shape (pictures, f).

    One for each draw of a number where all pictures drew as many; else one for their mean (that of all
    pictures where one drew none). One for each word of a choice. None for what never differs.
    """
    found = [column for own in draws.values() for column in _columns(own, pictures)]
    moving = [column for column in found if column.std() > 1e-9]
    standard = [(column - column.mean()) / column.std() for column in moving]
    return np.stack(standard, axis=1) if standard else np.zeros((pictures, 0))


def _columns(draws: Draws, pictures: int) -> list[Doubles]:
    values = np.array(draws.values)
    if values.dtype.kind == "U":
        return [_means(values == word, draws, pictures) for word in np.unique(values)]
    each = np.bincount(draws.picture, minlength=pictures)
    if (each == each[0]).all():
        return list(values.reshape(pictures, -1).T)
    return [_means(values, draws, pictures)]


def _means(values: NDArray[np.generic], draws: Draws, pictures: int) -> Doubles:
    numbers = values.astype(np.float64)
    count = np.bincount(draws.picture, minlength=pictures)
    total = np.bincount(draws.picture, numbers, pictures)
    return np.where(count > 0, total / np.maximum(count, 1), numbers.mean())


def _told(
    real: Doubles, rendered: Doubles, truth: Doubles, rng: np.random.Generator
) -> tuple[Doubles, Doubles]:
    """Predictions for both sets, each item by a model that did not learn from it."""
    from sklearn.linear_model import RidgeCV
    from threadpoolctl import threadpool_limits

    folds = [rng.permutation(len(rows)) % FOLDS for rows in (real, rendered)]
    told = np.empty((len(real), truth.shape[1])), np.empty(truth.shape)
    with threadpool_limits(1):
        for fold in range(FOLDS):
            learnt = folds[1] != fold
            model = RidgeCV(PENALTIES, alpha_per_target=True).fit(rendered[learnt], truth[learnt])
            for out, rows, own in zip(told, (real, rendered), folds):
                out[own == fold] = model.predict(rows[own == fold]).reshape(-1, truth.shape[1])
    return told
