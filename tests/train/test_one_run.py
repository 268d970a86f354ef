from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import scipy.stats
import torch

from assay.errors import UserError
from assay.metrics.neighbourhood import soft_neighbourhood_density
from assay.models import optimisers
from assay.train.building import draw
from assay.train.loop import Loop, clip_gradients
from assay.train.one_run import TrainingFailed, fit, to_pool, train
from assay.train.selection import LABEL_FREE, SELECTIONS, choose_epoch
from assay.types import Samples
from tests.support.toys import FAST, blob_task, blobs, built, replaced, run_of, same

BRIEF = dataclasses.replace(FAST, epochs=2, steps=4)


def text(result) -> str:
    return json.dumps(dataclasses.asdict(result))


@pytest.mark.parametrize("method", ["real_only", "trts_filter", "syncheck"])
def test_same_run_same_bytes_whatever_the_global_state(method):
    results = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        np.random.seed(global_seed)  # noqa: NPY002 - the point of the test
        results.append(text(train(blob_task(), blobs(40, 9), run_of(method, training=BRIEF))))
    assert results[0] == results[1]
    other = run_of(method, seed=1, training=BRIEF)
    assert text(train(blob_task(), blobs(40, 9), other)) != results[0]


def test_training_leaves_the_global_state_alone():
    before = torch.get_num_threads()
    train(blob_task(), None, run_of("real_only", training=dataclasses.replace(BRIEF, threads=before + 1)))
    assert torch.get_num_threads() == before


def test_methods_of_one_seed_start_from_the_same_weights_and_batches():
    # without synthetic items kept, a filter *is* real_only: any difference would be one of luck
    from assay.methods.ssim_filter import SsimFilter

    runs = [train(blob_task(), blobs(40, 9), run_of(m)) for m in ("real_only", SsimFilter(threshold=1.0))]
    assert runs[0].history == runs[1].history


@pytest.mark.parametrize("method", ["real_only", "syncheck"])
def test_initial_weights_have_a_seed_of_their_own_where_one_is_given(method):
    seeds = ((0, 7), (1, 7), (0, None), (1, 0))
    runs = [run_of(method, seed=seed, training=BRIEF, init_seed=init) for seed, init in seeds]
    weights = [list(built(run, blob_task(), blobs(8, 9)).network.parameters()) for run in runs]
    assert same(weights[0], weights[1])
    assert not same(weights[0], weights[2])
    assert same(weights[2], weights[3]), "by default the run's own"
    results = [text(train(blob_task(), blobs(8, 9), run)) for run in runs[:2]]
    assert results[0] != results[1], "batches and dropout still follow the run's seed"


def test_labels_of_the_unlabelled_part_are_gone():
    task = blob_task()
    assert (task.unlabelled.y == -1).all()
    told = dataclasses.replace(task, unlabelled=blobs(60, 2))
    assert (told.unlabelled.y == -1).all()


def test_test_labels_choose_nothing_but_the_oracle():
    task = blob_task()
    lied = dataclasses.replace(task, test=replaced(task.test, lambda y: np.roll(y, 1)))
    results = [train(t, blobs(40, 9), run_of("syncheck")) for t in (task, lied)]
    blind = ("last", "validation", *LABEL_FREE)
    honest = [[r.selections[name]["epoch"] for name in blind] for r in results]
    assert honest[0] == honest[1]
    test_free = [[{k: v for k, v in h.items() if "test" not in k} for h in r.history] for r in results]
    assert test_free[0] == test_free[1]


def test_each_selection_takes_its_own_best_epoch():
    names = ("validation_accuracy", "information", "entropy", "density", "nuclear_norm", "test_accuracy")
    table = [
        (0.5, 0.3, 1.2, 2.0, 0.2, 0.9),
        (0.8, 0.2, 1.3, 1.0, 0.9, 0.7),
        (0.8, 0.9, 1.3, 3.0, 0.3, 0.6),
        (0.7, 0.1, 0.4, 2.0, 0.1, 0.5),
    ]
    history = [dict(zip(names, row)) for row in table]
    assert {name: choose_epoch(history, name) for name in SELECTIONS} == {
        "last": 3,
        "validation": 1,
        "label_free": 2,
        "label_free_entropy": 3,
        "label_free_density": 2,
        "label_free_nuclear_norm": 1,
        "oracle": 0,
    }


def test_selections_without_data_are_absent():
    result = train(blob_task(unlabelled=0, validation=0), None, run_of("real_only"))
    assert set(result.selections) == {"last", "oracle"}


def test_one_unlabelled_item_has_no_neighbours():
    result = train(blob_task(unlabelled=1), None, run_of("real_only"))
    assert set(SELECTIONS) - set(result.selections) == {"label_free_density"}


