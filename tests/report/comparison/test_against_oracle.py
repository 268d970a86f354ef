"""The selections against the oracle: planted histories, old records, and where the table stands."""

from __future__ import annotations

import copy
import dataclasses
import json
import math

import pytest

from assay.cli.results import show
from assay.comparison.compare import compare
from assay.comparison.result import Comparison
from assay.report.assessment.page import page
from assay.report.comparison import by_class, figures
from assay.report.comparison.against_oracle import (
    TITLE,
    UNKNOWN,
    accuracy_lost,
    correlation_over_epochs,
    correlation_over_methods,
    of_comparison,
    of_study,
    over_seeds,
    rank_correlation,
    table,
)
from assay.report.comparison.page import tables
from assay.report.study.files import write_study
from assay.train.selection import LABEL_FREE, SELECTIONS, choose_epoch
from tests.report.comparison.test_page import SHORT, a_task, some
from tests.report.study.test_page import a_study

ACCURACY = (0.3, 0.5, 0.4, 0.9)
EPOCHS, METHODS, LOST = "rank correlation over epochs", "over methods", "points lost to the oracle"
SCORES = {"information": 1, "entropy": -1, "density": 1, "nuclear_norm": 1}


def planted(seed: int = 0, accuracy=ACCURACY, **scores) -> dict:
    """A run of which every score follows the accuracy, but for those given: a sequence, or None if absent."""
    follows = {name: [sign * value for value in accuracy] for name, sign in SCORES.items()}
    columns = {name: values for name, values in {**follows, **scores}.items() if values is not None}
    columns["test_accuracy"] = accuracy
    history = [dict(zip(columns, row)) for row in zip(*columns.values())]
    chosen = {name: choose_epoch(history, name) for name in SELECTIONS}
    selections = {name: {"accuracy": accuracy[i]} for name, i in chosen.items() if i is not None}
    return {"seed": seed, "error": None, "history": history, "selections": selections}


def by_selection(runs) -> dict[str, dict[str, str]]:
    return {row["selection"]: row for row in table(runs)}


# -- quantities ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("selection", LABEL_FREE)
def test_a_score_that_follows_the_accuracy(selection):
    assert correlation_over_epochs(planted(), selection) == pytest.approx(1)
    assert accuracy_lost(planted(), selection) == 0


@pytest.mark.parametrize("selection", LABEL_FREE)
def test_a_score_that_is_reversed_loses_all_there_is_to_lose(selection):
    reversed_ = {name: [-sign * value for value in ACCURACY] for name, sign in SCORES.items()}
    run = planted(**reversed_)
    assert correlation_over_epochs(run, selection) == pytest.approx(-1)
    assert accuracy_lost(run, selection) == pytest.approx(0.9 - 0.3)


def test_ranks_not_values_are_correlated():
    assert rank_correlation([1, 2, 3, 4], [0.1, 0.2, 0.3, 1e9]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)
    assert rank_correlation([1, 2, 2, 4], [1, 2, 3, 4]) == pytest.approx(0.9486832980505138), "equals share"


@pytest.mark.parametrize(
    ("a", "b"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 1, 1]), ([1, 2], [1, 2]), ([], [])]
)
def test_constants_and_pairs_tell_nothing(a, b):
    assert math.isnan(rank_correlation(a, b))


def test_between_methods_only_the_last_epoch_counts():
    runs = [
        planted(accuracy=(0.9, last), information=(0.0, score)) for last, score in ((1, 3), (2, 2), (3, 1))
    ]
    assert correlation_over_methods(runs, "label_free") == pytest.approx(-1)
    assert correlation_over_methods(runs, "label_free_entropy") == pytest.approx(1)


def test_a_seed_is_one_observation_however_many_runs_it_has():
    found = over_seeds([(0, 0.0), (0, 0.0), (0, 0.6), (1, 0.8), (1, math.nan), (2, math.nan)], (-1, 1))
    assert (found.mean, found.n) == (pytest.approx((0.2 + 0.8) / 2), 2)
    assert over_seeds([(0, math.nan)], (-1, 1)) is None


# -- the table ----------------------------------------------------------------------------------------


def test_the_table_says_what_was_planted():
    backwards = [1 - value for value in ACCURACY]
    runs = [planted(seed, density=(2, 2, 2, 2), nuclear_norm=backwards) for seed in (0, 1, 2)]
    rows = by_selection(runs)
    assert list(rows) == ["last", *LABEL_FREE], (
        "validation was not measured, the oracle is what they are held to"
    )
    assert rows["last"][EPOCHS] == rows["last"][METHODS] == "-"
    assert rows["label_free"][EPOCHS] == rows["label_free_entropy"][EPOCHS] == "+1.00 [+1.00, +1.00]"
    assert rows["label_free_nuclear_norm"][EPOCHS] == "-1.00 [-1.00, -1.00]"
    assert rows["label_free_density"][EPOCHS] == UNKNOWN
    assert {row[METHODS] for row in rows.values()} == {"-", UNKNOWN}, "one method is no choice"
    assert rows["label_free"][LOST] == "0.0 [0.0, 0.0]"
    assert rows["label_free_density"][LOST] == rows["label_free_nuclear_norm"][LOST] == "60.0 [60.0, 60.0]"


