"""Advice: the grid is complete and nested, validation alone chooses, runs are kept, bad input is refused."""

from __future__ import annotations

import dataclasses
import functools
import json
from html import unescape

import numpy as np
import pytest

import assay
from assay.advice.advise import best_alone, choose, saturated
from assay.advice.grid import amounts, by_turns, grid, thinned, with_validation
from assay.advice.outlook import MOST, Outlook, Worth, look_out
from assay.advice.result import Advice, Option
from assay.cli import main as cli
from assay.errors import UserError
from assay.methods.base import Method
from assay.methods.pseudo_label import PseudoLabelMethod
from assay.methods.real_only import RealOnlyMethod
from assay.metrics.statistics import SHARE, Estimate, around
from assay.quality.curve_cells import Row
from assay.quality.learning_curve import WIDEST, Curve, Hidden
from assay.report.advice.text import seeds_to_tell, sentences, tables
from assay.runs.progress import Silent
from assay.types import Task
from tests.support.pages import faults
from tests.support.toys import CLASSES, FAST, MLP, blob_task, blobs, replaced

BRIEF = dataclasses.replace(FAST, epochs=2, steps=3, learning_rate=1e-2)


class Counting(Silent):
    """Counts the runs that were really done."""

    def __init__(self) -> None:
        self.count, self.kept, self.labels = 0, 0, []

    def begin(self, total: int, finished: int) -> None:
        self.total, self.kept = total, finished

    def done(self, record) -> None:
        self.count += 1
        self.labels.append(record["about"]["label"])


def advised(out, seeds=2, **options) -> Advice:
    options = {"training": BRIEF, "backbone": MLP, "workers": 1, "watcher": Silent(), **options}
    task, synthetic = options.pop("task", blob_task(unlabelled=0)), options.pop("synthetic", blobs(64, 9))
    return assay.advise(task, synthetic, seeds=seeds, out=out, **options)


@pytest.fixture(scope="module")
def advice(tmp_path_factory) -> Advice:
    return advised(tmp_path_factory.mktemp("advice"), seeds=3)


# -- the grid -----------------------------------------------------------------------------------------


def test_every_cell_of_the_grid_is_there(advice):
    amounts = (4, 16, 64)
    expected = {(n, 0, "none") for n in (10, 20, 40)}
    expected |= {(n, m, "condition") for n in (10, 20, 40) for m in amounts}
    expected |= {(40, m, labels) for m in amounts for labels in ("pseudo", "drop")}
    assert {(o.real, o.synthetic, o.labels) for o in advice.options} == expected
    assert len(advice.options) == len(expected)
    assert all(option.test.n == 3 for option in advice.options)
    assert advice.info["runs"] == 3 * len(expected)


@pytest.mark.parametrize("counts", [(10, 10, 10, 10), (1, 2, 7, 30), (1, 1, 1, 1)])
def test_smaller_real_sizes_are_nested_stratified_and_hold_every_class(counts):
    y = np.repeat(np.arange(CLASSES), counts)
    x = np.arange(len(y), dtype=float)[:, None].repeat(10, 1)
    task = dataclasses.replace(blob_task(), labelled=assay.Samples(x, y))
    parts = [thinned(task, fraction, seed=3).labelled for fraction in (0.25, 0.5, 1)]
    for part, fraction in zip(parts, (0.25, 0.5, 1)):
        assert len(part) == max(CLASSES, round(fraction * len(y)))
        assert (part.counts(CLASSES) >= 1).all()
        assert (np.abs(part.counts(CLASSES) - fraction * np.array(counts)) <= 2).all()
    items = [set(part.x[:, 0].tolist()) for part in parts]
    assert items[0] <= items[1] <= items[2]


def test_the_luck_of_the_real_items_depends_on_the_seed():
    task = blob_task(shots=16)
    first, again, other = (thinned(task, 0.5, seed) for seed in (0, 0, 1))
    assert first.digest() == again.digest() != other.digest()
    assert (len(first.labelled), len(first.shots)) == (20, 8)
    assert len(first.validation) == len(task.validation)


