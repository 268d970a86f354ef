"""A model trained on labelled items alone, and what it says of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from assay.errors import UserError
from assay.methods.base import Classifier, in_batches, to_channels_last
from assay.methods.real_only import RealOnly
from assay.methods.supervised import Supervised
from assay.methods.training import Training
from assay.models import precision
from assay.models.as_trained import adjusted
from assay.models.networks import Backbone
from assay.quality.items import Floats, Items
from assay.train.features import frozen, samples_seen, task_seen
from assay.train.one_run import Run, fit, to_pool
from assay.types import Samples, Task

Weights = dict[str, Tensor]
Features = Callable[[NDArray[Any]], NDArray[Any]]
"""From items as recorded, (n, *shape), to features, (n, d)."""


@dataclass(frozen=True)
class Model:
    """A classifier ready to judge items of the task."""

    network: Classifier
    task: Task
    run: Run

    @classmethod
    def of_weights(cls, weights: Weights, task: Task, run: Run) -> Model:
        """A model of the weights of another that the run trained."""
        seen = task_seen(task, run)
        trunk = adjusted(run.backbone.build(seen.shape, Generator()), seen)
        network = Classifier(trunk, len(task.classes))
        network.load_state_dict(weights)
        return cls(to_channels_last(network).to(run.device).eval(), task, run)

    def weights(self) -> Weights:
        """On the CPU, to be sent to other processes."""
        return {name: value.cpu() for name, value in self.network.state_dict().items()}

    def examine(self, samples: Samples, features: Features | None) -> Items:
        """The items with probabilities and features (the backbone's unless a function is given)."""
        x = to_pool(self.task, samples, self.run.device).x
        seen, logits = self._seen(samples)
        chosen = seen if features is None else _given(features, samples.x)
        return Items(samples, x.cpu().numpy(), chosen, logits.softmax(1).cpu().numpy())

    def probabilities(self, samples: Samples) -> Floats:
        """What the model says of items, shape (n, classes)."""
        return self.examine(samples, None).probabilities

    def _seen(self, samples: Samples) -> tuple[Floats, Tensor]:
        """Features and logits, float32; the features of a frozen trunk are its own."""
        items, run = samples_seen(samples, self.task, self.run), self.run
        x = to_pool(task_seen(self.task, run), items, run.device).x
        network, width = self.network, cast(int, self.network.backbone.out_features)

        def both(block: Tensor) -> Tensor:
            with precision.autocast(run.training.precision, run.device):
                features = network.backbone(block)
                return torch.cat((features.float(), network.head(features).float()), 1)

        with precision.threads(self.run.training.threads):
            seen = in_batches(both, x)
        own = items.x.reshape(len(x), -1) if frozen(run.backbone) else seen[:, :width].cpu().numpy()
        return own, seen[:, width:]


def _given(features: Features, x: NDArray[Any]) -> Floats:
    """Features by the user's function, shape (n, d)."""
    found = np.asarray(features(x))
    if found.shape[:1] != (len(x),) or found.dtype.kind not in "fiu" or not np.isfinite(found).all():
        raise UserError(
            f"features: {found.dtype} of shape {found.shape} for {len(x)} items; "
            f"expected ({len(x)}, d) finite numbers"
        )
    return found.reshape(len(x), -1)


def trained(
    task: Task, items: Samples, backbone: Backbone, training: Training, seed: int, device: str
) -> Model:
    """A model of cross-entropy on `items`, whatever domain they are from."""
    run = run_of(backbone, training, seed, device)
    return Model(cast(Supervised, fit(task, items, run)).classifier(), task, run)


def run_of(backbone: Backbone, training: Training, seed: int, device: str) -> Run:
    """The run that trains such a model."""
    return Run(RealOnly(), backbone, training, seed, device=device)
