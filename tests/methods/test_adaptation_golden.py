"""Whole training steps of the released protocol against the published trainers, in float64."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from assay.methods.base import Pool
from assay.methods.clustering import kmeans
from assay.methods.dann import Dann
from assay.methods.disclusterda import DisClusterDa
from assay.methods.mcd import Mcd
from assay.methods.no_adaptation import NoAdaptation
from assay.methods.protocol import penalty_weight, published_decay
from assay.methods.rca import Rca
from assay.methods.source_selection import hard_selection, soft_weights
from assay.methods.srdc import Srdc
from assay.methods.srdc_clusters import Clusterer, WeightedPool
from assay.methods.srdc_losses import student_t
from assay.methods.training import Training
from tests.support.adapting import (
    EXACT,
    assert_close,
    batch_of,
    check_gradients,
    check_state,
    golden,
    golden_method,
    load,
    setup_of,
    trunk,
    unlabelled,
)


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def linear() -> tuple[nn.Module, ...]:
    return nn.Linear(12, 16), nn.ReLU()


@pytest.mark.parametrize("name", ["DANN", "MCD", "RCA", "SRDC", "DisClusterDA", "no_adaptation"])
def test_schedules(name):
    arrays = golden(name)
    progress = [epoch / 20 for epoch in range(21)]
    assert_close(torch.tensor([published_decay(p) for p in progress]), arrays["sched.lr_factor"])
    if "sched.lambda" in arrays:
        assert_close(torch.tensor([penalty_weight(p) for p in progress]), arrays["sched.lambda"])


def test_no_adaptation_stays_in_evaluation_mode():
    arrays = golden("no_adaptation")
    epochs = 100  # so that the published rule evaluates after 4 // (200 // 100) = 2 steps
    training = Training(epochs=epochs, steps=4, batch=6)
    settings = NoAdaptation(protocol="released", learning_rate=0.05, trunk_rate=0.1)
    x, y = arrays["x"], arrays["y"]
    layers = (nn.Linear(12, 16), nn.BatchNorm1d(16), nn.ReLU())
    method = settings.build(setup_of(trunk(*layers), Pool(x[0], y[0]), unlabelled(x[0]), training))
    network = method.network
    modules = {"fc": network.head, "features.0": network.backbone[0], "features.1": network.backbone[1]}
    load(modules, arrays, "init.")
    method.start_epoch(0)
    assert method.first_evaluation() == int(arrays["meta.test_freq"])
    for step in range(4):
        losses = method.update({"labelled": Pool(x[step], y[step])})
        assert network.training == bool(arrays["forward_training_flags"][[0, 1, 3, 4][step]])
        assert_close(losses["cross_entropy"], arrays[f"it{step}.loss"])
        assert check_gradients(modules, arrays, f"it{step}.grad.") == 6
        assert check_state(modules, arrays, f"it{step}.params_after.") == 9


@pytest.mark.parametrize("case", ["e0", "e3"])
def test_dann(case):
    arrays = golden("DANN")
    method = golden_method(Dann(protocol="released"), linear(), arrays["e3.it0.x_s"], int(case[1]))
    modules = {"fc": method.head, "domain_fc": method.domain, "features.0": method.trunk[0]}
    load(modules, arrays, f"{case}.init.")
    for step in range(2):
        start = f"{case}.it{step}."
        assert_close(torch.tensor(method.penalty()), arrays[f"{start}grl_lambda"])
        losses = method.update(batch_of(arrays, start))
        for name, key in (("label", "label"), ("domain_source", "domain_s"), ("domain_target", "domain_t")):
            assert_close(losses[name], arrays[f"{start}term.ce_{key}"])
        assert check_gradients(modules, arrays, f"{start}grad.") == 6
        assert check_state(modules, arrays, f"{start}params_after.") == 6


MCD_CASES = {
    "mcd_their_entropy": Mcd(),
    "mcd_our_entropy": Mcd(entropy="items"),
    "mcd": Mcd(entropy="none"),
    "mcd_their_entropy_concat": Mcd(together=True),
}


@pytest.mark.parametrize("case", MCD_CASES)
def test_mcd(case):
    arrays = golden("MCD")
    settings = dataclasses.replace(MCD_CASES[case], protocol="released", width=10, dropout=0.0)
    method = golden_method(settings, linear(), arrays["batch0.x_s"], 3)
    heads = {f"F{i + 1}.classifier": method.heads[i] for i in range(2)}
    trunk = {"G.features.0": method.trunk[0]}
    load({**heads, **trunk}, arrays, "init.")
    for step in range(2 if case == "mcd_their_entropy" else 1):
        start = f"{case}.it{step}."
        compared = []
        watch = _watch_mcd(method, heads, trunk, arrays, start, compared)
        losses = method.update(batch_of(arrays, f"batch{step}."))
        for hook in watch:
            hook.remove()
        assert_close(losses["cross_entropy"], arrays[f"{start}A.ce1"] + arrays[f"{start}A.ce2"])
        assert_close(method.weighted(losses), arrays[f"{start}A.loss"])
        assert_close(losses["discrepancy"], arrays[f"{start}B.disc"])
        assert_close(losses["discrepancy_left"], arrays[f"{start}C3.loss"])
        if case == "mcd_their_entropy":  # for the others the files hold the losses
            trunk_step, head_step = ("G", 2, 2 * (step == 0)), ("F", 20, 32 * (step == 0))
            assert compared == [trunk_step, head_step, head_step, *[trunk_step] * 4]
            assert check_state({**heads, **trunk}, arrays, f"{start}params_after.") == 34 * (step == 1)


def _watch_mcd(method, heads, trunk, arrays, start, compared) -> list:
    """Compare gradients and states at each of the seven optimiser steps."""
    steps = {"G": iter(["A", "C0", "C1", "C2", "C3"]), "F": iter(["A", "B"])}

    def hook(kind, modules):
        def after(*_):
            gradients = check_gradients(modules, arrays, f"{start}{next(steps[kind])}.grad.")
            state = check_state(modules, arrays, f"{start}after_step{len(compared)}_{kind}.")
            compared.append((kind, gradients, state))

        return after

    return [
        method.trunk_optimiser.register_step_post_hook(hook("G", trunk)),
        method.head_optimiser.register_step_post_hook(hook("F", heads)),
    ]


@pytest.mark.parametrize("case", ["main", "lvl2"])
def test_disclusterda(case, monkeypatch):
    arrays = golden("DisClusterDA")
    settings = DisClusterDa(protocol="released")
    if case == "lvl2":
        settings = dataclasses.replace(settings, neurons=2, consistency="kl")
    method = golden_method(settings, linear(), arrays["main.it0.x_s"], 3)
    head = {"fc1": method.head} if case == "main" else {"fc1": method.head.first, "fc2": method.head.second}
    modules = {**head, "features.0": method.trunk[0]}
    load(modules, arrays, f"{case}.init.")
    for step in range(2):
        start = f"{case}.it{step}."
        monkeypatch.setattr(method, "copy", lambda x, start=start: arrays[f"{start}x_t_aug"])
        losses = method.update(batch_of(arrays, start))
        stored = {"cross_entropy": "term.ce_src", "entropy": "term.afem_t", "balance": "term.balance_R"}
        stored |= {"centroids_1": "loss_centroid_1", "centroids_2": "loss_centroid_2"}
        stored |= {"consistency": "term.consistency"}
        for name, loss in losses.items():
            assert_close(loss, arrays[start + stored[name]], name)
        assert_close(method.weighted(losses), arrays[f"{start}total"])
        for level in range(1 if case == "main" else 2):
            for domain, key in (("source", "cs"), ("target", "ct")):
                expected = arrays[f"{start}after.{key}_{level + 1}"]
                assert_close(method.centroids[domain][level], expected)
        assert check_gradients(modules, arrays, f"{start}grad.") == (4 if case == "main" else 8)
        assert check_state(modules, arrays, f"{start}params_after.") == (4 if case == "main" else 11)
    assert len(losses) == (4 if case == "main" else 6)


SRDC_CASES = {
    "e3": Srdc(),
    "e0": Srdc(),
    "dec": Srdc(softmax_kernels=False),
    "opt": Srdc(beta=0.5, mixed_weights=True, consistency="kl"),
    "fit": Srdc(soft_source=True, alpha=2.0),
}


def srdc(settings: Srdc, arrays, epoch: int):
    """The method with the golden parameters, without the clustering of the epoch's start."""
    settings = dataclasses.replace(settings, protocol="released", neurons=2)
    method = golden_method(settings, linear(), arrays["batch0.x_s"], epoch)
    modules = {"fc1": method.head.first, "fc2": method.head.second, "features.0": method.trunk[0]}
    load(modules, arrays, "init.")
    for level in (1, 2):
        method.centres[level - 1].data.copy_(arrays[f"init.centres{level}"])
    return method, modules


