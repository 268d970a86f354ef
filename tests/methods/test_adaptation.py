"""Adaptation methods as users meet them: roles of the data, switches, determinism, a shift to overcome."""

from __future__ import annotations

import dataclasses
import functools
import json

import numpy as np
import pytest
import torch

import assay
from assay.comparison.plan import plan
from assay.errors import UserError
from assay.methods.adabn import AdaBn
from assay.methods.adaptation import Adaptation
from assay.methods.base import Pool
from assay.methods.contrastive import Contrastive
from assay.methods.dann import Dann
from assay.methods.disclusterda import DisClusterDa
from assay.methods.mcc import Mcc
from assay.methods.mcd import Mcd
from assay.methods.mixed import Mixed
from assay.methods.no_adaptation import NoAdaptation
from assay.methods.protocol import PublishedAdaptation, resolved
from assay.methods.rca import Rca
from assay.methods.self_training import SelfTraining, surest_by_class
from assay.methods.srdc import Srdc
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models import optimisers
from assay.models.cnn import Cnn1d
from assay.models.layers import keep_weights
from assay.models.mlp import Mlp
from assay.models.precision import threads
from assay.models.resnet import ResNet2d
from assay.runs.progress import Silent
from assay.train.one_run import train
from assay.types import Samples, Task
from tests.support.adapting import moved_task, weights_of
from tests.support.toys import FAST, blob_task, blobs, built, replaced, run_of

SMALL = {
    "no_adaptation": NoAdaptation(),
    "dann": Dann(strength=0.3),
    "mcd": Mcd(width=32),
    "rca": Rca(virtual_adversarial=True),
    "srdc": Srdc(neurons=4, source_weights="hard", consistency="kl", source_first=0.0),
    "disclusterda": DisClusterDa(neurons=4, consistency="kl"),
    "mcc": Mcc(),
    "self_training": SelfTraining(),
    "contrastive": Contrastive(projection=8),
}
ADAPTING = [name for name in SMALL if name not in ("no_adaptation", "contrastive")]
NO_DROPOUT = Mlp(width=16, dropout=0.0)
LONG = Training(epochs=8, steps=12, batch=32, learning_rate=1e-2, precision="fp32")
SHORT = dataclasses.replace(FAST, steps=3)


@pytest.fixture(autouse=True)
def _one_thread():
    with threads(1):
        yield


def text(result) -> str:
    return json.dumps(dataclasses.asdict(result))


def test_the_table_of_small_settings_is_complete():
    listed = {name for name, settings in METHODS.items() if isinstance(settings, Adaptation)}
    assert listed == {*SMALL, "adabn"}  # which needs batch normalisation: see below


# -- the source first, and each method's own ------------------------------------------------------------


@pytest.mark.parametrize("name", ADAPTING)
def test_the_source_may_come_first(name):
    first = dataclasses.replace(SMALL[name], source_first=0.5)
    task, other = blob_task(), dataclasses.replace(blob_task(), unlabelled=blobs(60, 77, 3.0))
    for epochs, alike in ((2, True), (4, False)):  # of four epochs
        seen = []
        for each in (task, other):
            method = built(run_of(first, backbone=NO_DROPOUT), each, None)
            run_epochs(method, epochs)
            seen.append(list(method.trunk.parameters()))
        assert all(torch.equal(a, b) for a, b in zip(*seen)) == alike, "the target is not looked at"


def test_srdc_begins_with_the_source_and_as_published_with_clusters():
    for settings, keys in ((Srdc(), 1), (Srdc(protocol="released"), 6), (Srdc(from_the_start=True), 6)):
        method = built(run_of(settings, backbone=NO_DROPOUT), blob_task(), None)
        method.start_epoch(0)
        assert len(method.update(batch(method))) == keys


def run_epochs(method, epochs: int) -> None:
    """Two steps in each epoch, on the first items."""
    for epoch in range(epochs):
        method.start_epoch(epoch)
        for network in method.networks:
            network.train()
        for _ in range(2):
            method.update(batch(method))
        method.end_epoch()


