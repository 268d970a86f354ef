"""Predictions of the test items, rows as tables of other libraries, and what a notebook shows."""

from __future__ import annotations

import csv
import dataclasses
import sys

import numpy as np
import pytest

import assay
from assay.comparison.hardest import predictions
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.metrics.accuracy import confusion
from assay.runs.store import PREDICTIONS
from assay.types import Samples
from tests.comparison.test_compare import BRIEF, compared
from tests.support.toys import FAST, blob_task, blobs


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Comparison:
    """A comparison whose first two test items carry the class of others."""
    task = blob_task()
    y = task.test.y.copy()
    y[:2] = (y[:2] + 1) % 4
    task = dataclasses.replace(task, test=Samples(task.test.x, y))
    training = dataclasses.replace(FAST, epochs=6)
    out = tmp_path_factory.mktemp("done")
    methods = ["mixed", "ssim_filter", "random_filter"]
    return compared(out, methods, seeds=2, task=task, synthetic=blobs(40, 9, spread=0.3), training=training)


def test_predictions_beside_a_run_are_those_that_the_table_counted(done):
    y, said = predictions(done)
    assert list(said) == ["real_only", "mixed", "ssim_filter"], "controls tell nothing about items"
    for run in (run for run in done.runs if run["label"] in said):
        matrix = confusion(y, said[run["label"]][run["seed"]], 4, 4)
        assert matrix.tolist() == run["selections"]["validation"]["confusion"]


def test_items_that_carry_a_wrong_class_are_the_hardest(done):
    found = done.hardest(5)
    assert {row["item"] for row in found[:2]} == {0, 1}
    first = next(row for row in found if row["item"] == 0)
    assert (first["class"], first["taken_for"]) == ("b", "a")
    assert (first["methods"], first["of"]) == (3, 3)
    assert first["wrong"] > 0.8
    order = [(row["methods"], row["wrong"]) for row in found]
    assert order == sorted(order, reverse=True)
    assert len(found) == 5
    assert all(row["wrong"] > 0 for row in done.hardest(1000))


def test_without_predictions_there_is_a_way_out(tmp_path):
    comparison = compared(tmp_path, [], seeds=1, training=BRIEF)
    for path in tmp_path.glob(f"runs/*/{PREDICTIONS}"):
        path.unlink()
    with pytest.raises(UserError, match="run the comparison again"):
        comparison.hardest()


def test_rows_as_csv_have_failed_runs_too(done, tmp_path):
    failed = {**done.runs[0], "error": "out, of luck"}
    comparison = dataclasses.replace(done, runs=[failed, *done.runs[1:]])
    with comparison.to_csv(tmp_path / "rows.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(comparison.rows())
    assert rows[0]["error"] == "out, of luck"
    assert rows[0]["accuracy"] == ""
    assert float(rows[1]["accuracy"]) == comparison.rows()[1]["accuracy"]
    with pytest.raises(UserError, match="cannot be written"):
        comparison.to_csv(tmp_path / "rows.csv" / "x.csv")


@pytest.mark.parametrize("library", ["pandas", "polars", None])
def test_a_frame_is_of_the_library_that_is_there(done, library, monkeypatch):
    from assay.comparison import frame

    class Library:
        @staticmethod
        def DataFrame(rows, **options):  # noqa: N802 - their name
            return library, rows

    monkeypatch.setattr(frame, "find_spec", lambda name: name == library)
    monkeypatch.setitem(sys.modules, str(library), Library)
    found = done.frame()
    assert found == (done.rows() if library is None else (library, done.rows()))


@pytest.mark.peers
@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_frame_of_the_real_library(done, name, monkeypatch):
    from assay.comparison import frame

    pytest.importorskip(name)
    monkeypatch.setattr(frame, "find_spec", lambda wanted: wanted == name)
    failed = {**done.runs[0], "error": "out of luck"}
    comparison = dataclasses.replace(done, runs=[failed, *done.runs[1:]])
    found = comparison.frame()
    assert type(found).__module__.startswith(name)
    assert len(found) == len(comparison.rows())
    assert {"method", "seed", "selection", "accuracy", "error"} <= set(found.columns)


def test_a_notebook_shows_tables_with_all_text_escaped(done):
    hostile = dataclasses.replace(blob_task(), name="<b>blobs</b>", classes=("<i>", "b", "c", "d"))
    shown = hostile._repr_html_()
    assert "<b>blobs" not in shown
    assert "<th>&lt;i&gt;</th>" in shown
    assert "<td>labelled</td><td>40</td><td>10</td>" in shown
    assert "<td>unlabelled</td><td>60</td><td></td>" in shown, "there are no classes to count"
    shown = done._repr_html_()
    assert [shown.count(f"<td>{name}</td>") for name in done.info["methods"]] == [1] * 4
    assert assay.table(done).splitlines()[2].split(" | ")[3] in shown, "with the numbers of the table"
    assert "selection: validation" in shown


def test_scores_and_advice_are_shown_too(tmp_path):
    from assay.quality.score import Scoring, score
    from assay.runs.progress import Silent
    from tests.support.toys import MLP

    options = {"training": BRIEF, "backbone": MLP, "workers": 1}
    found = score(blob_task(), blobs(40, 9), Scoring(repeats=1), **options)
    assert found._repr_html_().count("<tr>") == 1 + len(found.rows)
    assert "<td>affinity</td>" in found._repr_html_()
    advice = assay.advise(
        blob_task(), blobs(40, 9), seeds=1, out=tmp_path, watcher=Silent(), ratios=[0.5, 1.0], **options
    )
    shown = advice._repr_html_()
    assert shown.count("<tr>") == 1 + len(advice.options)
    assert shown.count("<td>yes</td>") == 1
    assert np.isfinite(advice.choice.test.mean)