def test_runs_that_cannot_tell_are_counted_and_intervals_stay_where_the_quantity_can_be():
    other = (0.5, 0.3, 0.4, 0.9)
    runs = [planted(0), planted(0, density=(2, 2, 2, 2)), planted(1), planted(1, density=other)]
    two = by_selection(runs)["label_free_density"]
    assert two[EPOCHS] == "+0.80 (+0.60 and +1.00) (3 of 4 runs)", "two seeds: the two values"
    three = by_selection([*runs, planted(2, density=other)])["label_free_density"]
    assert three[EPOCHS] == "+0.60 [-0.39, +1.00] (4 of 5 runs)"
    assert three[LOST].startswith("10.0 [0.0, ")


def test_no_table_without_unlabelled_items():
    bare = planted(**dict.fromkeys(SCORES))
    assert set(bare["selections"]) == {"last", "oracle"}
    assert table([bare]) == []
    assert table([]) == []


def test_failed_runs_are_left_out():
    failed = {"seed": 1, "error": "loss is nan", "traceback": None}
    assert by_selection([planted(), failed])["label_free"]["runs"] == "1"
    assert table([failed]) == []


# -- where it stands ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> Comparison:
    out = tmp_path_factory.mktemp("runs")
    training = dataclasses.replace(SHORT, epochs=3)
    options = {"methods": ["mixed", "ssim_filter"], "seeds": 2, "training": training, "workers": 1}
    return compare(a_task(), some(15, 5), out=out, device="cpu", **options)


@pytest.fixture
def without_figures(monkeypatch) -> None:
    for room, name in (
        (figures, "results"),
        (figures, "curves"),
        (by_class, "kept"),
        (by_class, "confusions"),
    ):
        monkeypatch.setattr(room, name, lambda comparison: None)


def aged(comparison: Comparison, folder) -> Comparison:
    """The comparison as it was stored when `information` was the only label-free score."""
    for run in comparison.info["runs"]:
        path = comparison.folder / "runs" / run["key"] / "result.json"
        result = json.loads(path.read_text())
        for record in result["history"]:
            for name in ("entropy", "density", "nuclear_norm"):
                del record[name]
        for name in LABEL_FREE[1:]:
            del result["selections"][name]
        new = folder / "runs" / run["key"]
        new.mkdir(parents=True)
        (new / "result.json").write_text(json.dumps(result))
        (new / "about.json").write_text((path.parent / "about.json").read_text())
    for name in ("compare.json", "samples.npz"):
        (folder / name).write_bytes((comparison.folder / name).read_bytes())
    return Comparison.open(folder)


@pytest.mark.usefixtures("without_figures")
def test_folders_from_before_the_other_scores_still_open(comparison, tmp_path):
    old = aged(comparison, tmp_path)
    assert [row["selection"] for row in of_comparison(old)] == ["last", "validation", "label_free"]
    assert [t.selection for t in tables(old)] == ["validation", "last", "label_free", "oracle"]
    now = {row["selection"]: row for row in of_comparison(comparison)}
    assert all(now[row["selection"]] == row for row in of_comparison(old)), "old scores mean the same"
    assert TITLE in page(old)


@pytest.mark.usefixtures("without_figures")
def test_the_page_has_the_table(comparison):
    html = page(comparison)
    rows = of_comparison(comparison)
    assert [row["selection"] for row in rows] == ["last", "validation", *LABEL_FREE]
    assert html.index(">Appendix</h2>") < html.index(f"{TITLE}</h3>") < html.index("<footer>")
    assert all(f'<th scope="row">{row["selection"]}</th>' in html for row in rows)


def test_the_terminal_shows_the_table_on_request_and_only_with_unlabelled_items(comparison, capsys):
    show(comparison)
    assert TITLE not in capsys.readouterr().out
    show(comparison, verbose=True)
    said = capsys.readouterr().out
    assert said.index("No evidence either way") < said.index(TITLE), "the verdict comes first"
    runs = copy.deepcopy(comparison.runs)
    for run in runs:
        for name in LABEL_FREE:
            del run["selections"][name]
    show(dataclasses.replace(comparison, runs=runs), verbose=True)
    assert TITLE not in capsys.readouterr().out


def test_a_study_has_the_table_too(tmp_path):
    study = a_study(tmp_path, lambda entry, seed: 0.7)
    assert of_study(study) == [], "these runs have no label-free score"
    assert TITLE not in (write_study(study)[0]).read_text()
    records = {key: {**record, **planted()} for key, record in study.records.items()}
    study = dataclasses.replace(study, records=records)
    row = of_study(study)[1]
    assert row["runs"] == str(len(records))
    assert row[EPOCHS] == "+1.00 [+1.00, +1.00]", "an interval: seeds are those of the study"