def test_adabn_takes_the_statistics_of_the_target_between_epochs():
    generator = np.random.default_rng(0)
    y = np.arange(40) % 4
    pictures = generator.normal(0, 0.3, (40, 1, 8, 8)) + y[:, None, None, None]
    source, target = (
        Samples(pictures.astype(np.float32), y),
        Samples((3 * pictures + 5).astype(np.float32), y),
    )
    task = Task("moved", tuple("abcd"), source, target, unlabelled=target, normalise="none", kind="image")
    small = ResNet2d(depth=10, widths=(4, 4, 8, 8), small=True)
    settings = run_of(AdaBn(), backbone=small, training=dataclasses.replace(FAST, steps=2, epochs=2))
    method = built(settings, task, None)
    method.start_epoch(0)
    method.update({"labelled": method.source[torch.arange(16)]})
    first = next(m for m in method.trunk.modules() if isinstance(m, torch.nn.BatchNorm2d))
    seen = []
    handle = first.register_forward_hook(lambda layer, given, made: seen.append(given[0]))
    method.end_epoch()
    handle.remove()
    (everything,) = seen
    assert len(everything) == 40
    torch.testing.assert_close(first.running_mean, everything.float().mean((0, 2, 3)), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(first.running_var, everything.float().var((0, 2, 3)), rtol=1e-3, atol=1e-4)
    assert first.momentum == 0.1, "training goes on as before"
    with pytest.raises(UserError, match="has no batch normalisation"):
        built(run_of(AdaBn()), blob_task(), None)


def test_self_training_believes_the_surest_of_every_class():
    p = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.55, 0.45], [0.3, 0.7], [0.48, 0.52]])
    assert surest_by_class(p, 0.5).tolist() == [True, True, False, False, True, False]
    assert surest_by_class(p, 0.01).tolist() == [True, False, False, False, True, False]
    assert surest_by_class(p, 1.0).all()
    method = built(run_of(SelfTraining(first=0.2, most=0.8), training=LONG), blob_task(), None)
    assert method.adapts_from == 2
    assert method.share(2) == pytest.approx(0.2)
    assert method.share(7) == pytest.approx(0.8)


def test_dann_weighs_the_mean_of_its_domain_losses():
    methods = [
        built(run_of(Dann(summed_domains=summed), backbone=NO_DROPOUT), blob_task(), None)
        for summed in (False, True)
    ]
    for method in methods:
        method.start_epoch(3)
        method.update(batch(method))
    half, whole = (method.domain[0].weight.grad for method in methods)
    torch.testing.assert_close(2 * half, whole)


def test_mcd_may_take_one_step_an_update():
    method = built(
        run_of(Mcd(width=8, trunk_steps=2, equal_steps=True), backbone=NO_DROPOUT), blob_task(), None
    )
    method.start_epoch(0)
    moved = []
    for _ in range(5):
        before = [[p.clone() for p in part.parameters()] for part in (method.trunk, method.heads)]
        losses = method.update(batch(method))
        after = [list(part.parameters()) for part in (method.trunk, method.heads)]
        moved.append([not same(*pair) for pair in zip(before, after)])
    assert moved == [[True, True], [False, True], [True, False], [True, False], [True, True]], "A, B, C, C, A"
    assert set(losses) == {"cross_entropy", "entropy", "discrepancy", "discrepancy_left"}


# -- what it is for -----------------------------------------------------------------------------------


@functools.cache
def accuracy(name: str) -> float:
    settings = SMALL[name] if name in ("dann", "mcd") else METHODS[name]
    settings = Srdc(neurons=8) if name == "srdc" else settings
    return train(moved_task(), None, run_of(settings, training=LONG)).selections["last"]["accuracy"]


@pytest.mark.parametrize("name", ADAPTING)
def test_adaptation_overcomes_a_shift(name):
    assert accuracy("no_adaptation") < 0.8
    assert accuracy(name) > accuracy("no_adaptation") + 0.06


