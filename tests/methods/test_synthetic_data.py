from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from assay.comparison.plan import plan
from assay.errors import UserError
from assay.methods.base import Pool, uses_synthetic
from assay.methods.mcc import Mcc
from assay.methods.mixed import Mixed
from assay.methods.pretrain_then_real import PretrainThenReal
from assay.methods.pseudo_label import PseudoLabel
from assay.methods.random_filter import RandomFilter
from assay.methods.ssim_filter import SsimFilter
from assay.methods.syncheck import SynCheck, SynCheckMethod
from assay.methods.table import METHODS
from assay.methods.trts_filter import TrtsFilter
from assay.models import optimisers
from assay.models.mlp import Mlp
from assay.models.resnet import ResNet1d
from assay.studies.syncheck.scenarios import SCENARIOS
from assay.train.loop import Loop, _plan
from assay.train.one_run import train
from assay.types import Samples, Task
from tests.support.toys import CLASSES, FAST, MLP, blob_task, blobs, built, replaced, run_of

NO_DROPOUT = Mlp(width=16, dropout=0.0)
SHORT = dataclasses.replace(FAST, steps=4)
"""For what must be equal or differ however little was learnt."""


def mislabelled(n: int = 80) -> tuple:
    """Synthetic items of which every fifth carries a wrong condition, and which ones those are."""
    clean = blobs(n, seed=9)
    wrong = np.arange(n) % 5 == 0
    return replaced(clean, lambda y: np.where(wrong, (y + 1) % CLASSES, y)), wrong


def with_junk(n: int = 80) -> tuple:
    """Synthetic items of which every fifth is far from all real ones, and which ones those are."""
    clean = blobs(n, seed=9)
    junk = np.arange(n) % 5 == 0
    noise = np.random.default_rng(3).normal(0, 1, clean.x.shape)
    x = np.where(junk[:, None], noise, clean.x).astype(np.float32)
    return dataclasses.replace(clean, x=x), junk


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("real_only", lambda p: torch.cat((p.labelled.x, p.shots.x))),
        ("target_only", lambda p: p.shots.x),
        ("synthetic_only", lambda p: p.synthetic.x),
        (Mixed(real_share="pool"), lambda p: torch.cat((p.labelled.x, p.shots.x, p.synthetic.x))),
    ],
)
def test_plain_methods_learn_from_the_pools_they_name(method, expected):
    method = built(run_of(method), blob_task(shots=8), blobs(24, 9))
    method.start_epoch(0)
    (pool,) = method.streams().values()
    assert torch.equal(pool.x, expected(method.setup.pools))
    assert method.real() + int(method.kept.sum()) == len(pool)
    assert (pool.y >= 0).all()


NARROW = {"mcd": {"width": 32}, "csigan": {"generator_width": 16}}
"""The published widths take seconds."""


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"adabn"}))  # which needs batch normalisation
def test_every_method_learns_the_easy_task(name):
    settings = dataclasses.replace(METHODS[name], **NARROW.get(name, {}))
    result = train(blob_task(shots=16), blobs(80, 9), run_of(settings))
    assert result.selections["last"]["accuracy"] > 0.8, "chance is 0.25"


def test_mixed_may_begin_with_real_items_alone():
    training = dataclasses.replace(FAST, epochs=10)
    method = built(
        run_of(Mixed(warm_up=0.3, real_share="pool"), training=training), blob_task(), blobs(24, 9)
    )
    sizes = []
    for epoch in range(10):
        method.start_epoch(epoch)
        sizes.append((len(method.streams()["labelled"]), int(method.kept.sum())))
    assert sizes == [(40, 0)] * 3 + [(64, 24)] * 7


