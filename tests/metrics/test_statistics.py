from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.comparison.result import Comparison
from assay.comparison.summary import headline, markdown, summarise
from assay.metrics.statistics import estimate, paired_difference
from assay.report.comparison.verdict import verdict

NUMBERS = st.floats(-1e3, 1e3)


def test_the_interval_is_students():
    # t(0.975, 4 degrees) = 2.7764; s = sqrt(2.5)
    value = estimate([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.7764451 * math.sqrt(2.5 / 5)
    assert (value.mean, value.low, value.high) == pytest.approx((3, 3 - half, 3 + half), rel=1e-6)
    assert math.isnan(estimate([0.5]).low)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = sum((v := estimate(rng.normal(2, 3, 5).tolist())).low <= 2 <= v.high for _ in range(2000))
    assert 0.935 < hits / 2000 < 0.965


@given(st.dictionaries(st.integers(0, 9), NUMBERS, min_size=2), NUMBERS)
def test_a_constant_shift_is_found_exactly_whatever_the_seeds_scatter(baseline, shift):
    ours = {seed: value + shift for seed, value in baseline.items()}
    difference = paired_difference(ours, baseline)
    assert difference is not None
    assert difference.mean == pytest.approx(shift, abs=1e-9)
    assert difference.high - difference.low < 1e-8


def test_only_common_seeds_are_paired():
    difference = paired_difference({1: 0.9, 2: 0.8, 4: 0.1}, {1: 0.8, 2: 0.7, 3: 0.0})
    assert difference is not None
    assert (difference.n, difference.mean) == (2, pytest.approx(0.1))
    assert paired_difference({1: 0.5}, {2: 0.5}) is None


def made(accuracies: dict[str, list[float]], errors: dict[str, str] | None = None) -> Comparison:
    """A comparison with given accuracies by method and seed, selection validation."""
    runs, planned = [], []
    for method, values in accuracies.items():
        for seed, value in enumerate(values):
            chosen = {
                "epoch": 1,
                "accuracy": value,
                "recall": value,
                "used": 7 if method != "real_only" else 0,
            }
            counts = {
                "real": 50,
                "unlabelled": 9,
                "validation": 9,
                "synthetic": 99,
                "test": 500,
            }
            runs.append(
                {
                    "label": method,
                    "seed": seed,
                    "error": (errors or {}).get(method),
                    "selections": {"last": chosen, "validation": chosen},
                    "counts": counts,
                }
            )
            planned.append({"key": "", "label": method, "seed": seed})
    return Comparison({"methods": {name: {} for name in accuracies}, "runs": planned}, runs, Path())


BASE = [0.70, 0.72, 0.68]


@pytest.mark.parametrize(
    ("accuracies", "start"),
    [
        ({"mixed": [0.75, 0.77, 0.73], "syncheck": [0.80, 0.82, 0.78]}, "Use syncheck, +10.0"),
        ({"mixed": [0.60, 0.72, 0.75]}, "No evidence either way"),
        ({"mixed": [0.65, 0.67, 0.63], "syncheck": [0.60, 0.62, 0.58]}, "Use the real data alone"),
        ({"mixed": [0.65, 0.67, 0.63], "syncheck": [0.60, 0.80, 0.70]}, "No evidence either way"),
        ({}, "No advice: only real_only was run"),
    ],
)
def test_advice_follows_from_the_intervals(accuracies, start):
    assert verdict(made({"real_only": BASE, **accuracies})).startswith(start)


def test_advice_names_equals_and_the_least_harm():
    text = verdict(made({"real_only": BASE, "mixed": [0.81, 0.82, 0.78], "ssim_filter": [0.80, 0.83, 0.77]}))
    assert "Use mixed" in text
    assert "ssim_filter may serve as well" in text
    assert "least so mixed" in verdict(made({"real_only": BASE, "mixed": [0.65, 0.67, 0.63]}))


def test_two_seeds_that_agree_are_no_evidence():
    assert verdict(made({"real_only": [0.1, 0.2], "mixed": [0.3, 0.4]})).startswith("No evidence")


def test_one_seed_is_no_evidence():
    assert "fewer than 3 seeds" in verdict(made({"real_only": [0.1], "mixed": [0.9]}))


def test_failures_are_counted_and_never_averaged():
    comparison = made({"real_only": BASE, "mixed": [0.9, 0.9, 0.9]}, errors={"mixed": "boom"})
    line = next(line for line in summarise(comparison) if line.method == "mixed")
    assert line.accuracy is None
    assert line.errors == {0: "boom", 1: "boom", 2: "boom"}
    assert "0, 3 failed" in markdown([line])
    assert "no run of another method" in verdict(comparison)


def test_the_headline_never_needs_test_labels():
    assert headline(made({"real_only": BASE})) == "validation"
    without = made({"real_only": BASE})
    for run in without.runs:
        del run["selections"]["validation"]
        run["selections"]["oracle"] = run["selections"]["last"]
    assert headline(without) == "last"


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        ([0.86, 0.87, 0.83], "At the last epoch, better than as many random items: trts_filter"),
        ([0.66, 0.67, 0.63], "At the last epoch, worse than as many random items: trts_filter"),
        ([0.76, 0.76, 0.74], "At the last epoch, not to be told from as many random items: trts_filter"),
    ],
)
def test_a_filter_is_held_against_its_control(filtered, expected):
    control = "random_filter (trts_filter)"
    text = verdict(made({"real_only": BASE, "trts_filter": filtered, control: [0.76, 0.77, 0.73]}))
    assert text.endswith(expected + ".")
    assert f"Use {control}" not in text
