"""Whole groups dealt out: none is cut, no class is lacking, and shares are as near as groups allow."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.deal_groups import deal_groups
from assay.data.split import split_task
from assay.errors import UserError
from assay.types import Samples

SHARES = {"labelled": 0.3, "unlabelled": 0.3, "validation": 0.1, "test": 0.3}


def dealt(y, group, shares=SHARES, seed=0):
    y, group = np.array(y), np.array(group)
    return deal_groups(y, group, [str(label) for label in range(y.max() + 1)], shares, seed)


def outcome(function):
    """What comes back, be it the one error that may be raised."""
    try:
        return function()
    except UserError as error:
        return error


def held(part, y, name):
    """Share of each class that a part holds."""
    return np.bincount(y[part == name], minlength=y.max() + 1) / np.bincount(y)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=4, max_size=14), st.integers(0, 99)
)
def test_no_group_is_cut_and_no_class_is_lacking_or_it_is_refused(content, seed):
    y = np.concatenate([np.array(labels) for labels in content])
    group = np.repeat(np.arange(len(content)), [len(labels) for labels in content])
    y = np.unique(y, return_inverse=True)[1]
    part = outcome(lambda: dealt(y, group, seed=seed))
    if isinstance(part, UserError):
        assert "deal=items" in str(part)
        assert any(len(np.unique(group[y == label])) < 4 for label in np.unique(y)) or len(content) < 5
        return
    assert all(len(set(part[group == one])) == 1 for one in np.unique(group))
    assert set(part) == set(SHARES), "every part has a group"
    assert held(part, y, "labelled").min() > 0
    assert held(part, y, "test").min() > 0


def test_few_groups_are_dealt_as_well_as_any_dealing_does():
    rng = np.random.default_rng(4)
    y, group = rng.integers(0, 2, 70), np.repeat(np.arange(7), 10)
    counts = np.array([np.bincount(y[group == one], minlength=2) for one in range(7)]) / np.bincount(y)
    content, asked = np.column_stack([counts, np.full(7, 1 / 7)]), np.array(list(SHARES.values()))

    def cost(places):
        parts = np.array([content[[p == k for p in places]].sum(0) for k in range(4)])
        return np.square(parts - asked[:, None]).sum() if (parts[:, -1] > 0).all() else np.inf

    best = min(itertools.product(range(4), repeat=7), key=cost)
    part = dealt(y, group)
    found = [list(SHARES).index(part[group == one][0]) for one in range(7)]
    assert cost(found) == pytest.approx(cost(best))


def test_many_groups_come_near_the_shares_of_every_class():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 5, 1000)
    y, group = np.repeat(label, 7), np.repeat(np.arange(1000), 7)
    part = dealt(y, group)
    for name, share in SHARES.items():
        np.testing.assert_allclose(held(part, y, name), share, atol=0.02)


def test_the_seed_alone_decides():
    y, group = np.arange(200) // 5 % 2, np.arange(200) // 5
    assert (dealt(y, group, seed=3) == dealt(y, group, seed=3)).all()
    assert (dealt(y, group, seed=3) != dealt(y, group, seed=4)).any()


def test_items_of_unknown_class_in_test_groups_are_left_out_and_told():
    y = np.where(np.arange(120) % 10 == 9, -1, np.arange(120) // 10 % 2)
    samples = Samples(np.arange(120.0)[:, None], y, np.arange(120) // 10)
    task = split_task(samples)
    kept = np.concatenate([part.x[:, 0] for _, part in task.parts()]).astype(int)
    test_groups = np.unique(task.test.group)
    assert sorted(set(range(120)) - set(kept)) == [10 * one + 9 for one in test_groups]
    assert not np.isin(task.unlabelled.group, test_groups).any()
    assert [f.count for f in task.findings if f.code == "unknown_of_test_groups"] == [len(test_groups)]


def test_groups_of_unknown_classes_alone_are_unlabelled():
    y = np.r_[np.arange(80) // 10 % 2, np.full(20, -1)]
    task = split_task(Samples(np.arange(100.0)[:, None], y, np.arange(100) // 10))
    assert {8, 9} <= set(task.unlabelled.group)


def test_shares_decide_how_many_items_a_part_has():
    samples = Samples(np.arange(200.0)[:, None], np.arange(200) % 2)
    task = split_task(samples, shares=(0.6, 0.0, 0.2, 0.2))
    assert {name: len(part) for name, part in task.parts()} == {
        "labelled": 120,
        "shots": 0,
        "unlabelled": 0,
        "validation": 40,
        "test": 40,
    }
