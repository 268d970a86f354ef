"""The verdict: gains, losses, ceilings, filters that filter nothing, and what the data make doubtful."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.comparison.drowned import drowned
from assay.comparison.result import Comparison
from assay.comparison.shift import TOLD
from assay.comparison.summary import headline, markdown, remarks, summarise
from assay.comparison.worth import worth
from assay.metrics.statistics import CUT
from assay.report.comparison.verdict import verdict

SYNTHETIC = 99
ALONE = ("real_only", "real_unlabelled", "target_only")


def made(
    accuracies: dict[str, list[float]],
    errors: dict[str, str] | None = None,
    kept: dict[str, list[int]] | None = None,
    methods: dict[str, dict] | None = None,
) -> Comparison:
    """A comparison with given accuracies by method and seed, selection validation.

    `kept` are the synthetic items learnt from with a label by epoch, `methods` settings that are not empty.
    """
    runs, planned = [], []
    for method, values in accuracies.items():
        by_epoch = (kept or {}).get(method, [0, 7 if method != "real_only" else 0])
        for seed, value in enumerate(values):
            chosen = {"epoch": 1, "accuracy": value, "recall": value, "used": by_epoch[-1]}
            made_of = 0 if method in ALONE else SYNTHETIC
            counts = {"real": 50, "unlabelled": 9, "validation": 9, "synthetic": made_of, "test": 500}
            run = {
                "label": method,
                "seed": seed,
                "error": (errors or {}).get(method),
                "selections": {"last": chosen, "validation": chosen},
                "history": [{"kept": count, "validation_accuracy": value} for count in by_epoch],
                "counts": counts,
            }
            runs.append(run)
            planned.append({"key": "", "label": method, "seed": seed})
    settings = {name: (methods or {}).get(name, {}) for name in accuracies}
    return Comparison({"methods": settings, "runs": planned}, runs, Path())


BASE = [0.70, 0.72, 0.68]


@pytest.mark.parametrize(
    ("accuracies", "start"),
    [
        ({"mixed": [0.75, 0.77, 0.73], "syncheck": [0.80, 0.82, 0.78]}, "Use syncheck, +10.0"),
        ({"mixed": [0.60, 0.72, 0.75]}, "No evidence either way"),
        ({"mixed": [0.65, 0.67, 0.63], "syncheck": [0.60, 0.62, 0.58]}, "Use the real data alone"),
        (
            {"mixed": [0.65, 0.67, 0.63], "syncheck": [0.60, 0.80, 0.70]},
            "mixed costs 5.0 [5.0, 5.0] points over 3 seeds against real_only, and no method beats it by",
        ),
        ({}, "No advice: only real_only was run"),
    ],
)
def test_advice_follows_from_the_intervals(accuracies, start):
    assert verdict(made({"real_only": BASE, **accuracies})).startswith(start)


@pytest.mark.parametrize(
    ("unlabelled", "start"),
    [
        (
            [0.75, 0.77, 0.73],
            "Use syncheck: the synthetic data add +5.0 [+5.0, +5.0] points over 3 seeds to real_unlabelled, "
            "the best use of real data alone (both chosen by validation items); against real_only, syncheck "
            "+10.0 [+10.0, +10.0] and real_unlabelled +5.0 [+5.0, +5.0].",
        ),
        ([0.79, 0.84, 0.77], "No evidence that the synthetic data help: syncheck with them, +0.0"),
        ([0.90, 0.92, 0.88], "Use real_unlabelled, real data alone: syncheck with the synthetic data, -10.0"),
        (
            [0.69, 0.71, 0.67],
            "Use syncheck: the synthetic data add +10.0 [+10.0, +10.0] points over 3 seeds to real_only,",
        ),
    ],
)
def test_synthetic_data_are_worth_what_they_add_to_the_best_use_of_real_data(unlabelled, start):
    tried = {"mixed": [0.76, 0.78, 0.74], "syncheck": [0.80, 0.82, 0.78]}
    comparison = made({"real_only": BASE, "real_unlabelled": unlabelled, **tried})
    assert verdict(comparison).startswith(start)


def test_without_validation_items_no_number_chooses_the_methods_whose_worth_is_told():
    tried = {"mixed": [0.76, 0.78, 0.74], "syncheck": [0.80, 0.82, 0.78], "mcc": [0.70, 0.75, 0.71]}
    comparison = made({"real_only": BASE, "real_unlabelled": [0.69, 0.71, 0.67], **tried})
    for run in comparison.runs:
        del run["selections"]["validation"]
    found = worth(comparison)
    assert (found.best, found.alone, found.chosen_by) == ("mcc", "real_unlabelled", "order")


def test_advice_names_equals_and_the_least_harm():
    text = verdict(made({"real_only": BASE, "mixed": [0.81, 0.82, 0.78], "ssim_filter": [0.80, 0.83, 0.77]}))
    assert "Use mixed" in text
    assert "ssim_filter may serve as well" in text


def test_losses_are_told_as_plainly_as_gains_and_the_least_first():
    losing = {"synthetic_only": [0.60, 0.61, 0.59], "mixed": [0.66, 0.69, 0.64]}
    told = "mixed costs 3.7 [2.2, 5.1] points and synthetic_only costs 10.0 [7.5, 12.5] points over 3 seeds"
    alone = verdict(made({"real_only": BASE, **losing}))
    assert alone == f"Use the real data alone: every alternative does worse. {told} against real_only."
    beside = verdict(made({"real_only": BASE, **losing, "syncheck": [0.80, 0.82, 0.78]}))
    assert beside.startswith("Use syncheck, +10.0")
    assert beside.endswith(f". {told} against real_only.")


def test_a_loss_over_two_seeds_is_not_claimed():
    comparison = made({"real_only": BASE, "mixed": [0.60, 0.61], "syncheck": [0.71, 0.72, 0.66]})
    assert verdict(comparison).startswith("No evidence either way: no method beats real_only")
    assert "costs" not in verdict(comparison)
    lines = summarise(comparison)
    assert "-10.5 (-11.0 and -10.0)" in markdown(lines)
    assert remarks(lines, {}) == [CUT]
    assert "of two seeds the two values stand" in CUT
    assert remarks([line for line in lines if line.method == "real_only"], {}) == []


def test_a_baseline_at_its_ceiling_leaves_nothing_to_gain():
    full = {"real_only": [1.0, 1.0, 1.0], "mixed": [0.96, 0.97, 0.98], "syncheck": [1.0, 0.99, 1.0]}
    assert verdict(made(full)) == (
        "real_only is always right here: nothing to gain. "
        "mixed costs 3.0 [0.5, 5.5] points over 3 seeds against real_only."
    )
    assert verdict(made({name: values[:1] for name, values in full.items()})).startswith(
        "real_only is always"
    )
    nearly = verdict(made({**full, "real_only": [1.0, 1.0, 0.999]}))
    assert "always right" not in nearly


SSIM = {"kind": "SsimFilter", "threshold": 0.5}
MIXED = {"kind": "Mixed", "warm_up": 0.0}
FILTERED = {
    "real_only": BASE,
    "mixed": [0.80, 0.82, 0.78],
    "ssim_filter": [0.80, 0.82, 0.78],
    "random_filter (ssim_filter)": [0.80, 0.82, 0.78],
}
SETTINGS = {"ssim_filter": SSIM, "mixed": MIXED, "random_filter (ssim_filter)": {"like": {"threshold": 0.5}}}


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([SYNTHETIC] * 3, "ssim_filter kept all 99 synthetic items in all runs: it is mixed here."),
        ([0] * 3, "ssim_filter kept none of 99 synthetic items in all runs: it is real_only here."),
    ],
)
def test_a_filter_that_filters_nothing_is_another_method_once_in_the_table(kept, words):
    comparison = made(FILTERED, kept=dict.fromkeys(FILTERED, kept), methods=SETTINGS)
    assert [line.method for line in summarise(comparison) if line.selection == "last"] == [
        "real_only",
        "mixed",
    ]
    text = verdict(comparison)
    assert text.endswith(f"with a label. {words}" if kept[0] else words)
    assert "may serve as well" not in text
    assert "as many random items" not in text


def test_a_filter_that_keeps_everything_is_mixed_where_there_is_no_other_row_of_it():
    alone = {name: values for name, values in FILTERED.items() if name != "mixed"}
    comparison = made(alone, kept=dict.fromkeys(alone, [SYNTHETIC] * 2), methods=SETTINGS)
    names = [line.method for line in summarise(comparison) if line.selection == "last"]
    assert names == ["real_only", "ssim_filter"]
    assert verdict(comparison).startswith("Use ssim_filter, +10.0")
    assert "ssim_filter kept all 99 synthetic items in all runs: it is mixed here." in verdict(comparison)


@pytest.mark.parametrize(
    "change",
    [
        {"kept": [0, 5, 5]},
        {"kept": [SYNTHETIC, SYNTHETIC - 1, SYNTHETIC]},
        {"errors": {"ssim_filter": "boom"}},
        {"methods": {**SETTINGS, "ssim_filter": {"kind": "SynCheck"}}},
    ],
)
def test_a_filter_that_chose_or_failed_keeps_its_row(change):
    kept = {"ssim_filter": change.pop("kept", [SYNTHETIC] * 3)}
    comparison = made(FILTERED, kept=kept, **{"methods": SETTINGS, **change})
    assert "ssim_filter" in {line.method for line in summarise(comparison)}
    assert "it is mixed" not in verdict(comparison)


def test_a_selection_that_chose_epochs_before_the_filter_acted_is_told_of():
    settings = {**SETTINGS, "ssim_filter": {"kind": "TrtsFilter", "warm_up": 0.5}}
    comparison = made(FILTERED, kept={"ssim_filter": [0, 0, 40]}, methods=settings)
    early = "At the epochs that were chosen, ssim_filter had not learnt from any synthetic item."
    assert early not in verdict(comparison)
    for run in comparison.runs:
        if run["label"] == "ssim_filter":
            run["selections"]["validation"] = {**run["selections"]["validation"], "used": 0}
    assert early in verdict(comparison)


def test_a_filter_that_keeps_everything_after_its_warm_up_is_no_method_of_the_table():
    settings = {**SETTINGS, "ssim_filter": {"kind": "TrtsFilter", "warm_up": 0.5}}
    kept = {
        "ssim_filter": [0, SYNTHETIC, SYNTHETIC],
        "random_filter (ssim_filter)": [0, SYNTHETIC, SYNTHETIC],
    }
    comparison = made(FILTERED, kept=kept, methods=settings)
    names = [line.method for line in summarise(comparison) if line.selection == "last"]
    assert names == ["real_only", "mixed", "ssim_filter"]
    assert "ssim_filter kept all 99 synthetic items in all runs: it filtered nothing." in verdict(comparison)


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


def test_where_validation_is_of_another_place_it_chooses_nothing():
    comparison = made({"real_only": BASE, "real_unlabelled": [0.8, 0.8, 0.8], "mixed": [0.9, 0.9, 0.9]})
    assert headline(comparison) == "validation"
    comparison.info["shifted"] = True
    assert headline(comparison) == "last"
    assert worth(comparison).chosen_by == "order"
    assert "neither chosen by any number" in verdict(comparison)
    assert TOLD in remarks(summarise(comparison), comparison.info)


def test_methods_in_which_real_items_drown_are_told_of():
    pot = {"mixed": {"kind": "Mixed", "real_share": "pool"}, "mcc": {"kind": "Mcc", "source": "both"}}
    apart = {"syncheck": {"kind": "SynCheck"}, "trts_filter": {"kind": "TrtsFilter", "real_share": 0.5}}
    rows = dict.fromkeys(["real_only", *pot, *apart], BASE)
    comparison = made(rows, kept={name: [150] for name in rows}, methods=pot | apart)
    lines = summarise(comparison)
    (said,) = drowned(lines, comparison.info)
    assert "mixed 25%, mcc 25%. With real_share=0.5" in said
    assert "syncheck" not in said
    training = {"epochs": 2, "steps": 3, "batch": 8}
    *_, short = drowned(lines, {**comparison.info, "training": training})
    assert short.startswith("Training draws 48 items, and there are 50 labelled real ones")
    assert list(drowned(lines, {**comparison.info, "training": {**training, "epochs": 3}})) == [said]


def test_an_adversary_that_was_escaped_is_told_of():
    comparison = made({"real_only": BASE, "dann": [0.5, 0.5, 0.5], "rca": [0.7, 0.7, 0.7]})
    for run in comparison.runs:
        domain = {"dann": 9.0, "rca": 0.7}.get(run["label"])
        run["history"][-1]["losses"] = {"label": 5.0} | (
            {"domain_source": domain, "domain_target": domain} if domain else {}
        )
    assert "The domain losses of dann (9.0) end far above" in verdict(comparison)
