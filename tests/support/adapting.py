"""Golden steps of the published adaptation trainers, and a shifted toy, for tests of adaptation methods."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from numpy.testing import assert_allclose
from torch import Generator, Tensor, nn

from assay.methods.adaptation import AdaptationMethod
from assay.methods.base import MethodSettings, Pool, Pools, Setup
from assay.methods.protocol import published_decay
from assay.methods.training import Training
from assay.types import Samples, Task
from tests.support import GOLDEN as GOLDEN_VALUES
from tests.support.toys import blobs

GOLDEN = GOLDEN_VALUES / "adaptation"
EPOCHS, RATES = 20, {"learning_rate": 0.05, "trunk_rate": 0.1}
EXACT = 1e-9


def golden(name: str) -> dict[str, Tensor]:
    """All arrays of a golden file."""
    return {key: torch.from_numpy(value) for key, value in np.load(GOLDEN / f"{name}.npz").items()}


def trunk(*layers: nn.Module) -> Callable[[], nn.Module]:
    """Maker of a stub network that ends in 16 features."""

    def make() -> nn.Module:
        network = nn.Sequential(*layers)
        network.out_features = 16
        return network

    return make


def setup_of(
    backbone: Callable[[], nn.Module],
    source: Pool,
    target: Pool,
    training: Training | None = None,
    classes: int = 5,
) -> Setup:
    """A setup of the given items; by default that of the golden files."""
    none = Pool(source.x[:0], source.y[:0])
    pools = Pools(source, none, target, none)
    init, noise = Generator().manual_seed(0), Generator().manual_seed(1)
    training = training or Training(epochs=EPOCHS, steps=2, batch=6)
    return Setup(classes, pools, training, backbone, init, noise, contextlib.nullcontext)


def unlabelled(x: Tensor) -> Pool:
    """Items without labels."""
    return Pool(x, torch.full((len(x),), -1))


def golden_method(settings: MethodSettings, layers: Iterable[nn.Module], x: Tensor, epoch: int):
    """The method at the start of an epoch, with the rates of the golden files (where no schedule ran)."""
    rate = RATES["learning_rate"] / published_decay(epoch / EPOCHS)
    settings = dataclasses.replace(settings, **{**RATES, "learning_rate": rate})
    items = Pool(x, torch.zeros(len(x), dtype=torch.int64))
    method = settings.build(setup_of(trunk(*layers), items, unlabelled(x)))
    method.start_epoch(epoch)
    return method


def batch_of(arrays: Mapping[str, Tensor], prefix: str) -> dict[str, Pool]:
    """The batch of a golden step."""
    x, y = arrays[f"{prefix}x_s"], arrays[f"{prefix}y_s"]
    return {"labelled": Pool(x, y), "unlabelled": unlabelled(arrays[f"{prefix}x_t"])}


def load(modules: Mapping[str, nn.Module], arrays: Mapping[str, Tensor], prefix: str) -> None:
    """Give modules the parameters and buffers stored under their published names."""
    for name, module in modules.items():
        start = f"{prefix}{name}."
        state = {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}
        assert state, f"nothing under {start}"
        module.load_state_dict(state)


def check_state(
    modules: Mapping[str, nn.Module], arrays: Mapping[str, Tensor], prefix: str, rtol: float = EXACT
) -> int:
    """Compare parameters and buffers with those stored; how many were compared."""
    return _check(modules, arrays, prefix, lambda module, key: module.state_dict()[key], rtol)


def check_gradients(
    modules: Mapping[str, nn.Module], arrays: Mapping[str, Tensor], prefix: str, rtol: float = EXACT
) -> int:
    """Compare gradients with those stored; how many were compared."""
    return _check(modules, arrays, prefix, lambda module, key: module.get_parameter(key).grad, rtol)


def _check(modules, arrays, prefix, value, rtol) -> int:
    compared = 0
    for name, module in modules.items():
        start = f"{prefix}{name}."
        for key in (key for key in arrays if key.startswith(start)):
            assert_close(value(module, key.removeprefix(start)), arrays[key], key, rtol)
            compared += 1
    return compared


def assert_close(value: Tensor, expected: Tensor, name: str = "", rtol: float = EXACT) -> None:
    """Equal up to the rounding of float64."""
    scale = float(expected.abs().max()) + 1e-3
    assert_allclose(value.detach(), expected, rtol=rtol, atol=rtol * scale, err_msg=name)


# -- a toy --------------------------------------------------------------------------------------------


def moved(samples: Samples, by: float) -> Samples:
    """The items with their first two axes, which tell the classes, shifted."""
    x = samples.x.copy()
    x[:, :2] += by
    return Samples(x, samples.y)


def moved_task(by: float = 0.8, spread: float = 0.3, unlabelled: int = 200) -> Task:
    """Four blobs, and the same blobs shifted as the target, of which a model of the source loses a third."""
    source, test, target, validation = (blobs(n, seed, spread) for seed, n in enumerate((80, 200, 200, 40)))
    parts = (moved(test, by), moved(target, by)[:unlabelled], moved(validation, by))
    return Task("moved", tuple("abcd"), source, *parts, normalise="none", kind="vector")


def weights_of(method: AdaptationMethod) -> list[Tensor]:
    """All weights of a method's networks."""
    return [parameter.detach().clone() for net in method.networks for parameter in net.parameters()]
