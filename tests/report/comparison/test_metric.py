"""A comparison and an advice that speak of another metric than accuracy."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import assay
from assay.advice.advise import choose
from assay.advice.result import Option
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.metrics.statistics import Estimate
from assay.metrics.table import METRICS
from assay.report.assessment.page import page
from assay.report.comparison.verdict import verdict
from assay.runs.progress import Silent
from tests.support.toys import MLP, blob_task, blobs

SHORT = assay.Training(epochs=1, steps=2, batch=8)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> Comparison:
    out = tmp_path_factory.mktemp("runs")
    options = {"training": SHORT, "backbone": MLP, "workers": 1, "watcher": Silent(), "out": out}
    return assay.compare(blob_task(), blobs(40, 9), methods=["mixed"], seeds=1, metric="log_loss", **options)


def planted(comparison: Comparison, real: list[float], mixed: list[float], metric: str) -> Comparison:
    """Three seeds of both methods with these values of a metric, their accuracies equal."""
    runs, listed = [], []
    for label, values in (("real_only", real), ("mixed", mixed)):
        like = next(run for run in comparison.runs if run["label"] == label)
        for seed, value in enumerate(values):
            run = copy.deepcopy(like) | {"seed": seed, "key": f"{label}{seed}"}
            for selected in run["selections"].values():
                selected["metrics"][metric] = value
                selected["accuracy"] = 0.5
            runs.append(run)
            listed.append({"key": run["key"], "label": label, "seed": seed})
    info = {**comparison.info, "runs": listed, "metric": metric}
    return Comparison(info, runs, comparison.folder)


def test_every_run_measures_all_and_a_result_tells_of_the_one_asked_for(comparison):
    assert comparison.metric.name == "log_loss"
    for run in comparison.runs:
        assert set(run["selections"]["last"]["metrics"]) == set(METRICS) - {"accuracy", "recall"}
        assert set(run["history"][0]["validation_metrics"]) == set(METRICS) - {"accuracy", "recall"}
    assert "| log loss |" in assay.table(comparison)
    assert "AUROC %" in assay.table(comparison, metric="auroc")
    assert "log loss" not in assay.table(comparison, metric="accuracy")
    assert Comparison.open(comparison.folder).metric.name == "log_loss"
    assert "macro_f1" in comparison.by("macro_f1").rows()[0]
    again = comparison.by("accuracy")
    assert set(again.rows()[0]) == set(again.by("recall").rows()[0])


def test_balanced_accuracy_is_the_recall(comparison):
    rows = comparison.by("balanced_accuracy").rows()
    assert [row["balanced_accuracy"] for row in rows] == [row["recall"] for row in rows]


def test_lower_is_better_of_log_loss_and_said_so(comparison):
    better = planted(comparison, [1.0, 1.1, 1.05], [0.5, 0.6, 0.52], "log_loss")
    assert verdict(better).startswith("Use mixed, -0.510 [-0.553, -0.467] of log loss over 3 seeds")
    worse = planted(comparison, [0.5, 0.6, 0.52], [1.0, 1.1, 1.05], "log_loss")
    assert "mixed costs 0.510 [0.467, 0.553] of log loss over 3 seeds against real_only" in verdict(worse)
    assert verdict(worse).startswith("Use the real data alone")
    html = page(better)
    assert "Log loss by method" in html
    assert 'class="gain"' in html or "gain" in html


def test_higher_is_better_of_macro_f1_in_points(comparison):
    better = planted(comparison, [0.5, 0.52, 0.51], [0.7, 0.72, 0.72], "macro_f1")
    assert verdict(better).startswith("Use mixed, +20.3 [+18.9, +21.8] points of macro F1 over 3 seeds")
    calibrated = planted(comparison, [0.3, 0.32, 0.31], [0.1, 0.12, 0.12], "calibration_error")
    assert "Use mixed, -19.7 [-21.1, -18.2] points of calibration error" in verdict(calibrated)


def test_what_was_not_measured_is_refused(comparison):
    old = copy.deepcopy(comparison.runs)
    for run in old:
        del run["selections"]["last"]["metrics"]
    before = Comparison({**comparison.info, "metric": "accuracy"}, old, comparison.folder)
    with pytest.raises(UserError, match=r"real_only, seed 0: auroc was not measured; compare again"):
        before.by("auroc")
    with pytest.raises(UserError, match="metric: f2; known: accuracy"):
        assay.compare(blob_task(), blobs(40, 9), metric="f2")


def option(validation: float, synthetic: int) -> Option:
    value = Estimate(validation, np.nan, np.nan, 1)
    return Option(40, synthetic, "condition" if synthetic else "none", 0.0, value, value, None, {})


def test_the_choice_of_an_advice_goes_by_the_metric():
    options = [option(0.9, 0), option(0.4, 10), option(0.6, 20)]
    assert choose(options, 40).synthetic == 0
    assert choose(options, 40, METRICS["log_loss"]).synthetic == 10


def test_an_advice_tells_of_the_metric(tmp_path):
    options = {"training": SHORT, "backbone": MLP, "workers": 1, "watcher": Silent(), "ratios": [1]}
    advice = assay.advise(blob_task(), blobs(40, 9), seeds=1, metric="log_loss", out=tmp_path, **options)
    assert advice.outlook is None
    text = assay.table(advice)
    assert "| test log loss |" in text
    assert "Log loss on 40 validation items chose; test log loss chose nothing." in text
    assert "told of accuracy alone, not of log_loss" in text
