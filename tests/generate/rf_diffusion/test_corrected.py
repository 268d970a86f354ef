"""The corrected RF-Diffusion: its space, its prediction, its sampler, each against what is known of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.rf_diffusion import sampling, schedule
from assay.generate.rf_diffusion import space as space_module
from assay.generate.rf_diffusion.conditions import encoder_of, without_class
from assay.generate.rf_diffusion.fit import RfDiffusion
from assay.generate.rf_diffusion.preconditioning import denoised, weighted_error
from assay.generate.rf_diffusion.space import learnt
from assay.generate.rf_diffusion.units import Learnt, complex_of, learnt_units, split
from assay.types import Samples, Task

STEPS, PACKETS, COLUMNS = 1000, 16, 6
SMALL = RfDiffusion(
    guidance=1.0,
    hidden=8,
    heads=2,
    blocks=1,
    packets=PACKETS,
    components=3,
    patch=4,
    profile=4,
    epochs=2,
    batch=8,
    sampling="noise",
    precision="fp32",
)


# -- sampling -----------------------------------------------------------------------------------------


def ended(visits: int, variance: float) -> float:
    """How far the sampler ends from where the exact flow of a Gaussian N(0, variance) leads, relatively."""
    process = schedule.corrected(STEPS, 1)
    steps = schedule.visited(80.0, visits, STEPS)
    start = float(process.noise[steps[0], 0])
    x = start * torch.randn(4, 1, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def predict(x, t):
        return x * variance / (variance + process.noise[t].double().unsqueeze(-1) ** 2)

    made = sampling.second_order(predict, process, x, steps)
    exact = x * (variance / (variance + start**2)) ** 0.5
    return float((made / exact - 1).abs().max())


@pytest.mark.parametrize("variance", [0.25, 1.0, 4.0])
def test_the_sampler_follows_the_flow_of_a_gaussian_whose_score_is_known(variance):
    assert ended(18, variance) < 0.05
    assert ended(36, variance) < ended(18, variance) / 3.5, "second order"


# -- the prediction -----------------------------------------------------------------------------------


def test_the_prediction_of_the_best_linear_network_is_that_of_a_gaussian():
    numbers = torch.Generator().manual_seed(0)
    x, sigma = torch.randn(64, 4, 2, generator=numbers), torch.rand(64, 1, 1, generator=numbers) * 5 + 0.1
    torch.testing.assert_close(denoised(torch.zeros_like, x, sigma), x / (1 + sigma**2))


def test_the_weighted_error_is_the_error_of_the_network():
    numbers = torch.Generator().manual_seed(0)
    x, noise, said = torch.randn(3, 32, 4, 2, generator=numbers)
    sigma = torch.rand(32, 1, 1, generator=numbers) * 5 + 0.1
    seen = x + sigma * noise
    target = (x - seen / (1 + sigma**2)) * (1 + sigma**2).sqrt() / sigma
    error = weighted_error(denoised(lambda _: said, seen, sigma), x, sigma)
    torch.testing.assert_close(error, (said - target).square().mean(), rtol=1e-4, atol=1e-4)


def test_guidance_hides_the_class_and_the_profile_and_nothing_else():
    condition = np.array([[2, 5], [0, 7], [1, 5]])
    encoder = encoder_of(condition, False)
    open_ = condition.copy()
    open_[:, 0] = -1
    seen = torch.cat([encoder(condition), torch.ones(3, 4)], 1)
    expected = torch.cat([encoder(open_), torch.zeros(3, 4)], 1)
    assert torch.equal(without_class(seen, encoder.sizes), expected)


# -- the space ----------------------------------------------------------------------------------------


def recordings(real: bool, rank: int = 3, n: int = 40):
    """Items of two groups whose movement lies in a few directions, stronger in others for each group."""
    rng = np.random.default_rng(0)
    group = (np.arange(n) % 2)[:, None]

    def normal(*shape):
        return rng.normal(size=shape) + (0 if real else 1j * rng.normal(size=shape))

    mixing = np.array([[3.0, 1, 0.3], [0.5, 2, 1]])[group[:, 0], None, :rank]
    x = (normal(n, PACKETS, rank) * mixing) @ normal(rank, COLUMNS) + 5 * normal(1, 1, COLUMNS)
    return x.astype(np.complex64), group


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_enough_components_give_items_back(real, power):
    x, group = recordings(real)
    moving, strength, static = split(x)
    space = learnt(moving, group, 3, 4, power)
    assert space.real == real
    tokens = space.tokens(moving, group)
    assert tokens.shape == (40, PACKETS // 4, 4 * 3 // (2 if real else 1))
    assert np.square([tokens.real, tokens.imag]).mean() == pytest.approx(1, rel=1e-3)
    back = space.moving(tokens, group, np.random.default_rng(0))
    np.testing.assert_allclose(back, moving, atol=2e-3)
    np.testing.assert_allclose(static[:, None] + strength[:, None, None] * back, x, atol=0.05)


@pytest.mark.parametrize("real", [True, False])
def test_what_components_leave_out_comes_back_as_noise_of_its_strength(real):
    x, group = recordings(real)
    moving, *_ = split(x)
    space = learnt(moving, group, 1, 4, 0.5)
    back = space.moving(space.tokens(moving, group), group, np.random.default_rng(1))
    kept = (moving @ space.basis.conj()) @ space.basis.T
    for one in (0, 1):
        mine = group[:, 0] == one
        power = [np.square(np.abs((part - kept)[mine])).mean((0, 1)) for part in (back, moving)]
        np.testing.assert_allclose(power[0], power[1], rtol=0.3)


@pytest.mark.parametrize("real", [True, False])
def test_items_made_are_as_noisy_as_real_ones_of_their_class(real):
    x, group = recordings(real)
    condition = np.concatenate([np.arange(40)[:, None] % 4 // 2, group], 1)
    noise = np.random.default_rng(3).normal(size=x.shape)
    x += noise * np.where(condition[:, 0] == 1, 3.0, 0.3)[:, None, None]
    found = learnt_units(x, condition, PACKETS, 3, 4, 0.5)
    made = found.leave(
        np.zeros((40, PACKETS // 4, 12 if real else 24), np.float32),
        condition,
        None,
        np.random.default_rng(0),
    )
    moving = x - x.mean(1, keepdims=True)
    real_rest = moving - (moving @ found.space.basis.conj()) @ found.space.basis.T
    parts = (made - made.mean(1, keepdims=True), real_rest)  # where components are zero, all is noise
    left = [[np.sqrt(np.square(np.abs(p[condition[:, 0] == c])).mean()) for c in (0, 1)] for p in parts]
    np.testing.assert_allclose(left[0], left[1], rtol=0.2)
    assert left[0][1] > 4 * left[0][0]


def test_whitening_makes_groups_alike_and_gives_each_its_own_channel_back():
    x, group = recordings(real=True)
    moving, *_ = split(x)
    space = learnt(moving, group, 3, 4, 1.0)
    z = [space.tokens(moving[group[:, 0] == g], group[group[:, 0] == g]) for g in (0, 1)]
    numbers = [np.concatenate([part.real, part.imag], 2).reshape(-1, 3) for part in z]
    for part in numbers:
        np.testing.assert_allclose(part.T @ part / len(part), np.eye(3), atol=0.02)
    other = space.moving(z[0], np.ones((20, 1), dtype=int), np.random.default_rng(0))
    covariances = [np.einsum("nti,ntj->ij", m, m.conj()).real for m in (other, moving[group[:, 0] == 1])]
    np.testing.assert_allclose(covariances[0], covariances[1], rtol=0.05, atol=0.5)


def test_many_columns_have_the_same_directions_as_few(monkeypatch):
    x, group = recordings(real=False)
    moving, *_ = split(x)
    few = learnt(moving, group, 2, 4, 0.0)
    monkeypatch.setattr(space_module, "FEW", 1)
    many = learnt(moving, group, 2, 4, 0.0)
    projectors = [space.basis @ space.basis.conj().T for space in (few, many)]
    np.testing.assert_allclose(projectors[0], projectors[1], atol=1e-4)
    assert (
        many.tokens(moving, group).tobytes()
        == learnt(moving, group, 2, 4, 0.0).tokens(moving, group).tobytes()
    )


def test_an_unknown_group_has_what_all_have_together():
    x, group = recordings(real=True)
    moving, *_ = split(x)
    space = learnt(moving, group, 3, 4, 1.0)
    z = space.tokens(moving, np.full((40, 1), 9))
    numbers = np.concatenate([z.real, z.imag], 2).reshape(-1, 3)
    np.testing.assert_allclose(numbers.T @ numbers / len(numbers), np.eye(3), atol=0.02)


def units(real: bool = False) -> tuple[Learnt, np.ndarray, np.ndarray]:
    x, group = recordings(real)
    x[group[:, 0] == 1] *= 3
    condition = np.concatenate([np.arange(40)[:, None] % 4 // 2, group], 1)
    return learnt_units(x, condition, PACKETS, 3, 4, 0.5), x, condition


def test_an_item_made_has_the_static_channel_of_its_group_and_the_strength_of_its_class_there():
    found, x, condition = units()
    found = dataclasses.replace(found, power=(condition[:, 0] + 10 * condition[:, 1] + 1).astype(np.float32))
    wanted = np.array([[1, 1]] * 6)
    silent = np.zeros((6, PACKETS // 4, 2 * 12), np.float32)
    made = found.leave(silent, wanted, None, np.random.default_rng(0))
    for item in made:
        gaps = np.abs(item.mean(0) - found.static[condition[:, 1] == 1]).max(1)
        assert gaps.min() < 0.1 < np.abs(item.mean(0) - found.static[condition[:, 1] == 0]).max(1).min()
    tokens, _ = found.enter(x[:6], wanted)
    loud = found.leave(tokens.numpy(), wanted, None, np.random.default_rng(0))
    moving = loud - loud.mean(1, keepdims=True)
    plain = found.space.moving(complex_of(tokens.numpy()), wanted[:, 1:], np.random.default_rng(0))
    np.testing.assert_allclose(moving, 12 * (plain - plain.mean(1, keepdims=True)), atol=0.5)


# -- on a task ----------------------------------------------------------------------------------------


def task() -> Task:
    """Items of two people, and of a third who is recorded without labels, five times as strongly."""
    rng = np.random.default_rng(0)

    def items(n, group, scale):
        x = scale * rng.normal(size=(n, 2, PACKETS, 3)).astype(np.float32) + 20 * group
        return Samples(x.astype(np.float32), np.arange(n) % 2, np.full(n, group))

    known = items(12, 0, 1.0).joined(items(12, 1, 1.0))
    return Task("toy", ("a", "b"), known, items(4, 2, 1.0), unlabelled=items(8, 2, 1.0))


def test_a_new_persons_static_channel_is_taken_from_items_without_labels():
    sampler = SMALL.fit(task(), 0, Workspace())
    samples, _ = sampler.sample(10, np.random.default_rng(0))
    assert set(samples.group) == {2}
    np.testing.assert_allclose(samples.x.mean((1, 2, 3)), 40, atol=1)


def test_native_items_are_of_the_target_and_tell_what_they_were_made_from():
    data = task()
    near = dataclasses.replace(SMALL, sampling="native", start=0.02, components=6, whitening=0.0)
    samples, _ = near.fit(data, 0, Workspace()).sample(10, np.random.default_rng(0))
    assert set(samples.group) == {2}
    np.testing.assert_array_equal(data.labelled.y[samples.origin], samples.y)
    moving, real = (
        part - part.mean(2, keepdims=True) for part in (samples.x, data.labelled.x[samples.origin])
    )
    assert np.corrcoef(moving.ravel(), real.ravel())[0, 1] > 0.9
    far = dataclasses.replace(near, start=20.0).fit(data, 0, Workspace()).sample(10, np.random.default_rng(0))
    moving = far[0].x - far[0].x.mean(2, keepdims=True)
    assert np.corrcoef(moving.ravel(), real.ravel())[0, 1] < 0.3


def shot() -> Samples:
    """A recording of the new person, of the first class, that is like no other."""
    wave = np.sin(np.linspace(0, 20, PACKETS))[:, None] * np.ones((1, 2, 1, 3))
    return Samples((40 + wave).astype(np.float32), np.zeros(1, np.int64), np.full(1, 2))


def test_shots_that_are_told_change_what_is_made_and_nothing_that_is_learnt(tmp_path):
    told = dataclasses.replace(SMALL, shots="told")
    before = SMALL.fit(task(), 0, Workspace(tmp_path))
    data = dataclasses.replace(task(), shots=shot())
    after = told.fit(
        data, 0, Workspace(tmp_path, resume=True, report=lambda *_: pytest.fail("trained again"))
    )
    for one, other in zip(before.fitted.network.parameters(), after.fitted.network.parameters()):
        assert torch.equal(one, other)
    wanted, own = np.array([[0, 2]] * 4), after.fitted.profiles.each[-1]
    drawn = [s.fitted.profiles.drawn(wanted, np.random.default_rng(0))[:, :-1] for s in (before, after)]
    np.testing.assert_allclose(drawn[1], np.tile(own, (4, 1)), rtol=1e-5)
    assert np.abs(drawn[0] - own).max() > 0.1
    with pytest.raises(UserError, match="checkpoint of other data"):
        SMALL.fit(data, 0, Workspace(tmp_path, resume=True))


def test_native_items_start_from_shots_that_are_told():
    near = dataclasses.replace(SMALL, shots="told", sampling="native", start=0.02)
    data = dataclasses.replace(task(), shots=shot())
    samples, _ = near.fit(data, 0, Workspace()).sample(6, np.random.default_rng(0))
    assert set(samples.origin[samples.y == 0]) == {len(data.labelled)}


def test_without_unlabelled_items_the_channel_is_that_of_the_shots():
    data = dataclasses.replace(task(), shots=shot(), unlabelled=task().unlabelled[:0])
    samples, _ = (
        dataclasses.replace(SMALL, shots="told").fit(data, 0, Workspace()).sample(4, np.random.default_rng(0))
    )
    np.testing.assert_allclose(samples.x.mean((1, 2, 3)), 40, atol=1)


def test_guidance_of_one_asks_once_and_more_exaggerates():
    made = {}
    for guidance in (1.0, 1.0001, 3.0):
        settings = dataclasses.replace(SMALL, guidance=guidance, steps=20, learning_rate=0.02, epochs=4)
        sampler = settings.fit(task(), 0, Workspace())
        made[guidance] = sampler.sample(4, np.random.default_rng(0))[0].x
    np.testing.assert_allclose(made[1.0001], made[1.0], atol=1e-2)
    assert np.abs(made[3.0] - made[1.0]).max() > np.abs(made[1.0001] - made[1.0]).max()


def test_averaged_weights_are_used_and_are_those_of_the_steps():
    last, mean = (
        dataclasses.replace(SMALL, average=share).fit(task(), 0, Workspace()) for share in (0, 0.999)
    )
    weights = [dict(sampler.fitted.network.named_parameters()) for sampler in (last, mean)]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
