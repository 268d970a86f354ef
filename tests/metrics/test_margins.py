"""Margins, their agreement, label errors and class balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from assay.errors import UserError
from assay.metrics.agreement import agreement, agreement_js
from assay.metrics.balance import balance
from assay.metrics.jensen_shannon import jensen_shannon
from assay.metrics.label_errors import label_errors
from assay.metrics.margins import margins

CLEANLAB = [[80, 4, 3, 7], [8, 56, 3, 2], [4, 9, 71, 12], [8, 6, 4, 66]]
MARGINS = arrays(np.float64, st.integers(1, 40), elements=st.floats(-1, 1, width=16))


def probabilities(rng, y, classes, strength):
    logits = rng.normal(size=(len(y), classes))
    logits[np.arange(len(y)), y] += strength
    p = np.exp(logits)
    return p / p.sum(1, keepdims=True)


def test_margins_by_hand():
    p = np.array([[1, 0, 0], [0.2, 0.5, 0.3], [0.2, 0.5, 0.3], [0, 0, 1], [0.4, 0.4, 0.2]])
    assert_allclose(margins(p, np.array([0, 1, 2, 1, 0])), [1, 0.2, -0.2, -1, 0], atol=1e-15)
    assert p[0].tolist() == [1, 0, 0], "the caller's array is left alone"
    with pytest.raises(UserError, match="y: -1 of item 1"):
        margins(p, np.array([0, -1, 2, 1, 0]))


@given(MARGINS, MARGINS)
def test_agreement_is_the_one_sided_statistic_and_in_range(reference, found):
    statistic = ks_2samp(found, reference, alternative="greater", method="asymp").statistic
    assert agreement(reference, found) == pytest.approx(1 - statistic, abs=1e-12)
    assert 0 <= agreement(reference, found) <= 1
    assert 0 <= agreement_js(reference, found) <= 1 + 1e-12
    assert agreement(found, found) == agreement_js(found, found) == 1


@given(MARGINS, st.floats(0, 1))
def test_better_margins_do_not_lower_agreement(reference, gain):
    assert agreement(reference, np.minimum(reference + gain, 1)) == 1


@given(st.integers(0, 100), st.lists(st.integers(0, 200), min_size=2, max_size=6, unique=True))
@settings(deadline=None)
def test_agreement_falls_with_the_share_of_flipped_margins_and_recovers_it(seed, flips):
    sure = np.random.default_rng(seed).uniform(0.5, 1, 200)
    flipped = [np.where(np.arange(200) < n, -sure, sure) for n in sorted(flips)]
    assert_allclose([agreement(sure, m) for m in flipped], 1 - np.sort(flips) / 200, atol=1e-12)
    assert (np.diff([agreement_js(sure, m) for m in flipped]) < 0).all()


def test_agreement_js_is_the_divergence_of_the_histograms():
    rng = np.random.default_rng(0)
    reference, found = rng.uniform(-1, 1, 300), np.clip(rng.normal(0.2, 0.6, 200), -1, 1)
    edges = np.linspace(-1, 1, 51)
    p, q = (np.histogram(v, edges)[0] / len(v) for v in (reference, found))
    middle = (p + q) / 2
    halves = [sum(a * np.log2(a / m) for a, m in zip(s, middle) if a > 0) / 2 for s in (p, q)]
    assert agreement_js(reference, found) == pytest.approx(1 - sum(halves), abs=1e-12)
    assert agreement_js(np.full(9, 1 + 1e-16), np.full(5, -1.0)) == pytest.approx(0, abs=1e-12)


def test_jensen_shannon_is_scipys_where_that_is_a_number():
    rng = np.random.default_rng(4)
    for p, q in rng.dirichlet(np.full(33, 0.3), (50, 2)):
        assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2, rel=1e-9)
        rounded = p * (1 + 1e-16 * rng.integers(-3, 4, 33))
        assert 0 <= jensen_shannon(p, rounded) < 1e-12


@pytest.mark.parametrize("form", [agreement, agreement_js])
@pytest.mark.parametrize("bad", [[], [0.5, np.nan]])
def test_no_margins_or_nan_are_an_error(form, bad):
    with pytest.raises(UserError, match="reference"):
        form(np.array(bad), np.array([0.5]))
    with pytest.raises(UserError, match="margins"):
        form(np.array([0.5]), np.array(bad))


def slow_confident_joint(p, y):
    counts, errors = np.zeros((p.shape[1], p.shape[1]), int), []
    threshold = {c: np.mean([row[c] for row, label in zip(p, y) if label == c]) for c in set(y.tolist())}
    for row, label in zip(p, y):
        candidates = [(row[c], -c) for c in threshold if row[c] >= threshold[c]]
        true = -max(candidates)[1] if candidates else None
        if true is not None:
            counts[label, true] += 1
        errors.append(true is not None and true != label)
    return counts, errors


@pytest.mark.parametrize("absent", [None, 2])
def test_label_errors_are_those_of_the_slow_loop(absent):
    rng = np.random.default_rng(1)
    true = rng.integers(0, 5, 300)
    y = np.where(rng.random(300) < 0.2, rng.integers(0, 5, 300), true)
    y[y == absent] = 0
    p = probabilities(rng, true, 5, 2)
    found = label_errors(p, y)
    counts, errors = slow_confident_joint(p, y)
    assert (found.confident_joint == counts).all()
    assert found.mask.tolist() == errors
    assert_allclose(found.joint.sum(1), np.bincount(y, minlength=5) / 300, atol=1e-12)
    rows = counts[0] / counts[0].sum() * np.mean(y == 0)
    assert_allclose(found.joint[0], rows, atol=1e-12)
    assert found.rate == pytest.approx(1 - np.trace(found.joint))
    if absent is not None:
        assert found.confident_joint[:, 2].sum() == found.confident_joint[2].sum() == 0


def test_the_published_library_agrees():
    """The confident joint of cleanlab 2.9.0 on the same numbers."""
    rng = np.random.default_rng(5)
    rng.normal(size=(300, 16)), rng.normal(0.3, 0.8, (200, 16))
    true = rng.integers(0, 4, 500)
    p = probabilities(rng, true, 4, 2)
    y = np.where(rng.random(500) < 0.2, rng.integers(0, 4, 500), true)
    found = label_errors(p, y)
    assert found.confident_joint.tolist() == CLEANLAB
    assert found.mask.sum() == 70


def test_planted_label_errors_are_recovered():
    rng = np.random.default_rng(2)
    true = rng.integers(0, 4, 4000)
    p = probabilities(rng, true, 4, 6)
    rates = []
    for share in (0, 0.1, 0.3):
        flipped = rng.random(4000) < share
        found = label_errors(p, np.where(flipped, (true + 1) % 4, true))
        rates.append(found.rate)
        assert (found.mask == flipped).mean() > 0.97
        assert found.rate == pytest.approx(share, abs=0.03)
    assert (np.diff(rates) > 0.05).all()


def test_labels_without_a_confident_item_count_as_right():
    p = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    found = label_errors(p, np.array([0, 0, 1, 1]))
    assert found.confident_joint.tolist() == [[2, 0], [0, 2]]
    assert (found.rate, found.mask.any()) == (0, False)
    equal = label_errors(np.full((6, 3), 1 / 3), np.array([0, 0, 1, 1, 2, 2]))
    assert equal.confident_joint.sum() == 6
    sure = np.tile([0.7, 0.2, 0.1], (6, 1))
    assert sure[:, 0].mean() > 0.7, "rounding, which must keep no item from its threshold"
    assert label_errors(sure, np.zeros(6, dtype=int)).confident_joint[0, 0] == 6
    with pytest.raises(UserError, match="no items"):
        label_errors(p[:0], np.array([], dtype=int))


def test_balance_by_hand():
    found = balance(np.array([0, 0, 1, 1, 2, 2, -1]), np.array([0, 0, 0, 1, -1, -1]), 4)
    assert found.real.tolist() == [2, 2, 2, 0]
    assert found.synthetic.tolist() == [3, 1, 0, 0]
    assert found.total_variation == pytest.approx((abs(1 / 3 - 3 / 4) + abs(1 / 3 - 1 / 4) + 1 / 3) / 2)
    assert found.missing == pytest.approx(1 / 3)
    assert found.entropy == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(4))


def test_balance_at_its_ends():
    y = np.arange(5)
    even, one = balance(y, y, 5), balance(y, y * 0, 5)
    assert even[:3] == (0, 0, pytest.approx(1))
    assert one[:3] == (pytest.approx(0.8), pytest.approx(0.8), 0)
    with pytest.raises(UserError, match="synthetic y: no known label"):
        balance(y, y * 0 - 1, 5)
    with pytest.raises(UserError, match="synthetic y: 5 of item 4"):
        balance(y, y + 1, 5)
