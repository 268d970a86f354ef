"""A classifier of scikit-learn, or of its manner, in the place of a network, for the plain methods."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from assay.errors import UserError
from assay.own.source import told

SHORT = {
    "forest": "sklearn.ensemble:RandomForestClassifier",
    "logistic": "sklearn.linear_model:LogisticRegression",
}
"""Names for two that everybody compares with."""
SMALLEST = 1e-6
"""Probabilities below this count as this, so that their logarithm is finite."""


@dataclass(frozen=True)
class Estimator:
    """Settings of a classifier of scikit-learn, or of anything that has `fit` and `predict`.

    Parameters
    ----------
    name : str
        As on the command line, or what it says of itself.
    digest : str
        Of its source text and version: a run's identity.
    options : tuple of (str, value)
        Arguments of its class.
    make : callable
        Gives the classifier, not yet fitted.
    """

    name: str
    digest: str
    options: tuple[tuple[str, Any], ...] = ()
    make: Callable[..., Any] = field(default=lambda: None, compare=False, repr=False)

    def build(self, shape: tuple[int, ...], generator: Generator) -> Estimated:
        """The classifier, its random numbers from the seed of `generator`.

        Raises
        ------
        UserError
            If it is no classifier, or an argument is wrong.
        """
        from sklearn.base import is_classifier

        try:
            made = self.make(**dict(self.options))
        except TypeError as error:
            raise UserError(f"backbone {self.name}: {error}") from None
        if hasattr(made, "get_params") and not is_classifier(made):
            raise UserError(f"backbone {self.name}: {type(made).__name__}: no classifier of scikit-learn")
        return Estimated(seeded(made, generator.initial_seed() % 2**32))


def is_estimator(thing: Any) -> bool:
    """Whether an object is an estimator in scikit-learn's manner, or a class of them, and no network."""
    kind = thing if isinstance(thing, type) else type(thing)
    return hasattr(thing, "fit") and hasattr(thing, "predict") and not issubclass(kind, nn.Module)


def estimator(thing: Any, name: str | None = None, options: Mapping[str, Any] | None = None) -> Estimator:
    """Settings of an estimator, which is cloned or copied for each run, or of a class of estimators."""
    import sklearn
    from sklearn.base import clone

    given = tuple((options or {}).items())
    if isinstance(thing, type):
        return Estimator(name or thing.__name__, told((thing, sklearn.__version__, {})).digest, given, thing)
    if not hasattr(thing, "get_params"):
        make = functools.partial(copy.deepcopy, thing)
        return Estimator(name or type(thing).__name__, told(thing).digest, given, make)
    code = (type(thing), sklearn.__version__, {k: str(v) for k, v in thing.get_params().items()})
    called = name or " ".join(repr(thing).split())
    return Estimator(called, told(code).digest, given, functools.partial(clone, thing))


def seeded(made: Any, seed: int) -> Any:
    """The estimator, with a seed where it, or a part of it, draws random numbers and was given none."""
    if not hasattr(made, "get_params"):
        if getattr(made, "random_state", seed) is None:
            made.random_state = seed
        return made
    drawing = {k: v for k, v in made.get_params().items() if k.rpartition("__")[2] == "random_state"}
    return made.set_params(**{name: seed for name, value in drawing.items() if value is None})


class Estimated(nn.Module):
    """An estimator behind the face of a network: items to the logarithm of each class's probability."""

    def __init__(self, estimator: Any) -> None:
        super().__init__()
        self.estimator, self.classes, self.learnt = estimator, 0, np.empty(0, np.int64)

    def fit(self, x: Tensor, y: Tensor, classes: int) -> None:
        """Learn from items (n, *shape), flattened, and their labels."""
        labels = np.array(y.cpu().numpy())
        self.estimator.fit(_rows(x), labels)
        self.classes, self.learnt = (
            classes,
            np.asarray(getattr(self.estimator, "classes_", np.unique(labels))),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, classes), float32; a class that was not learnt has `SMALLEST`."""
        found = np.full((len(x), self.classes), SMALLEST, np.float32)
        known = self._probabilities(_rows(x))
        learnt = np.arange(self.classes) if known.shape[1:] == (self.classes,) else self.learnt
        if known.shape != (len(x), len(learnt)):
            raise UserError(f"probabilities of shape {known.shape}; expected {(len(x), len(learnt))}")
        found[:, learnt] = np.maximum(known, SMALLEST)
        return torch.from_numpy(np.log(found)).to(x.device)

    def _probabilities(self, rows: NDArray[np.float32]) -> NDArray[Any]:
        """Those that the estimator gives, else 1 for the class that it says."""
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict_proba(rows))
        said = np.asarray(self.estimator.predict(rows))
        if not np.isin(said, self.learnt).all():
            strange = said[~np.isin(said, self.learnt)][0]
            raise UserError(f"predict says '{strange}', a class that it was not taught")
        return np.asarray(said[:, None] == self.learnt)


def _rows(x: Tensor) -> NDArray[np.float32]:
    """A copy, for an estimator may write into what it is given."""
    return np.array(x.flatten(1).float().cpu().numpy())