def test_turns_begin_with_one_of_each_class():
    y = np.array([0] * 50 + [1] * 2 + [2] * 9)
    assert sorted(y[by_turns(y, np.random.default_rng(0))[:3]]) == [0, 1, 2]


def test_the_same_real_size_is_not_run_twice():
    points = grid(blob_task(labelled=4, unlabelled=0), blobs(64, 9), 1, [64], MLP, BRIEF, "cpu")
    assert [(p.real, p.synthetic, p.labels) for p in points] == [
        (4, 0, "none"),
        (4, 64, "condition"),
        (4, 64, "pseudo"),
        (4, 64, "drop"),
    ]


def test_amounts_go_up_to_all_there_is():
    task, synthetic = blob_task(), blobs(1000, 9)
    assert amounts(None, task, synthetic) == [15, 62, 250, 1000]
    assert amounts(None, task, synthetic[:20]) == [5, 20]
    assert amounts(None, task, synthetic[:2]) == [2]
    assert amounts([0.5, 2, 100], task, synthetic) == [20, 80, 1000]


def test_unlabelled_items_bring_uses_beside_them_and_a_baseline_of_real_data_alone():
    points = grid(blob_task(), blobs(64, 9), 1, [64], MLP, BRIEF, "cpu")
    assert {(p.synthetic, p.labels) for p in points if p.real == 40} == {
        (0, "none"),
        (0, "unlabelled"),
        *((64, labels) for labels in ("condition", "mcc", "anchored")),
    }
    assert {p.labels for p in points if p.real < 40} == {"none", "condition"}, "as the learning curve needs"
    methods = {p.labels: type(p.job.cell.run.method).__name__ for p in points}
    assert (methods["unlabelled"], methods["anchored"]) == ("RealUnlabelled", "Anchored")


# -- the choice ---------------------------------------------------------------------------------------


SURE = Estimate(0.9, 0.8, 1.0, 3)


def option(synthetic: int, labels: str, validation: float, errors=None) -> Option:
    return Option(40, synthetic, labels, 0.0, Estimate(validation, 0, 1, 3), None, None, errors or {})


def test_the_best_on_validation_items_is_chosen_and_of_equals_the_one_with_less():
    none, little, much = option(0, "none", 0.8), option(16, "drop", 0.9), option(64, "condition", 0.9)
    assert choose([none, much, little], 40) is little
    assert (
        choose([none, little, dataclasses.replace(much, validation=Estimate(0.9 + 1e-12, 0, 1, 3))], 40)
        is little
    )
    assert choose([none, option(16, "drop", 0.8)], 40) is none
    assert choose([none, option(16, "drop", 0.9, {0: "boom"})], 40) is none
    assert choose([option(0, "none", 0.8, {0: "boom"}), much], 40) is None
    assert choose([none, dataclasses.replace(much, real=20)], 40) is none


def test_test_labels_choose_nothing(tmp_path):
    task = blob_task(unlabelled=0)
    swapped = dataclasses.replace(task, test=replaced(task.test, lambda y: (y + 2) % CLASSES))
    ours, theirs = (advised(tmp_path, task=t, ratios=[1.6]) for t in (task, swapped))
    assert (ours.choice.synthetic, ours.choice.labels) == (theirs.choice.synthetic, theirs.choice.labels)
    assert [o.validation for o in ours.options] == [o.validation for o in theirs.options]
    assert ours.choice.test.mean > 0.5 > theirs.choice.test.mean
    assert max(theirs.candidates, key=lambda o: o.test.mean) is not theirs.choice, "else it shows nothing"


def test_validation_items_do_choose(tmp_path):
    synthetic = replaced(blobs(64, 9), lambda y: (y + 1) % CLASSES)
    task = blob_task(unlabelled=0)
    misled = dataclasses.replace(task, validation=replaced(task.validation, lambda y: (y + 1) % CLASSES))
    learning = {"synthetic": synthetic, "training": FAST, "ratios": [1.6], "seeds": 1}
    assert advised(tmp_path, task=task, **learning).choice.labels != "condition"
    assert advised(tmp_path, task=misled, **learning).choice.labels == "condition"


