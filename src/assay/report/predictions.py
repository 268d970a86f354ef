"""What a model says of items, as a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assay.data.columns import Columns, named
from assay.train.model import Model
from assay.types import UNKNOWN, Samples


def predictions(model: Model, samples: Samples, names: NDArray[np.str_]) -> Columns:
    """A line an item: its name, its class if any is known, the predicted class, and all probabilities.

    The predicted class is empty where the model says that the item is of none.
    """
    outputs = model.outputs(samples)
    known = {"class": named(samples.y, model.classes)} if (samples.y != UNKNOWN).any() else {}
    columns = {"item": names, **known, "predicted": named(model.decided(outputs), model.classes)}
    return columns | {f"p({name})": outputs[:, i] for i, name in enumerate(model.classes)}


def right(columns: Columns) -> tuple[int, int]:
    """How many of the items whose class is known are predicted right, and how many these are."""
    if "class" not in columns:
        return 0, 0
    known = columns["class"] != ""
    return int((columns["class"] == columns["predicted"])[known].sum()), int(known.sum())
