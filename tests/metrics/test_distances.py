"""Distances between real and synthetic sets, against plain dense forms and published implementations."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import linalg
from scipy.spatial.distance import cdist

from assay.errors import UserError
from assay.metrics import pairs
from assay.metrics.copying import copying
from assay.metrics.frechet import frechet_distance
from assay.metrics.kernel_distance import kernel_distance
from assay.metrics.manifold import precision_recall_density_coverage
from assay.metrics.mmd import mmd
from assay.metrics.nearest import nearest
from assay.metrics.two_sample import two_sample

PUBLISHED = {
    "prdc": (0.97, 146 / 300, 1.983, 284 / 300),
    "frechet": 2.407399507904543,
    "kernel": 0.2976038790352895,
    "gaussian": 0.048990722073177784,
}
TWO_SETS = [precision_recall_density_coverage, frechet_distance, kernel_distance, mmd, two_sample]


def two_sets(seed=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(300, 16)), rng.normal(0.3, 0.8, (200, 16))


def dense_manifold(real, synthetic, k):
    radius_real, radius_synthetic = (np.sort(cdist(s, s), axis=1)[:, k] for s in (real, synthetic))
    between = cdist(real, synthetic)
    inside = between <= radius_real[:, None]
    recalled = (between <= radius_synthetic).any(1).mean()
    return inside.any(0).mean(), recalled, inside.sum(0).mean() / k, inside.any(1).mean()


def dense_kernel_distance(x, y, degree):
    def k(a, b):
        return np.array([[(p @ q / len(p) + 1) ** degree for q in b] for p in a])

    def between_different(s):
        return k(s, s)[~np.eye(len(s), dtype=bool)].mean()

    return between_different(x) + between_different(y) - 2 * k(x, y).mean()


def test_published_implementations_agree():
    """Numbers of torch-fidelity 0.4.0 and prdc 0.2 on the same arrays."""
    x, y = two_sets()
    assert_allclose(precision_recall_density_coverage(x, y, 5), PUBLISHED["prdc"], rtol=1e-10)
    assert_allclose(frechet_distance(x, y), PUBLISHED["frechet"], rtol=1e-10)
    assert_allclose(kernel_distance(x[:200], y), PUBLISHED["kernel"], rtol=1e-10)
    assert_allclose(mmd(x[:200], y, bandwidth=3), PUBLISHED["gaussian"], rtol=1e-10)


@pytest.mark.parametrize("block_bytes", [64, 3000, 64 * 2**20])
def test_blocks_change_nothing(monkeypatch, block_bytes):
    x, y = two_sets()
    x, y = np.vstack([x[:30], x[:7]]), np.vstack([y[:20], x[:3]])  # copies: the balls' spheres are hit
    expected = dense_manifold(x, y, 3), dense_kernel_distance(x, y, 3), mmd(x, y), np.sort(cdist(y, x))
    monkeypatch.setattr(pairs, "BLOCK_BYTES", block_bytes)
    assert_allclose(precision_recall_density_coverage(x, y, 3), expected[0], rtol=1e-12)
    assert_allclose(kernel_distance(x, y), expected[1], rtol=1e-10)
    assert_allclose(mmd(x, y), expected[2], rtol=1e-10)
    distances, index = nearest(y, x, 4)
    assert_allclose(distances, expected[3][:, :4], atol=1e-12)
    assert_allclose(cdist(y, x)[np.arange(len(y))[:, None], index], distances, atol=1e-12)


def test_nearest_leaves_self_out_but_not_a_twin():
    x = np.random.default_rng(0).normal(size=(50, 4))
    x[31] = x[8]
    distances, index = nearest(x, x, leave_self_out=True)
    assert index[[8, 31], 0].tolist() == [31, 8]
    assert distances[[8, 31], 0].tolist() == [0, 0]
    others = np.where(np.eye(50, dtype=bool), np.inf, cdist(x, x))
    assert (index[:, 0] == others.argmin(1)).all()
    assert (nearest(x, x)[0] == 0).all()


def test_nearest_puts_right_what_products_of_matrices_round():
    rng = np.random.default_rng(9)
    sites, step = rng.normal(size=(30, 8)), rng.normal(size=(30, 8))
    near = np.concatenate([sites + 1e-9 * times * step for times in (3, 1, 2)])
    distances, index = nearest(sites, np.concatenate([near, rng.normal(size=(30, 8))]), 2)
    assert (index == np.arange(30)[:, None] + [30, 60]).all()
    assert_allclose(distances, 1e-9 * np.linalg.norm(step, axis=1)[:, None] * [1, 2], rtol=1e-5)


def test_copies_far_from_the_origin_are_at_distance_zero():
    x = 1e6 + np.random.default_rng(0).normal(size=(40, 6))
    distances, index = nearest(x[5:9] + np.array([[0], [0], [1e-7], [1e-7]]), x)
    assert index[:, 0].tolist() == [5, 6, 7, 8]
    assert_allclose(distances[:, 0], [0, 0, 1e-7 * 6**0.5, 1e-7 * 6**0.5], rtol=1e-2)


@given(st.integers(0, 1000), st.floats(-100, 100))
@settings(max_examples=20, deadline=None)
def test_distances_do_not_change_with_a_common_offset(seed, offset):
    x, y = (s[:40] for s in two_sets(seed))
    for metric in (precision_recall_density_coverage, frechet_distance, mmd):
        assert_allclose(metric(x + offset, y + offset), metric(x, y), atol=1e-8)
    assert_allclose(nearest(x + offset, y + offset)[0], nearest(x, y)[0], atol=1e-8)


def test_collapse_lowers_recall_and_coverage_and_strange_items_lower_precision_and_density():
    x, y, twin = np.random.default_rng(1).normal(size=(3, 400, 6))
    fine = precision_recall_density_coverage(x, twin)
    collapsed = precision_recall_density_coverage(x, 0.05 * y + x[np.abs(x).sum(1).argmin()])
    strange = precision_recall_density_coverage(x, np.vstack([y[:200], y[200:] + 20]))
    assert fine.precision > 0.8 < fine.recall
    assert abs(fine.density - 1) < 0.2 > abs(fine.coverage - (1 - 2**-5))
    assert collapsed.precision > 0.95
    assert collapsed.recall < 0.2 > collapsed.coverage
    assert abs(strange.precision - fine.precision / 2) < 0.05
    assert abs(strange.density - fine.density / 2) < 0.05
    assert strange.recall > 0.75


def test_balls_of_equal_items_are_points_that_hold_their_copies_only():
    x = np.vstack([np.zeros((10, 3)), np.random.default_rng(0).normal(5, 1, (20, 3))])
    found = precision_recall_density_coverage(x, np.vstack([np.zeros((8, 3)), np.full((2, 3), 1e-3)]), k=3)
    assert found.precision == 0.8
    assert found.recall == pytest.approx(10 / 30)  # the two others' balls hold the zeros
    assert found.coverage == pytest.approx(10 / 30)


@pytest.mark.parametrize("block_bytes", [3000, 64 * 2**20])
def test_rounding_moves_no_copy_out_of_a_ball_without_extent(monkeypatch, block_bytes):
    monkeypatch.setattr(pairs, "BLOCK_BYTES", block_bytes)
    sites = np.random.default_rng(10).normal(size=(40, 16))
    found = precision_recall_density_coverage(np.repeat(sites, 4, 0), np.repeat(sites, 5, 0), k=3)
    assert found == (1, 1, pytest.approx(4 / 3), 1)


def dense_frechet(x, y):
    a, b = np.cov(x.T), np.cov(y.T)
    root = linalg.sqrtm(a @ b).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * root)


@pytest.mark.parametrize(("items", "features"), [(12, 12), (40, 12), (400, 12), (40, 300), (40, 20)])
def test_frechet_is_the_formula_whatever_the_sets_span(items, features):
    """As by the matrix square root, in the only 8 dimensions of more features than that."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(items, 8)), rng.normal(0.2, 1.5, (items + 3, 8)) @ rng.normal(size=(8, 8))
    turn = linalg.orth(rng.normal(size=(features, 8))).T
    expected = dense_frechet(x, y)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(x @ turn, y @ turn) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(y @ turn, x @ turn) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(1e3 * x @ turn, 1e3 * y @ turn) == pytest.approx(1e6 * expected, rel=1e-9)