def test_the_gain_is_the_paired_difference_to_real_data_alone(advice):
    base = next(o for o in advice.candidates if o.labels == "none")
    for found in advice.candidates:
        if found is not base:
            assert found.gain.mean == pytest.approx(found.test.mean - base.test.mean)
            assert found.gain.n == 3
    assert all(o.gain is None for o in advice.options if o.real < 40)


def test_gains_are_over_the_best_use_of_real_data_alone_that_validation_items_choose(tmp_path):
    found = advised(tmp_path, task=blob_task(), ratios=[1.6])
    of = {o.labels: o for o in found.candidates}
    best = max(("none", "unlabelled"), key=lambda labels: of[labels].validation.mean)
    assert found.alone is of[best]
    assert of[best].gain is None
    for labels in of.keys() - {best}:
        assert of[labels].gain.mean == pytest.approx(of[labels].test.mean - of[best].test.mean)
    assert Advice.open(tmp_path) == found
    assert "real alone, unlabelled too" in assay.table(found)


def test_equals_alone_are_told_by_the_plain_one():
    none, unlabelled = option(0, "none", 0.8), option(0, "unlabelled", 0.8)
    assert best_alone([none, unlabelled], 40) == "none"
    assert best_alone([none, dataclasses.replace(unlabelled, validation=SURE)], 40) == "unlabelled"
    failed = dataclasses.replace(unlabelled, validation=SURE, errors={0: "boom"})
    assert best_alone([none, failed], 40) == "none"


def test_words_tell_the_gain_over_the_best_real_data_alone_and_over_the_labelled_items(advice):
    gain, over = Estimate(0.02, 0.01, 0.03, 3), Estimate(0.07, 0.05, 0.09, 3)
    base = Option(40, 0, "none", 0, SURE, SURE, Estimate(-0.05, -0.06, -0.04, 3), {})
    unlabelled = Option(40, 0, "unlabelled", 0, SURE, SURE, None, {}, over)
    chosen = Option(40, 64, "anchored", 64, SURE, SURE, gain, {}, over)
    found = dataclasses.replace(advice, options=(base, unlabelled, chosen), choice=chosen)
    told = sentences(found)[0]
    assert told.startswith("Use all 64 synthetic items (1.6 a real one), weighed")
    assert "+2.0 [+1.0, +3.0] points on the test items over 3 seeds, against real data alone, the unl" in told
    assert told.endswith("and +7.0 [+5.0, +9.0] against its labelled items alone (`real_only`).")
    told = sentences(dataclasses.replace(found, choice=unlabelled))[0]
    assert told.startswith("Use the real data alone, the unlabelled items among them (`real_unlabelled`): on")
    assert "that is +7.0 [+5.0, +9.0] points on the test items" in told
    rows = tables(found)["What was tried"]
    assert [row["difference to real alone"][:4] for row in rows] == ["-5.0", "(bas", "+2.0"]
    assert [row["difference to real_only"][:4] for row in rows] == ["(bas", "+7.0", "+7.0"]


# -- keeping ------------------------------------------------------------------------------------------


def test_finished_runs_are_not_repeated_and_more_seeds_only_add(tmp_path):
    first, again, more = Counting(), Counting(), Counting()
    before = advised(tmp_path, seeds=1, ratios=[1.6], watcher=first)
    after = advised(tmp_path, seeds=1, ratios=[1.6], watcher=again)
    advised(tmp_path, seeds=2, ratios=[1.6], watcher=more)
    assert (first.count, again.count, more.count) == (8, 0, 8)
    assert (first.total, again.kept, more.kept) == (8, 8, 8)
    assert [o.test.mean for o in before.options] == [o.test.mean for o in after.options]


def test_runs_of_a_comparison_in_the_same_folder_serve(tmp_path):
    quiet = {"training": BRIEF, "backbone": MLP, "workers": 1, "watcher": Silent()}
    methods = ["mixed", "trts_filter", "pseudo_label"]
    assay.compare(blob_task(unlabelled=0), blobs(64, 9), methods=methods, seeds=1, out=tmp_path, **quiet)
    counting = Counting()
    advised(tmp_path, seeds=1, ratios=[1.6], watcher=counting)
    assert counting.kept == 4
    assert not any(label in ("40 real", "40 real + 64 synthetic (drop)") for label in counting.labels)