def test_scores_of_an_epoch_are_those_of_the_model_on_unlabelled_items():
    task, run = blob_task(), run_of("real_only")
    last = train(task, None, run).history[-1]
    method = fit(task, task.labelled, run)
    x = to_pool(task, task.unlabelled, "cpu").x
    probability = method.predict(x).softmax(1).detach().numpy().astype(float)
    assert last["entropy"] == pytest.approx(scipy.stats.entropy(probability, axis=1).mean(), rel=1e-5)
    norm = np.linalg.norm(probability, "nuc") / np.sqrt(60 * 4)
    assert last["nuclear_norm"] == pytest.approx(norm, rel=1e-5)
    assert last["density"] == pytest.approx(soft_neighbourhood_density(probability), rel=1e-5)


def test_the_result_counts_what_was_there_and_what_was_used():
    result = train(blob_task(shots=8), blobs(40, 9), run_of("mixed", ratio=0.5))
    assert result.counts == {
        "labelled": 40,
        "shots": 8,
        "unlabelled": 60,
        "validation": 40,
        "test": 200,
        "synthetic": 24,
        "real": 48,
    }
    last = result.selections["last"]
    assert last["used"] == sum(last["used_by_class"]) == 24
    assert np.sum(last["confusion"]) == 200
    assert np.trace(last["confusion"]) / 200 == last["accuracy"]


def test_a_ratio_draws_without_replacement_by_seed():
    synthetic = Samples(np.arange(100.0)[:, None], np.zeros(100, int))
    task = blob_task(labelled=40)
    drawn = draw(synthetic, task, 1.5, seed=3)
    assert len(np.unique(drawn.x)) == 60
    assert (drawn.x == draw(synthetic, task, 1.5, seed=3).x).all()
    assert (drawn.x != draw(synthetic, task, 1.5, seed=4).x).any()
    assert len(draw(synthetic, task, None, seed=3)) == 100


def test_a_loss_that_is_not_finite_ends_the_run():
    wild = dataclasses.replace(FAST, optimiser="sgd", learning_rate=1e12)
    with pytest.raises(TrainingFailed, match=r"cross_entropy is (nan|inf) in epoch"):
        train(blob_task(), None, run_of("real_only", training=wild))


def test_progress_is_reported_epoch_by_epoch():
    seen = []
    train(blob_task(), None, run_of("real_only"), report=seen.append)
    assert [record["epoch"] for record in seen] == [0, 1, 2, 3]


def test_normalisation_is_shared_by_real_and_synthetic_items():
    # the same items in other units: with item-wise z-scores nothing changes
    task = dataclasses.replace(blob_task(), normalise="item")
    synthetic = blobs(40, 9)
    scaled = dataclasses.replace(synthetic, x=synthetic.x * 8)
    results = [train(task, items, run_of("mixed")) for items in (synthetic, scaled)]
    assert results[0].history == results[1].history


def test_a_task_refuses_a_class_without_test_items():
    task = blob_task()
    with pytest.raises(UserError, match="test y: no item of class 'd'"):
        dataclasses.replace(task, test=task.test[task.test.y < 3])


def test_the_rate_of_every_step_rises_and_falls_as_published():
    training = dataclasses.replace(FAST, epochs=2, steps=5, schedule="cosine_steps", warm_up=4)
    run, rates = run_of("real_only", training=training), []
    method = built(run, blob_task(), None)
    learn = method.update
    method.update = lambda batch: (rates.append(method.optimisers[0].param_groups[0]["lr"]), learn(batch))[1]
    for epoch in range(2):
        Loop(method, run, None).learn(epoch)
    rise = np.linspace(0, 1, 4)
    fall = [(1 + np.cos(np.pi * (t - 4) / 6)) / 2 for t in range(4, 10)]
    assert np.allclose(rates, 3e-3 * np.array([*rise, *fall]))


def test_long_gradients_are_shortened_and_short_ones_left():
    parameters = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))]
    optimiser = optimisers.SGD(parameters, lr=1.0)
    clip_gradients([optimiser], 1.0)
    for gradient, step in (((3.0, 0.0, 4.0), (0.6, 0.0, 0.8)), ((0.3, 0.0, 0.4), (0.3, 0.0, 0.4))):
        parameters[0].grad, parameters[1].grad = torch.tensor(gradient[:2]), torch.tensor(gradient[2:])
        before = torch.cat([p.detach().clone() for p in parameters])
        optimiser.step()
        assert torch.allclose(
            before - torch.cat([p.detach() for p in parameters]), torch.tensor(step), atol=1e-5
        )
    unbounded = train(blob_task(), None, run_of("real_only"))
    narrow = run_of("real_only", training=dataclasses.replace(FAST, clip=1e-4, optimiser="sgd"))
    assert train(blob_task(), None, narrow).history != unbounded.history
