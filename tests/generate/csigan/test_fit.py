from __future__ import annotations

import dataclasses
from functools import cache, partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from assay import files
from assay.data.normalise import z_score_items
from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.csigan import checkpoint, networks, training
from assay.generate.csigan.domains import domains, planes, recorded
from assay.generate.csigan.fit import CsiGan
from assay.generate.csigan.image_pool import ImagePool
from assay.generate.csigan.networks import CycleGenerator
from assay.generate.csigan.sampler import CsiGanSampler, draw
from assay.generate.csigan.training import FILE, CycleTraining, partners
from assay.models import optimisers
from assay.models.precision import native_bf16
from assay.settings import parse
from assay.types import Samples, Task

TINY = CsiGan(width=2, epochs=2, batch=12, precision="fp32")
LEARNER = CsiGan(
    width=4, epochs=32, learning_rate=2e-3, lambda_cycle=0.5, decay_epochs=1000, precision="fp32"
)
SIDE = 16


@pytest.fixture(autouse=True)
def _one_block(request, monkeypatch):
    """How many blocks a network has, its own tests say; nine take twice as long."""
    if "slow" not in request.keywords:
        monkeypatch.setattr(networks, "BLOCKS", 1)


def bumps(n: int, seed: int) -> Samples:
    """A narrow (class 0) or wide (class 1) hill somewhere on a 16 × 16 plane."""
    rng = np.random.default_rng(seed)
    y, axis = np.arange(n) % 2, np.linspace(0, 1, SIDE)
    middle, radius = rng.uniform(0.2, 0.8, (2, n, 1)), (0.12 + 0.08 * y)[:, None]
    down, across = (np.exp(-(((axis - middle[i]) / radius) ** 2) / 2) for i in range(2))
    x = down[:, :, None] * across[:, None, :] + rng.normal(0, 0.02, (n, SIDE, SIDE))
    return Samples(x[:, None].astype(np.float32), y)


def holes(n: int, seed: int) -> Samples:
    """The same upside down, of group 7."""
    hills = bumps(n, seed)
    return Samples(-hills.x, hills.y, np.full(n, 7))


SLOPE = 0.8 * np.linspace(0, 1, SIDE)


def slopes(n: int, seed: int) -> Samples:
    """Hills on a slope to the right, of group 7."""
    hills = bumps(n, seed)
    return Samples((hills.x + SLOPE).astype(np.float32), hills.y, np.full(n, 7))


def toy(n: int = 24, target=holes, **parts) -> Task:
    """Hills as source; holes, or hills on a slope, as target."""
    return Task(
        "hills", ("narrow", "wide"), bumps(n, 0), target(8, 2), **{"unlabelled": target(n, 1), **parts}
    )


def fit(settings: CsiGan, task: Task, seed: int = 0, **workspace):
    return settings.fit(task, seed, Workspace(**workspace))


def sampled(settings: CsiGan, task: Task, seed: int = 0, n: int = 24, **workspace):
    return fit(settings, task, seed, **workspace).sample(n, np.random.default_rng(0))


@cache
def tiny() -> CsiGanSampler:
    """The plainest fit of all."""
    return fit(TINY, toy())


def sample(n: int = 24):
    """What that one makes."""
    return tiny().sample(n, np.random.default_rng(0))


@pytest.mark.parametrize(("protocol", "unit"), [("released", "batch"), ("corrected", "item")])
def test_protocol_chooses_the_pool(protocol, unit):
    settings, task = dataclasses.replace(TINY, protocol=protocol), toy()
    pools = CycleTraining(settings, domains(task, settings), 0, "cpu").pools
    assert {pool.unit for pool in pools.values()} == {unit}
    assert {pool.size for pool in pools.values()} == {50}


@pytest.mark.parametrize("one_coin", [True, False])
def test_one_coin_swaps_both_domains_or_neither_and_two_coins_need_not(one_coin, monkeypatch):
    settings = dataclasses.replace(TINY, batch_pool=True, one_coin=one_coin)
    trained = CycleTraining(settings, domains(toy(), settings), 0, "cpu")
    for name in trained.pools:
        trained.pools[name] = ImagePool("batch", 1, [torch.zeros(2, 1, SIDE, SIDE)])
        monkeypatch.setattr(trained.pools[name], "exchange", partial(noted, pool=trained.pools[name]))
    HANDED.clear()
    rng = np.random.default_rng(0)
    for _ in range(12):
        trained.step(trained.a[:2], trained.b[:2], rng)
    swapped = [(HANDED[i], HANDED[i + 1]) for i in range(0, 24, 2)]
    assert (len(set(swapped)) == 2) == one_coin, "both and neither, or all four"
    assert {a for a, _ in swapped} == {True, False}