@pytest.mark.parametrize(("items", "decades"), [(12, 0), (400, 0), (400, 6), (400, 18)])
def test_frechet_of_identical_sets_is_zero_and_of_shifted_ones_the_shift(items, decades):
    x = np.random.default_rng(3).normal(size=(items, 30)) * 10 ** -np.linspace(0, decades / 2, 30)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(x, x + 2) == pytest.approx(4 * 30)
    assert frechet_distance(x, 3 * x - 2 * x.mean(0)) == pytest.approx(4 * x.var(0, ddof=1).sum(), rel=1e-9)


def test_frechet_of_sets_without_a_direction_in_common_is_all_their_variance():
    x, y = np.random.default_rng(4).normal(size=(2, 400, 20)) * (np.arange(20) // 10 == [[[0]], [[1]]])
    expected = (x.mean(0) ** 2 + y.mean(0) ** 2 + x.var(0, ddof=1) + y.var(0, ddof=1)).sum()
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-12)
    still = np.zeros((50, 20))
    assert frechet_distance(still, y) == pytest.approx((y.mean(0) ** 2 + y.var(0, ddof=1)).sum(), rel=1e-12)
    assert frechet_distance(still, still + 1) == 20


def test_frechet_walks_many_items_in_steps(monkeypatch):
    x, y = two_sets()
    whole = frechet_distance(x, y)
    monkeypatch.setattr(pairs, "BLOCK_BYTES", 64)
    assert frechet_distance(x, y) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("degree", [1, 2, 5])
