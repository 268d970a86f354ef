"""Models of a comparison: kept on request, the same numbers with and without, chosen without test labels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from assay.comparison.choice import best_run
from assay.errors import UserError
from assay.methods.base import Method
from assay.methods.supervised import Supervised
from assay.metrics.table import METRICS
from assay.runs.store import MODEL, PREDICTIONS
from tests.comparison.test_compare import BRIEF, Counting, compared
from tests.support.toys import blob_task


def files(out, name):
    return {path.parent.name: path.read_bytes() for path in out.glob(f"runs/[!.]*/{name}")}


def test_models_are_kept_on_request_and_change_no_result(tmp_path):
    compared(tmp_path / "with", save_models=True)
    compared(tmp_path / "without")
    assert files(tmp_path / "with", "result.json") == files(tmp_path / "without", "result.json")
    assert files(tmp_path / "with", PREDICTIONS) == files(tmp_path / "without", PREDICTIONS)
    assert len(files(tmp_path / "with", MODEL)) == 4
    assert not files(tmp_path / "without", MODEL)


def test_runs_without_a_model_are_trained_again_and_only_those(tmp_path):
    counts = [Counting() for _ in range(4)]
    compared(tmp_path, ["mixed"], seeds=1, watcher=counts[0])
    before = files(tmp_path, "result.json"), files(tmp_path, "about.json")
    compared(tmp_path, ["mixed"], seeds=2, watcher=counts[1], save_models=True)
    compared(tmp_path, ["mixed"], seeds=2, watcher=counts[2], save_models=True)
    compared(tmp_path, ["mixed"], seeds=2, watcher=counts[3])
    assert [counting.count for counting in counts] == [2, 4, 0, 0]
    assert len(files(tmp_path, MODEL)) == 4
    after = files(tmp_path, "result.json"), files(tmp_path, "about.json")
    assert all(old.items() <= new.items() for old, new in zip(before, after)), "what was there stands"


def test_a_run_that_gives_another_result_adds_nothing_and_says_so(tmp_path, caplog):
    compared(tmp_path, seeds=1)
    for path in tmp_path.glob("runs/*/result.json"):
        path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    before = files(tmp_path, "result.json")
    compared(tmp_path, seeds=1, save_models=True)
    assert files(tmp_path, "result.json") == before
    assert not files(tmp_path, MODEL)
    assert "gave another result; the first stands" in caplog.text


def test_runs_are_logged_under_the_name_of_the_house(tmp_path, caplog):
    with caplog.at_level("INFO", logger="assay"):
        compared(tmp_path, ["mixed"], seeds=1)
    assert [record.getMessage() for record in caplog.records] == [
        "real_only, seed 0: done",
        "mixed, seed 0: done",
    ]
    assert all(record.name.startswith("assay.") for record in caplog.records)


def test_failed_runs_are_not_trained_again_for_their_model(tmp_path):
    wild = {"training": dataclasses.replace(BRIEF, optimiser="sgd", learning_rate=1e12), "seeds": 1}
    again = Counting()
    compared(tmp_path, **wild)
    comparison = compared(tmp_path, **wild, save_models=True, watcher=again)
    assert again.count == 0
    with pytest.raises(UserError, match="no such run has succeeded; known methods: none"):
        comparison.best()


def test_the_best_is_that_of_the_table(tmp_path):
    task = blob_task()
    comparison = compared(tmp_path, ["mixed", "pseudo_label"], seeds=2, task=task, save_models=True)
    model = comparison.best()
    run = best_run(comparison.runs)
    assert (model.about.method, model.about.trained["seed"]) == (run["label"], run["seed"])
    accuracy = run["selections"]["validation"]["accuracy"]
    assert np.mean(model.predict(task.test.x) == task.test.y) == accuracy
    named = comparison.best("pseudo_label", seed=1)
    assert (named.about.method, named.about.trained["seed"]) == ("pseudo_label", 1)
    with pytest.raises(UserError, match=r"best: method=tea: no such run .* known methods: real_only, mixed"):
        comparison.best("tea")


def test_a_method_that_can_have_no_model_is_trained_again_for_it_once(tmp_path, monkeypatch):
    monkeypatch.setattr(Supervised, "plain", Method.plain)
    counts = [Counting() for _ in range(3)]
    for counting, save in zip(counts, (False, True, True)):
        options = {"watcher": counting, "save_models": save}
        comparison = compared(tmp_path, ["ssim_filter", "random_filter"], seeds=1, **options)
    assert [counting.count for counting in counts] == [3, 3, 0]
    with pytest.raises(UserError, match=r"no model of \w+, seed 0: .*no plain part"):
        comparison.best("real_only")


def test_a_comparison_without_models_says_how_to_have_them(tmp_path):
    with pytest.raises(UserError, match=r"no model of .*save_models keeps them"):
        compared(tmp_path, seeds=1).best()


def run(label, seed, test, validation=None, information=None):
    scores = {"validation_accuracy": validation, "information": information, "test_accuracy": test}
    record = {key: value for key, value in scores.items() if value is not None}
    names = {"validation": validation, "label_free": information, "last": 0, "oracle": 0}
    chosen = {name: {"epoch": 0} for name, value in names.items() if value is not None}
    return {"label": label, "seed": seed, "error": None, "history": [record], "selections": chosen}


def test_test_labels_choose_no_model():
    runs = [run("a", 0, 0.9, 0.7), run("a", 1, 0.9, 0.8), run("b", 0, 0.1, 0.9), run("b", 1, 0.2, 0.8)]
    assert best_run(runs) is runs[2]
    assert best_run(runs, "a") is runs[1]
    assert best_run(runs, seed=1) is runs[1], "of equals the first"


def test_the_metric_that_was_asked_for_chooses_methods_and_seeds():
    losses = {("a", 0): 0.9, ("a", 1): 0.3, ("b", 0): 0.5, ("b", 1): 0.4}
    runs = [run(label, seed, 0.5, 0.9 if label == "a" else 0.8) for label, seed in losses]
    for found, loss in zip(runs, losses.values()):
        found["history"][0]["validation_metrics"] = {"log_loss": loss, "macro_f1": loss}
    chosen = [best_run(runs, metric=METRICS[name]) for name in ("accuracy", "macro_f1", "log_loss")]
    assert [(found["label"], found["seed"]) for found in chosen] == [("a", 0), ("a", 0), ("b", 1)]
    with pytest.raises(UserError, match="AUROC was not measured on validation items"):
        best_run(runs, metric=METRICS["auroc"])


def test_without_validation_items_methods_are_not_told_apart():
    runs = [run("a", 0, 0.9, information=0.1), run("a", 1, 0.1, information=0.2), run("b", 0, 0.9)]
    with pytest.raises(UserError, match=r"no validation items to choose a method by.*known: a, b"):
        best_run(runs)
    assert best_run(runs, "a") is runs[1], "the label-free score tells the seeds of one method apart"
    assert best_run(runs, "b") is runs[2]