HANDED: list[bool] = []


def noted(newest, rng, heads=None, *, pool):
    """What the pool hands out, once it is noted whether that is an earlier one."""
    handed = ImagePool.exchange(pool, newest, rng, heads)
    HANDED.append(not torch.equal(handed, newest))
    return handed


# -- training -----------------------------------------------------------------------------------------


def plain_step(n, adams, a, b, weight):
    """One step as the paper writes it, nothing shared or frozen, no pool."""
    fake_a, fake_b = n.b_to_a(b), n.a_to_b(a)
    square = torch.nn.functional.mse_loss
    score_a, score_b = n.judge_a(fake_a), n.judge_b(fake_b)
    loss = square(score_b, torch.ones_like(score_b)) + square(score_a, torch.ones_like(score_a))
    loss = loss + 10 * ((n.b_to_a(fake_b) - a).abs().mean() + (n.a_to_b(fake_a) - b).abs().mean())
    loss = loss + weight * (square(fake_b, b) + square(fake_a, a))
    adams[0].zero_grad()
    loss.backward()
    adams[0].step()
    for adam, judge, real, fake in zip(adams[1:], (n.judge_a, n.judge_b), (a, b), (fake_a, fake_b)):
        adam.zero_grad()
        right, wrong = judge(real), judge(fake.detach())
        half = square(right, torch.ones_like(right)) + square(wrong, torch.zeros_like(wrong))
        (half / 2).backward()
        adam.step()
    return float(loss.detach())


@pytest.mark.parametrize("weight", [0.0, 0.7])
def test_step_is_that_of_the_plain_form(weight):
    settings = dataclasses.replace(TINY, lambda_similarity=weight, protocol="released")
    data = domains(toy(), settings)
    ours, plain = (CycleTraining(settings, data, 3, "cpu") for _ in range(2))
    adam = partial(optimisers.Adam, lr=settings.learning_rate, betas=(0.5, 0.999))
    nets = plain.networks
    adams = [adam(p.parameters()) for p in (nets.generators, nets.judge_a, nets.judge_b)]
    ours._set_rate()
    for start in (0, 8, 16):
        a, b = (torch.from_numpy(x[start : start + 8]) for x in (data.a, data.b))
        loss = ours.step(a, b, np.random.default_rng(0))["generators"]
        assert float(loss) == pytest.approx(plain_step(nets, adams, a, b, weight), rel=1e-5)
    with torch.no_grad():  # weights would not do: biases before a normalisation have no gradient but rounding
        for mine, theirs in zip(ours.networks.children(), nets.children(), strict=True):
            assert_allclose(mine(a), theirs(a), atol=2e-5)


def test_rate_falls_tenfold():
    settings = dataclasses.replace(TINY, decay_epochs=3)
    run = CycleTraining(settings, domains(toy(), settings), 0, "cpu")
    rates = []
    for run.epoch in range(7):
        run._set_rate()
        rates.append(run.optimisers["judges"].param_groups[0]["lr"])
    assert_allclose(rates, [2e-4] * 3 + [2e-5] * 3 + [2e-6])


def distance(network: CycleGenerator, task: Task) -> tuple[float, float]:
    """Mean |G(a) - b| and |a - b| in z-scores, for the true counterparts b: the hills on a slope."""
    a = planes(task, task.labelled.x)
    b = planes(task, (task.labelled.x + SLOPE).astype(np.float32))
    moved = z_score_items(network(torch.from_numpy(a)).detach().numpy())
    return float(np.abs(moved - b).mean()), float(np.abs(a - b).mean())


@pytest.mark.slow
def test_learns_a_known_change_of_domain():
    task = toy(target=slopes)
    run = CycleTraining(LEARNER, domains(task, LEARNER), 0, "cpu")
    run.run(Workspace(), "")
    after, before = distance(run.networks.a_to_b, task)
    assert after < 0.6 * before
    wrong, _ = distance(run.networks.b_to_a, task)  # the planted failure: domains swapped
    assert wrong > 2 * after


@pytest.mark.slow
def test_a_heavy_cycle_loss_keeps_generators_that_begin_as_the_identity_there():
    """Why the corrected protocol does not take the published weight."""
    task, weights = toy(target=slopes), (None, 10.0)
    settings = [dataclasses.replace(LEARNER, epochs=8, lambda_cycle=weight) for weight in weights]
    runs = [CycleTraining(s, domains(task, s), 0, "cpu") for s in settings]
    for run in runs:
        run.run(Workspace(), "")
    moved = [before - after for after, before in (distance(run.networks.a_to_b, task) for run in runs)]
    assert settings[0].cycle_weight == 2
    assert moved[0] > 2 * abs(moved[1])