@pytest.mark.parametrize("name", sorted(SMALL))
def test_same_run_same_bytes_whatever_the_global_state(name):
    results = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        np.random.seed(global_seed)  # noqa: NPY002 - the point of the test
        results.append(text(train(blob_task(), blobs(40, 9), run_of(SMALL[name], training=SHORT))))
    assert results[0] == results[1]
    other = run_of(SMALL[name], seed=1, training=SHORT)
    assert text(train(blob_task(), blobs(40, 9), other)) != results[0]


@pytest.mark.parametrize("name", sorted(SMALL))
@pytest.mark.parametrize("kind", ["image", "signal"])
def test_methods_work_on_images_and_signals(kind, name):
    shape, backbone = {
        "image": ((3, 12, 12), ResNet2d(depth=10, widths=(4, 4, 8, 8), small=True)),
        "signal": ((2, 40), Cnn1d(width=8)),
    }[kind]
    rng = np.random.default_rng(0)
    parts = [Samples(rng.normal(0, 1, (n, *shape)).astype(np.float32), np.arange(n) % 3) for n in (12, 9, 12)]
    task = Task("noise", tuple("abc"), *parts, normalise="none", kind=kind)
    for protocol in ("corrected", "released"):
        training = Training(epochs=2, steps=2, batch=6, precision="bf16" if kind == "image" else "fp32")
        options = {"protocol": protocol} if name in PUBLISHED else {}
        settings = dataclasses.replace(SMALL[name], **options)
        result = train(task, None, run_of(settings, training=training, backbone=backbone))
        assert np.isfinite(list(result.history[-1]["losses"].values())).all()


# -- roles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SMALL))
def test_labels_of_the_target_are_never_read(name):
    weights = []
    for label in (-1, 2):
        method = built(run_of(SMALL[name]), blob_task(), blobs(24, 9))
        if label >= 0:
            told = Pool(method.target.x, torch.full_like(method.target.y, label))
            pools = dataclasses.replace(method.setup.pools, unlabelled=told)
            method = built(run_of(SMALL[name]), blob_task(), blobs(24, 9))
            method.setup = dataclasses.replace(method.setup, pools=pools)
            method.target = told
        for epoch in range(2):
            method.start_epoch(epoch)
            for network in method.networks:
                network.train()
            method.update(batch(method))
        weights.append(weights_of(method))
    assert all(torch.equal(a, b) for a, b in zip(*weights, strict=True))


def batch(method, size: int = 12) -> dict[str, Pool]:
    """The first items of every stream."""
    return {name: pool[torch.arange(size) % len(pool)] for name, pool in method.streams().items()}


@pytest.mark.parametrize("name", ADAPTING)
def test_without_unlabelled_items_the_error_is_clear(name):
    task = blob_task(unlabelled=0)
    with pytest.raises(UserError, match=rf"method {name}: needs unlabelled items of the target domain"):
        plan(task, None, [name], 1, None, FAST, None, "cpu")
    with pytest.raises(UserError, match="needs unlabelled items of the target domain"):
        built(run_of(name), task, None)


def test_no_adaptation_needs_no_target():
    train(blob_task(unlabelled=0), None, run_of("no_adaptation"))


def test_no_adaptation_to_labelled_items_is_real_only():
    settings = NoAdaptation(source="labelled")
    results = [train(blob_task(), blobs(40, 9), run_of(s)) for s in (settings, METHODS["real_only"])]
    assert results[0].history == results[1].history


def test_no_adaptation_to_both_is_mixed_in_one_pot():
    results = [
        train(blob_task(), blobs(40, 9), run_of(s)) for s in (NoAdaptation(), Mixed(real_share="pool"))
    ]
    assert results[0].history == results[1].history