@pytest.mark.parametrize("case", SRDC_CASES)
def test_srdc(case, monkeypatch):
    arrays = golden("SRDC")
    method, modules = srdc(SRDC_CASES[case], arrays, 0 if case == "e0" else 3)
    weights = arrays["src_weights_opt"] if case in ("opt", "fit") else torch.ones(12)
    for step in range(2 if case == "e3" else 1):
        start, batch = f"{case}.it{step}.", f"batch{step}."
        source = WeightedPool(
            *(arrays[f"{batch}{key}"] for key in ("x_s", "y_s")), weights[arrays[f"{batch}idx"]]
        )
        target = Pool(arrays[f"{batch}x_t"], arrays[f"{batch}c_t"])
        monkeypatch.setattr(method, "copy", lambda x, batch=batch: arrays[f"{batch}x_t_aug"])
        assert_close(method.weight(source), arrays[f"{start}omega"])
        losses = method.update({"labelled": source, "unlabelled": target})
        for name, loss in losses.items():
            key = "consistency" if name == "consistency" else _srdc_key(name)
            assert_close(loss, arrays[start + key], name)
        assert len(losses) == (7 if case == "opt" else 6)
        method.step = 0
        assert_close(method.weighted(losses), arrays[f"{start}total"])
        assert check_gradients(modules, arrays, f"{start}grad.") == 8
        assert check_state(modules, arrays, f"{start}params_after.") == 11
        for level in (1, 2):
            centre = method.centres[level - 1]
            assert_close(centre.grad, arrays[f"{start}grad.centres{level}"])
            assert_close(centre, arrays[f"{start}params_after.centres{level}"])


