"""The battery's tables, sentences, picture and page say what was measured."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from assay.report.battery.figure import gains_of, svg_of
from assay.report.battery.files import document, write_battery
from assay.report.battery.page import page
from assay.report.battery.text import csv_text, gains, hurts, sentences, table
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.summary import ranks, summarise
from assay.studies.battery.tasks import SMALL
from tests.report.battery.made import GAINS, SEEDS, made_runs


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> BatteryRuns:
    return made_runs(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def lines(runs):
    return {line.method: line for line in summarise(runs, "report")}


def test_gains_are_told_against_both_uses_of_real_data_alone(lines):
    assert list(lines) == list(GAINS)
    better = lines["better"]
    assert better.over_real.gain.mean == pytest.approx(0.10, abs=0.003)
    assert better.over_alone.gain.mean == pytest.approx(0.05, abs=0.003)
    assert better.over_real.gain.n == 13
    assert better.over_alone.gain.is_above_zero
    assert lines["real_only"].over_real is None
    assert lines["real_unlabelled"].over_alone is None
    assert lines["worse"].over_real.gain.is_below_zero


def test_a_method_that_hurts_on_some_tasks_is_said_to(lines):
    risky = lines["risky"]
    report = [place for place, task in enumerate(SMALL) if task.half == "report"]
    bad = {SMALL[place].name for place in report if place % 4 == 0}
    assert set(risky.over_real.hurts) == bad
    assert risky.over_real.worst[0] in bad
    assert risky.over_real.worst[1] == pytest.approx(-0.04, abs=0.01)
    assert not lines["better"].over_alone.hurts
    said = list(hurts(list(lines.values())))
    assert sum(line.startswith("risky is more than a point behind real_unlabelled") for line in said) == 1
    assert not any(line.startswith(("better", "real_only")) for line in said)
    assert sum(line.endswith(" and 7 more.") for line in said) == 1, "worse hurts on all 13"


def test_ranks_and_costs(lines):
    assert lines["better"].rank == 1
    assert lines["worse"].rank > lines["real_only"].rank > lines["real_unlabelled"].rank
    assert lines["better"].cost == pytest.approx(2)
    assert lines["worse"].seconds == pytest.approx(1)


def test_equals_share_their_rank_and_gaps_have_none():
    means = np.array([[0.5, 0.9], [0.5, np.nan], [0.1, 0.95]])
    assert np.array_equal(ranks(means), [[1.5, 2], [1.5, np.nan], [3, 1]], equal_nan=True)


def test_halves_are_told_apart(runs):
    tune = {task.name for task in SMALL if task.half == "tune"}
    assert set(runs.task_names("tune")) == tune
    assert not tune & {row["task"] for row in gains(summarise(runs, "report"))}
    assert "Half report, against real_only: gain: real_unlabelled, better" in next(sentences(runs))


def test_failed_and_missing_runs_leave_gaps_and_are_said(tmp_path):
    runs = made_runs(tmp_path)
    first, second = (run["key"] for run in runs.info["cells"][2]["runs"][:2])
    runs.records[first] = {**runs.records[first], "error": "loss is NaN"}
    del runs.records[second]
    better = {line.method: line for line in summarise(runs, runs.info["battery"][0]["half"])}["better"]
    assert better.runs == 13 * SEEDS - 2
    assert better.over_real.gain.mean == pytest.approx(0.10, abs=0.003)
    text = document(runs)
    assert "FAILED: digits-5, better, seed 0: loss is NaN" in text
    assert "Left out: caltech-9: is not here" in text.replace("\\", "")


def test_the_picture_has_a_dot_a_seed(runs):
    found = gains_of(runs, "report")
    assert list(found) == [name for name in GAINS if name != "real_only"]
    assert found["better"].shape == (13, SEEDS)
    assert found["better"].mean() == pytest.approx(10, abs=0.3)
    drawn = svg_of(runs, "report").decode()
    assert drawn == svg_of(runs, "report").decode()
    assert drawn.count("<use ") >= 13 * SEEDS * 4


def test_every_run_is_in_the_csv(runs):
    rows = list(csv.DictReader(io.StringIO(csv_text(runs))))
    assert len(rows) == len(SMALL) * len(GAINS) * SEEDS
    assert {row["half"] for row in rows} == {"tune", "report"}
    mine = [float(row["accuracy"]) for row in rows if (row["task"], row["method"]) == ("digits-5", "risky")]
    assert np.mean(mine) == pytest.approx(0.56, abs=0.01)


def test_the_page_shows_both_halves_and_each_method(runs, tmp_path):
    paths = write_battery(runs)
    shown = next(path for path in paths if path.suffix == ".html").read_text()
    assert shown.index("Half report") < shown.index("Half tune")
    for method in GAINS:
        assert method in shown
    assert all(task.name in shown for task in SMALL)
    assert {path.suffix for path in paths} == {".md", ".csv", ".html", ".svg"}
    assert all(path.stat().st_size for path in paths)


def test_a_battery_without_runs_says_so(tmp_path):
    empty = made_runs(tmp_path, seeds=1)
    empty.records.clear()
    assert "No run is finished" in page(empty)
    assert summarise(empty, "report") == []
    assert svg_of(empty, "tune") is None
    assert {path.suffix for path in write_battery(empty)} == {".md", ".csv", ".html"}


def test_tables_have_the_same_columns_in_every_row(lines):
    rows = table(list(lines.values()))
    assert len({tuple(row) for row in rows}) == 1
    assert rows[2]["behind real_only"] == "0 of 13"
    assert rows[2]["CPU s"] == "2.0 (×2.0)"
