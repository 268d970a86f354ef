"""Your own network and scikit-learn's forest in one table: what is synthetic data worth to each?"""

from __future__ import annotations

import math
import sys

import numpy as np
from torch import Tensor, nn

import assay


class Net(nn.Module):
    """Any module will do; that this one ends in a classifier is noticed, and its last layer taken off."""

    def __init__(self, shape: tuple[int, ...], width: int = 64) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Flatten(), nn.Linear(math.prod(shape), width), nn.ReLU(), nn.Dropout(0.2)
        )
        self.classifier = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 10) of items (n, *shape)."""
        return self.classifier(self.body(x))


def main(out: str = "runs/own_models", seeds: int = 3, epochs: int = 15, workers: int | None = None) -> None:
    """Handwritten digits with digits drawn from a Gaussian mixture of each class."""
    task = assay.open_task("digits")
    made, _ = assay.synthesise("gaussian-mixture", 500, task)
    result = assay.compare(
        task,
        made,
        methods=["mixed", "mixed@forest", "trts_filter@forest"],
        backbone=Net,
        seeds=seeds,
        training=assay.Training(epochs=epochs, steps=40, batch=32),
        out=out,
        workers=workers,
        save_models=True,
    )
    print(assay.table(result))
    print(assay.verdict(result))
    model = result.best("mixed")
    right = np.mean(model.predict(task.test.x) == task.test.y)
    assert right == model.about.trained["accuracy"], "the table's own number"
    path = model.save(f"{out}/model.safetensors")
    again = assay.Model.load(path, Net)  # weights are in the file, code is not
    print(f"{path}: {100 * np.mean(again.predict(task.test.x) == task.test.y):.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:2])