@pytest.mark.parametrize(("share", "real"), [(0.5, 8), (0.25, 4), (0.01, 1), (0.999, 15)])
def test_so_many_of_a_batch_are_real(share, real):
    run = run_of(Mixed(real_share=share))
    method = built(run, blob_task(), blobs(400, 9))
    method.start_epoch(0)
    (batch, *_) = Loop(method, run, None)._batches(0)
    assert {name: len(items) for name, items in batch.items()} == {"labelled": real, "synthetic": 16 - real}
    gradient, items = [], Pool(*(torch.cat([getattr(b, k) for b in batch.values()]) for k in "xy"))
    for given in (batch, {"labelled": items}):
        again = built(run_of(Mixed(real_share=share), backbone=NO_DROPOUT), blob_task(), blobs(400, 9))
        again.update(given)
        gradient.append(again.network.head.weight.grad)
    assert torch.equal(*gradient), "each item of the batch counts alike"


def test_the_last_epochs_may_be_of_real_items_alone():
    training = dataclasses.replace(FAST, epochs=10)
    for settings in (
        Mixed(real_last=0.3),
        Mixed(real_last=0.3, real_share="pool"),
        TrtsFilter(real_last=0.3),
    ):
        method = built(run_of(settings, training=training), blob_task(), blobs(24, 9))
        names = []
        for epoch in range(10):
            method.start_epoch(epoch)
            names.append(sum(map(len, method.streams().values())))
            train_steps(method, 2)
        assert names[-3:] == [40] * 3
        assert method.batch("labelled") == 16
        assert names[6] > 40


def test_pretraining_goes_before_real_items():
    training = dataclasses.replace(FAST, epochs=5)
    method = built(run_of(PretrainThenReal(share=0.4), training=training), blob_task(shots=8), blobs(24, 9))
    sizes = []
    for epoch in range(5):
        method.start_epoch(epoch)
        sizes.append(len(method.streams()["labelled"]))
    assert sizes == [24, 24, 48, 48, 48]
    once = dataclasses.replace(FAST, epochs=1)
    method = built(run_of(PretrainThenReal(), training=once), blob_task(), blobs(24, 9))
    assert method.first_real == 0, "of one epoch nothing is taken from the real items"


def test_real_data_alone_with_unlabelled_items_is_class_confusion_without_synthetic_ones():
    ours = train(blob_task(), blobs(80, 9), run_of("real_unlabelled", training=SHORT))
    other = run_of(Mcc(source="labelled"), training=SHORT)
    assert ours.history == train(blob_task(), None, other).history
    assert not uses_synthetic(METHODS["real_unlabelled"])


def test_trts_filter_throws_out_wrong_conditions():
    synthetic, wrong = mislabelled()
    method = built(run_of("trts_filter"), blob_task(labelled=80), synthetic)
    for epoch in range(method.first + 1):
        method.start_epoch(epoch)
        train_steps(method)
    kept = method.kept.numpy()
    assert kept[wrong].mean() < 0.1
    assert kept[~wrong].mean() > 0.8


def labelled_anew(settings, synthetic) -> tuple:
    """A pseudo-labelling method after its warm-up, and the synthetic items that it learns from."""
    method = built(run_of(settings), blob_task(labelled=80), synthetic)
    for epoch in range(method.first + 1):
        method.start_epoch(epoch)
        if epoch < method.first:
            assert len(method.streams()["labelled"]) == 80, "real items alone in the warm-up"
            train_steps(method)
    assert torch.equal(method.streams()["synthetic"].y, method.chosen().y)
    return method, method.chosen()


def test_pseudo_label_replaces_wrong_conditions_and_keeps_every_item():
    synthetic, wrong = mislabelled()
    method, pool = labelled_anew(PseudoLabel(), synthetic)
    assert method.kept.all()
    assert torch.equal(pool.x, method.setup.pools.synthetic.x)
    labels, truth = pool.y.numpy(), np.arange(80) % CLASSES
    assert (labels == truth).mean() > 0.85
    assert (labels == synthetic.y)[wrong].mean() < 0.1
    assert torch.equal(method.setup.pools.synthetic.y, torch.from_numpy(synthetic.y)), "the claims stay"