def test_kernel_distance_takes_any_degree(degree):
    x, y = (s[:20] for s in two_sets())
    assert kernel_distance(x, y, degree) == pytest.approx(dense_kernel_distance(x, y, degree), rel=1e-9)


@pytest.mark.parametrize("metric", [frechet_distance, kernel_distance, mmd])
def test_distances_grow_with_the_shift(metric):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 5))
    found = [metric(x, rng.normal(shift, 1, (300, 5))) for shift in (0, 0.3, 0.6, 1.2)]
    assert (np.diff(found) > 0.005).all()
    assert found[0] < 0.2


def test_the_median_bandwidth_of_many_items_is_that_of_a_subsample_and_of_collapsed_ones_not_zero():
    x, y = np.random.default_rng(4).normal(size=(2, 2100, 3))
    distances = cdist(x[:2000], x[:2000])[np.triu_indices(2000, 1)]
    found = mmd(x, y + 1)
    assert found == mmd(x, y + 1)
    assert found == pytest.approx(mmd(x, y + 1, bandwidth=float(np.median(distances))), rel=0.05)
    collapsed = np.vstack([np.repeat(x[:1], 90, 0), x[:10]])
    assert mmd(collapsed, y[:100]) > 0.2
    with pytest.raises(UserError, match="bandwidth"):
        mmd(np.zeros((5, 2)), y[:5, :2])


def test_two_sample_tells_what_can_be_told():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(300, 8)), rng.normal(size=(60, 8))
    same, half, far = (two_sample(x, y + shift) for shift in (0, 0.5, 5))
    assert abs(same.balanced_accuracy - 0.5) < 0.1 > abs(same.auc - 0.5)
    assert 0.6 < half.balanced_accuracy < half.auc < far.auc == far.balanced_accuracy == 1
    assert two_sample(x, y, seed=1) == two_sample(x, y, seed=1) != two_sample(x, y, seed=2)
    assert two_sample(x, y + 0.5, max_iterations=1).auc > 0.6  # not converged, and no warning
    many, few = rng.normal(size=(600, 4)), rng.normal(0.7, 1, (60, 4))
    assert two_sample(many, few).balanced_accuracy > 0.7  # "all are real" is right 10 times in 11
    small = np.array([1e-6, 1, 1e6, 1])  # in any units
    assert two_sample(many * small, few * small) == pytest.approx(two_sample(many, few), abs=0.01)
    assert two_sample(np.zeros((6, 2)), np.zeros((3, 2))).balanced_accuracy == 0.5


