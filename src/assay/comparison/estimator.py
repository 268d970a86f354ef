"""A classifier in scikit-learn's manner: any method of the house, behind fit and predict."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from assay.comparison.final import trained_on
from assay.comparison.plan import plan
from assay.data.split import suited
from assay.errors import UserError
from assay.methods.base import MethodSettings
from assay.methods.training import Training
from assay.models.table import AnyBackbone
from assay.types import UNKNOWN, Kind, Normalise, Samples, Task

TRAINING = Training(epochs=15, steps=40, batch=32)


class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Learns from labelled items, and from synthetic and unlabelled ones that it is given when it is made.

    Parameters
    ----------
    method : str or settings, optional
        As on the command line; by default "mixed" with synthetic items, "real_only" without.
    synthetic : Samples or (x, y), optional
        With the class each item was made for, as in the `y` of `fit`; -1 where unknown.
    unlabelled : Samples or array, optional
        Items of the place where the model will work.
    backbone : str or settings, optional
        By default a small network that suits the items.
    ratio : float, optional
        Synthetic items per labelled item; all by default.
    training : Training, optional
    normalise : {"item", "channel", "none"}, optional
        As in `Task`; by default what suits the items (of vectors nothing: scale them before).
    kind : {"image", "signal", "vector"}, optional
    device : {"cpu", "cuda"}, optional
    random_state : int, RandomState or None
        Same int, same model.

    Attributes
    ----------
    classes_ : array
        The classes of `y`, sorted.
    model_ : Model
        To save, or to write as ONNX.
    n_features_in_ : int
    """

    def __init__(
        self,
        method: str | MethodSettings | None = None,
        *,
        synthetic: Any = None,
        unlabelled: Any = None,
        backbone: AnyBackbone | None = None,
        ratio: float | None = None,
        training: Training | None = None,
        normalise: Normalise | None = None,
        kind: Kind | None = None,
        device: str | None = None,
        random_state: Any = 0,
    ) -> None:
        self.method = method
        self.synthetic = synthetic
        self.unlabelled = unlabelled
        self.backbone = backbone
        self.ratio = ratio
        self.training = training
        self.normalise = normalise
        self.kind = kind
        self.device = device
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Train to the last epoch.

        Parameters
        ----------
        X : array, shape (n, *shape)
        y : array, shape (n,)
            Classes: numbers or text.

        Raises
        ------
        UserError
            A ValueError: if data and settings do not fit together.
        """
        X, y = validate_data(self, X, y, dtype="numeric", allow_nd=True, y_numeric=False)
        check_classification_targets(y)
        self.classes_, labels = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y: {len(self.classes_)} class; a classifier needs two or more")
        task, synthetic = self._task(Samples(X, labels)), self._synthetic()
        way = self.method or ("real_only" if synthetic is None else "mixed")
        options = (self.backbone, self.training or TRAINING, self.ratio, self.device)
        self.model_ = trained_on(task, plan(task, synthetic, [way], [self._seed()], *options)[-1])
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The class of each item, as in `y`."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """The probability of each class, shape (n, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype="numeric", allow_nd=True, reset=False)
        found: NDArray[np.float32] = self.model_.predict_proba(X)
        return found

    def _task(self, labelled: Samples) -> Task:
        """A task of which nothing is measured: the test items are the labelled ones."""
        chosen = {"kind": self.kind, "normalise": self.normalise}
        options: dict[str, Any] = suited(labelled) | {k: v for k, v in chosen.items() if v is not None}
        names = tuple(map(str, self.classes_.tolist()))
        given = self.unlabelled
        unlabelled = given if given is None or isinstance(given, Samples) else Samples(np.asarray(given))
        return Task("data", names, labelled, labelled, unlabelled, **options)  # type: ignore[arg-type]

    def _synthetic(self) -> Samples | None:
        """The synthetic items, their conditions by their place in `classes_`."""
        if self.synthetic is None:
            return None
        given = self.synthetic
        x, y = (given.x, given.y) if isinstance(given, Samples) else given
        y = np.asarray(y)
        place = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        known = self.classes_[place] == y
        strange = np.flatnonzero(~known & (y != UNKNOWN))
        if len(strange):
            raise UserError(f"synthetic y: {y[strange[0]]} of item {strange[0]} is no class of y")
        return Samples(np.asarray(x), np.where(known, place, UNKNOWN))

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))
