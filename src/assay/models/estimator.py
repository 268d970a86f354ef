"""A classifier of scikit-learn in the place of a network, for the plain methods."""

from __future__ import annotations

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
    """Settings of a classifier of scikit-learn.

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
        if not is_classifier(made):
            raise UserError(f"backbone {self.name}: {type(made).__name__}: no classifier of scikit-learn")
        return Estimated(seeded(made, generator.initial_seed() % 2**32))


def is_estimator(thing: Any) -> bool:
    """Whether an object is an estimator in scikit-learn's manner, or a class of them."""
    return all(hasattr(thing, name) for name in ("fit", "predict", "get_params"))


def estimator(thing: Any, name: str | None = None, options: Mapping[str, Any] | None = None) -> Estimator:
    """Settings of an estimator, which is cloned for each run, or of a class of estimators."""
    import sklearn
    from sklearn.base import clone

    is_class = isinstance(thing, type)
    make = thing if is_class else functools.partial(clone, thing)
    called = name or (thing.__name__ if is_class else " ".join(repr(thing).split()))
    kind = thing if is_class else type(thing)
    code = (kind, sklearn.__version__, {} if is_class else {k: str(v) for k, v in thing.get_params().items()})
    return Estimator(called, told(code).digest, tuple((options or {}).items()), make)


def seeded(made: Any, seed: int) -> Any:
    """The estimator, with a seed where it, or a part of it, draws random numbers and was given none."""
    drawing = {k: v for k, v in made.get_params().items() if k.rpartition("__")[2] == "random_state"}
    return made.set_params(**{name: seed for name, value in drawing.items() if value is None})


class Estimated(nn.Module):
    """An estimator behind the face of a network: items to the logarithm of each class's probability."""

    def __init__(self, estimator: Any) -> None:
        super().__init__()
        self.estimator, self.classes = estimator, 0

    def fit(self, x: Tensor, y: Tensor, classes: int) -> None:
        """Learn from items (n, *shape), flattened, and their labels."""
        self.estimator.fit(_rows(x), y.cpu().numpy())
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, classes), float32; a class that was not learnt has `SMALLEST`."""
        found = np.full((len(x), self.classes), SMALLEST, np.float32)
        found[:, self.estimator.classes_] = np.maximum(self._probabilities(_rows(x)), SMALLEST)
        return torch.from_numpy(np.log(found)).to(x.device)

    def _probabilities(self, rows: NDArray[np.float32]) -> NDArray[Any]:
        """Those that the estimator gives, else 1 for the class that it says."""
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict_proba(rows))
        return np.asarray(self.estimator.predict(rows)[:, None] == self.estimator.classes_)


def _rows(x: Tensor) -> NDArray[np.float32]:
    return x.flatten(1).float().cpu().numpy()