RESUMED = [
    TINY,
    dataclasses.replace(TINY, protocol="released"),
    dataclasses.replace(TINY, conditional=False, decay_epochs=1),
    pytest.param(
        dataclasses.replace(TINY, precision="bf16"),
        marks=pytest.mark.skipif(not native_bf16(), reason="no native bf16"),
    ),
]


@pytest.mark.parametrize("settings", RESUMED)
def test_resuming_is_exact(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "ImagePool", partial(ImagePool, size=2))
    half, whole = (dataclasses.replace(settings, batch=8, epochs=epochs) for epochs in (1, 2))
    task = toy(18)  # three steps an epoch, the last a short one
    expected, _ = sampled(whole, task, folder=tmp_path / "whole")
    fit(half, task, folder=tmp_path / "parts")
    resumed, _ = sampled(whole, task, folder=tmp_path / "parts", resume=True)
    assert (tmp_path / "whole" / FILE).read_bytes() == (tmp_path / "parts" / FILE).read_bytes()
    assert expected.digest() == resumed.digest()


def test_best_epoch_outlives_a_checkpoint(tmp_path):
    settings = dataclasses.replace(TINY, protocol="released")
    runs = [CycleTraining(settings, domains(toy(), settings), seed, "cpu") for seed in range(2)]
    runs[0].best = {name: x.clone() for name, x in runs[1].networks.a_to_b.state_dict().items()}
    runs[0].least = 0.25
    runs[0].save(tmp_path / FILE, "x")
    runs[1].restore(tmp_path / FILE, "x")
    assert runs[1].least == 0.25
    assert all(torch.equal(runs[1].best[name], weights) for name, weights in runs[0].best.items())
    assert len(runs[1].best) == len(runs[0].best)


def test_every_epoch_has_an_order_and_pairs_of_its_own(monkeypatch):
    run, seen = CycleTraining(TINY, domains(toy(), TINY), 0, "cpu"), []
    monkeypatch.setattr(run, "step", lambda a, b, _rng: seen.append((a, b)) or {"loss": torch.zeros(())})
    run.train_epoch()
    run.train_epoch()
    for side in range(2):
        first, second = (torch.cat([pair[side] for pair in seen[i : i + 2]]) for i in (0, 2))
        assert not torch.equal(first, second)
        assert torch.equal(first.sum((1, 2, 3)).sort()[0], second.sum((1, 2, 3)).sort()[0])


def test_goes_on_after_a_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", 0)
    done = []

    def crash(epoch: int, *_) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(TINY, toy(), folder=tmp_path, report=crash)
    resumed, _ = sampled(
        TINY, toy(), folder=tmp_path, resume=True, report=lambda *report: done.append(report[:2])
    )
    assert done == [(2, 2)]
    assert resumed.digest() == sample()[0].digest()


def test_checkpoint_of_another_run_is_refused(tmp_path):
    fit(TINY, toy(), folder=tmp_path)
    for settings, seed in ((TINY, 1), (dataclasses.replace(TINY, batch=4), 0)):
        with pytest.raises(UserError, match="other settings, data or seed"):
            fit(settings, toy(), seed, folder=tmp_path, resume=True)
    with pytest.raises(UserError, match="epochs=1 is over"):
        fit(dataclasses.replace(TINY, epochs=1), toy(), folder=tmp_path, resume=True)
    (tmp_path / FILE).write_bytes(b"torn")
    with pytest.raises(UserError, match="remove it"):
        fit(TINY, toy(), folder=tmp_path, resume=True)


