"""What is measured after an epoch: accuracy on held-out items, label-free scores on unlabelled ones."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from assay.methods.base import Method, Pool, in_batches
from assay.metrics.accuracy import accuracy, confusion, mean_recall
from assay.metrics.entropy import mean_entropy
from assay.metrics.information import information_maximisation
from assay.metrics.neighbourhood import soft_neighbourhood_density
from assay.metrics.nuclear_norm import nuclear_norm
from assay.metrics.table import measured

DENSITY_ITEMS = 2000
"""At most so many items have their density measured, which takes time with the square of their number."""


@dataclass(frozen=True)
class HeldOut:
    """Items that are only looked at between epochs."""

    test: Pool
    validation: Pool
    unlabelled: Pool
    further: Mapping[str, Pool] = field(default_factory=dict)


class Predictions(NamedTuple):
    """What a model says of each test item.

    Attributes
    ----------
    predicted : int32 array, shape (n,)
        The greatest output: a class, or `classes` and above for no class.
    confidence : float32 array, shape (n,)
        Its probability.
    """

    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]


class Look(NamedTuple):
    """What was seen after an epoch: confusion and predictions of the test items, and scores by name."""

    confusion: NDArray[np.int64]
    scores: dict[str, Any]
    predictions: Predictions


def evaluate(method: Method, held_out: HeldOut, seed: int) -> Look:
    """The confusion matrix of the test items, and every score that there are items for.

    Those of further test sets stand by name under "further".

    Parameters
    ----------
    method : Method
        In evaluation mode.
    held_out : HeldOut
    seed : int
        Of the run; says which items have their density measured if there are many.
    """
    scores: dict[str, Any] = {}
    for name in ("validation", "test"):
        pool = cast(Pool, getattr(held_out, name))
        if len(pool):
            said = _predict(method, pool)
            matrix = _confusion(method, pool, said)
            found = measured(pool.y.cpu().numpy(), said, matrix)
            scores |= {f"{name}_accuracy": found.pop("accuracy"), f"{name}_recall": found.pop("recall")}
            scores[f"{name}_metrics"] = found
    if held_out.further:
        scores["further"] = {name: _measured(method, pool) for name, pool in held_out.further.items()}
    if len(held_out.unlabelled):
        scores |= label_free_scores(_predict(method, held_out.unlabelled), seed)
    return Look(matrix, scores, Predictions(said.argmax(1).astype(np.int32), said.max(1)))


def confusion_on(method: Method, pool: Pool) -> NDArray[np.int64]:
    """Confusion matrix of a method in evaluation mode on labelled items."""
    return _confusion(method, pool, _predict(method, pool))


def _confusion(method: Method, pool: Pool, probability: NDArray[np.float32]) -> NDArray[np.int64]:
    truth, predicted = pool.y.cpu().numpy(), probability.argmax(1)
    return confusion(truth, predicted, method.setup.classes, probability.shape[1])


def _measured(method: Method, pool: Pool) -> dict[str, float]:
    matrix = confusion_on(method, pool)
    return {"accuracy": accuracy(matrix), "recall": mean_recall(matrix)}


def label_free_scores(probability: NDArray[np.floating[Any]], seed: int) -> dict[str, float]:
    """Scores of predictions whose truth is not known; `density` needs two items.

    Parameters
    ----------
    probability : array, shape (n, outputs)
        Rows sum to 1.
    seed : int
        Chooses the items of `density` where there are more than `DENSITY_ITEMS`, for all epochs the same.
    """
    with _blas().limit(limits=1, user_api="blas"):  # on it depends the last bit of a singular value
        scores = {
            "information": information_maximisation(probability),
            "entropy": mean_entropy(probability),
            "nuclear_norm": nuclear_norm(probability),
        }
        if len(probability) > 1:
            scores["density"] = soft_neighbourhood_density(probability[_some(len(probability), seed)])
    return scores


@functools.cache
def _blas() -> ThreadpoolController:
    """The library that NumPy has loaded; to look for it takes longer than the scores of a small set."""
    return ThreadpoolController()


def _some(n: int, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng([seed, zlib.crc32(b"density")])
    return np.sort(rng.permutation(n)[:DENSITY_ITEMS])


def _predict(method: Method, pool: Pool) -> NDArray[np.float32]:
    """Probabilities, shape (n, outputs)."""
    return in_batches(method.predict, pool.x).softmax(1).cpu().numpy()
