from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy
from threadpoolctl import threadpool_info, threadpool_limits

from assay.metrics.entropy import mean_entropy
from assay.metrics.neighbourhood import soft_neighbourhood_density
from assay.metrics.nuclear_norm import nuclear_norm
from assay.train import evaluation
from assay.train.evaluation import DENSITY_ITEMS, label_free_scores
from assay.train.selection import CRITERIA, LABEL_FREE

RNG = np.random.default_rng(0)
P = softmax(RNG.normal(0, 2, (30, 4)), 1)


def density_by_loops(p, temperature):
    entropies = []
    for i, own in enumerate(p):
        others = [own @ q / np.linalg.norm(own) / np.linalg.norm(q) for j, q in enumerate(p) if j != i]
        entropies.append(entropy(softmax(np.array(others) / temperature)))
    return np.mean(entropies)


def test_entropy_is_the_formula():
    assert mean_entropy(P) == pytest.approx(entropy(P, axis=1).mean(), rel=1e-12)


def test_entropy_of_sure_and_of_even_predictions():
    assert mean_entropy(np.eye(4)) == 0
    assert mean_entropy(np.full((3, 4), 0.25, np.float32)) == pytest.approx(np.log(4))


@pytest.mark.parametrize("temperature", [0.05, 1.0])
@pytest.mark.parametrize("block", [7, 30, 100])
def test_density_is_the_formula_whatever_the_block(temperature, block):
    expected = density_by_loops(P, temperature)
    assert soft_neighbourhood_density(P, temperature, block) == pytest.approx(expected, rel=1e-10)


def test_density_is_highest_where_all_predictions_agree():
    same = np.tile(P[:1], (30, 1))
    assert soft_neighbourhood_density(same) == pytest.approx(np.log(29))


def test_density_prefers_clusters_to_scatter():
    sure = np.eye(3)[np.arange(30) % 3]
    scattered = softmax(RNG.normal(0, 2, (30, 3)), 1)
    assert soft_neighbourhood_density(sure) == pytest.approx(np.log(9), rel=1e-6)
    assert soft_neighbourhood_density(sure) > soft_neighbourhood_density(scattered)


def test_nuclear_norm_of_known_predictions():
    sure = np.eye(4)[np.arange(32) % 4]
    assert nuclear_norm(sure) == pytest.approx(1)
    assert nuclear_norm(np.full((32, 4), 0.25, np.float32)) == pytest.approx(1 / 4)
    assert nuclear_norm(sure[:1].repeat(32, 0)) == pytest.approx(1 / 2)
    assert nuclear_norm(np.eye(4)[:2]) == pytest.approx(1), "as high as two items of four classes can be"
    shares = np.eye(4)[[0] * 16 + [1] * 9 + [2] * 4 + [3] * 3]
    assert nuclear_norm(shares) == pytest.approx((4 + 3 + 2 + 3**0.5) / (32 * 4) ** 0.5)


def test_nuclear_norm_is_the_sum_of_the_singular_values():
    roots = np.sqrt(np.linalg.eigvalsh(P.T @ P))
    assert nuclear_norm(P) == pytest.approx(roots.sum() / (30 * 4) ** 0.5, rel=1e-10)


# -- together -----------------------------------------------------------------------------------------


def turned(probability, seed=0) -> dict[str, float]:
    """Every label-free score by its selection, higher is better."""
    scores = label_free_scores(probability, seed)
    return {name: CRITERIA[name].values([scores])[0] for name in LABEL_FREE}


def test_a_collapsed_model_fools_entropy_and_density_alone():
    y = np.arange(80) % 4
    good = softmax(6 * np.eye(4)[y] + RNG.normal(0, 1, (80, 4)), 1)
    collapsed = softmax(12 * np.eye(4)[np.zeros(80, int)] + RNG.normal(0, 1, (80, 4)), 1)
    assert (good.argmax(1) == y).mean() > 0.95 > 0.3 > (collapsed.argmax(1) == y).mean()
    better = {name for name, score in turned(collapsed).items() if score > turned(good)[name]}
    assert better == {"label_free_entropy", "label_free_density"}


predictions = st.builds(
    lambda n, classes, sharpness, seed: softmax(
        np.random.default_rng(seed).normal(0, sharpness, (n, classes)), 1
    ),
    st.integers(2, 40),
    st.integers(2, 12),
    st.sampled_from([0.0, 0.3, 3.0, 100.0]),
    st.integers(0, 2**31),
)


@given(predictions)
def test_scores_are_within_their_ranges(p):
    n, classes = p.shape
    lowest = 1 / np.sqrt(classes * min(n, classes))
    ranges = {
        "information": (0, np.log(classes)),
        "entropy": (0, np.log(classes)),
        "density": (0, np.log(n - 1)),
        "nuclear_norm": (lowest, 1),
    }
    scores = label_free_scores(p, 0)
    assert scores.keys() == ranges.keys()
    for name, (low, high) in ranges.items():
        assert low - 1e-9 <= scores[name] <= high + 1e-9, name


@settings(max_examples=40)
@given(predictions, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_items_or_classes(p, random):
    rows, columns = (random.sample(range(n), n) for n in p.shape)
    shuffled = label_free_scores(p[rows][:, columns], 0)
    assert shuffled == pytest.approx(label_free_scores(p, 0), rel=1e-9, abs=1e-9)


def test_of_many_items_density_takes_some_by_seed_the_same_in_every_epoch(monkeypatch):
    taken = []
    monkeypatch.setattr(evaluation, "soft_neighbourhood_density", lambda p: taken.append(p[:, 0]) or 0.0)
    p = np.arange(DENSITY_ITEMS + 500.0)[:, None] / DENSITY_ITEMS
    for seed in (3, 3, 4):
        label_free_scores(p, seed)
    assert len(set(taken[0])) == DENSITY_ITEMS
    assert (taken[0] == taken[1]).all()
    assert (taken[0] != taken[2]).any()
    label_free_scores(p[:100], 3)
    assert (taken[3] == p[:100, 0]).all(), "of few it takes all"


def test_scores_are_computed_on_one_thread_of_linear_algebra(monkeypatch):
    # singular values differ in their last bit with the number of threads, which depends on that of workers
    def count(probability):
        return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")

    monkeypatch.setattr(evaluation, "nuclear_norm", count)
    evaluation._blas.cache_clear()  # other libraries than NumPy's may have been loaded since
    with threadpool_limits(2, "blas"):
        assert count(P) == 2
        assert label_free_scores(P, 0)["nuclear_norm"] == 1
