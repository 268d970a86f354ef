"""The learning curve: planted parameters come back, intervals cover, and what cannot be fitted is refused."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from assay.errors import UserError
from assay.quality.curve_cells import Row
from assay.quality.learning_curve import Curve, LearningCurve, check_hidden, fit

REAL, SYNTHETIC = (12, 25, 50), (0, 16, 62, 250, 1000)
CHANCE = 0.9
HELPS = Curve(CHANCE, floor=0.05, power=0.8, scale=6.0, worth=0.5, reach=200.0)
HURTS = dataclasses.replace(HELPS, worth=-0.1)


def rows(curve: Curve, noise: float = 0.0, seeds: int = 4, luck: int = 0) -> list[Row]:
    """Runs at every size; half of the noise is what the runs of a seed have in common."""
    rng, found = np.random.default_rng(luck), []
    for seed in range(seeds):
        common = rng.normal(0, noise / 2)
        for n in REAL:
            for m in SYNTHETIC:
                error = curve.error(n, m) + common + rng.normal(0, noise)
                found.append(Row(n, m, seed, float(np.clip(error, 0, 1))))
    return found


def finite(found: LearningCurve) -> bool:
    estimates = [found.accuracy(100, 2000), found.gain((100, 0), (50, 1000)), found.of(lambda c: c.worth)]
    return all(math.isfinite(v) for e in estimates for v in (e.mean, e.low, e.high))


# -- the formula --------------------------------------------------------------------------------------


def test_the_formula_by_hand():
    assert HELPS.effective(50, 200) == pytest.approx(50 + 0.5 * 200 / (1 + 200 / 200))
    assert HELPS.error(50, 200) == pytest.approx(0.05 + 0.85 * (1 + 100 / 6) ** -0.8)
    assert HELPS.error(0.001, 0) == pytest.approx(CHANCE, abs=1e-3)
    assert HURTS.effective(50, 200) == pytest.approx(50 / (1 + 10 / 50))
    assert HELPS.effective(50, 0) == HURTS.effective(50, 0) == 50


@given(st.floats(-50, 50), st.floats(1e-2, 1e4), st.floats(1, 1e4), st.floats(0, 1e6))
def test_effective_items_are_positive_bounded_and_move_the_way_of_the_worth(worth, reach, n, m):
    curve = Curve(CHANCE, 0.1, 0.5, 5.0, worth, reach)
    most = n + worth * reach if worth > 0 else n
    assert 0 < curve.effective(n, m) <= most * (1 + 1e-9)
    more = curve.effective(n, 2 * m)
    assert (more - curve.effective(n, m)) * worth >= -1e-9 * n
    assert curve.effective(2 * n, m) > curve.effective(n, m)


def test_help_and_harm_join_smoothly():
    slopes = [(Curve(CHANCE, 0, 1, 1, s * 1e-6, 100.0).effective(50, 70) - 50) / (s * 1e-6) for s in (1, -1)]
    assert_allclose(slopes, 70 / 1.7, rtol=1e-4)


# -- fitting ------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 0.2), st.floats(0.4, 1.5), st.floats(3, 20), st.floats(-0.3, 2), st.floats(30, 600))
def test_noise_free_runs_give_the_curve_back(floor, power, scale, worth, reach):
    truth = Curve(CHANCE, floor, power, scale, worth, reach)
    found = fit(rows(truth, seeds=2), CHANCE, resamples=1).curve
    for n, m in ((12, 0), (50, 1000), (25, 100)):
        assert found.error(n, m) == pytest.approx(truth.error(n, m), abs=2e-3)


@pytest.mark.parametrize("truth", [HELPS, HURTS])
def test_planted_parameters_are_recovered(truth):
    found = fit(rows(truth, seeds=2), CHANCE, resamples=1).curve
    for field in dataclasses.fields(Curve):
        assert getattr(found, field.name) == pytest.approx(getattr(truth, field.name), rel=1e-3)


@pytest.mark.parametrize("truth", [HELPS, HURTS])
def test_noisy_runs_predict_twice_the_data_and_the_sign_of_the_worth(truth):
    found = fit(rows(truth, noise=0.01, seeds=5), CHANCE, resamples=30)
    for n, m in ((100, 1000), (50, 2000), (100, 0)):
        predicted = found.accuracy(n, m)
        assert predicted.mean == pytest.approx(1 - truth.error(n, m), abs=0.02)
    worth = found.of(lambda curve: curve.effective(50, 1000) - 50)
    assert (worth.low > 0) if truth is HELPS else (worth.high < 0)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    hits = []
    for luck in range(16):
        found = fit(rows(HELPS, noise=0.02, luck=luck), CHANCE, resamples=20)
        for n, m in ((50, 1000), (100, 1000), (50, 2000)):
            interval = found.accuracy(n, m)
            hits.append(interval.low <= 1 - HELPS.error(n, m) <= interval.high)
    assert np.mean(hits) > 0.85


def test_gains_are_of_the_same_refit_and_less_uncertain_than_accuracies():
    found = fit(rows(HELPS, noise=0.02), CHANCE, resamples=20)
    gain, accuracy = found.gain((50, 2000), (50, 1000)), found.accuracy(50, 2000)
    assert gain.mean == pytest.approx(accuracy.mean - found.accuracy(50, 1000).mean)
    assert gain.high - gain.low < accuracy.high - accuracy.low


def test_same_rows_same_numbers_in_any_order():
    made = rows(HELPS, noise=0.02)
    assert fit(made, CHANCE, resamples=5) == fit(made[::-1], CHANCE, resamples=5)


# -- the hidden sizes ---------------------------------------------------------------------------------


def test_the_check_hides_every_largest_size_and_predicts_three_cells():
    made = rows(HELPS, noise=0.005)
    found = check_hidden(made, CHANCE, resamples=15)
    assert [(h.real, h.synthetic) for h in found] == [(50, 250), (25, 1000), (50, 1000)]
    assert all(h.inside for h in found)
    shifted = [
        dataclasses.replace(r, error=min(r.error + 0.2, 1)) if r.real == 50 or r.synthetic == 1000 else r
        for r in made
    ]
    again = check_hidden(shifted, CHANCE, resamples=15)
    for before, after in zip(found, again, strict=True):
        assert after.predicted.mean == before.predicted.mean, "the hidden cells must not be seen"
        assert after.measured == pytest.approx(before.measured - 0.2)
        assert not after.inside


# -- what cannot be fitted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (lambda r: r.real == 50, "1 real size;"),
        (lambda r: r.synthetic == 0, "0 amounts of labelled synthetic items"),
        (lambda r: r.synthetic in (0, 16), "1 amount of labelled synthetic items"),
        (lambda r: r.seed == 0, "1 seed;"),
        (lambda r: r.synthetic in (16, 62) and r.real > 12, "4 cells"),
        (lambda r: False, "0 seeds"),
    ],
)
def test_too_few_sizes_are_refused(keep, message):
    with pytest.raises(UserError, match=message):
        fit([row for row in rows(HELPS) if keep(row)], CHANCE)


@pytest.mark.parametrize("error", [0.0, 1.0, 0.25])
def test_the_same_error_everywhere_is_refused(error):
    with pytest.raises(UserError, match="same at every size"):
        fit([dataclasses.replace(row, error=error) for row in rows(HELPS)], CHANCE)


@pytest.mark.parametrize("error", [math.nan, -0.1, 1.5, math.inf])
def test_impossible_errors_are_refused(error):
    made = rows(HELPS)
    with pytest.raises(UserError, match="number from 0 to 1"):
        fit([*made[1:], dataclasses.replace(made[0], error=error)], CHANCE)


def test_a_seed_that_has_no_run_left_at_the_smaller_sizes_is_refused():
    made = [row for row in rows(HELPS) if row.seed or row.real == 50]
    with pytest.raises(UserError, match="a seed without"):
        check_hidden(made, CHANCE)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: 0.0 if r.real == 50 else r.error,
        lambda r: 1 - r.error,
        lambda r: 0.9 if (r.real, r.synthetic, r.seed) == (12, 0, 0) else 0.1,
        lambda r: (r.seed + r.synthetic % 3) / 10,
    ],
)
def test_odd_data_give_finite_numbers(change):
    made = [dataclasses.replace(row, error=change(row)) for row in rows(HELPS, noise=0.01)]
    found = fit(made, CHANCE, resamples=5)
    assert finite(found)
    assert 0 <= found.accuracy(100, 2000).low <= found.accuracy(100, 2000).high <= 1


def test_missing_runs_do_no_harm():
    made = [row for i, row in enumerate(rows(HELPS, noise=0.005)) if i % 7]
    found = fit(made, CHANCE, resamples=5)
    assert finite(found)
    assert found.accuracy(50, 1000).mean == pytest.approx(1 - HELPS.error(50, 1000), abs=0.01)