def test_advice_is_written_as_json_words_and_a_figure(advice):
    paths = assay.write_advice(advice)
    words, figure, numbers, page = (path.read_text() for path in paths)
    assert [path.name for path in paths] == ["advice.md", "advice.svg", "advice.json", "report.html"]
    assert words.strip() == assay.table(advice)
    assert "<svg" in figure
    assert all(sentence in unescape(page) for sentence in sentences(advice))
    assert faults(page) == []
    stored = json.loads(numbers)
    assert len(stored["options"]) == len(advice.options)
    assert stored["outlook"]["predictions"][0]["what"] == "as now"
    assert str(advice.folder) not in numbers
    assay.write_advice(advice)
    assert paths[1].read_text() == figure, "same advice, same bytes"


def test_one_seed_gives_numbers_but_no_claim_and_no_outlook(tmp_path):
    found = advised(tmp_path, seeds=1, ratios=[1.6])
    assert found.outlook is None
    assert sentences(found)[0].startswith("No claim: fewer than 3 seeds")
    assert "1 seed; it takes 3" in assay.table(found)
    assert json.loads((tmp_path / "advice.json").read_text())["options"][0]["test"]["low"] is None
    assert "Means over 1 seed with" in assay.table(found)
    assert len(assay.write_advice(found)) == 4


# -- what goes wrong ----------------------------------------------------------------------------------


def broken(self: Method, *batch: object) -> None:
    raise RuntimeError("out of luck")


