from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.metrics.statistics import SHARE, UNBOUNDED, estimate, estimate_of_halves, paired_difference

NUMBERS = st.floats(-1e3, 1e3)


def test_the_interval_is_students():
    # t(0.975, 4 degrees) = 2.7764; s = sqrt(2.5)
    value = estimate([1.0, 2.0, 3.0, 4.0, 5.0], UNBOUNDED)
    half = 2.7764451 * math.sqrt(2.5 / 5)
    assert (value.mean, value.low, value.high) == pytest.approx((3, 3 - half, 3 + half), rel=1e-6)
    assert math.isnan(estimate([0.5], SHARE).low)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = sum(
        (v := estimate(rng.normal(2, 3, 5).tolist(), UNBOUNDED)).low <= 2 <= v.high for _ in range(2000)
    )
    assert 0.935 < hits / 2000 < 0.965


@given(st.dictionaries(st.integers(0, 9), NUMBERS, min_size=2), NUMBERS)
def test_a_constant_shift_is_found_exactly_whatever_the_seeds_scatter(baseline, shift):
    ours = {seed: value + shift for seed, value in baseline.items()}
    difference = paired_difference(ours, baseline, UNBOUNDED)
    assert difference is not None
    assert difference.mean == pytest.approx(shift, abs=1e-9)
    assert difference.high - difference.low < 1e-8


def test_only_common_seeds_are_paired():
    difference = paired_difference({1: 0.9, 2: 0.8, 4: 0.1}, {1: 0.8, 2: 0.7, 3: 0.0})
    assert difference is not None
    assert (difference.n, difference.mean) == (2, pytest.approx(0.1))
    assert paired_difference({1: 0.5}, {2: 0.5}) is None


@given(st.lists(st.floats(0, 1), min_size=3, max_size=8))
def test_no_interval_leaves_where_the_quantity_can_be(values):
    share = estimate(values, SHARE)
    assert 0 <= share.low <= share.mean <= share.high <= 1
    assert share.margin >= (share.high - share.low) / 2 - 1e-12
    difference = paired_difference(dict(enumerate(values)), dict(enumerate(reversed(values))))
    assert difference is not None
    assert -1 <= difference.low <= difference.high <= 1
    over = max(share.margin - share.mean, share.mean + share.margin - 1)
    assert share.wants_remark == (over > 1e-9)


def test_an_interval_is_cut_but_its_width_is_known():
    value = estimate([0.9, 1.0, 1.0], SHARE)
    half = 4.3026527 * math.sqrt(0.01 / 3 / 3)  # t(0.975, 2 degrees), s² = 0.01 / 3
    assert (value.low, value.high, value.margin) == pytest.approx((0.9667 - half, 1, half), abs=1e-4)
    assert value.told(".1f", 100) == "96.7 [82.3, 100.0]"
    assert estimate_of_halves([0.9, 1.0, 1.0], SHARE).margin == pytest.approx(half * math.sqrt(3), rel=1e-6)


def test_two_values_stand_where_their_interval_would_and_claim_nothing():
    value = paired_difference({0: 0.9, 1: 0.7}, {0: 0.5, 1: 0.5})
    assert value is not None
    assert value.told("+.1f", 100) == "+30.0 (+20.0 and +40.0)"
    assert (value.outcome, value.wants_remark) == ("few", True)
    three = paired_difference({0: 0.9, 1: 0.7, 2: 0.8}, {0: 0.5, 1: 0.5, 2: 0.5})
    assert three is not None
    assert (three.outcome, three.wants_remark) == ("better", False)


def test_one_value_has_no_interval():
    assert estimate([0.5], SHARE).told(".1f", 100) == "50.0"
    assert estimate([math.nan], SHARE).told(".1f") == "-"
