from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from assay.metrics import ssim
from assay.metrics.ssim import C1, C2, nearest_ssim, paired_ssim, ssim_matrix
from tests.support import GOLDEN


def one_pair(x, y):
    """The formula for one pair, written with numpy's own moments."""
    covariance = np.cov(x.ravel(), y.ravel(), ddof=1)[0, 1]
    luminance = (2 * x.mean() * y.mean() + C1) / (x.mean() ** 2 + y.mean() ** 2 + C1)
    return luminance * (2 * covariance + C2) / (x.var() + y.var() + C2)


@pytest.fixture
def items():
    rng = np.random.default_rng(0)
    return rng.normal(0.3, 2, (23, 3, 5, 4)), rng.normal(-1, 0.5, (11, 3, 5, 4))


def test_matches_the_published_code():
    golden = np.load(GOLDEN / "ssim.npz")
    assert_allclose(ssim_matrix(golden["a"], golden["b"]), golden["ssim"], atol=1e-6)


def test_matches_the_pairwise_loop_off_the_z_scored_path(items):
    a, b = items
    expected = [[one_pair(x, y) for y in b] for x in a]
    assert_allclose(ssim_matrix(a, b), expected, rtol=1e-10)


def test_pairs_are_the_diagonal_of_all(items):
    a, b = items
    assert_allclose(paired_ssim(a[:11], b), np.diag(ssim_matrix(a[:11], b)), rtol=1e-10)


@pytest.mark.parametrize("block_bytes", [64, 4000, 64 * 2**20])
def test_nearest_is_the_row_maximum_whatever_the_blocks(items, monkeypatch, block_bytes):
    monkeypatch.setattr(ssim, "BLOCK_BYTES", block_bytes)
    a, b = items
    matrix = ssim_matrix(a, b)
    score, position = nearest_ssim(a, b)
    assert_allclose(score, matrix.max(1), rtol=1e-12)
    assert (position == matrix.argmax(1)).all()


def test_a_copy_is_found_and_noise_is_not_mistaken_for_it():
    rng = np.random.default_rng(1)
    real = rng.normal(size=(30, 8, 8)).astype(np.float32)
    synthetic = np.concatenate([real[[7, 19]] + rng.normal(0, 0.1, (2, 8, 8)), rng.normal(size=(5, 8, 8))])
    score, position = nearest_ssim(synthetic, real)
    assert position[:2].tolist() == [7, 19]
    assert score[:2].min() > 0.9 > 0.6 > score[2:].max()