@pytest.mark.parametrize(
    ("source", "real", "synthetic"), [("both", 48, 18), ("labelled", 48, 0), ("synthetic", 0, 18)]
)
def test_the_source_is_what_the_settings_say(source, real, synthetic):
    partly = replaced(blobs(24, 9), lambda y: np.where(np.arange(24) % 4 == 0, -1, y))
    method = built(run_of(Mcc(source=source)), blob_task(shots=8), partly)
    assert method.real() == real
    assert int(method.kept.sum()) == synthetic
    pool = method.streams()["labelled"]
    assert len(pool) == real + synthetic
    assert (pool.y >= 0).all(), "items without a condition are left out"
    assert torch.equal(method.streams()["unlabelled"].x, method.setup.pools.unlabelled.x)


def test_a_source_of_synthetic_items_needs_them_and_their_conditions():
    known = blobs(24, 9)
    for synthetic, message in (
        (None, "needs synthetic data"),
        (replaced(known, lambda y: y - (np.arange(24) == 3) * (y + 1)), "needs a condition"),
    ):
        with pytest.raises(UserError, match=message):
            plan(blob_task(), synthetic, [Dann(source="synthetic")], 1, None, FAST, None, "cpu")
    with pytest.raises(UserError, match="needs synthetic items"):
        built(run_of(Dann(source="synthetic")), blob_task(), None)


@pytest.mark.parametrize(("source", "used"), [("both", True), ("synthetic", True), ("labelled", False)])
def test_a_comparison_gives_synthetic_items_to_those_who_use_them(source, used, tmp_path):
    training = dataclasses.replace(FAST, epochs=1, steps=2)
    options = {"methods": [Mcc(source=source)], "seeds": 1, "training": training, "backbone": NO_DROPOUT}
    compared = assay.compare(blob_task(), blobs(24, 9), out=tmp_path, workers=1, watcher=Silent(), **options)
    row = next(run for run in compared.runs if run["label"] != "real_only")
    assert row["selections"]["last"]["used"] == (24 if used else 0)
    others = plan(blob_task(), blobs(24, 10), ratio=None, device="cpu", **options)
    assert (row["key"] not in {job.cell.key for job in others}) == used


def test_hard_selection_says_which_synthetic_items_it_kept(monkeypatch):
    chosen = torch.tensor([0, 48, 40, 71, 50])  # class by class; 48 real items come first
    monkeypatch.setattr("assay.methods.srdc.hard_selection", lambda *_: chosen)
    method = built(run_of(SMALL["srdc"]), blob_task(shots=8), blobs(24, 9))
    method.start_epoch(0)
    assert len(method.streams()["labelled"]) == 72
    method.start_epoch(1)
    pools = method.setup.pools
    expected = pools.real.joined(pools.synthetic)[chosen]
    assert torch.equal(method.streams()["labelled"].x, expected.x)
    assert torch.equal(method.streams()["labelled"].y, expected.y)
    assert torch.where(method.kept)[0].tolist() == [0, 2, 23]


def test_the_trunk_can_have_a_rate_of_its_own():
    before = [built(run_of(Mcc(trunk_rate=rate)), blob_task(), None) for rate in (0.0, 1.0)]
    for method, moves in zip(before, (False, True)):
        trunk = [p.detach().clone() for p in method.trunk.parameters()]
        head = method.head.weight.detach().clone()
        method.start_epoch(0)
        method.update(batch(method))
        assert not torch.equal(head, method.head.weight)
        assert moves != all(torch.equal(a, b) for a, b in zip(trunk, method.trunk.parameters()))


@dataclasses.dataclass(frozen=True)
class Trained(Mlp):
    """A perceptron that comes with weights."""

    def build(self, shape, generator):
        return keep_weights(super().build(shape, generator))


@pytest.mark.parametrize("name", ["real_only", "mixed", "syncheck", "csigan", "mcc", "srdc", "mcd"])
@pytest.mark.parametrize(("network", "factor"), [(Trained(8), 0.1), (Mlp(8), 1.0)])
def test_pretrained_trunks_learn_at_a_tenth_of_the_rate_in_every_method(name, network, factor):
    method = built(
        dataclasses.replace(run_of(METHODS[name]), backbone=network), blob_task(shots=8), blobs(24, 9)
    )
    method.start_epoch(0)
    trunk = method.networks[0].backbone if hasattr(method.networks[0], "backbone") else method.networks[0]
    groups = [group for optimiser in method.optimisers for group in optimiser.param_groups]
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    (rate,) = {rates[id(p)] for p in trunk.parameters()}
    assert rate == pytest.approx(factor * max(rates.values()))