def test_failed_save_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / FILE
    checkpoint.save(path, {"x": torch.ones(2)}, {"identity": "a", "epoch": 1, "least": None})

    def full_disk(*_):
        raise OSError("no space left")

    monkeypatch.setattr(files.os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(path, {"x": torch.zeros(2)}, {"identity": "a", "epoch": 2, "least": None})
    tensors, facts = checkpoint.load(path, "cpu")
    assert (tensors["x"].tolist(), facts["epoch"]) == ([1, 1], 1)
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_released_keeps_the_epoch_that_comes_closest_to_the_pairs():
    small = {"width": 2, "batch": 12, "epochs": 4, "learning_rate": 1e-2}
    settings = dataclasses.replace(LEARNER, protocol="released", **small)
    history: list[float] = []
    task = toy()
    sampler = fit(settings, task, report=lambda _done, _of, means: history.append(means["distance"]))
    data = domains(task, settings)
    kept = float((sampler.network(torch.from_numpy(data.a)) - torch.from_numpy(data.b)).abs().mean())
    assert kept == pytest.approx(min(history), rel=1e-5)
    assert min(history) < history[-1] - 1e-4


def test_corrected_keeps_the_last_epoch_and_looks_at_no_pairs():
    run = CycleTraining(TINY, domains(toy(), TINY), 0, "cpu")
    assert run.run(Workspace(), "") is run.networks.a_to_b
    assert not run.best


def test_partners():
    rng, order = np.random.default_rng(0), np.array([3, 1, 0, 2, 4])
    assert_array_equal(partners(order, 5, "index", rng), order)
    assert_array_equal(np.sort(partners(order, 5, "shuffled", rng)), np.arange(5))
    assert_array_equal(np.bincount(partners(np.arange(12), 4, "shuffled", rng)), [3, 3, 3, 3])
    drawn = partners(np.arange(1000), 4, "drawn", rng)
    assert len(np.unique(np.bincount(drawn))) > 1
    assert set(drawn.tolist()) == {0, 1, 2, 3}


def test_stops_on_a_loss_that_is_not_a_number():
    settings = dataclasses.replace(TINY, learning_rate=1e30, epochs=4)
    with pytest.raises(UserError, match=r"loss .* take a smaller learning_rate"):
        fit(settings, toy())


# -- sampling -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["corrected", "released"])
def test_same_seed_same_bytes(protocol):
    settings, task = dataclasses.replace(TINY, protocol=protocol, epochs=1), toy()
    state = torch.random.get_rng_state()
    first, factors = sampled(settings, task, n=40)
    torch.random.set_rng_state(state)
    torch.rand(3)  # nothing may depend on the global random state
    second, again = sampled(settings, task, n=40)
    other, _ = sampled(settings, task, seed=1, n=40)
    assert first.digest() == second.digest() != other.digest()
    assert all(np.array_equal(factors[name], again[name]) for name in factors)


def test_labels_of_the_target_never_matter():
    shots = holes(6, 5)
    changed = Samples(shots.x, 1 - shots.y, shots.group)
    unlabelled = holes(24, 1)
    relabelled = Samples(unlabelled.x, 1 - unlabelled.y, unlabelled.group)
    once = dataclasses.replace(TINY, epochs=1)
    first, _ = sampled(once, toy(shots=shots, unlabelled=unlabelled))
    second, _ = sampled(once, toy(shots=changed, unlabelled=relabelled))
    assert first.digest() == second.digest()


def test_test_and_validation_items_never_matter():
    other = dataclasses.replace(toy(), test=bumps(6, 9), validation=holes(6, 8))
    assert sample()[0].digest() == sampled(TINY, other)[0].digest()


def test_items_carry_the_class_of_their_source():
    task = toy()
    samples, factors = sample(n=30)
    assert_array_equal(samples.y, task.labelled.y[factors["source"]])
    assert_array_equal(samples.group, np.full(30, 7))
    task.check_synthetic(samples)
    assert np.abs(samples.x).max() > 1  # tanh stretched to the reach of the target


def test_released_items_lie_within_tanh():
    settings = dataclasses.replace(TINY, protocol="released", epochs=1)
    assert np.abs(sampled(settings, toy())[0].x).max() < 1


def test_each_item_comes_from_its_source():
    task, sampler = toy(), tiny()
    samples, factors = sampler.sample(24, np.random.default_rng(3))
    direct = sampler.network(torch.from_numpy(planes(task, task.labelled.x[factors["source"]])))
    assert_allclose(samples.x, direct, rtol=1e-4, atol=1e-5)
    assert_array_equal(samples.origin, factors["source"])


def test_unconditional_items_carry_no_class():
    samples, factors = sampled(dataclasses.replace(TINY, conditional=False, epochs=1), toy())
    assert_array_equal(samples.y, np.full(24, -1))
    assert len(factors["source"]) == 24


def test_several_target_groups_leave_the_group_unknown():
    mixed = Samples(holes(24, 1).x, None, np.arange(24) % 2)
    once = dataclasses.replace(TINY, epochs=1)
    assert_array_equal(sampled(once, toy(unlabelled=mixed))[0].group, np.full(24, -1))


def test_draw_uses_every_item_once_before_any_twice_and_classes_in_turn():
    y = np.array([0] * 6 + [1] * 3 + [2] * 3)
    order, copy = draw(y, 30, np.random.default_rng(0))
    assert_array_equal(copy, [0] * 12 + [1] * 12 + [2] * 6)
    for start in (0, 12):
        assert_array_equal(np.sort(order[start : start + 12]), np.arange(12))
        assert_array_equal(np.bincount(y[order[start : start + 9]]), [3, 3, 3])
    assert not np.array_equal(order[:12], order[12:24])


def test_copies_differ_by_the_relative_noise():
    task = toy()
    sampler = dataclasses.replace(tiny(), settings=dataclasses.replace(TINY, copy_noise=0.1))
    index, copy = np.tile(np.arange(24), 2), np.repeat([0, 1], 24)
    x = sampler._inputs(index, copy, np.random.default_rng(0))
    assert_array_equal(x[:24], task.labelled.x)
    assert (x[24:] - x[:24]).std() == pytest.approx(0.1 * task.labelled.x.std(), rel=0.05)
    samples, factors = sampler.sample(48, np.random.default_rng(0))
    twins = [samples.x[factors["source"] == source] for source in range(24)]
    assert all(len(pair) == 2 and np.abs(pair[0] - pair[1]).max() > 0 for pair in twins)


# -- tasks --------------------------------------------------------------------------------------------


def two_people() -> Task:
    """Two source people × 2 classes × 5, sorted by person, then class; four paired target items."""
    x = np.arange(20, dtype=np.float32)[:, None, None] + np.random.default_rng(0).normal(size=(20, 4, 5))
    source = Samples(x, np.tile(np.repeat([0, 1], 5), 2), np.repeat([2, 3], 10))
    target = Samples(x[:6] + 1, None, np.ones(6))
    return Task("people", ("a", "b"), source, source, unlabelled=target, shots=source[:2], normalise="none")


def test_source_items_are_chosen_as_published():
    settings = CsiGan(source_group=3, source_per_class=4, training_items=6, protocol="released")
    data = domains(two_people(), settings)
    assert_array_equal(data.source, [10, 11, 12, 13, 15, 16, 17, 18])
    assert_allclose(data.a[:, 0], two_people().labelled.x[[10, 11, 12, 13, 15, 16]], rtol=1e-6)
    assert_allclose(data.b[:, 0], two_people().unlabelled.x, rtol=1e-6)


def test_shots_are_target_items():
    data = domains(two_people(), CsiGan())
    assert data.b.shape == (8, 1, 4, 5)
    assert_allclose(data.b[6:, 0], two_people().shots.x, rtol=1e-6)
    assert data.target_group == -1


@pytest.mark.parametrize("normalise", ["item", "channel", "none"])
def test_outputs_come_back_in_recorded_units(normalise):
    task = dataclasses.replace(two_people(), normalise=normalise)
    x = task.labelled.x
    back = recorded(task, planes(task, x))
    assert_allclose(back, z_score_items(x) if normalise == "item" else x, rtol=1e-4, atol=1e-4)


def test_odd_shapes_and_channels_are_served():
    task = dataclasses.replace(two_people(), normalise="channel")
    samples, _ = sampled(TINY, task, n=5)
    assert samples.x.shape == (5, *task.shape)
    assert np.isfinite(samples.x).all()


@pytest.mark.parametrize(
    ("settings", "task", "message"),
    [
        (TINY, toy(unlabelled=None), "no target items"),
        (dataclasses.replace(TINY, source_group=5), toy(), "no labelled item; known: 0"),
        (dataclasses.replace(TINY, protocol="released"), toy(unlabelled=holes(9, 1)), "make no pairs"),
        (dataclasses.replace(TINY, lambda_similarity=1.0), toy(), "needs pairs"),
    ],
)
def test_user_errors(settings, task, message):
    with pytest.raises(UserError, match=message):
        fit(settings, task)


def test_vectors_are_refused():
    items = Samples(np.ones((4, 10)), np.arange(4) % 2)
    with pytest.raises(UserError, match="two or three axes"):
        fit(TINY, Task("rows", ("a", "b"), items, items, unlabelled=items))


def test_settings_can_be_named():
    settings = parse("csigan:width=8,protocol=released,source_group=2", {"csigan": CsiGan()}, "generator")
    assert settings == CsiGan(width=8, protocol="released", source_group=2)
    with pytest.raises(UserError, match="epochs=0"):
        parse("csigan:epochs=0", {"csigan": CsiGan()}, "generator")