def _srdc_key(name: str) -> str:
    """The golden name of a loss: target_1 is loss_t_f."""
    domain, _, level = name.partition("_")
    return f"loss_{domain[0]}_{ {'': 'z', '1': 'f', '2': 'g'}[level] }"


@pytest.mark.parametrize(
    ("case", "clusterer", "start"),
    [
        ("kmeans1", Clusterer("kmeans", 1, None, "ones"), "centres0"),
        ("kmeans2", Clusterer("kmeans", 2, None, "ones"), "centres0"),
        ("kmeans2_empty", Clusterer("kmeans", 2, None, "ones"), "centres0_empty"),
        ("spherical2", Clusterer("spherical", 2, None, "ones"), "centres0"),
        ("kernel2", Clusterer("kernel", 2, None, "ones"), "centres0"),
        ("kernel5_gamma", Clusterer("kernel", 5, 0.05, "ones"), "centres0"),
        ("kernel2_weighted", Clusterer("kernel", 2, None, "row_sums"), "centres0"),
    ],
)
def test_clustering(case, clusterer, start):
    arrays = golden("SRDC")
    labels, centres = clusterer(arrays["km.X"], arrays[f"km.{start}"], arrays["km.logits"].argmax(1))
    assert torch.equal(labels, arrays[f"km.{case}.labels"])
    assert_close(centres, arrays[f"km.{case}.centres"])


@pytest.mark.parametrize("clustering", ["kmeans", "spherical"])
def test_srdc_class_means(clustering):
    arrays = golden("SRDC")
    method, _ = srdc(Srdc(clustering=clustering), arrays, 0)
    method.head.first[1].running_mean.copy_(arrays["means.bn_running_mean"])
    method.head.first[1].running_var.copy_(arrays["means.bn_running_var"])
    method.source = Pool(arrays["means.x_s"], arrays["means.y_s"])
    method.target = unlabelled(arrays["means.x_t"])
    source, target = method.levels_of_all()
    for levels, key in ((source, "feat_s"), (target, "feat_t")):
        assert_close(levels[0], arrays[f"means.{key}"])
        assert_close(levels[1], arrays[f"means.{key}_2"])
    assert_close(target[2], arrays["means.logits_t"])
    name = "spherical_kmeans" if clustering == "spherical" else "kmeans"
    predicted = target[2].argmax(1)
    for means, key in ((method.source_means(source), "c_s"), (method.means(target, predicted, 1e-6), "c_t")):
        assert_close(means[0], arrays[f"means.{name}.{key}"])
        assert_close(means[1], arrays[f"means.{name}.{key}_2"])


