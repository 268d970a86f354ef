"""Examinations of tasks that are made in Python, and what single questions find in all that they look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import assay
from assay.data.examine.facts import gather
from assay.data.examine.near import closest, distances, twins
from assay.data.examine.questions import examine
from assay.errors import UserError
from assay.types import Samples, Task
from tests.support.examining import classes, pictures, signals


def task(x=None, kind="image", normalise="channel", **parts) -> Task:
    x = pictures(120).astype("f4") if x is None else x
    given = {"labelled": Samples(x[:60], classes()), "test": Samples(x[60:], classes())}
    return Task("t", ("a", "b", "c"), **{**given, **parts}, kind=kind, normalise=normalise)


def codes(examination, severity=None) -> set[str]:
    return {f.code for f in examination.findings if severity in (None, f.severity)}


def test_a_good_task_is_not_warned_of():
    found = assay.examine(task(), Samples(pictures(seed=7).astype("f4"), classes()))
    assert not found.refusals
    assert not found.warnings
    assert codes(found) == {"layout", "ranges"}


def test_labels_of_test_items_are_used_for_nothing():
    x = np.concatenate([pictures(60), pictures(30), pictures(30, seed=3)]).astype("f4")
    one, other = (
        task(x, test=Samples(x[60:], labels), unlabelled=Samples(x[:9]))
        for labels in (classes(), classes()[::-1].copy())
    )
    made = Samples(x[::2], classes())
    assert examine(one, made).as_dicts() == examine(other, made).as_dicts()


def test_further_tests_and_shots_are_looked_at_too():
    x = signals(40)
    further = Samples(signals(9, seed=3), classes(9))
    given = task(signals(120), "signal", "item", shots=Samples(x, classes(40)), further={"far": further})
    found = examine(replace(given, test=Samples(x[:30], classes(30))), further)
    refused = {f.code: f.message for f in found.refusals}
    assert refused["duplicates_test"].startswith("30 of 30 test items are also in shots")
    assert refused["synthetic_is_test"].startswith("9 of 9 synthetic items are test far items")


@pytest.mark.parametrize(
    ("part", "n", "barred"),
    [("labelled", 1, True), ("unlabelled", 5, False), ("unlabelled", 6, True), ("validation", 6, False)],
)
def test_test_items_that_a_method_learns_from_bar_the_word_use(part, n, barred):
    given = task()
    copies = Samples(np.concatenate([pictures(60, 9), given.test.x[:n]]), np.r_[classes(), classes(n)])
    found = examine(replace(given, **{part: copies}))
    assert found.bars_use == barred
    assert found.touching() == (f"{n} of 60 test items are also in {part}",)


def test_parts_that_share_their_items_share_the_pass():
    given = task()
    given = replace(given, unlabelled=given.test)
    facts = gather(given, None)
    assert facts.surveys["unlabelled"] is facts.surveys["test"]


def test_items_that_do_not_fit_are_refused_before_they_are_looked_at():
    with pytest.raises(UserError, match="items of shape"):
        examine(task(), Samples(np.zeros((4, 3, 9, 9))))


def test_channels_last_in_python_are_warned_of():
    x = np.ascontiguousarray(pictures(120).transpose(0, 2, 3, 1)).astype("u1")
    found = examine(task(x, "signal", "item"))
    (warning,) = [f for f in found.warnings if f.code == "layout"]
    assert "look like 12 rows × 12 columns × 3 channels" in warning.message


def test_a_table_of_another_unit_is_warned_of_only_where_nothing_scales_it():
    x = (signals(120, (4,)) * [1, 5, 20, 1]).astype("f4")
    for scales, warned in ((x, False), (x * [1, 1, 2, 1], True)):
        found = examine(task(scales.astype("f4"), "vector", "none"))
        assert ("unlike_features" in codes(found, "warn")) == warned
        assert "unlike_features" not in codes(examine(task(scales.astype("f4"), "vector", "channel")))


def test_twins_are_those_of_equal_average_hash_that_are_not_equal():
    x = pictures(120, side=16).astype("f4")
    x[60:70] = x[:10] * 1.0001
    x[70:75] = x[10:15]
    x[75] = x[20] = 3
    facts = gather(task(x), None)
    found = twins(facts.real["test"], facts.real["labelled"])
    test, labelled = facts.real["test"].average, facts.real["labelled"].average
    same = (test[:, None] == labelled[None]).all(2).any(1)
    assert np.flatnonzero(found).tolist() == [place for place in np.flatnonzero(same) if not 10 <= place < 16]
    assert set(range(8)) & set(np.flatnonzero(found).tolist())
    for pair in closest(facts, "test", "labelled", found):
        assert pair.item == pair.twin
        assert pair.distance < 0.01


def test_distances_are_of_items_each_scored_by_itself():
    x = signals(50, (400,))
    np.testing.assert_allclose(distances(x, 5 * x + 3), 0, atol=1e-3)
    assert abs(distances(x, signals(50, (400,), seed=9)).mean() - np.sqrt(2)) < 0.05


def test_chance_is_told_beside_synthetic_twins_and_explains_them():
    steps = np.repeat(np.random.default_rng(0).integers(0, 2, (300, 3)), 20, axis=1)
    x = (steps + np.random.default_rng(1).normal(0, 0.01, steps.shape)).astype("f4")[:, None]
    found = examine(task(x[:120], "signal", "item"), Samples(x[120:], np.arange(180) % 3))
    near = [f for f in found.findings if f.code == "near_synthetic_test"]
    assert [f.severity for f in near] == ["note"], "strangers are as often alike"
    assert "of real items of other parts" in near[0].message


@pytest.mark.parametrize("dtype", ["f2", ">f4", "i2", "u8", "c16"])
def test_any_type_of_number_is_looked_at(dtype):
    x = (pictures(120) + (1j if dtype == "c16" else 0)).astype(dtype)
    found = examine(task(x), accept=["complex"])
    assert not found.refusals
