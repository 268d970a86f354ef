"""What is kept of a run beside its numbers: predictions of the test items and, if wanted, the model.

Both are those of the epoch that a user without test labels would take (`assay.train.selection.honest`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assay.methods.base import Method
from assay.models.plain import Plain
from assay.train.evaluation import Predictions
from assay.train.selection import CRITERIA, honest


@dataclass
class Keeper:
    """Looks on after every epoch, and remembers the best of them.

    Parameters
    ----------
    models : bool
        Whether to keep weights. Those of one epoch are held at a time.
    shifted : bool
        Whether validation items are of another place than the test; then the last epoch is the best.

    Attributes
    ----------
    record : dict
        Of the best epoch.
    selection : str
        What chose it.
    predictions : Predictions
        Its predictions of the test items.
    plain : Plain or None
        The method's plain part, with the weights of the epoch that training ended with.
    weights : dict of tensors or None
        Those of the best epoch, if models are kept.
    """

    models: bool = False
    shifted: bool = False

    def __post_init__(self) -> None:
        self.record: dict[str, Any] = {}
        self.selection = "last"
        self.predictions = Predictions(np.empty(0, np.int32), np.empty(0, np.float32))
        self.plain: Plain | None = None
        self.weights: dict[str, Tensor] | None = None

    def look(self, method: Method, record: dict[str, Any], predictions: Predictions, last: bool) -> None:
        """Remember this epoch if it is the best so far; of equals the first is.

        Where nothing can choose, the last is, and its weights alone are copied.
        """
        self.selection, keeps = "last" if self.shifted else honest(record), self.models and method.has_plain()
        self.plain = method.plain() if keeps else None
        if not self._better(record):
            return
        self.record, self.predictions = record, predictions
        if self.plain and (last or self.selection != "last"):
            self.weights = copied(self.plain.state_dict())

    def _better(self, record: dict[str, Any]) -> bool:
        if self.selection == "last" or not self.record:
            return True
        before, now = CRITERIA[self.selection].values([self.record, record])
        return now > before

    def state(self) -> dict[str, Any]:
        """What `restore` takes: nested dicts of tensors and plain numbers."""
        said = {name: torch.from_numpy(part) for name, part in self.predictions._asdict().items()}
        return {"models": self.models, "record": json.dumps(self.record), "weights": self.weights, **said}

    def restore(self, state: Mapping[str, Any] | None) -> bool:
        """Go on from a `state()`; False if there is none, or it holds no model and one is to be kept."""
        if state is None or (self.models and not state["models"]):
            return False
        self.record, self.weights = json.loads(state["record"]), state["weights"]
        self.predictions = Predictions(*(state[name].numpy() for name in Predictions._fields))
        return True


def copied(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights on the CPU that no further step of training changes."""
    return {name: x.detach().cpu().clone() for name, x in weights.items()}
