"""The score of synthetic data: every planted fault moves the measures that name it, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assay.errors import UserError
from assay.quality.score import Score, Scoring, score
from assay.report.score.files import as_json, csv_bytes, table_of
from assay.report.score.text import sentences
from assay.types import Samples
from tests.support.scoring import CLASSES, SHORT, a_task, flipped, items, scored

ONE, TWO = Scoring(repeats=1), Scoring(repeats=2)


@pytest.fixture(scope="module")
def good() -> Score:
    return scored(items(300, 7))


@pytest.fixture(scope="module")
def wrong() -> Score:
    """Of the same items, three in ten under another condition."""
    return scored(flipped(items(300, 7), 0.3))


@pytest.fixture(scope="module")
def brief() -> Score:
    """For what does not need models that have learnt."""
    return scored(items(120, 7), scoring=TWO, training=SHORT)


def mean(score: Score, name: str) -> float:
    return score[name].mean


def written(score: Score) -> tuple[dict, bytes]:
    """All numbers."""
    return as_json(score), csv_bytes(table_of(score))


def names(score: Score) -> list[str]:
    return [row.measure.name for row in score.rows]


# -- planted faults -----------------------------------------------------------------------------------


def test_good_data_lie_near_the_floor(good):
    for row in good.rows:
        way = (row.value.mean - row.ceiling.mean) / (row.floor.mean - row.ceiling.mean)
        assert 0.7 < way < 1.3, row.measure.name


def test_flipped_conditions_lower_affinity_and_are_counted(good, wrong):
    for name in ("affinity", "trts"):
        assert mean(good, name) - mean(wrong, name) == pytest.approx(0.3, abs=0.06)
    assert mean(wrong, "label_errors") == pytest.approx(0.3, abs=0.06)
    assert mean(good, "label_errors") < 0.03
    for name in ("precision", "recall", "coverage", "copying", "two_sample"):
        assert mean(wrong, name) == mean(good, name)  # likeness sees no conditions


def test_flipped_items_are_named(wrong):
    clean = items(300, 7)
    bad, table = flipped(clean, 0.3).y != clean.y, wrong.samples
    assert ((table["label_error"] > 0.5) == bad).mean() > 0.97
    assert (table["score"][bad] < 0).mean() > 0.97
    assert (table["kept_by_trts_filter"] == ~bad).mean() > 0.97
    assert (table["predicted"] == clean.y).mean() > 0.97


def test_a_mode_for_each_class_lowers_diversity_and_recall_alone(good):
    bad = scored(items(300, 7, modes=1))
    for name in ("diversity", "tstr", "recall", "coverage"):
        assert mean(bad, name) < mean(good, name) - 0.25, name
    for name in ("affinity", "trts", "precision"):
        assert mean(bad, name) > mean(good, name) - 0.05, name
    assert mean(bad, "label_errors") < 0.03


def test_coverage_names_the_class_that_collapsed(good):
    collapsed = items(300, 7, modes=1)
    y, x = collapsed.y, items(300, 7).x.copy()
    x[y == 1] = collapsed.x[y == 1]
    bad = scored(Samples(x, y))
    assert bad.classes[1]["coverage"] < good.classes[1]["coverage"] - 0.25
    assert bad.classes[0]["coverage"] == pytest.approx(good.classes[0]["coverage"], abs=0.1)


def test_copies_are_noticed_and_traced(good):
    task, new = a_task(), items(300, 7)
    source = np.arange(60) * 3
    x = new.x.copy()
    x[:60] = task.labelled.x[source]
    made = scored(Samples(x, np.concatenate([task.labelled.y[source], new.y[60:]])), task)
    assert mean(good, "copying") < 0.05
    assert mean(made, "copying") == pytest.approx(0.2, abs=0.08)
    table = made.samples
    assert (table["distance"] == 0).tolist() == [True] * 60 + [False] * 240
    assert table["copied"][:60].all()
    assert table["nearest"][:60].tolist() == source.tolist()
    assert set(table["nearest_part"][:60]) == {"labelled"}


def test_copies_of_unlabelled_and_validation_items_are_noticed_too():
    task = a_task()
    x = np.concatenate([task.unlabelled.x[:20], task.validation.x[:20]])
    made = scored(Samples(x), task, scoring=ONE, training=SHORT)
    assert made.samples["nearest_part"].tolist() == ["unlabelled"] * 20 + ["validation"] * 20
    assert mean(made, "copying") == 1


def test_noise_looks_unlike_real_items(good):
    rng = np.random.default_rng(1)
    bad = scored(Samples(rng.normal(0, 3, (300, 6)).astype(np.float32), np.arange(300) % CLASSES))
    for name in ("precision", "density", "coverage"):
        assert mean(bad, name) < 0.7 * mean(good, name), name
    for name in ("frechet", "kernel", "mmd", "two_sample"):
        assert mean(bad, name) > mean(good, name) + 0.05, name
    assert mean(bad, "affinity") < mean(good, "affinity") - 0.3
    assert np.median(bad.samples["outlier"]) > 2 * np.median(good.samples["outlier"])


def test_a_dropped_class_is_noticed(good):
    made = items(300, 7)
    bad = scored(made[made.y != 1])
    assert mean(bad, "imbalance") == pytest.approx(1 / 3, abs=0.05)
    assert mean(good, "imbalance") < 0.1
    assert bad.classes[1]["n"] == 0
    assert bad.classes[1]["tstr"] == 0
    assert bad.classes[1]["diversity"] < good.classes[1]["diversity"] - 0.5
    assert np.isnan(bad.classes[1]["affinity"])
    assert np.isnan(bad.classes[1]["coverage"])
    assert bad.classes[0]["affinity"] > 0.9


def test_a_bad_group_is_told_from_a_good_one():
    made = items(300, 7)
    y = np.where(made.group == 1, (made.y + 1) % CLASSES, made.y)
    groups = scored(Samples(made.x, y, made.group), scoring=ONE).groups
    assert groups[0]["affinity"] > groups[1]["affinity"] + 0.5
    assert groups[1]["trts"] < 0.1


# -- what a score may look at -------------------------------------------------------------------------


def test_same_seed_same_numbers_whatever_the_workers(brief):
    two = scored(items(120, 7), scoring=TWO, training=SHORT, workers=2)
    assert written(brief) == written(two)
    other = scored(items(120, 7), scoring=Scoring(repeats=2, seed=1), training=SHORT)
    assert mean(other, "trts") != mean(brief, "trts")


def test_test_items_are_looked_at_for_copies_alone(brief):
    task = a_task()
    changed = replace(task, test=Samples(task.test.x[::-1] + 9, task.test.y))
    theirs = scored(items(120, 7), changed, scoring=TWO, training=SHORT)
    for one, other in zip(brief.rows, theirs.rows, strict=True):
        assert (one == other) == (one.measure.name != "copying_test")
    for name, values in brief.samples.items():
        assert np.array_equal(values, theirs.samples[name]) != name.endswith("_test") or name == "copied_test"


def test_labels_of_test_items_are_not_looked_at(brief):
    task = a_task()
    swapped = replace(task, test=Samples(task.test.x, (task.test.y + 1) % CLASSES, task.test.group))
    found = scored(items(120, 7), swapped, scoring=TWO, training=SHORT)
    digests = {each.info["task_digest"] for each in (brief, found)}
    assert len(digests) == 2
    info = {**found.info, "task_digest": brief.info["task_digest"]}
    assert written(replace(found, info=info)) == written(brief)


def test_copies_of_test_items_have_a_row_and_a_sentence_of_their_own():
    task, made = a_task(), items(60, 7)
    x = made.x.copy()
    x[:20] = task.test.x[:20]
    leaked = Samples(x, made.y, made.group)
    with pytest.raises(UserError, match="20 of 60 synthetic items are test items"):
        scored(leaked, task, training=SHORT)
    found = scored(leaked, task, training=SHORT, accept=["synthetic_is_test"])
    assert found["copying_test"].mean > 0.2 > found["copying"].mean
    assert (found.samples["copied_test"] == (np.arange(60) < 20)).mean() > 0.9
    said = sentences(found)
    assert said[0] == "Found in the data: 20 of 60 synthetic items are test items."
    assert any("of the items equal one of the test items" in text for text in said)
    assert "20 items equal a test item once normalised." in said


@pytest.mark.parametrize(
    ("unlabelled", "words"),
    [
        (120, ": likeness is measured against the 120 unlabelled items, of 2 groups."),
        (0, "2 of 2 test groups are others."),
    ],
)
def test_real_items_of_other_groups_than_the_tests_are_told_of(unlabelled, words):
    task = a_task(unlabelled=unlabelled)
    of_others = replace(task, test=Samples(task.test.x, task.test.y, task.test.group + 5))
    said = " ".join(sentences(scored(items(60, 7), of_others, scoring=ONE, training=SHORT)))
    assert "The labelled real items that judge are of 2 groups; 2 of 2 test groups are others" in said
    assert words in said
    assert "that judge" not in " ".join(sentences(scored(items(60, 7), task, scoring=ONE, training=SHORT)))


def test_the_other_view_is_offered():
    task = a_task()
    of_others = replace(task, test=Samples(task.test.x, task.test.y, task.test.group + 5))
    labelled = scored(items(60, 7), of_others, training=SHORT, scoring=Scoring(repeats=1, against="labelled"))
    offer = "--scoring against=unlabelled holds likeness against the 120 unlabelled items, of 2 groups."
    assert offer in " ".join(sentences(labelled))


def test_labels_of_unlabelled_items_are_not_looked_at(brief):
    other = replace(items(120, 2), y=np.zeros(120, int))
    found = scored(items(120, 7), replace(a_task(), unlabelled=other), scoring=TWO, training=SHORT)
    assert written(found) == written(brief)


def test_likeness_is_measured_against_the_place_of_the_unlabelled_items():
    task, made = a_task(), items(120, 7)
    elsewhere = replace(task, unlabelled=Samples(task.unlabelled.x + 5))
    there = scored(made, elsewhere, scoring=ONE)
    here = scored(made, elsewhere, scoring=Scoring(repeats=1, against="labelled"))
    assert (there.info["against"], here.info["against"]) == ("unlabelled", "labelled")
    assert mean(there, "coverage") < 0.1 < 0.8 < mean(here, "coverage")
    none = scored(made, a_task(unlabelled=0), scoring=ONE, training=SHORT)
    assert none.info["against"] == "labelled"


def test_without_conditions_only_likeness_is_measured(good):
    bare = scored(items(300, 7).without_labels(), scoring=ONE)
    assert names(bare) == [row.measure.name for row in good.rows if row.measure.needs == ""]
    assert (bare.classes, bare.groups) == ([], {})
    assert set(bare.samples["condition"]) == {-1}
    assert (bare.samples["score"] > -0.01).all()  # of the predicted class
    assert not bare.samples["kept_by_trts_filter"].any()
    with pytest.raises(KeyError):
        bare["affinity"]


def test_items_without_a_condition_among_others_do_not_count_as_wrong(good):
    made = items(300, 7)
    y = np.where(np.arange(300) % 2, made.y, -1)
    half = scored(Samples(made.x, y, made.group), scoring=TWO)
    assert mean(half, "trts") > 0.95
    assert not half.samples["label_error"][::2].any()


def test_few_known_conditions_are_dealt_out_evenly():
    made = items(300, 7)
    y = np.where(np.arange(300) < 6, made.y, -1)
    few = scored(Samples(made.x, y), scoring=ONE, training=SHORT)
    assert sum(found["n"] for found in few.classes) == 3


def test_own_features():
    seen = []

    def first_two(x):
        seen.append(x.shape)
        return x[:, :2] * 1000

    task, made = a_task(), items(300, 7)
    far = Samples(made.x + np.float32([0, 0, 9, 9, 9, 9]), made.y)
    blind = scored(far, task, scoring=ONE, training=SHORT, features=first_two)
    sharp = scored(far, task, scoring=ONE, training=SHORT, features=lambda x: x)
    assert (300, 6) in seen
    assert blind.info["features"] == "given"
    assert mean(blind, "coverage") > 0.8 > 0.1 > mean(sharp, "coverage")
    assert mean(blind, "frechet") < 1  # in units of the features of real items
    assert mean(blind, "affinity") == mean(sharp, "affinity")


# -- intervals ----------------------------------------------------------------------------------------


def test_a_single_repeat_has_no_interval_and_more_have_one_inside_the_range(good):
    one = scored(items(60, 7), scoring=ONE, training=SHORT)
    assert all(np.isnan(row.value.low) for row in one.rows)
    for row in good.rows:
        for found in (row.value, row.floor, row.ceiling):
            assert found.low <= found.mean <= found.high, row.measure.name
            assert row.measure.low <= found.low, row.measure.name


def test_progress_is_reported_from_the_start():
    told = []
    scored(items(60, 7), scoring=TWO, training=SHORT, report=lambda *done: told.append(done))
    assert told == [(done, 12) for done in range(13)], "two repeats of five jobs, and two for the table"


# -- what cannot be scored ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("synthetic", "other", "named"),
    [
        (items(5, 7), {}, "synthetic: 5 items; a score needs 6"),
        (Samples(items(30, 7).x[:, :5]), {}, "shape \\(5,\\)"),
        (Samples(items(30, 7).x, np.full(30, 3)), {}, "y: 3 of item 0"),
        (Samples(items(30, 7).x, np.arange(30) // 28 - 1), {}, "2 known conditions"),
        (items(10, 7), {}, "neighbours: 5; .* 5 real"),
        (items(30, 7), {"task": a_task(labelled=6, validation=0)}, "class 'ant' has 2 labelled real"),
        (
            items(30, 7),
            {"task": a_task(unlabelled=9), "scoring": Scoring(against="unlabelled")},
            "has 9 unlabelled",
        ),
        (items(30, 7), {"features": lambda x: x[1:]}, "features: .* shape \\(\\d+, 6\\) for"),
        (items(30, 7), {"features": lambda x: x * np.nan}, "features: .* finite"),
    ],
)
def test_refused_in_one_line(synthetic, other, named):
    with pytest.raises(UserError, match=named):
        scored(synthetic, **{"training": SHORT, **other})


def test_what_is_no_data_is_refused():
    with pytest.raises(UserError, match=r"mine.npz: No such file"):
        score("mine.npz", items(30, 7))
    with pytest.raises(UserError, match=r"'made.npz': no such file"):
        score(a_task(), "made.npz")
    with pytest.raises(UserError, match=r"data: a int; expected a path"):
        score(a_task(), 3)


def test_a_score_names_itself_and_its_measures(good):
    with pytest.raises(KeyError, match=r"nope: .*known: affinity, .*mmd"):
        good["nope"]
    assert repr(good) == f"Score(task='circle', synthetic='synthetic', items=300, measures={len(good.rows)})"
    named = scored(items(60, 7), scoring=ONE, training=SHORT, synthetic_name="mine")
    assert named.info["synthetic_name"] == "mine"


def test_complex_items_are_refused():
    task = a_task()
    parts = {name: Samples(part.x + 1j, part.y) for name, part in task.parts()}
    with pytest.raises(UserError, match=r"labelled: complex items .*part=magnitude"):
        scored(items(30, 7), replace(task, **parts))
