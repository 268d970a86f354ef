"""The metrics that people report, beside scikit-learn; their directions and words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sklearn
from sklearn.calibration import calibration_curve

from assay.errors import UserError
from assay.metrics.accuracy import confusion
from assay.metrics.auroc import auroc
from assay.metrics.calibration_error import BINS, calibration_error
from assay.metrics.log_loss import log_loss
from assay.metrics.macro_f1 import macro_f1
from assay.metrics.table import METRICS, measured, metric_named


def planted(n=300, classes=4, seed=0, ties=False):
    """Labels of unlike frequency, and probabilities that know something of them."""
    rng = np.random.default_rng(seed)
    y = rng.choice(classes, n, p=[0.55, 0.25, 0.15, 0.05][:classes] if classes == 4 else None)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[y]
    logits = np.round(logits) if ties else logits
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return y, p


@pytest.mark.parametrize(("seed", "ties"), [(0, False), (1, False), (2, True)])
def test_all_are_those_of_scikit_learn(seed, ties):
    y, p = planted(seed=seed, ties=ties)
    said = p.argmax(1)
    found = measured(y, p, confusion(y, said, 4))
    assert found == pytest.approx(
        {
            "accuracy": sklearn.accuracy_score(y, said),
            "recall": sklearn.recall_score(y, said, average="macro"),
            "balanced_accuracy": sklearn.balanced_accuracy_score(y, said),
            "macro_f1": sklearn.f1_score(y, said, average="macro"),
            "auroc": sklearn.roc_auc_score(y, p, multi_class="ovr", average="macro"),
            "log_loss": sklearn.log_loss(y, p),
            "calibration_error": found["calibration_error"],
        }
    )
    right, sure = calibration_curve(said == y, p.max(1), n_bins=BINS)
    counts = np.histogram(p.max(1), np.linspace(0, 1, BINS + 1))[0]
    assert found["calibration_error"] == pytest.approx(
        (np.abs(right - sure) * counts[counts > 0]).sum() / len(y)
    )


def test_classes_that_do_not_occur_are_left_out():
    y, said = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert macro_f1(confusion(y, said, 3)) == pytest.approx(sklearn.f1_score(y, said, average="macro"))
    assert macro_f1(confusion(y, np.array([0, 2, 1, 1]), 3)) == pytest.approx((2 / 3 + 1 + 0) / 3)
    p = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    assert auroc(y, p, 3) == pytest.approx(1.0)
    assert math.isnan(auroc(np.zeros(4, int), p, 3))
    assert "auroc" not in measured(np.zeros(4, int), p, confusion(np.zeros(4, int), p.argmax(1), 3))


def test_an_output_of_no_class_is_wrong_and_takes_probability():
    y, p = np.array([0, 1]), np.array([[0.3, 0.1, 0.6], [0.1, 0.8, 0.1]])
    matrix = confusion(y, p.argmax(1), 2, 3)
    assert macro_f1(matrix) == pytest.approx(0.5)
    assert log_loss(y, p) == pytest.approx(-np.log([0.3, 0.8]).mean())
    assert calibration_error(y, p) == pytest.approx((0.6 + 0.2) / 2)


def test_certain_and_wrong_is_finite():
    p = np.array([[1, 0], [0, 1]], np.float32)
    assert log_loss(np.array([1, 0]), p) == pytest.approx(-math.log(np.finfo(np.float32).eps))
    assert calibration_error(np.array([1, 0]), p) == 1
    assert log_loss(np.array([0, 1]), p) == pytest.approx(0, abs=1e-6)


def test_a_gain_is_above_zero_where_lower_is_better_and_told_as_it_is():
    ours, theirs = {0: 0.5, 1: 0.6, 2: 0.55}, {0: 0.9, 1: 0.9, 2: 0.9}
    loss, share = METRICS["log_loss"], METRICS["macro_f1"]
    gain = loss.gain(ours, theirs)
    assert gain.outcome == "better"
    assert share.gain(ours, theirs).outcome == "worse"
    assert loss.gained(gain).startswith("-0.350 [-0.474")
    assert share.gained(share.gain(ours, theirs)).startswith("-35.0 [")
    assert (loss.unit, share.unit, METRICS["accuracy"].unit) == (
        "of log loss",
        "points of macro F1",
        "points",
    )
    large = loss.gain({0: 0.1, 1: 0.1, 2: 0.4}, {0: 3.0, 1: 3.1, 2: 3.0})
    assert large.high > 1, "the difference of no shares is not cut at one"


def test_unknown_metrics_are_refused_with_the_known_ones():
    with pytest.raises(UserError, match="metric: f2; known: accuracy, recall, balanced_accuracy, macro_f1"):
        metric_named("f2")


def test_a_probability_that_is_no_number_gives_none():
    probability = np.array([[0.9, 0.1], [0.2, 0.8], [np.nan, 0.5]])
    assert np.isnan(auroc(np.array([0, 1, 0]), probability, 2))
