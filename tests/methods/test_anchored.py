"""Anchored training: what is believed, by class and by item, and what follows from it."""

import dataclasses

import numpy as np
import pytest
import torch

from assay.methods.adabn import normalisations
from assay.methods.anchored import Anchored, Weighed, class_weights, denied, follow, risen, untracked
from assay.models.table import chosen
from assay.train.one_run import train
from tests.support.toys import CLASSES, FAST, blob_task, blobs, built, run_of

K = 4


def probabilities(columns, y, sure=0.9):
    """A network that takes condition c for the class `columns[c]`, with some doubt."""
    p = torch.full((len(y), K), (1 - sure) / (K - 1))
    return p.scatter(1, torch.tensor(columns)[y][:, None], sure)


# --- classes


def test_conditions_that_are_borne_out_have_weight_one_and_swapped_ones_none():
    y = torch.arange(40) % K
    assert class_weights(probabilities([0, 1, 2, 3], y), y).tolist() == [1, 1, 1, 1]
    assert class_weights(probabilities([1, 0, 2, 3], y), y).tolist() == [0, 0, 1, 1]
    assert class_weights(probabilities([1, 2, 3, 0], y), y).tolist() == [0, 0, 0, 0]


def test_a_class_that_a_network_likes_too_well_costs_the_others_nothing():
    y = torch.arange(40) % K
    p = probabilities([0, 1, 2, 3], y, 0.55)
    p[:, 2] += 2.0  # every condition is taken for class 2, its own a little more
    p /= p.sum(1, keepdim=True)
    assert (p.argmax(1) == 2).all()
    assert class_weights(p, y).tolist() == [1, 1, 1, 1]


def test_an_independent_form_of_the_class_weights():
    generator = torch.Generator().manual_seed(3)
    p = torch.rand((60, K), generator=generator).softmax(1)
    y = torch.randint(K, (60,), generator=generator)
    t = np.array([p[y == c].double().mean(0).numpy() for c in range(K)])
    left, right = np.ones(K), np.ones(K)  # diag(left) T diag(right) is doubly stochastic
    for _ in range(1000):
        left = 1 / (t @ right)
        right = 1 / (t.T @ left)
    s = left[:, None] * t * right
    expected = [max(0.0, 2 * s[c, c] / s[c].max() - 1) for c in range(K)]
    assert class_weights(p, y).tolist() == pytest.approx(expected, abs=1e-3)


def test_a_class_without_items_is_no_reason_to_doubt_the_others():
    y = torch.tensor([0, 1, 3] * 10)
    assert class_weights(probabilities([0, 1, 2, 3], y), y)[[0, 1, 3]].tolist() == [1, 1, 1]


# --- items


def test_an_item_is_denied_by_a_surer_word_than_the_class_usually_gets():
    p = torch.tensor([[0.9, 0.1], [0.7, 0.3], [0.3, 0.7], [0.2, 0.8], [0.75, 0.25], [0.85, 0.15]])
    y = torch.tensor([0, 0, 1, 1, 1, 1])
    # the threshold of class 0 is (0.9 + 0.7) / 2 = 0.8
    assert denied(p, y).tolist() == [False, False, False, False, False, True]


def test_nothing_is_denied_for_the_sake_of_a_class_that_has_no_items():
    p = torch.tensor([[0.1, 0.9, 0.0], [0.8, 0.1, 0.1]])
    assert denied(p, torch.tensor([0, 0])).tolist() == [False, False]


# --- the step


def test_the_weighed_loss_has_the_value_and_gradient_of_its_sum():
    method = built(run_of(Anchored()), blob_task(), blobs(40, 9))
    method.network.eval()  # without dropout
    x, y = torch.randn(6, 10, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 0, 1, 3])
    weight = torch.tensor([0.0, 1.0, 0.5, 1.0, 0.0, 0.25])
    loss = method.weighed(Weighed(x, y, weight))
    (gradient,) = torch.autograd.grad(loss, [method.network.head.bias])
    z = method.logits(x).detach().double()
    terms = [-float(weight[i] * z[i].log_softmax(0)[y[i]]) for i in range(6)]
    assert float(loss.detach()) == pytest.approx(sum(terms) / 6, rel=1e-5)
    soft = z.softmax(1) - torch.nn.functional.one_hot(y, z.shape[1])
    assert gradient.tolist() == pytest.approx((weight[:, None] * soft).mean(0).tolist(), abs=1e-6)