def test_pseudo_label_leaves_out_what_it_is_not_sure_of():
    synthetic, _ = with_junk()
    method, pool = labelled_anew(PseudoLabel(threshold=0.9), synthetic)
    kept = method.kept.numpy()
    assert len(pool) == kept.sum() < 80
    probabilities = method.predict(method.setup.pools.synthetic.x).softmax(1)
    sure, labels = (part.detach().numpy() for part in probabilities.max(1))
    assert ((sure >= 0.9) == kept).mean() > 0.9, "the network has its dropout on here"
    assert (labels[kept] == pool.y.numpy()).mean() > 0.9


def test_pseudo_label_never_looks_at_conditions():
    synthetic = blobs(40, 9)
    shuffled = replaced(synthetic, lambda y: np.full_like(y, -1))
    run = run_of("pseudo_label", training=SHORT)
    results = [train(blob_task(), items, run) for items in (synthetic, shuffled)]
    assert results[0].history == results[1].history


def train_steps(method, steps: int = 30) -> None:
    """Some steps on the first items of every stream."""
    rng = np.random.default_rng(0)
    for _ in range(steps):
        batch = {
            name: pool[torch.from_numpy(rng.integers(0, len(pool), 16))]
            for name, pool in method.streams().items()
        }
        method.update(batch)


def test_ssim_filter_throws_out_what_resembles_nothing_real():
    synthetic, junk = with_junk()
    method = built(run_of(SsimFilter(threshold=0.75)), blob_task(), synthetic)
    method.start_epoch(0)
    kept = method.kept.numpy()
    assert kept[~junk].mean() > kept[junk].mean() + 0.4


def test_ssim_filter_takes_labelled_items_where_there_are_no_unlabelled_ones():
    with_unlabelled = built(run_of("ssim_filter"), blob_task(), blobs(8, 9))
    without = built(run_of("ssim_filter"), blob_task(unlabelled=0), blobs(8, 9))
    asked = built(run_of(SsimFilter(reference="labelled")), blob_task(), blobs(8, 9))
    assert torch.equal(with_unlabelled.reference().x, with_unlabelled.setup.pools.unlabelled.x)
    assert torch.equal(without.reference().x, without.setup.pools.real.x)
    assert torch.equal(asked.reference().x, asked.setup.pools.real.x)


@pytest.mark.parametrize("settings", [SsimFilter(threshold=0.75), TrtsFilter()])
def test_random_filter_keeps_as_many_but_others(settings):
    synthetic, _ = with_junk()
    task = blob_task()
    masks = []
    for chosen in (settings, RandomFilter(settings)):
        method = built(run_of(chosen), task, synthetic)
        first = method.inner.first if isinstance(chosen, RandomFilter) else method.first
        for epoch in range(first + 1):
            method.start_epoch(epoch)
        masks.append(method.kept.numpy())
        pools = method.streams()
        assert [len(pools[name]) for name in ("labelled", "synthetic")] == [
            len(task.labelled),
            masks[-1].sum(),
        ]
        assert [method.batch(name) for name in pools] == [8, 8]
    assert 0 < masks[0].sum() == masks[1].sum() < len(synthetic)
    assert (masks[0] != masks[1]).any()


def test_a_filter_that_keeps_nothing_leaves_the_real_items():
    ways = (SsimFilter(threshold=1.0), "real_only", RandomFilter(SsimFilter(threshold=1.0)))
    result, alone, control = (train(blob_task(), blobs(24, 9), run_of(way, training=SHORT)) for way in ways)
    assert result.selections["last"]["used"] == 0
    assert result.history == alone.history
    assert control.history == alone.history, "the control's luck must not touch anything else"


def test_syncheck_drops_items_that_lie_between_the_classes():
    known = blobs(80, 9)
    x = known.x.copy()
    between = np.arange(80) % 4 == 0
    x[between, :2] *= 0.1
    method = built(run_of(SynCheck(start=0.0)), blob_task(labelled=80), dataclasses.replace(known, x=x))
    train_steps(method, 120)
    method.start_epoch(0)
    kept = method.kept.numpy()
    assert kept[~between].mean() > 0.9 > kept[between].mean() + 0.2