def test_the_rate_of_pretrained_trunks_is_a_setting_of_training():
    training = dataclasses.replace(FAST, trunk_rate=1.0)
    run = dataclasses.replace(run_of(METHODS["real_only"]), backbone=Trained(8), training=training)
    method = built(run, blob_task(), None)
    method.start_epoch(0)
    (heads, trunk) = method.optimisers[0].param_groups
    assert heads["lr"] == trunk["lr"]


# -- protocols ----------------------------------------------------------------------------------------


def switches(settings: PublishedAdaptation) -> list[str]:
    return [field.name for field in dataclasses.fields(settings) if "switch" in field.metadata]


def test_the_protocol_sets_the_switches_that_are_left_open():
    own = {"double_softmax", "undetached_filter", "published_optimiser", "per_epoch_schedule"}
    assert set(switches(DisClusterDa())) == own
    for protocol, expected in (("corrected", False), ("released", True)):
        settings = resolved(DisClusterDa(protocol=protocol))
        assert {getattr(settings, name) for name in own} == {expected}
        other = resolved(DisClusterDa(protocol=protocol, double_softmax=not expected))
        assert other == dataclasses.replace(settings, double_softmax=not expected)


CHANGED = {  # losses of a first step that a switch changes; of others it changes only what becomes of them
    ("no_adaptation", "left_in_evaluation"): set(),
    ("dann", "linear_domain_head"): {"domain_source", "domain_target"},
    ("dann", "summed_domains"): set(),
    ("rca", "rounded_search"): {"vat_heads", "vat_trunk"},
    ("srdc", "from_the_start"): set(),  # the source first is tested by itself
    ("srdc", "uncleared_centre_gradients"): set(),
    ("srdc", "undetached_auxiliary"): set(),
    ("srdc", "softmax_kernels"): {"target_1", "target_2", "source_1", "source_2"},
    ("srdc", "stale_momentum"): set(),
    ("disclusterda", "undetached_filter"): set(),
    ("disclusterda", "double_softmax"): {"centroids_1", "centroids_2"},
}
EVERYWHERE = ("published_optimiser", "per_epoch_schedule")
PUBLISHED = [name for name in SMALL if name not in ("mcc", "self_training", "contrastive")]
ALL_SWITCHES = [*CHANGED, *((name, switch) for name in PUBLISHED for switch in EVERYWHERE)]


def test_every_switch_is_tested():
    assert set(ALL_SWITCHES) == {(name, switch) for name in PUBLISHED for switch in switches(SMALL[name])}


def pair(name: str, switch: str) -> list:
    """The released method, and the same with one switch off, at the start of the second epoch."""
    released = dataclasses.replace(SMALL[name], protocol="released")
    if name == "srdc":  # its choice of items would follow the differences
        released = dataclasses.replace(released, source_weights="uniform")
    methods = []
    for settings in (released, dataclasses.replace(released, **{switch: False})):
        method = built(run_of(settings, backbone=NO_DROPOUT), blob_task(), blobs(24, 9))
        method.start_epoch(1)
        for network in method.networks:
            network.train()
        methods.append(method)
    return methods


def step(method) -> tuple[dict, list, list]:
    """Losses, gradients and weights of a step on the first items."""
    losses = method.update(batch(method))
    groups = [group["params"] for optimiser in method.optimisers for group in optimiser.param_groups]
    parameters = [p for group in groups for p in group]
    gradients = [p.grad.clone() for p in parameters]
    return losses, gradients, [p.detach().clone() for p in parameters]