def test_an_option_of_which_a_run_failed_is_told_and_never_chosen(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(PseudoLabelMethod, "select", broken)
        found = advised(tmp_path, ratios=[1.6])
    failed = [o for o in found.options if o.errors]
    assert {o.labels for o in failed} == {"pseudo"}
    assert all(
        o.test is None and o.errors == dict.fromkeys((0, 1), "RuntimeError: out of luck") for o in failed
    )
    assert "2 of 16 runs failed; the first, seed 0: RuntimeError: out of luck." in assay.table(found)
    assert len(assay.write_advice(found)) == 4
    counting = Counting()
    again = advised(tmp_path, ratios=[1.6], retry_failed=True, watcher=counting)
    assert counting.count == 2
    assert not any(o.errors for o in again.options)


def test_without_a_baseline_there_is_no_advice(tmp_path, monkeypatch):
    monkeypatch.setattr(RealOnlyMethod, "update", broken)
    found = advised(tmp_path, seeds=1, ratios=[1.6])
    assert found.choice is None
    assert sentences(found)[0] == "No advice: a run of the real data alone failed."


def test_without_validation_items_a_fifth_is_held_out_with_a_note(tmp_path):
    task = blob_task(validation=0, unlabelled=0)
    ready, note = with_validation(task)
    assert (len(ready.labelled), len(ready.validation)) == (32, 8)
    assert ready.validation.counts(CLASSES).tolist() == [2] * CLASSES
    both = np.concatenate((ready.labelled.x, ready.validation.x))
    assert len(np.unique(both, axis=0)) == 40
    found = advised(tmp_path, task=task, seeds=1, ratios=[1.6])
    assert note in sentences(found)
    assert "8 of the 40 labelled ones were held out" in note
    assert with_validation(ready) == (ready, "")


def test_unknown_conditions_leave_pseudo_labels_only(tmp_path):
    synthetic = replaced(blobs(64, 9), lambda y: np.where(np.arange(len(y)) == 5, -1, y))
    found = advised(tmp_path, synthetic=synthetic, seeds=3, ratios=[1.6])
    assert {o.labels for o in found.options} == {"none", "pseudo"}
    assert found.outlook is None
    assert "0 amounts of labelled synthetic items" in assay.table(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"task": blob_task(labelled=16, validation=0)},
            "validation: no items, and class 'a' has 4 labelled",
        ),
        ({"ratios": [-1]}, "--ratios: -1"),
        ({"ratios": [float("nan")]}, "--ratios: nan"),
        ({"ratios": [0.001]}, "asks for no synthetic item"),
        ({"ratios": []}, "--ratios: none"),
        ({"seeds": 0}, "seeds: none"),
        ({"synthetic": blobs(0, 9)}, "synthetic: no items"),
        ({"synthetic": assay.Samples(np.zeros((4, 3)), [0, 1, 2, 3])}, "items of shape"),
        ({"device": "tpu"}, "device: tpu"),
        ({"backbone": "nonsense"}, "unknown backbone"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path, change, message):
    with pytest.raises(UserError, match=message):
        advised(tmp_path / "out", **change)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["digits", "nowhere.npz"],
        ["nothing", "digits-rendered"],
        ["digits", "digits-rendered", "--ratios", "1,x"],
        ["digits", "digits-rendered", "--ratios", "0,-1"],
        ["digits", "digits-rendered", "--training", "epochs=0"],
        ["digits:validation=1,labelled=1", "digits-rendered", "--backbone", "what"],
    ],
)
def test_the_verb_refuses_in_one_line(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["assay", "advise", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr().err.strip().splitlines()
    assert end.value.code == 2
    assert len([line for line in said if line.startswith("error: ")]) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_verb_says_how_many_runs_there_are_and_what_follows(tmp_path, monkeypatch, capsys):
    quick = ["--seeds", "2", "--training", "epochs=1,steps=2", "--workers", "1", "--ratios", "0.4"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["assay", "advise", "digits", "digits-rendered", *quick])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert not end.value.code
    assert "18 runs" in said.err
    assert "What was tried" in said.out
    folder = tmp_path / "runs" / "digits-digits-rendered"
    assert {path.name for path in folder.iterdir()} == {
        "runs",
        "advice.json",
        "advice.md",
        "advice.svg",
        "report.html",
        "commands.json",
    }


# -- the outlook and its words ------------------------------------------------------------------------

CHANCE = 0.9
TRUTH = Curve(CHANCE, floor=0.02, power=1.0, scale=10.0, worth=0.4, reach=100.0)


def curve_rows(harm_at_most: float = 0.0) -> list[Row]:
    rng, found = np.random.default_rng(1), []
    for seed in range(4):
        for n in (12, 25, 50):
            for m in (0, 16, 62, 250, 1000):
                worse = harm_at_most * (m == 1000)
                found.append(Row(n, m, seed, TRUTH.error(n, m) + worse + rng.normal(0, 0.005)))
    return found


@functools.cache
def outlook_of(harm_at_most: float = 0.0) -> Outlook:
    return look_out(curve_rows(harm_at_most), CHANCE)


def test_the_outlook_predicts_from_all_there_is_and_knows_that_it_holds():
    outlook = outlook_of()
    sizes = [(p.real, p.synthetic) for p in outlook.predictions]
    assert sizes == [(50, 1000), (50, 2000), (100, 1000), (100, 2000)]
    for p in outlook.predictions:
        assert p.accuracy.mean == pytest.approx(1 - TRUTH.error(p.real, p.synthetic), abs=0.01)
    assert outlook.predictions[0].gain is None
    assert [worth.synthetic for worth in outlook.worths] == [16, 1000]
    for worth in outlook.worths:
        assert worth.real.mean == pytest.approx(TRUTH.effective(50, worth.synthetic) - 50, rel=0.3)
    assert outlook.holds


def test_a_curve_that_missed_the_hidden_sizes_must_not_be_relied_upon(advice):
    outlook = outlook_of(harm_at_most=0.15)
    assert not outlook.holds
    told = " ".join(sentences(dataclasses.replace(advice, outlook=outlook)))
    assert (
        "cannot be said: the learning curve, fitted without the largest sizes, missed them: 25 real and"
        in told
    )
    spoken = ("By the learning curve twice", "are worth", "foresaw")
    assert not any(words in told for words in spoken), "nothing else is said of a curve that failed its check"
    trusted = " ".join(sentences(dataclasses.replace(advice, outlook=outlook_of())))
    assert "cannot be said" not in trusted
    assert all(words in trusted for words in spoken)
    assert "it foresaw them: 50 real and 250 synthetic items" in trusted


def test_a_curve_that_cannot_be_checked_must_not_be_relied_upon(advice):
    outlook = look_out([row for row in curve_rows() if row.synthetic in (0, 16, 62)], CHANCE)
    assert outlook.hidden == ()
    told = " ".join(sentences(dataclasses.replace(advice, outlook=outlook)))
    assert "cannot be said: the learning curve could not be checked (2 amounts of" in told
    assert "give three ratios or more" in told
    assert len(tables(dataclasses.replace(advice, outlook=outlook))) == 2


def test_what_is_predicted_too_loosely_checks_nothing(advice):
    outlook = outlook_of()
    wide = around(0.98, 0.03 + WIDEST / 2, 4, SHARE)
    assert wide.high - wide.low < WIDEST, "cut, it would look certain"
    vague = dataclasses.replace(outlook, hidden=(*outlook.hidden[:2], Hidden(50, 1000, wide, 0.97)))
    assert vague.hidden[2].inside
    assert not vague.holds
    found = dataclasses.replace(advice, outlook=vague)
    told = " ".join(sentences(found))
    assert "too uncertain about them for the check to say anything: 50 real and 1000" in told
    assert "98.0 [90.0, 100.0] %, measured 97.0 %" in told, "accuracies end at 100 %"
    assert [row["inside"] for row in list(tables(found).values())[2]][2] == "too uncertain to check"


@pytest.mark.parametrize("spread", [0.0, 0.1])
def test_a_worth_beyond_what_was_measured_is_not_told(advice, spread):
    """Any synthetic item ruins the model, or the seeds differ: the fit runs into its bounds."""
    rng = np.random.default_rng(0)
    rows = [
        dataclasses.replace(row, error=CHANCE - 0.01 * (row.seed % 2) if row.synthetic else row.error)
        if not spread
        else dataclasses.replace(row, error=float(np.clip(0.5 + rng.normal(0, spread), 0, 1)))
        for row in curve_rows()
        if row.seed < 3
    ]
    outlook = look_out(rows, CHANCE)
    for worth in outlook.worths:
        assert worth.real is None or -50 <= worth.real.low <= worth.real.high <= MOST * 50
        assert worth.real is None or worth.real.mean >= 12 - 50
    if not spread:
        told = " ".join(sentences(dataclasses.replace(advice, outlook=trusted(outlook))))
        assert "How many real items the synthetic ones are worth, these runs cannot tell." in told


@pytest.mark.parametrize(
    ("few", "all_", "words"),
    [
        ((5, 4, 6), (36, 23, 49), "16 synthetic items are worth 5.0 [4.0, 6.0] real ones, and 64 synthetic"),
        (
            (5, 4, 6),
            (-43, -63, 109),
            "16 synthetic items are worth 5.0 [4.0, 6.0] real ones; what 64 are worth",
        ),
        (
            (-5, -6, -4),
            None,
            "16 synthetic items do as much harm as the loss of 5.0 [4.0, 6.0] real ones; what",
        ),
        (
            (0, -3, 3),
            (-43, -63, 109),
            "How many real items the synthetic ones are worth, these runs cannot tell",
        ),
    ],
)
def test_a_worth_that_may_be_gain_or_loss_is_not_told(advice, few, all_, words):
    worths = tuple(Worth(m, w and Estimate(*w, 4)) for m, w in ((16, few), (64, all_)))
    outlook = dataclasses.replace(outlook_of(), worths=worths)
    told = " ".join(sentences(dataclasses.replace(advice, outlook=outlook)))
    assert words in told
    assert "109" not in told


def trusted(outlook: Outlook) -> Outlook:
    """The same, as if the check had borne it out."""
    return dataclasses.replace(outlook, hidden=(Hidden(50, 1000, Estimate(0.9, 0.88, 0.92, 4), 0.9),))


def test_where_the_real_data_alone_are_always_right_there_is_nothing_to_gain(tmp_path):
    parts = [blobs(n, seed, spread=0.05) for seed, n in enumerate((40, 40, 0, 40))]
    easy = Task("easy", tuple("abcd"), *parts, normalise="none", kind="vector")
    learning = {"training": FAST, "ratios": [0.5], "synthetic": blobs(64, 9, spread=0.05)}
    found = advised(tmp_path, task=easy, seeds=2, **learning)
    assert saturated(found.options, 40)
    assert found.outlook is None
    told = " ".join(sentences(found))
    assert "On the validation items no use of the synthetic data did better." in told
    assert "There is nothing to gain" in told


def test_if_every_use_loses_its_cost_is_told(advice):
    def losing(option: Option, gain: Estimate | None) -> Option:
        return dataclasses.replace(option, gain=gain) if option.labels != "none" else option

    gains = [None, *(Estimate(-0.02 - 0.01 * k, -0.05 - 0.01 * k, 0.01 - 0.01 * k, 3) for k in range(9))]
    options = tuple(losing(option, gain) for option, gain in zip(advice.candidates, gains, strict=True))
    told = sentences(dataclasses.replace(advice, options=options, choice=options[0]))[0]
    assert "In the mean every use of them costs between 2.0 and 10.0 points on the test items" in told
    assert told.endswith("-2.0 [-5.0, +1.0], which may be chance.")
    kind = (*options[:-1], losing(options[-1], Estimate(0.0, -0.1, 0.1, 3)))
    assert "costs" not in sentences(dataclasses.replace(advice, options=kind, choice=options[0]))[0]


@pytest.mark.parametrize(
    ("gain", "start"),
    [
        (Estimate(0.05, 0.03, 0.07, 5), "Use all 64 synthetic items (1.6 a real one), with their conditions"),
        (Estimate(-0.05, -0.07, -0.03, 5), "Use the real data alone. On the validation items all 64"),
        (Estimate(0.05, -0.01, 0.11, 5), "It cannot be told whether the synthetic data help."),
        (None, "Use the real data alone: on the validation items no use"),
    ],
)
def test_words_follow_from_the_interval(advice, gain, start):
    labels = "condition" if gain else "none"
    chosen = Option(
        40, 64 if gain else 0, labels, 64.0, Estimate(0.9, 0, 1, 5), Estimate(0.9, 0, 1, 5), gain, {}
    )
    assert sentences(dataclasses.replace(advice, choice=chosen))[0].startswith(start)


def test_proven_losses_of_other_options_are_told(advice):
    def of(option: Option, gain: Estimate) -> Option:
        return dataclasses.replace(option, gain=gain) if option.labels != "none" else option

    sure, vague, better = (Estimate(m, m - 0.02, m + 0.02, 3) for m in (-0.03, -0.01, 0.05))
    options = tuple(of(option, sure if option.labels == "pseudo" else vague) for option in advice.candidates)
    chosen = of(options[-1], better)
    told = " ".join(sentences(dataclasses.replace(advice, options=(*options[:-1], chosen), choice=chosen)))
    assert (
        "Synthetic items labelled by a model trained on the real data, not by their conditions, cost" in told
    )
    assert "(4: 3.0 [1.0, 5.0]; 16: 3.0 [1.0, 5.0]; 64: 3.0 [1.0, 5.0])" in told
    assert told.count(" cost ") == 1


def test_seeds_to_tell_is_the_least_number_that_would():
    # t(0.975, 4) = 2.776; half = 0.06 at 5 seeds: s = 0.06 * sqrt(5) / 2.776 = 0.04833
    # k = 6: 2.571 * s / sqrt(6) = 0.0507; k = 7: 2.447 * s / sqrt(7) = 0.0447
    assert seeds_to_tell(Estimate(0.05, -0.01, 0.11, 5)) == 7
    assert seeds_to_tell(Estimate(0.001, -0.059, 0.061, 5)) is None
    assert seeds_to_tell(Estimate(0.0, -0.06, 0.06, 5)) is None