def test_syncheck_never_looks_at_conditions():
    synthetic = blobs(40, 9)
    shuffled = replaced(synthetic, lambda y: y[::-1].copy())
    run = run_of("syncheck", training=SHORT)
    results = [train(blob_task(), items, run) for items in (synthetic, shuffled)]
    assert results[0].history == results[1].history


def test_syncheck_needs_no_synthetic_items_where_there_are_unlabelled_ones():
    run = run_of("syncheck", training=dataclasses.replace(FAST, steps=8))
    alone = train(blob_task(), None, run)
    assert alone.selections["last"]["accuracy"] > 0.8
    assert alone.history != train(blob_task(), blobs(80, 9), run).history
    with pytest.raises(UserError, match=r"needs unlabelled items of the target domain .*, or synthetic data"):
        plan(blob_task(unlabelled=0), None, ["syncheck"], 1, MLP, FAST, None, "cpu")


def test_syncheck_goes_on_when_nothing_is_selected(monkeypatch):
    method = built(run_of(SynCheck(start=0.0)), blob_task(), blobs(24, 9))
    monkeypatch.setattr(method, "inliers", lambda pool: torch.zeros(len(pool), dtype=torch.bool))
    method.start_epoch(0)
    assert "synthetic_selected" not in method.streams()
    losses = method.update(method.streams())
    assert "pseudo_label" not in losses
    assert method.kept.sum() == 0


def test_syncheck_uses_only_selected_items_for_pseudo_labels(monkeypatch):
    method = built(run_of(SynCheck(start=0.0)), blob_task(), blobs(24, 9))
    monkeypatch.setattr(method, "inliers", lambda pool: torch.arange(len(pool)) < 5)
    method.start_epoch(0)
    pools = method.setup.pools
    assert torch.equal(method.streams()["synthetic_selected"].x, pools.synthetic.x[:5])
    assert torch.equal(method.streams()["unlabelled_selected"].x, pools.unlabelled.x[:5])
    assert len(method.streams()["synthetic"]) == 24, "the other terms see the whole pool"


def syncheck_batch(method) -> dict[str, Pool]:
    method.start_epoch(0)
    return {name: pool[torch.arange(8) % len(pool)] for name, pool in method.streams().items()}


def test_syncheck_one_pass_equals_the_published_two_without_dropout():
    losses = []
    for merged in (True, False):
        settings = SynCheck(start=0.0, merged=merged, sigma_strong=0.0)
        method = built(run_of(settings, backbone=NO_DROPOUT), blob_task(), blobs(24, 9))
        losses.append(method.losses(syncheck_batch(method)))
    assert losses[0].keys() == losses[1].keys()
    for name, loss in losses[0].items():
        assert_allclose(loss.detach(), losses[1][name].detach(), rtol=1e-5)


def test_syncheck_weighs_each_term_and_counts_each_pool():
    settings = SynCheck(start=0.0, sigma_strong=0.0)
    method = built(run_of(settings, backbone=NO_DROPOUT), blob_task(), blobs(24, 9))
    batch = syncheck_batch(method)
    losses = {name: float(loss.detach()) for name, loss in method.losses(batch).items()}
    total = float(method.weighted(method.losses(batch)).detach())
    weights = {
        "cross_entropy": 10,
        "one_vs_all": 1,
        "open_entropy": 0.1,
        "consistency": 0.5,
        "pseudo_label": 1,
    }
    assert_allclose(total, sum(weights[name] * loss for name, loss in losses.items()), rtol=1e-5)
    one_pool = dataclasses.replace(settings, pools=("synthetic",))
    alone = built(run_of(one_pool, backbone=NO_DROPOUT), blob_task(), blobs(24, 9))
    assert float(alone.losses(batch)["open_entropy"].detach()) < 0.7 * losses["open_entropy"]