@pytest.mark.parametrize("noise", [0, 1e-9, 1e-2])
@pytest.mark.parametrize("duplicates", [0, 1, 30])
def test_copies_are_found_whether_noisy_or_exact_and_though_training_records_have_twins(noise, duplicates):
    rng = np.random.default_rng(6)
    training, fresh = rng.normal(size=(2, 400, 10))
    training = np.vstack([training, training[:duplicates]])
    copied = training[100:180] + noise * rng.normal(size=(80, 10))
    found = copying(np.vstack([copied, fresh[:320]]), training)
    assert 0.2 <= found.rate < 0.25
    assert found.index[:80].tolist() == list(range(100, 180))
    assert found.ratios[:80].max() < found.threshold
    assert found.copies[:80].all()
    assert found.threshold == pytest.approx(copying(fresh, training[:400]).threshold, rel=0.1)
    assert copying(fresh, training).rate < 0.05


def test_exact_copies_count_where_all_records_are_twins():
    training = np.repeat(np.random.default_rng(7).normal(size=(5, 3)), 2, axis=0)
    between = (training[:1] + training[2:3]) / 2
    found = copying(np.vstack([training[:2], between]), training)
    assert found.copies.tolist() == [True, True, False]
    assert found.index[:2].tolist() == [0, 0]
    two = copying(np.vstack([training[:2], between]), training[:4])
    assert (two.threshold, two.rate) == (0, pytest.approx(2 / 3))


def test_items_that_are_only_smoother_than_real_ones_are_no_copies():
    """Near to every record, nearer than records are to each other, but to none in particular."""
    rng = np.random.default_rng(8)
    training, smooth = rng.normal(size=(400, 30)), 0.1 * rng.normal(size=(300, 30))
    found = copying(smooth, training)
    assert found.distances.max() < nearest(training, training, leave_self_out=True)[0].mean()
    assert found.rate < 0.03


def test_ratios_are_those_of_a_plain_loop():
    rng = np.random.default_rng(9)
    training, made = rng.normal(size=(20, 4)), rng.normal(size=(7, 4))
    every = [sorted(np.linalg.norm(item - record) for record in training) for item in made]
    assert_allclose(copying(made, training).ratios, [d[0] / d[1] for d in every], rtol=1e-9)


def test_complex_items_count_as_their_parts():
    a, b = (s[:, :8] + 1j * s[:, 8:] for s in two_sets())
    parts = [np.stack([s.real, s.imag], -1) for s in (a, b)]
    assert nearest(a, b)[0].tolist() == nearest(*parts)[0].tolist()
    assert mmd(a, b) == mmd(*parts)


@pytest.mark.parametrize("metric", TWO_SETS)
def test_bad_input_is_an_error_not_a_number(metric):
    x, y = two_sets()
    with pytest.raises(UserError, match="items"):
        metric(x, np.where(np.arange(16) == 3, np.nan, y))
    with pytest.raises(UserError, match="15"):
        metric(x, y[:, :15])
    with pytest.raises(UserError):
        metric(x[:1], y)


def test_more_neighbours_than_items_are_an_error():
    x, y = two_sets()
    with pytest.raises(UserError, match="k"):
        precision_recall_density_coverage(x[:5], y, k=5)
    with pytest.raises(UserError, match="1 to 4"):
        nearest(x[:5], x[:5], 5, leave_self_out=True)
    with pytest.raises(UserError, match="same items"):
        nearest(x, y, leave_self_out=True)


@pytest.mark.parametrize("metric", [precision_recall_density_coverage, kernel_distance, mmd, nearest])
def test_memory_does_not_grow_with_the_number_of_pairs(monkeypatch, metric):
    monkeypatch.setattr(pairs, "BLOCK_BYTES", 2**18)
    x, y = np.random.default_rng(8).normal(size=(2, 2000, 4)).astype(np.float32)
    metric(x[:10], y[:10])
    tracemalloc.start()
    try:
        metric(x, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    median = 2000**2 * 8 * 3 if metric is mmd else 0  # of the bandwidth: bounded, whatever the number
    assert peak < 2000**2 * 8 / 20 + median
