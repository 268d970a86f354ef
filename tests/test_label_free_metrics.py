from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from assay.metrics.entropy import mean_entropy
from assay.metrics.neighbourhood import soft_neighbourhood_density

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