def same(a, b) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(("name", "switch"), ALL_SWITCHES)
def test_a_switch_changes_the_losses_it_names_and_no_others(name, switch):
    (losses, *_), (others, *_) = (step(method) for method in pair(name, switch))
    moved = {key for key, loss in losses.items() if not torch.equal(loss, others[key])}
    if name == "mcd" and switch == "published_optimiser":  # steps B and C come after the first change
        moved -= {"discrepancy", "discrepancy_left"}
    assert moved == CHANGED.get((name, switch), set())


@pytest.mark.parametrize(
    ("name", "switch"), [("srdc", "undetached_auxiliary"), ("disclusterda", "undetached_filter")]
)
def test_what_is_held_constant_changes_only_gradients(name, switch):
    (_, gradients, _), (_, others, _) = (step(method) for method in pair(name, switch))
    assert not same(gradients, others)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_optimiser_changes_only_the_step(name):
    methods = pair(name, "published_optimiser")
    kinds = [type(method.optimisers[0]) for method in methods]
    assert kinds == [optimisers.SGD, optimisers.Adam]
    (_, gradients, weights), (_, others, other_weights) = (step(method) for method in methods)
    assert name == "mcd" or same(gradients, others)
    assert not same(weights, other_weights)
    rates = [method.optimisers[0].param_groups[0]["lr"] for method in methods]
    epochs = FAST.epochs
    rate = METHODS[name].learning_rate * (1 + 10 / epochs) ** -0.75
    assert rates == pytest.approx([rate, FAST.learning_rate * (1 + np.cos(np.pi / epochs)) / 2])


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_schedule_stands_still_or_moves_within_an_epoch(name):
    per_epoch, per_step = pair(name, "per_epoch_schedule")
    (_, gradients, weights), (_, others, other_weights) = step(per_epoch), step(per_step)
    assert same(gradients, others), "the first step of an epoch is the same"
    assert same(weights, other_weights)
    assert per_epoch.progress() == 1 / FAST.epochs
    assert per_step.progress() == pytest.approx((1 + 1 / FAST.steps) / FAST.epochs)
    assert per_epoch.penalty() < per_step.penalty()
    _, _, weights = step(per_epoch)
    _, _, other_weights = step(per_step)
    assert not same(weights, other_weights)


def test_uncleared_gradients_of_centres_touch_nothing_else():
    uncleared, cleared = pair("srdc", "uncleared_centre_gradients")
    first, second = step(uncleared), step(cleared)
    assert same(first[1], second[1]), "there is nothing to clear at first"
    own, other = step(uncleared), step(cleared)
    assert same(own[1][:-2], other[1][:-2]), "networks"
    assert not same(own[1][-2:], other[1][-2:]), "centres"
    torch.testing.assert_close(own[1][-1] - other[1][-1], first[1][-1])


def test_stale_momentum_outlives_the_placing_of_centres():
    stale, fresh = pair("srdc", "stale_momentum")
    step(stale), step(fresh)
    for method in (stale, fresh):
        method.start_epoch(2)
    assert same(stale.centres, fresh.centres)
    (_, gradients, weights), (_, others, other_weights) = step(stale), step(fresh)
    assert same(gradients, others)
    assert same(weights[:-2], other_weights[:-2])
    assert not same(weights[-2:], other_weights[-2:])


def test_left_in_evaluation_begins_after_the_published_number_of_steps():
    left, not_left = pair("no_adaptation", "left_in_evaluation")
    for method in (left, not_left):
        method.setup = dataclasses.replace(method.setup, training=Training(epochs=100, steps=6))
    assert left.first_evaluation() == 3
    modes = []
    for _ in range(5):
        step(left), step(not_left)
        modes.append(left.network.training)
        assert not_left.network.training
    assert modes == [True, True, True, False, False]


def test_the_penalty_begins_at_zero_and_the_weight_of_clusters_at_one():
    method = built(run_of(SMALL["srdc"]), blob_task(), None)
    method.start_epoch(0)
    assert method.penalty() == 0
    one = {name: torch.ones(()) for name in ("source", "target", "target_1")}
    assert method.weighted(one) == 3
    method.start_epoch(1)
    assert method.weighted(one) == pytest.approx(1 + 2 * method.penalty())
