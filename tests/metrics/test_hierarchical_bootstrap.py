"""Intervals over tasks and seeds: they hold the truth, for all methods together, and grow with scatter."""

from __future__ import annotations

import numpy as np
import pytest

from assay.metrics import hierarchical_bootstrap
from assay.metrics.hierarchical_bootstrap import known_mean, simultaneous
from assay.metrics.statistics import DIFFERENCE

TRUTH = np.array([0.0, 0.05, -0.03, 0.0, 0.1, 0.02])


def world(rng, tasks=14, seeds=5, between=0.03, within=0.02):
    """Gains of methods of known truth, of which the half of the scatter over tasks is common to all."""
    common = rng.normal(0, between, (1, tasks, 1))
    own = rng.normal(0, between, (len(TRUTH), tasks, 1))
    return TRUTH[:, None, None] + common + own + rng.normal(0, within, (len(TRUTH), tasks, seeds))


def test_all_intervals_hold_the_truth_together_nearly_always(monkeypatch):
    monkeypatch.setattr(hierarchical_bootstrap, "DRAWS", 500)
    rng, worlds = np.random.default_rng(3), 80
    held = alone = 0
    for _ in range(worlds):
        found = simultaneous(world(rng), DIFFERENCE)
        inside = [x.low <= truth <= x.high for x, truth in zip(found, TRUTH)]
        held += all(inside)
        alone += inside[0]
    assert held / worlds > 0.87, "95 % of worlds, but for the scatter of 80"
    assert alone / worlds > 0.95, "and of one method alone in more than that"


def test_intervals_are_wider_for_many_methods_than_for_one():
    values = world(np.random.default_rng(0))
    [alone] = simultaneous(values[:1], DIFFERENCE)
    together = simultaneous(values, DIFFERENCE)[0]
    assert together.mean == alone.mean
    assert 1.15 < together.margin / alone.margin < 1.6, "Bonferroni over 6 methods: 1.35"


def test_methods_that_are_the_same_cost_no_correction():
    one = world(np.random.default_rng(1))[:1]
    [alone] = simultaneous(one, DIFFERENCE)
    same = simultaneous(np.repeat(one, 6, 0), DIFFERENCE)
    assert [x.margin for x in same] == pytest.approx([alone.margin] * 6)


def test_scatter_over_tasks_counts_and_not_over_seeds_alone():
    rng = np.random.default_rng(2)
    calm = simultaneous(world(rng, between=0.0, within=0.02), DIFFERENCE)[0]
    moved = simultaneous(world(rng, between=0.1, within=0.02), DIFFERENCE)[0]
    assert moved.margin > 5 * calm.margin


def test_the_margin_is_that_of_the_theory():
    """Variance of the mean: (σ_tasks² + 2 σ_seeds² / seeds) / tasks; max-t of one method is 1.96 σ."""
    rng = np.random.default_rng(4)
    values = rng.normal(0, 0.05, (1, 400, 1)) + rng.normal(0, 0.1, (1, 400, 5))
    [found] = simultaneous(values, DIFFERENCE)
    assert found.margin == pytest.approx(1.96 * np.sqrt((0.05**2 + 2 * 0.1**2 / 5) / 400), rel=0.1)


def test_what_was_not_measured_is_left_out():
    values = world(np.random.default_rng(5))
    values[1, 3] = values[2] = values[0, :, 4] = np.nan
    found = simultaneous(values, DIFFERENCE)
    assert found[2] is None
    assert found[1].n == 13
    assert found[1].mean == pytest.approx(np.delete(values[1], 3, 0).mean())
    assert all(np.isfinite(x.low) for x in found if x)


def test_seeds_that_are_not_there_yet_change_nothing():
    values = world(np.random.default_rng(6), seeds=2)
    later = np.concatenate([values, np.full((len(TRUTH), 14, 8), np.nan)], 2)
    for now, then in zip(simultaneous(values, DIFFERENCE), simultaneous(later, DIFFERENCE)):
        assert then.mean == pytest.approx(now.mean)
        assert then.margin == pytest.approx(now.margin, rel=0.05)


def test_few_tasks_have_no_interval():
    [found] = simultaneous(np.full((1, 2, 5), 0.1), DIFFERENCE)
    assert found.outcome == "few"
    assert np.isnan(found.low)
    [same] = simultaneous(np.full((1, 4, 5), 0.1), DIFFERENCE)
    assert same.low == same.high == pytest.approx(0.1)


def test_the_mean_of_nothing_is_nan():
    assert np.isnan(known_mean(np.array([np.nan])))
    assert known_mean(np.array([[1.0, np.nan, 3.0]])).tolist() == [2.0]
