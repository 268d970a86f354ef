from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from assay.errors import UserError
from assay.methods.base import Classifier, descend, uses_synthetic
from assay.methods.csigan import CsiGanClassifier, fake_mass, feature_matching, real_mass, twin_loss
from assay.methods.random_filter import RandomFilter, is_filter
from assay.methods.ssim_filter import SsimFilter
from assay.metrics.accuracy import accuracy, confusion, mean_recall
from assay.models.mlp import Mlp
from assay.models.signfi_cnn import SignFiCnn
from assay.models.vanilla_generator import VanillaGenerator, initialise_uniformly, strides_for
from assay.report.comparison import by_class
from assay.train.one_run import train
from tests.support.toys import CLASSES, FAST, blob_task, blobs, built, replaced, run_of, same

B, C = 5, 3
Z = np.random.default_rng(0).normal(0, 2, (B, 2 * C + 1))
Y = np.array([2, 0, 1, 1, 2])
NARROW = CsiGanClassifier(generator_width=16)
NO_DROPOUT = Mlp(width=16, dropout=0.0)


def variant(**options) -> CsiGanClassifier:
    return dataclasses.replace(NARROW, **options)


# -- losses: values and gradients ------------------------------------------------------------------------


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def differences(form, z: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The gradient of `form` by central differences."""
    gradient = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        nudge = np.zeros_like(z)
        nudge[place] = step
        gradient[place] = (form(z + nudge) - form(z - nudge)) / (2 * step)
    return gradient


def agree(loss, form, *arrays: np.ndarray) -> None:
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    value = loss(*tensors)
    value.backward()
    assert_allclose(value.item(), form(*arrays), rtol=1e-12)
    for i, tensor in enumerate(tensors):
        others = [*arrays]

        def alone(x, i=i, others=others):
            return form(*others[:i], x, *others[i + 1 :])

        assert_allclose(tensor.grad, differences(alone, arrays[i]), rtol=1e-6, atol=1e-9)


def test_twin_loss():
    def form(z):
        return -np.mean([np.log(softmax(z)[i, Y[i] + C]) for i in range(B)])

    agree(lambda z: twin_loss(z, torch.from_numpy(Y)), form, Z)


def test_masses_are_means_over_items_and_all_columns():
    real, fake = np.repeat([1.0, 0.0], [C, C + 1]), np.repeat([0.0, 1.0], [C, C + 1])
    agree(real_mass, lambda z: np.mean(softmax(z) * real), Z)
    agree(fake_mass, lambda z: np.mean(softmax(z) * fake), Z)
    total = real_mass(torch.tensor(Z)) + fake_mass(torch.tensor(Z))
    assert_allclose(total, 1 / (2 * C + 1), rtol=1e-12)


def test_feature_matching():
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(4, 6)), rng.normal(size=(7, 6))

    def form(a, b):
        return sum(abs(a[:, d].sum() / 4 - b[:, d].sum() / 7) for d in range(6)) / 6

    agree(feature_matching, form, real, fake)


@pytest.mark.parametrize("loss", [real_mass, fake_mass, lambda z: twin_loss(z, torch.tensor([0, 1, 2]))])
def test_losses_survive_saturated_logits(loss):
    z = (1e4 * torch.randn(3, 7, generator=torch.Generator().manual_seed(0))).requires_grad_()
    value = loss(z)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(z.grad).all()


def ready(settings: CsiGanClassifier, task=None, synthetic=None, backbone=NO_DROPOUT):
    """A method in its first epoch, and a batch."""
    items = blobs(24, 9) if synthetic is None else synthetic
    method = built(run_of(settings, backbone=backbone), task or blob_task(), items)
    method.start_epoch(0)
    return method, {name: pool[torch.arange(8) % len(pool)] for name, pool in method.streams().items()}


def test_the_classifier_descends_the_weighted_sum_of_the_terms_of_each_pool():
    method, batch = ready(variant(lambda_unlabelled=0.7, lambda_synthetic=0.3, lambda_fake=0.2))
    fake = method.fake(8).detach()
    total = method.weighted(method.losses(batch, fake)).item()
    z = {name: method.logits(pool.x).detach().numpy().astype(float) for name, pool in batch.items()}
    p = {name: softmax(logits) for name, logits in z.items()} | {
        "fake": softmax(method.logits(fake).detach().numpy().astype(float))
    }
    rows, width = np.arange(8), 2 * CLASSES + 1
    expected = -np.log(p["labelled"][rows, batch["labelled"].y]).mean()
    expected -= 0.7 * p["unlabelled"][:, :CLASSES].sum() / (8 * width)
    expected += 0.3 * -np.log(p["synthetic"][rows, batch["synthetic"].y + CLASSES]).mean()
    expected -= 0.2 * p["fake"][:, CLASSES:].sum() / (8 * width)
    assert_allclose(total, expected, rtol=1e-5)


def test_published_weights():
    settings = CsiGanClassifier()
    assert (settings.lambda_unlabelled, settings.lambda_synthetic, settings.lambda_fake) == (0.6, 0.1, 0.1)
    assert (settings.noise, settings.generator_width) == (100, 512)
    assert (settings.offset, settings.keep_first, settings.twins_count) == (False, False, False)


def test_the_generators_step_leaves_the_classifier_alone_and_the_other_way_round():
    method, batch = ready(NARROW)

    def weights():
        return [[p.detach().clone() for p in network.parameters()] for network in method.networks]

    before, fake = weights(), method.fake(8)
    descend(method.matching(batch, fake), method.optimisers[1])
    classifier, generator = weights()
    assert same(classifier, before[0])
    assert all(p.grad is None and p.requires_grad for p in method.network.parameters())
    assert not same(generator, before[1])
    assert all(p.grad is not None for p in method.generator.parameters())
    for p in method.generator.parameters():
        p.grad = None
    method.weighted(method.losses(batch, method.fake(8).detach())).backward()
    assert all(p.grad is None for p in method.generator.parameters())


def test_feature_matching_draws_the_generator_to_the_unlabelled_items():
    method, batch = ready(NARROW)
    losses = []
    for _ in range(60):
        loss = method.matching(batch, method.fake(8))
        descend(loss, method.optimisers[1])
        losses.append(loss.item())
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])


@pytest.mark.parametrize("reference", ["unlabelled", "labelled"])
def test_the_generator_matches_unlabelled_items_and_labelled_ones_where_there_are_none(reference):
    method, batch = ready(NARROW, blob_task(unlabelled=60 if reference == "unlabelled" else 0))
    fake = method.fake(8)
    features = [method.network.backbone(x).detach().numpy() for x in (batch[reference].x, fake)]
    expected = np.abs(features[0].mean(0) - features[1].mean(0)).mean()
    assert_allclose(method.matching(batch, fake).item(), expected, rtol=1e-5)


def test_one_update_uses_one_noise_for_both_steps(monkeypatch):
    method, batch = ready(NARROW)
    seen = []
    losses, matching = method.losses, method.matching
    monkeypatch.setattr(method, "losses", lambda b, fake: seen.append(fake) or losses(b, fake))
    monkeypatch.setattr(method, "matching", lambda b, fake: seen.append(fake) or matching(b, fake))
    names = method.update(batch)
    assert torch.equal(*(fake.detach() for fake in seen))
    assert (seen[0].requires_grad, seen[1].requires_grad) == (False, True)
    assert set(names) == {"cross_entropy", "unlabelled", "synthetic", "fake", "feature_matching"}


def test_fakes_leave_no_trace_in_batch_statistics_of_the_generators_step():
    class Normed(torch.nn.Module):
        out_features = 10

        def __init__(self):
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(10)

        def forward(self, x):
            return self.norm(x)

    method, batch = ready(NARROW)
    method.network = Classifier(Normed(), 2 * CLASSES + 1)
    before = method.network.backbone.norm.running_mean.clone()
    method.matching(batch, method.fake(8))
    assert torch.equal(method.network.backbone.norm.running_mean, before)


# -- networks --------------------------------------------------------------------------------------------


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(("width", "expected"), [(64, 638_309), (128, 2_521_701), (256, 10_024_037)])
def test_published_sizes_of_the_classifier(width, expected):
    with torch.device("meta"):
        network = Classifier(SignFiCnn(width).build((3, 200, 30), torch.Generator()), 2 * 50 + 1)
    assert count(network) == expected


def test_published_generator():
    with torch.device("meta"):
        network = VanillaGenerator((3, 200, 30))
        sizes = [network.start(torch.empty(2, 100)).unflatten(1, network.first)]
        for layer in network.grow:
            sizes.append(layer(sizes[-1]))
    assert count(network) == 10_698_755
    shapes = [tuple(size.shape[1:]) for size in sizes]
    assert shapes[::3] == [(512, 25, 5), (256, 50, 5), (128, 100, 15)]
    assert shapes[-1] == (3, 200, 30), "nothing is cut off"


@pytest.mark.parametrize(
    ("length", "strides"),
    [
        (1, (1, 1, 1)),
        (9, (1, 1, 1)),
        (10, (1, 1, 2)),
        (28, (1, 2, 2)),
        (30, (1, 3, 2)),
        (39, (1, 3, 2)),
        (40, (2, 2, 2)),
        (512, (2, 2, 2)),
    ],
)
def test_strides_leave_five_or_more_to_start_from(length, strides):
    assert strides_for(length) == strides


@pytest.mark.parametrize("shape", [(1, 28, 28), (90, 512), (20,), (3, 37, 11), (2, 3)])
def test_generated_items_have_the_shape_of_the_tasks(shape):
    network = VanillaGenerator(shape, width=8, noise=5)
    x = network(torch.rand(4, 5))
    assert x.shape == (4, *shape)
    assert x.abs().max() < 1
    with pytest.raises(UserError, match="4 axes"):
        VanillaGenerator((1, 2, 3, 4))


def test_initial_weights_are_pytorchs_default_drawn_from_a_generator():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        expected = VanillaGenerator((3, 20, 10), width=16)
    network = VanillaGenerator((3, 20, 10), width=16)
    initialise_uniformly(network, torch.Generator().manual_seed(3))
    for (name, ours), theirs in zip(network.named_parameters(), expected.parameters()):
        assert_allclose(ours.detach(), theirs.detach(), rtol=1e-5, err_msg=name)


# -- which synthetic items are learnt from ---------------------------------------------------------------


def half_wrong(n: int = 80) -> tuple:
    """Synthetic items of which every second carries a wrong condition, and which ones those are."""
    wrong = np.arange(n) % 8 < 4
    return replaced(blobs(n, 9), lambda y: np.where(wrong, (y + 1) % CLASSES, y)), wrong


def warmed_up(settings: CsiGanClassifier, synthetic):
    """A method whose warm-up is over and that has selected."""
    method = built(run_of(settings), blob_task(labelled=80), synthetic)
    rng = np.random.default_rng(0)
    for epoch in range(method.first + 1):
        method.start_epoch(epoch)
        assert ("synthetic" in method.streams()) == (epoch >= method.first and bool(method.kept.any()))
        for _ in range(40 * (epoch < method.first)):
            streams = method.streams().items()
            method.update(
                {name: pool[torch.from_numpy(rng.integers(len(pool), size=16))] for name, pool in streams}
            )
    return method


def test_trts_keeps_the_items_with_the_right_condition():
    synthetic, wrong = half_wrong()
    method = warmed_up(variant(synthetic="trts"), synthetic)
    kept = method.kept.numpy()
    assert kept[~wrong].mean() > 0.8
    assert kept[wrong].mean() < 0.1
    assert torch.equal(method.streams()["synthetic"].x, method.setup.pools.synthetic.x[method.kept])
    before = method.setup.noise.get_state()
    method.select()
    assert torch.equal(method.setup.noise.get_state(), before), "no dropout while it selects"
    assert method.network.training


def test_trts_as_released_looks_for_twins_that_nothing_was_labelled_with():
    synthetic, _ = half_wrong()
    method = warmed_up(variant(synthetic="trts", offset=True), synthetic)
    assert method.kept.sum() == 0, "of 40 with the right condition"
    first = warmed_up(variant(synthetic="trts", offset=True, keep_first=True), synthetic)
    assert first.kept.nonzero().flatten().tolist() == [0]


def test_an_empty_selection_is_no_stream_or_the_first_item():
    for keep_first in (False, True):
        method, batch = ready(variant(synthetic="ssim", threshold=1.0, keep_first=keep_first))
        assert method.kept.tolist() == [keep_first] + [False] * 23
        assert ("synthetic" in batch) == keep_first
        assert ("synthetic" in method.update(batch)) == keep_first


def test_ssim_compares_with_unlabelled_items_and_with_labelled_ones_only_where_there_are_none():
    task = blob_task(labelled=8, unlabelled=8)
    synthetic = dataclasses.replace(blobs(16, 9), x=np.concatenate([task.labelled.x, task.unlabelled.x]))
    strict = variant(synthetic="ssim", threshold=0.9999)
    assert ready(strict, task, synthetic)[0].kept.tolist() == [False] * 8 + [True] * 8
    without = dataclasses.replace(task, unlabelled=None)
    assert ready(strict, without, synthetic)[0].kept.tolist() == [True] * 8 + [False] * 8


def test_what_it_needs_is_what_it_learns_from():
    assert variant().needs == ("synthetic", "conditions")
    assert variant(synthetic="none").needs == ()
    assert [uses_synthetic(variant(synthetic=kind)) for kind in ("all", "none", "ssim", "trts")] == [
        True,
        False,
        True,
        True,
    ]
    method, batch = ready(variant(synthetic="none"))
    assert set(batch) == {"labelled", "unlabelled"}
    assert not method.kept.any()
    everything, batch = ready(variant())
    assert set(batch) == {"labelled", "unlabelled", "synthetic"}
    assert everything.kept.all()


@pytest.mark.parametrize("settings", [variant(synthetic="ssim", threshold=0.7), variant(synthetic="trts")])
def test_random_control_keeps_as_many_but_others(settings):
    synthetic = half_wrong()[0]
    runs = [run_of(chosen) for chosen in (settings, RandomFilter(settings))]
    methods = [built(run, blob_task(), synthetic) for run in runs]
    for method in methods:
        for epoch in range(FAST.epochs):
            method.start_epoch(epoch)
            method.update({name: pool[torch.arange(8)] for name, pool in method.streams().items()})
    own, control = (method.kept for method in methods)
    assert 0 < own.sum() == control.sum() < len(synthetic)
    assert not torch.equal(own, control)
    assert torch.equal(methods[1].streams()["synthetic"].x, methods[1].setup.pools.synthetic.x[control])


def test_only_filters_have_a_random_control():
    assert [is_filter(variant(synthetic=kind)) for kind in ("all", "none", "ssim", "trts")] == [
        False,
        False,
        True,
        True,
    ]
    assert is_filter(SsimFilter())
    assert not is_filter(RandomFilter())
    with pytest.raises(UserError, match="no random control"):
        RandomFilter(variant())


# -- whole runs ------------------------------------------------------------------------------------------


def test_learns_without_unlabelled_items_and_the_same_seed_gives_the_same_result():
    task = blob_task(unlabelled=0)
    results = [train(task, blobs(40, 9), run_of(NARROW)) for _ in range(2)]
    assert results[0] == results[1]
    assert "unlabelled" not in results[0].history[0]["losses"]
    assert results[0].selections["last"]["accuracy"] > 0.8
    assert results[0] != train(task, blobs(40, 9), run_of(NARROW, seed=1))


def test_real_batches_are_those_of_other_methods():
    method, _ = ready(variant(synthetic="none"))
    other = built(run_of("real_only", backbone=NO_DROPOUT), blob_task(), None)
    assert torch.equal(method.streams()["labelled"].x, other.streams()["labelled"].x)
    backbones = [list(m.network.backbone.parameters()) for m in (method, other)]
    assert same(*backbones), "and so are the backbone's initial weights"


def test_predictions_that_are_no_class_count_as_wrong():
    y, predicted = np.array([0, 0, 1, 1, 2]), np.array([0, 3, 1, 6, 5])
    matrix = confusion(y, predicted, C, 2 * C + 1)
    assert matrix.tolist() == [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]]
    assert accuracy(matrix) == 2 / 5
    assert mean_recall(matrix) == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert confusion(y, np.array([0, 1, 1, 2, 2]), C, C).shape == (C, C)
    said = by_class.worst(np.array([[0.5, 0.0, 0.5], [0.1, 0.8, 0.1]]), ["walk", "run"])
    assert said == "most often walk is taken for no class (50 %)"


def test_twins_count_as_wrong_where_asked(monkeypatch):
    task = blob_task()
    strict = built(run_of(variant(twins_count=True), backbone=NO_DROPOUT), task, blobs(24, 9))
    lenient = built(run_of(variant(), backbone=NO_DROPOUT), task, blobs(24, 9))
    x = strict.setup.pools.labelled.x
    assert strict.predict(x).shape == (40, 2 * CLASSES + 1)
    assert torch.equal(strict.predict(x)[:, :CLASSES], lenient.predict(x))
    original = CsiGanClassifier.build

    def all_fake(settings, setup):
        method = original(settings, setup)
        forward = method.logits
        monkeypatch.setattr(method, "logits", lambda x: forward(x) + 1e3 * (torch.arange(9) == 8))
        return method

    monkeypatch.setattr(CsiGanClassifier, "build", all_fake)
    short = dataclasses.replace(FAST, epochs=1, steps=1)
    last = train(task, blobs(24, 9), run_of(variant(twins_count=True), training=short)).selections["last"]
    assert last["accuracy"] == last["recall"] == 0
    assert np.array(last["confusion"]).tolist() == [[0] * CLASSES + [50]] * CLASSES
    kinder = train(task, blobs(24, 9), run_of(variant(), training=short)).selections["last"]
    assert np.shape(kinder["confusion"]) == (CLASSES, CLASSES)