def test_syncheck_with_conditions_as_targets_learns_those_of_the_selected_synthetic_items():
    pseudo, condition = (SynCheck(start=0.0, sigma_strong=0.0, targets=t) for t in ("pseudo", "condition"))
    assert (pseudo.needs, condition.needs) == (("unlabelled or synthetic",), ("synthetic", "conditions"))
    synthetic, _ = mislabelled(24)
    methods = [built(run_of(s, backbone=NO_DROPOUT), blob_task(), synthetic) for s in (pseudo, condition)]
    for method in methods:
        method.inliers = lambda pool: torch.arange(len(pool)) % 3 > 0
    ours, theirs = (method.losses(syncheck_batch(method)) for method in methods)
    parts, items = {}, syncheck_batch(methods[1])
    for name in ("unlabelled", "synthetic"):
        log_p = methods[1].predict(items[f"{name}_selected"].x).detach().log_softmax(1).numpy()
        y = log_p.argmax(1) if name == "unlabelled" else items[f"{name}_selected"].y.numpy()
        parts[name] = -log_p[np.arange(8), y].mean()
    kept = synthetic.y[np.arange(24) % 3 > 0][:8]
    assert (items["synthetic_selected"].y.numpy() == kept).all(), "conditions of the items that were selected"
    assert_allclose(theirs["pseudo_label"].detach(), sum(parts.values()), rtol=1e-5)
    assert ours["pseudo_label"] < theirs["pseudo_label"], "a fifth of the conditions is wrong"
    for name in set(ours) - {"pseudo_label"}:
        assert ours[name] == theirs[name]


def test_syncheck_noise_has_the_stated_deviation():
    method = built(run_of(SynCheck(sigma_strong=0.03)), blob_task(), blobs(24, 9))
    x = torch.zeros(100, 1000)
    weak, strong = method.views(x, 0.0)
    assert weak is x
    assert_allclose(strong.std(), 0.03, rtol=0.02)


@pytest.mark.parametrize(
    ("study", "epochs", "kind"), [("csigan", 100, "Adam"), ("rf-diffusion", 10, "AdamW")]
)
def test_the_full_sizes_train_at_the_published_rates(study, epochs, kind):
    """PyTorch's own StepLR, stepped once an epoch, is the yardstick."""
    training = SCENARIOS[study].presets["full"].training
    every, decay, rate = {"csigan": (40, 0.1, 2e-4), "rf-diffusion": (2, 0.9, 1e-3)}[study]
    optimiser = getattr(optimisers, kind)([torch.zeros(1, requires_grad=True)], lr=rate)
    published = torch.optim.lr_scheduler.StepLR(optimiser, every, decay)
    method = built(run_of("real_only", training=training), blob_task(), None)
    assert training.epochs == epochs
    for epoch in range(epochs):
        method.start_epoch(epoch)
        (ours,) = method.optimisers
        assert type(ours) is type(optimiser)
        assert ours.param_groups[0]["lr"] == pytest.approx(published.get_last_lr()[0])
        assert ours.param_groups[0]["weight_decay"] == optimiser.param_groups[0]["weight_decay"]
        optimiser.step()
        published.step()


def test_learning_rate_follows_the_schedule():
    training = dataclasses.replace(FAST, epochs=10, schedule="step", learning_rate=1.0)
    method = built(run_of("real_only", training=training), blob_task(), None)
    rates = []
    for epoch in range(10):
        method.start_epoch(epoch)
        rates.append(method.optimisers[0].param_groups[0]["lr"])
    assert rates == pytest.approx([1] * 4 + [0.1] * 4 + [0.01] * 2)


# -- published ways, each a switch --------------------------------------------------------------------


def test_ssim_filter_compares_an_item_with_its_own_twin_where_asked():
    task = blob_task(shots=8)
    real = task.real
    twins = np.r_[np.arange(20), np.arange(47, 27, -1)]
    x = real.x[twins].copy()
    x[::2] = 2 * x[::2].mean(1, keepdims=True) - x[::2]  # the opposite of its twin, near to other items
    made = dataclasses.replace(real[twins], x=x, origin=twins)
    kept = {}
    for reference in ("twin", "labelled"):
        method = built(run_of(SsimFilter(reference=reference)), task, made)
        method.start_epoch(0)
        kept[reference] = method.kept.numpy()
    assert kept["twin"].tolist() == [False, True] * 20
    assert kept["labelled"][::2].any()


