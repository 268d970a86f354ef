"""Features for weighted rendering from a network that learnt to tell rendered objects apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.blender.weighting.yardstick import Features
from assay.methods.training import Training
from assay.models.device import chosen_device
from assay.models.table import AnyBackbone, chosen
from assay.quality.model import trained
from assay.types import Samples, Task

TRAINING = Training(epochs=10, steps=40, batch=32)


def class_features(
    rendered: Samples,
    backbone: AnyBackbone | None = None,
    training: Training = TRAINING,
    seed: int = 0,
    device: str | None = None,
) -> Features:
    """Features of a network trained on the classes of rendered images; photographs' labels are not needed.

    Such a network looks at the object, and past backgrounds where these were random. It also looks past
    whatever else says nothing of the class, so that some factors leave little trace in what it sees:
    `image_statistics` see more of light and place.

    Parameters
    ----------
    rendered : Samples
        Images (n, 3, height, width) of two classes or more.
    backbone : str or Backbone, optional
        By default the small network for images.
    training : Training
    seed : int
    device : {"cpu", "cuda"}, optional

    Returns
    -------
    callable
        From images, (n, 3, height, width), to features, (n, d), for `learn_factors`.
    """
    names = tuple(f"class {label}" for label in range(int(rendered.y.max()) + 1))
    task = Task("rendered", names, rendered, rendered, normalise="channel", kind="image")
    network = chosen(backbone, "image", rendered.shape)
    model = trained(task, rendered, network, training, seed, chosen_device(device))

    def features(images: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(model.examine(Samples(images), None).features)

    return features
