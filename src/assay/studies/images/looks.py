"""What a model sees and where it looks: a planned run again, watched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from assay.methods.adaptation import full
from assay.methods.base import Method, Pool, in_batches
from assay.models.vit import VisionTransformer
from assay.runs.runner import Job
from assay.train.evaluation import confusion_on
from assay.train.one_run import train
from assay.train.pools import to_pool
from assay.types import Samples

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """What was seen of a run.

    Attributes
    ----------
    y : int array, shape (n,)
        Labels of the items that were looked at.
    features : dict of float32 array, shape (n, features)
        Of these items, by epoch (from 0).
    attention : dict of float32 array, shape (n, rows, columns)
        By epoch, what the class token pays to each patch in the last block, mean over heads, in [0, 1];
        nothing unless the backbone is a vision transformer.
    recall : float array, shape (epochs, classes)
        Of these items after every epoch, in [0, 1]; NaN for a class that none of them is of.
    """

    y: NDArray[np.int64]
    features: dict[int, Floats]
    attention: dict[int, Floats]
    recall: NDArray[np.float64]


def look(job: Job, items: Samples, epochs: Collection[int]) -> Look:
    """Train a run again, to the same bytes as before, and look at items as it learns.

    Parameters
    ----------
    job : Job
        Of a method with a single backbone.
    items : Samples
        Labelled, as recorded; normalised here as the job's task says.
    epochs : collection of int
        After which features and attention are taken, from 0.

    Raises
    ------
    UserError
        If the method has no single backbone.
    TrainingFailed
        When a loss is NaN or infinite.
    """
    pool = to_pool(job.task, items, job.cell.run.device)
    seen, recall = Look(items.y, {}, {}, np.empty(0)), []

    def observe(method: Method, epoch: int) -> None:
        recall.append(recall_by_class(confusion_on(method, pool)))
        if epoch in epochs:
            seen.features[epoch] = features(method, pool)
            if isinstance(method.trunk_network(), VisionTransformer):
                seen.attention[epoch] = attention(method, pool)

    train(job.task, job.synthetic, job.cell.run, observe=observe)
    return Look(seen.y, seen.features, seen.attention, np.array(recall))


def features(method: Method, pool: Pool) -> Floats:
    """What the backbone makes of items, shape (n, features)."""

    def trunk(x: Tensor) -> Tensor:
        with method.setup.autocast():
            return full(cast(Tensor, method.trunk_network()(x)))

    return cast(Floats, in_batches(trunk, pool.x).cpu().numpy())


def attention(method: Method, pool: Pool) -> Floats:
    """Where a vision transformer looks in each item, shape (n, rows, columns), mean over heads."""
    trunk = cast(VisionTransformer, method.trunk_network())
    return cast(Floats, in_batches(lambda x: trunk.attention(x).mean(1), pool.x).cpu().numpy())


def recall_by_class(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Share of each class's items that were recognised.

    Parameters
    ----------
    matrix : array, shape (..., classes, outputs)
        Confusion matrices, rows are true classes.

    Returns
    -------
    float array, shape (..., classes)
        In [0, 1]; NaN for a class without an item.
    """
    found, items = np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(-1)
    recall: NDArray[np.float64] = np.full(items.shape, np.nan)
    np.divide(found, items, out=recall, where=items > 0)
    return recall


def some(samples: Samples, most: int) -> Samples:
    """The samples, or so many of them chosen by a fixed seed, in their order."""
    if len(samples) <= most:
        return samples
    return samples[np.sort(np.random.default_rng(0).permutation(len(samples))[:most])]


def one_of_each(samples: Samples, classes: int) -> Samples:
    """The first item of each of the first so many classes that there are."""
    return samples[np.unique(samples.y, return_index=True)[1][:classes]]


def spread(epochs: int, count: int) -> list[int]:
    """About so many epochs, from the first to the last, each a like factor later than the one before."""
    return sorted({round(number) - 1 for number in np.geomspace(1, epochs, count)})