def test_origins_are_asked_for_where_twins_are():
    with pytest.raises(UserError, match=r"ssim_filter:reference=twin: needs the origin of every"):
        plan(blob_task(), blobs(8, 9), ["ssim_filter:reference=twin"], 1, None, FAST, None, "cpu")
    made = dataclasses.replace(blobs(8, 9), origin=np.full(8, 3))
    controls = plan(
        blob_task(), made, ["ssim_filter:reference=twin", "random_filter"], 1, None, FAST, None, "cpu"
    )
    assert len(controls) == 3


def test_syncheck_selects_the_first_item_of_a_pool_without_inliers_where_asked(monkeypatch):
    method = built(run_of(SynCheck(start=0.0, keep_first=True)), blob_task(), blobs(24, 9))
    monkeypatch.setattr(method, "inliers", lambda pool: torch.zeros(len(pool), dtype=torch.bool))
    method.start_epoch(0)
    pools = method.setup.pools
    assert torch.equal(method.streams()["synthetic_selected"].x, pools.synthetic.x[:1])
    assert torch.equal(method.streams()["unlabelled_selected"].x, pools.unlabelled.x[:1])
    assert method.kept.nonzero().flatten().tolist() == [0]


def passes(method) -> list[int]:
    """Sizes of the batches that go through the network in a step."""
    sizes: list[int] = []
    method.network.register_forward_pre_hook(lambda network, x: sizes.append(len(x[0])))
    batch = syncheck_batch(method)
    sizes.clear()
    method.losses(batch)
    return sizes


def test_syncheck_takes_two_passes_only_through_batch_normalisation():
    x = np.random.default_rng(0).normal(size=(16, 2, 32)).astype(np.float32)
    signals = Samples(x, np.arange(16) % 2)
    task = Task("signals", ("a", "b"), signals, signals, unlabelled=signals)
    normal = ResNet1d(depth=18, widths=(4, 4, 4, 4))
    for network, merged, expected in ((normal, False, 2), (normal, True, 1), (NO_DROPOUT, False, 1)):
        method = built(run_of(SynCheck(start=0.0, merged=merged), backbone=network), task, signals)
        assert len(passes(method)) == expected


def test_short_batches_end_with_the_pass_and_others_do_not(monkeypatch):
    training = dataclasses.replace(FAST, epochs=1, steps=6, batch=16)
    sizes: dict[str, list[int]] = {}

    def noted(self, batch):
        for name, pool in batch.items():
            sizes.setdefault(name, []).append(len(pool))
            seen.setdefault(name, []).append(pool.x)
        return {}

    monkeypatch.setattr(SynCheckMethod, "update", noted)
    for short, expected in ((True, [16, 16, 16, 2, 16, 16]), (False, [16] * 6)):
        sizes.clear()
        seen: dict[str, list] = {}
        settings = SynCheck(start=1.0, short_batches=short)
        train(blob_task(unlabelled=50), blobs(24, 9), run_of(settings, training=training))
        assert sizes["unlabelled"] == expected
        assert sizes["labelled"] == [16] * 6
        assert sizes["synthetic"] == ([16, 8] * 3 if short else [16] * 6)
    assert len(seen["unlabelled"]) == 6


def test_a_short_pass_holds_every_item_once():
    training = dataclasses.replace(FAST, epochs=1, steps=8, batch=16)
    for reshuffle in ("epoch", "pass"):
        run = run_of("syncheck", training=dataclasses.replace(training, reshuffle=reshuffle))
        plan_of = _plan(50, run, "unlabelled", 0, 16, True)
        for one in (plan_of[:4], plan_of[4:]):
            assert sorted(one[one >= 0].tolist()) == list(range(50))
        assert (_plan(48, run, "x", 0, 16, True) == _plan(48, run, "x", 0, 16)).all()