@pytest.mark.parametrize("epoch", [0, 1])
def test_srdc_clusters_from_the_published_start(epoch):
    arrays = golden("SRDC")
    method, _ = srdc(Srdc(), arrays, epoch)
    method.head.first[1].running_mean.copy_(arrays["means.bn_running_mean"])
    method.head.first[1].running_var.copy_(arrays["means.bn_running_var"])
    method.source = Pool(arrays["means.x_s"], arrays["means.y_s"])
    method.target = unlabelled(arrays["means.x_t"])
    method.start_epoch(epoch)
    for level, suffix in enumerate(("", "_2")):
        start = arrays[f"means.kmeans.{'c_s' if epoch == 0 else 'c_t'}{suffix}"]
        labels, centres = kmeans(arrays[f"means.feat_t{suffix}"], start, 2)
        assert_close(method.centres[level], centres)
        assert level == 1 or torch.equal(method.streams()["unlabelled"].y, labels)


def test_srdc_source_selection():
    arrays = golden("SRDC")
    centres, y = arrays["means.kmeans.c_t"], arrays["means.y_s"]
    weights = soft_weights(arrays["means.feat_s"], y, centres)
    assert_close(weights, arrays["select.soft_weights"])
    kernel = student_t(arrays["means.feat_t"], centres)
    kernel = kernel / kernel.sum(1, keepdim=True)
    epoch = int(arrays["select.hard_epoch_arg"]) + 1  # the published call is given the epoch that ended
    chosen = hard_selection(weights, y, kernel, arrays["means.logits_t"].softmax(1), epoch)
    assert torch.equal(chosen, arrays["select.hard_indices"])


RCA_CASES = {"main": Rca(), "noem": Rca(entropy=False), "vat": Rca(virtual_adversarial=True)}


@pytest.mark.parametrize("case", RCA_CASES)
def test_rca(case, monkeypatch):
    arrays = golden("RCA")
    tolerance = 1e-6 if case == "vat" else EXACT  # the search divides by gradients of about 1e-6
    settings = dataclasses.replace(RCA_CASES[case], protocol="released")
    norm = [nn.BatchNorm1d(16)] if case == "vat" else []
    layers = (nn.Flatten(), nn.Linear(12, 16), *norm, nn.ReLU())
    method = golden_method(settings, layers, arrays[f"{case}.it0.x_s"], 3)
    modules = {"fc": method.head, "fc_joint": method.joint, "features.1": method.trunk[1]}
    modules |= {"features.2": method.trunk[2]} if norm else {}
    load(modules, arrays, f"{case}.init.")
    for step in range(2):
        start = f"{case}.it{step}."
        draws = iter(arrays[f"{start}vat.noise"] if norm else ())
        monkeypatch.setattr(method, "noise", lambda x, draws=draws: next(draws))
        losses = method.update(batch_of(arrays, start))
        for name, stored in _rca_terms(arrays, start).items():
            assert_close(losses[name], stored, name, tolerance)
        for total, name in zip(method.totals(losses), ("heads", "trunk")):
            assert_close(total, arrays[f"{start}loss_{name}"], name, tolerance)
        assert check_gradients(modules, arrays, f"{start}grad.", tolerance) == (8 if norm else 6)
        assert check_state(modules, arrays, f"{start}params_after.", tolerance) == (11 if norm else 6)


def _rca_terms(arrays, start) -> dict[str, torch.Tensor]:
    """The stored terms under our names."""
    term = {key.removeprefix(f"{start}term."): value for key, value in arrays.items()}
    terms = {
        "cross_entropy": term["ce_c_s"],
        "own_domain": term["ce_j_s_own"] + term["ce_j_t_own"],
        "other_domain": term["ce_j_s_swap"] + term["ce_j_t_swap"],
    }
    if f"{start}vat.loss" in arrays:
        vat = arrays[f"{start}vat.loss"]
        terms |= {"vat_heads": vat[0] + vat[1], "vat_trunk": vat[2] + vat[3]}
    if "balance_R" in term:
        terms |= {"balance": term["balance_R"], "entropy": term["entropy_c_t"]}
    return terms