def test_the_averaged_network_remembers_its_horizon_and_takes_statistics_as_they_are():
    ours, theirs = torch.nn.BatchNorm1d(1), torch.nn.BatchNorm1d(1)
    theirs.weight.data.fill_(5.0)
    theirs.running_mean.fill_(7.0)
    for _ in range(10):
        follow(ours, theirs, 10)
    assert ours.weight.item() == pytest.approx(5 - 4 * 0.9**10)
    assert float(ours.running_mean) == 7.0
    follow(ours, theirs, 0)
    assert ours.weight.item() == 5.0


def test_weights_rise():
    assert [risen(t) for t in (-0.1, 0, 0.05, 0.1, 0.7)] == [0, 0, 0.5, 1, 1]
    method = built(run_of(Anchored(synthetic=3.0)), blob_task(), blobs(40, 9))
    method.step = 0.25 * method.steps
    half_risen, of_all = 0.5, 40 / 80
    assert method.factors()["synthetic"] == pytest.approx(3.0 * half_risen * of_all, rel=0.01)
    assert method.factors()["class_confusion"] == 1.0


def test_untracked_passes_leave_statistics_as_they_are_and_normalise_by_the_batch():
    layer = torch.nn.BatchNorm1d(1)
    with untracked(layer):
        x = layer(torch.tensor([[10.0], [14.0]]))
    assert x.flatten().tolist() == pytest.approx([-1, 1], abs=1e-4)
    assert (layer.running_mean.item(), layer.running_var.item(), layer.momentum) == (0.0, 1.0, 0.1)


@pytest.mark.parametrize("of_target", [True, False])
def test_statistics_are_those_of_the_unlabelled_items(of_target):
    task = blob_task()
    far = dataclasses.replace(task.unlabelled, x=task.unlabelled.x + np.float32(100))
    run = run_of(Anchored(of_target=of_target), backbone=chosen(normalising, task.kind, task.shape))
    method = built(run, dataclasses.replace(task, unlabelled=far), blobs(40, 9))
    method.start_epoch(0)
    for _ in range(100):
        method.update({name: pool[torch.arange(16)] for name, pool in method.streams().items()})
    (layer,) = normalisations(method.average)
    assert (layer.running_mean.mean().item() > 99) == of_target


def normalising(shape):
    return torch.nn.Sequential(torch.nn.BatchNorm1d(*shape), torch.nn.Linear(*shape, 8))


# --- planted faults

LONG = dataclasses.replace(FAST, epochs=10, steps=20)


def learnt(settings, synthetic, task=None):
    """Test accuracy, and the method after its last epoch."""
    ended = []
    run = run_of(settings, training=LONG)
    result = train(task or blob_task(), synthetic, run, observe=lambda method, _: ended.append(method))
    return result.selections["last"]["accuracy"], ended[-1]


def test_swapped_classes_are_left_out_and_cost_nothing():
    made = blobs(200, 9)
    swapped = dataclasses.replace(made, y=(made.y + 1) % CLASSES)
    right, method = learnt(Anchored(), swapped)
    assert not method.kept.any()
    assert right > 0.9 > learnt(Anchored(by_class=False, doubt=1.0), swapped)[0]


def test_single_wrong_conditions_are_left_out_and_right_ones_stay():
    made = blobs(200, 9)
    wrong = np.random.default_rng(0).random(200) < 0.3
    _, method = learnt(
        Anchored(), dataclasses.replace(made, y=np.where(wrong, (made.y + 1) % CLASSES, made.y))
    )
    kept = method.kept.numpy()
    assert kept[~wrong].mean() > 0.9
    assert kept[wrong].mean() < 0.3


def test_without_unlabelled_items_it_trains_on_the_others():
    right, method = learnt(Anchored(), blobs(200, 9), blob_task(unlabelled=0))
    assert set(method.streams()) == {"labelled", "synthetic"}
    assert right > 0.9


def test_a_run_that_is_resumed_remembers_how_classes_were_judged():
    made = blobs(60, 9)
    _, method = learnt(Anchored(), dataclasses.replace(made, y=(made.y + 1) % CLASSES))
    other = built(run_of(Anchored(), training=LONG), blob_task(), made)
    other.restore(method.state())
    other.start_epoch(3)  # between the two judgements
    assert not other.kept.any()
