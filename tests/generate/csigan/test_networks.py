from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import Generator

from assay.generate.csigan import checkpoint, losses
from assay.generate.csigan.image_pool import ImagePool
from assay.generate.csigan.networks import CycleDiscriminator, CycleGan, CycleGenerator, initialise
from tests.support import GOLDEN

VALUES = np.load(GOLDEN / "cyclegan.npz")


# -- networks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "network"), [("generator", CycleGenerator(3, 3)), ("discriminator", CycleDiscriminator(3, 3))]
)
def test_networks_match_the_published_ones(name, network):
    weights = {key: torch.from_numpy(VALUES[key]) for key in VALUES if key.startswith(f"{name}.")}
    network.load_state_dict(checkpoint.under(name, weights))
    with torch.no_grad():
        output = network(torch.from_numpy(VALUES["x"]))
    assert_allclose(output, VALUES[f"{name}_output"], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("network", "parameters"), [(CycleGenerator(3), 11_388_675), (CycleDiscriminator(3), 2_766_529)]
)
def test_networks_have_the_published_size(network, parameters):
    assert sum(p.numel() for p in network.parameters()) == parameters


def shapes(network: torch.nn.Module, height: int = 200, width: int = 30) -> dict[str, tuple[int, ...]]:
    """Output shape of every direct convolution or block, by name."""
    seen: dict[str, tuple[int, ...]] = {}
    for name, layer in network.named_modules():
        layer.register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: tuple(out.shape[1:])}))
    with torch.no_grad():
        network(torch.zeros(1, 3, height, width))
    return seen


def test_generator_layers_have_the_published_shapes():
    seen = shapes(CycleGenerator(3))
    assert seen["conv1"] == (64, 200, 30)
    assert seen["conv2"] == (128, 100, 15)
    assert {seen["conv3"], *(seen[f"residual_blocks.{i}"] for i in range(9))} == {(256, 50, 8)}
    assert seen["deconv1"] == (128, 100, 16)
    assert seen["deconv2"] == (64, 200, 32)
    assert seen[""] == (3, 200, 30)


def test_discriminator_layers_have_the_published_shapes():
    seen = shapes(CycleDiscriminator(3))
    expected = [(64, 100, 15), (128, 50, 8), (256, 25, 4), (512, 26, 5), (1, 25, 4)]
    assert [seen[f"conv{i}"] for i in range(1, 6)] == expected


@pytest.mark.parametrize("shape", [(121, 512), (8, 8), (28, 29), (31, 33), (5, 70), (17, 18), (1, 1)])
def test_networks_take_planes_of_any_size(shape):
    x = torch.randn(2, 1, *shape, generator=Generator().manual_seed(0))
    assert CycleGenerator(1, 2)(x).shape == x.shape
    assert CycleDiscriminator(1, 2)(x).isfinite().all()


def test_added_outputs_are_the_input_plus_what_tanh_would_squash():
    x = torch.randn(2, 1, 17, 18, generator=Generator().manual_seed(0))
    published, added = CycleGenerator(1, 2), CycleGenerator(1, 2, output="added")
    initialise(published, Generator().manual_seed(0))
    added.load_state_dict(published.state_dict())
    with torch.no_grad():
        assert_allclose(torch.tanh(added(x) - x), published(x), atol=1e-6)


def test_added_generators_begin_as_the_identity_and_still_learn():
    x = torch.randn(2, 1, 16, 16, generator=Generator().manual_seed(0))
    network = CycleGan(1, 2, "added", Generator().manual_seed(0)).a_to_b
    assert torch.equal(network(x), x)
    torch.autograd.backward(network(x).square().sum())
    assert network.conv4.weight.grad.abs().max() > 0


def test_initial_weights_come_from_the_generator_and_fill_the_range():
    first, second, other = (CycleDiscriminator(3, 4) for _ in range(3))
    for network, seed in ((first, 1), (second, 1), (other, 2)):
        initialise(network, Generator().manual_seed(seed))
    assert torch.equal(first.conv3.weight, second.conv3.weight)
    assert not torch.equal(first.conv3.weight, other.conv3.weight)
    bound = 1 / np.sqrt(8 * 16)
    assert 0.99 * bound < first.conv3.weight.abs().max() <= bound


# -- losses -------------------------------------------------------------------------------------------

U, V = np.random.default_rng(0).normal(size=(2, 3, 4))
FORMS = {
    "taken_for_real": ([U], np.mean((1 - U) ** 2), [2 * (U - 1) / U.size]),
    "told_apart": (
        [U, V[:2]],
        0.5 * np.mean((U - 1) ** 2) + 0.5 * np.mean(V[:2] ** 2),
        [(U - 1) / U.size, V[:2] / V[:2].size],
    ),
    "cycle_loss": ([U, V], np.mean(np.abs(U - V)), [np.sign(U - V) / U.size, np.sign(V - U) / U.size]),
    "similarity_loss": ([U, V], np.mean((U - V) ** 2), [2 * (U - V) / U.size, 2 * (V - U) / U.size]),
}


@pytest.mark.parametrize("name", FORMS)
def test_losses_and_their_gradients_match_the_closed_forms(name):
    arrays, value, gradients = FORMS[name]
    inputs = [torch.tensor(array, requires_grad=True) for array in arrays]
    loss = getattr(losses, name)(*inputs)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(value, rel=1e-12)
    for tensor, gradient in zip(inputs, gradients, strict=True):
        assert_allclose(tensor.grad, gradient, rtol=1e-12)


# -- pool ---------------------------------------------------------------------------------------------


def numbered(start: int, n: int) -> torch.Tensor:
    return torch.arange(start, start + n, dtype=torch.float32).view(n, 1)


def test_pool_of_items_hands_out_old_and_new_alike():
    pool, rng = ImagePool("item", size=100), np.random.default_rng(0)
    assert torch.equal(pool.exchange(numbered(0, 100), rng), numbered(0, 100))
    given = [pool.exchange(numbered(8 * step + 100, 8), rng) for step in range(200)]
    old = torch.cat([items < 8 * step + 100 for step, items in enumerate(given)])
    assert {len(items) for items in given} == {8}
    assert 0.45 < old.double().mean() < 0.55
    assert len(pool.stored) == 100
    everything = torch.cat([*given, *pool.stored]).flatten()
    assert torch.equal(everything.sort()[0], numbered(0, 1700).flatten())  # nothing lost, nothing twice


def test_pool_of_batches_hands_out_batches_of_other_sizes():
    pool, rng = ImagePool("batch", size=3), np.random.default_rng(0)
    sizes = (8, 8, 8, 1) * 10
    given = [pool.exchange(torch.full((size, 1), float(i)), rng) for i, size in enumerate(sizes)]
    assert [len(items) for items in given[:3]] == [8, 8, 8]
    assert all(len(items.unique()) == 1 for items in given)  # batches are never mixed
    assert any(len(items) != size for items, size in zip(given, sizes))
    assert any(float(items[0]) < i for i, items in enumerate(given))


def test_pool_keeps_no_gradients():
    pool = ImagePool("item", size=1)
    newest = torch.ones(2, 1, requires_grad=True)
    assert not pool.exchange(newest * 2, np.random.default_rng(0)).requires_grad
    assert not pool.stored[0].requires_grad
