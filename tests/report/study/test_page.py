"""The report of a published study: table, figure, sentences, page, and what survives correction."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from assay.errors import UserError
from assay.report.study.figure import drawing, plot_of, png_of, svg_of
from assay.report.study.files import write_study
from assay.report.study.latex import escaped, latex
from assay.report.study.look import LOOKS, limits, look, ours, theirs
from assay.report.study.numbers import published_gain
from assay.report.study.page import page, switch_meanings
from assay.report.study.table import csv_text, markdown, notes, runs_csv, table
from assay.report.study.text import overlap, sentences, slope, survival
from assay.settings import as_dict
from assay.studies.protocol import PROTOCOLS
from assay.studies.published.syncheck import Key, published
from assay.studies.runs import StudyRuns
from assay.studies.syncheck.scenarios import RATIOS, SCENARIOS, SEEDS, SERIES, STUDIES
from assay.studies.syncheck.study import Entry, Grid
from tests.support.pages import faults

T4, T3 = 2.7764451051977987, 3.182446305284263
"""Student's t at 97.5 % with 4 and 3 degrees of freedom."""

Accuracy = Callable[[Entry, int], float | str | None]


def a_study(
    folder: Path,
    accuracy: Accuracy,
    study: str = "syncheck-overall",
    generator: str = "csigan",
    protocol: str = "corrected",
    seeds: tuple[int, ...] = SEEDS,
    selection: str = "last",
) -> StudyRuns:
    """A study whose runs have the accuracies (a text: the error it failed with; None: it is missing)."""
    scenario, switches = SCENARIOS[generator], PROTOCOLS[protocol]
    entries = STUDIES[study].entries(Grid(scenario, switches, scenario.presets["small"]))
    cells = [a_cell(entry, seeds) for entry in entries]
    told = {
        run["key"]: accuracy(entry, run["seed"])
        for entry, cell in zip(entries, cells)
        for run in cell["runs"]
    }
    records = {key: a_record(key, value) for key, value in told.items() if value is not None}
    info = {
        "study": study,
        "generator": generator,
        "preset": "small",
        "protocol": protocol,
        "created": "2026-01-02T03:04:05Z",
        "published": STUDIES[study].published,
        "question": STUDIES[study].question,
        "axis": STUDIES[study].axis,
        "scenario": scenario.title,
        "switches": dataclasses.asdict(switches),
        "selection": selection,
        "training": {"kind": "Training", "epochs": 30, "steps": 30},
        "task": {
            "name": "csi-har",
            "kind": "signal",
            "classes": ["walk", "fall"],
            "shape": [52, 250],
            "counts": {"labelled": 200, "unlabelled": 50, "validation": 40, "test": 400},
            "digest": "d" * 16,
        },
        "synthetic": {"main": "csigan:width=16", "count": 1250, "unit": 250},
        "device": "cpu",
        "versions": {"assay": "0.1.0+abc", "torch": "2.13"},
        "cells": cells,
    }
    return StudyRuns(f"{study}-{generator}-{protocol}", info, records, folder)


def a_cell(entry: Entry, seeds: tuple[int, ...]) -> dict:
    key = dataclasses.asdict(entry.key)
    name = "-".join(map(str, key.values()))
    return {
        "key": key,
        "series": entry.series,
        "place": entry.place,
        "method": as_dict(entry.method),
        "backbone": {"kind": "Cnn1d", "width": 32},
        "runs": [{"seed": seed, "key": f"{name}-{seed}"} for seed in seeds],
    }


def a_record(key: str, value: float | str) -> dict:
    about = {"label": key, "finished": "2026-01-02T03:04:05Z", "seconds": 12.5, "versions": {}}
    start = {"key": key, "settings": {}, "about": about}
    if isinstance(value, str):
        return {**start, "error": value, "traceback": None}
    found = {
        "last": chosen(value, 29, 120),
        "oracle": chosen(value + 0.05, 7, 100),
        "validation": chosen(value + 0.01, 11, 110),
    }
    epoch = {"losses": {}, "test_accuracy": value, "test_recall": value, "kept": 120}
    counts = {"real": 200, "unlabelled": 50, "synthetic": 1250, "test": 400}
    history = [{"epoch": number, **epoch} for number in range(30)]
    return {**start, "error": None, "selections": found, "history": history, "counts": counts}


def chosen(accuracy: float, epoch: int, used: int) -> dict:
    """What a selection says of two classes."""
    counted = {"recall": accuracy, "used": used, "used_by_class": [used, 0], "confusion": [[1, 0], [0, 1]]}
    return {"accuracy": accuracy, "epoch": epoch, **counted}


def of_methods(table: dict[str, tuple[float, ...]], otherwise: float = 0.7) -> Accuracy:
    """Accuracy by method and by the seed's place; every other run reaches `otherwise`, seed by seed more."""

    def accuracy(entry: Entry, seed: int) -> float:
        i = SEEDS.index(seed)
        name = entry.key.variant or entry.key.method
        return table[name][i] if name in table else otherwise + 0.01 * i

    return accuracy


REAL = (0.70, 0.72, 0.68, 0.75, 0.71)
GOOD = (0.75, 0.78, 0.72, 0.80, 0.77)
BAD = (0.60, 0.63, 0.60, 0.66, 0.61)
EQUAL = (0.71, 0.70, 0.69, 0.74, 0.72)
PLANTED = of_methods({"real_only": REAL, "syncheck": GOOD, "original": BAD, "ssim": EQUAL, "trts": GOOD})


def interval(values: list[float], t: float) -> tuple[float, float, float]:
    """Mean and ends by the textbook, without Assay."""
    n, mean = len(values), math.fsum(values) / len(values)
    half = t * math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
    return mean, mean - half, mean + half


def by_series(runs: StudyRuns) -> dict[str, dict[str, str]]:
    return {row["series"]: row for row in table(runs)}


def lines_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def percents(value: tuple[float, float, float]) -> str:
    return "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * v for v in value))


def signed(value: tuple[float, float, float]) -> str:
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * v for v in value))


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> StudyRuns:
    return a_study(tmp_path_factory.mktemp("planted"), PLANTED)


@pytest.fixture
def troubled(tmp_path) -> StudyRuns:
    """TRTS fails once, SSIM misses two runs, its control all; only real fails at a seed."""

    def accuracy(entry: Entry, seed: int) -> float | str | None:
        name, i = entry.key.method, SEEDS.index(seed)
        if (name, i) == ("trts", 2):
            return "ValueError: a_b | <c> & 50 %\nsecond, line"
        if (name, i) == ("real_only", 4):
            return "killed"
        if name == "random_ssim" or (name == "ssim" and i > 2):
            return None
        return PLANTED(entry, seed)

    return a_study(tmp_path, accuracy)


# -- table --------------------------------------------------------------------------------------------


def test_accuracy_and_difference_are_those_of_the_textbook(planted):
    row = by_series(planted)["SynCheck"]
    paired = [good - real for good, real in zip(GOOD, REAL)]
    assert row["accuracy %"] == percents(interval(list(GOOD), T4))
    assert row["difference to only real"] == signed(interval(paired, T4))
    assert (row["seeds"], row["synthetic used"]) == ("5", "120")
    assert by_series(planted)["only real"]["difference to only real"] == "(baseline)"


def test_a_difference_is_paired_and_says_over_how_many(troubled):
    paired = [good - real for good, real in zip(GOOD[:4], REAL[:4])]
    text = by_series(troubled)["SynCheck"]["difference to only real"]
    assert text == signed(interval(paired, T3)) + " (4 pairs)"
    assert "pair" not in by_series(troubled)["only real"]["difference to only real"]


def test_failed_and_missing_runs_are_said_and_absent_cells_counted(troubled, planted):
    rows = by_series(troubled)
    assert rows["TRTS filter"]["remarks"].startswith("FAILED seed 420: ValueError: a_b | <c> & 50 %")
    assert rows["SSIM filter"]["remarks"] == "2 of 5 runs missing"
    assert rows["SynCheck"]["remarks"] == ""
    assert "random (SSIM filter)" not in rows
    assert "1 cell has no finished run and no row here." in notes(troubled)
    assert "remarks" not in by_series(planted)["SynCheck"]
    assert not any("no finished run" in note for note in notes(planted))


def test_a_single_seed_has_no_interval_and_claims_nothing(tmp_path):
    runs = a_study(tmp_path, PLANTED, seeds=SEEDS[:1])
    row = by_series(runs)["SynCheck"]
    assert (row["accuracy %"], row["difference to only real"]) == ("75.0", "+5.0")
    line = next(line for line in lines_of(csv_text(runs)) if line["method"] == "syncheck")
    assert (line["n"], line["low"], line["difference_low"]) == ("1", "", "")
    said = next(sentence for sentence in sentences(runs) if sentence.startswith("SynCheck"))
    assert said == "SynCheck: no claim against only real, fewer than 3 seeds: +5.0 points over 1 seed."


def test_published_numbers_are_as_printed_and_their_intervals_of_their_seeds(planted):
    syncheck, real = (0.806, 0.814, 0.822, 0.848, 0.846), (0.680, 0.798, 0.696, 0.724, 0.760)
    row = by_series(planted)["SynCheck"]
    assert row["published %"] == "82.7"
    assert row["published interval"] == percents(interval(list(syncheck), T4)).split(" ", 1)[1]
    assert row["published difference"] == signed(interval([a - b for a, b in zip(syncheck, real)], T4))
    row = by_series(planted)["random (SSIM filter)"]
    assert {row[f"published {name}"] for name in ("%", "interval", "difference")} == {"-"}


def test_doubted_numbers_have_footnotes_and_no_interval(tmp_path):
    runs = a_study(tmp_path, PLANTED, "syncheck-condition", "rf-diffusion")
    row = by_series(runs)["SynCheck, unconditional generation"]
    assert (row["published %"], row["published interval"]) == ("74.9 (b)", "-")
    assert row["published difference"] == "+2.4"  # 0.7488 - 0.725
    assert by_series(runs)["SynCheck"]["published %"] == "75.6 (a)"
    assert notes(runs)[-2:] == [
        "(a) the published seeds have the mean 75.42 %",
        "(b) recovered from the vector figure",
    ]
    noted = {line["variant"]: line["note"] for line in lines_of(csv_text(runs))}
    assert noted["unconditional"] == "recovered from the vector figure"
    assert noted[""] == "the published seeds have the mean 75.42 %"
    assert "(b) recovered from the vector figure" in markdown(runs)
    assert "(b) recovered from the vector figure" in latex(runs)
    assert "(b) recovered from the vector figure" in page(runs)


def test_only_real_is_that_of_the_same_backbone_and_was_published_at_one_alone(tmp_path):
    def accuracy(entry: Entry, seed: int) -> float:
        wide = entry.key.backbone == "cnn256"
        return PLANTED(entry, seed) + 0.1 * (wide and entry.key.method == "real_only")

    runs = a_study(tmp_path, accuracy, "syncheck-backbone")
    rows = {(row["backbone"], row["series"]): row for row in table(runs)}
    gain = [good - real for good, real in zip(GOOD, REAL)]
    assert rows["CNN 128", "SynCheck"]["difference to only real"] == signed(interval(gain, T4))
    lost = [value - 0.1 for value in gain]
    assert rows["CNN 256", "SynCheck"]["difference to only real"] == signed(interval(lost, T4))
    assert rows["CNN 256", "SynCheck"]["published %"] == "81.7"
    assert rows["CNN 256", "SynCheck"]["published difference"] == "-"
    assert rows["CNN 128", "SynCheck"]["published difference"] != "-"


def test_the_selection_is_named_and_oracle_is_an_upper_bound(planted):
    assert table(planted, "oracle")[0]["accuracy %"].startswith("76.2")
    assert notes(planted)[0].startswith("Selection last, n = 400 test items.")
    for text in (markdown, latex):
        assert "Selection oracle (an upper bound that looks at test labels)" in text(planted, "oracle")
        assert "oracle" not in text(planted)


# -- renderers ----------------------------------------------------------------------------------------


def test_markdown_keeps_its_columns_whatever_an_error_says(troubled):
    lines = [line for line in markdown(troubled).splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(table(troubled))
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(table(troubled)[0]) + 1}
    failed = next(line for line in lines if "seed 420" in line)
    assert "a\\_b \\| &lt;c> &amp; 50 % second, line" in failed


def test_csv_reads_back_to_the_numbers(troubled):
    lines = {line["series"]: line for line in lines_of(csv_text(troubled))}
    line = lines["SynCheck"]
    for names, value in (
        (("mean", "low", "high"), interval(list(GOOD), T4)),
        (
            ("difference", "difference_low", "difference_high"),
            interval([a - b for a, b in zip(GOOD[:4], REAL[:4])], T3),
        ),
    ):
        assert [float(line[name]) for name in names] == pytest.approx(value, abs=1e-12)
    assert float(line["published_mean"]) == 0.827
    assert float(line["published_difference"]) == pytest.approx(0.8272 - 0.7316)
    named = {"study": "syncheck-overall", "generator": "csigan", "protocol": "corrected", "selection": "last"}
    key = {"method": "syncheck", "backbone": "default", "ratio": "1.0", "variant": "", "n": "5"}
    assert {name: line[name] for name in {**named, **key}} == {**named, **key}
    assert (lines["TRTS filter"]["failed"], lines["SSIM filter"]["missing"]) == ("1", "2")
    absent = lines["random (SSIM filter)"]
    assert (absent["n"], absent["mean"], absent["used"], absent["missing"]) == ("0", "", "", "5")


def test_runs_csv_has_every_finished_run_under_every_selection(troubled):
    lines = lines_of(runs_csv(troubled))
    good = sum(not record["error"] for record in troubled.records.values())
    failed = [line for line in lines if line["error"]]
    assert (len(lines), len(failed), good) == (3 * good + 2, 2, 8 * 5 - 2 - 7)
    assert {line["error"] for line in failed} == {"killed", "ValueError: a_b | <c> & 50 %\nsecond, line"}
    found = [line for line in lines if line["method"] == "syncheck" and line["selection"] == "oracle"]
    assert {int(line["seed"]): float(line["accuracy"]) for line in found} == pytest.approx(
        {seed: value + 0.05 for seed, value in zip(SEEDS, GOOD)}
    )
    assert {(line["epoch"], line["used"], line["seconds"]) for line in found} == {("7", "100", "12.5")}


def test_latex_escapes_and_every_line_has_its_cells(troubled):
    assert escaped("50 % of a_b & {c} #1 $x ~^\\ <d>") == (
        r"50 \% of a\_b \& \{c\} \#1 \$x \textasciitilde{}\textasciicircum{}\textbackslash{} "
        r"\textless{}d\textgreater{}"
    )
    assert (escaped("-"), escaped("-1.2 [-3.0, +0.5]")) == ("--", "$-$1.2 {[}$-$3.0, +0.5{]}")
    assert escaped("syncheck-overall, RF-2") == "syncheck-overall, RF-2"
    text = latex(troubled)
    body = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {7}
    assert len(lines) == 1 + len(table(troubled))
    assert r"FAILED seed 420: ValueError: a\_b \textbar{} \textless{}c\textgreater{} \& 50 \%" in text
    assert r"\label{tab:syncheck-overall-csigan-corrected}" in text
    assert r"\caption{What is synthetic data worth" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


# -- sentences ----------------------------------------------------------------------------------------


def test_better_worse_and_equal_are_told_apart(planted):
    said = sentences(planted)
    gain = signed(interval([a - b for a, b in zip(GOOD, REAL)], T4))
    loss = signed(interval([a - b for a, b in zip(BAD, REAL)], T4))
    none = signed(interval([a - b for a, b in zip(EQUAL, REAL)], T4))
    assert f"SynCheck: better than only real: {gain} points over 5 seeds." in said
    assert f"original: worse than only real: {loss} points over 5 seeds." in said
    assert f"SSIM filter: not to be told from only real: {none} points over 5 seeds." in said


def test_a_filter_is_held_against_its_own_control_at_equal_seeds(tmp_path):
    values = {"ssim": EQUAL, "random_ssim": EQUAL[::-1], "trts": GOOD, "random_trts": REAL}
    said = sentences(a_study(tmp_path, of_methods(values)))
    for name, told in (("ssim", "not to be told from"), ("trts", "better than")):
        pairs = zip(values[name], values[f"random_{name}"])
        paired = signed(interval([a - b for a, b in pairs], T4))
        wanted = f"{SERIES[name]}: {told} as many items chosen at random: {paired} points over 5 seeds."
        assert wanted in said
    assert sum("chosen at random" in sentence for sentence in said) == 2


def test_a_variant_is_held_against_the_whole(tmp_path):
    table_ = {"real_only": REAL, "syncheck": GOOD, "no_ova": BAD, "no_consistency_entropy": GOOD[::-1]}
    said = sentences(a_study(tmp_path, of_methods(table_), "syncheck-ablation"))
    paired = signed(interval([a - b for a, b in zip(BAD, GOOD)], T4))
    assert f"SynCheck without one-vs-all: worse than SynCheck: {paired} points over 5 seeds." in said
    name = "SynCheck without consistency and entropy"
    assert any(sentence.startswith(f"{name}: not to be told from SynCheck") for sentence in said)


def test_places_are_listed_by_outcome(tmp_path):
    def accuracy(entry: Entry, seed: int) -> float:
        good = entry.key.method == "syncheck" and entry.key.backbone == "cnn64"
        return REAL[SEEDS.index(seed)] + (0.05 + 0.001 * (seed % 3)) * good

    said = sentences(a_study(tmp_path, accuracy, "syncheck-backbone"))
    line = next(sentence for sentence in said if sentence.startswith("SynCheck: "))
    assert line.startswith("SynCheck: better than only real at CNN 64 (+5.1")
    assert "; not to be told from only real at CNN 128 (+0.0 [+0.0, +0.0]), CNN 256 (+0.0" in line


def test_published_and_own_gain_are_held_against_each_other(planted):
    ours_ = signed(interval([a - b for a, b in zip(BAD, REAL)], T4))
    line = next(s for s in sentences(planted) if s.startswith("original: published gain"))
    assert line.endswith(f", here {ours_} points; the intervals do not overlap.")
    line = next(s for s in sentences(planted) if s.startswith("SynCheck: published gain"))
    assert line.endswith("; the intervals overlap.")


def test_overlap_needs_two_intervals(tmp_path):
    rows = {row.series: row for row in a_study(tmp_path, PLANTED, seeds=SEEDS[:1]).rows()}
    runs = a_study(tmp_path, PLANTED)
    full = {row.series: row for row in runs.rows()}
    there = published_gain(full["SynCheck"], runs)
    assert there is not None
    assert overlap(full["SynCheck"].difference, there) is True
    assert overlap(full["original"].difference, published_gain(full["SynCheck"], runs)) is False
    assert overlap(rows["SynCheck"].difference, there) is None


def test_caveats_are_those_of_the_set_up(tmp_path, planted):
    cross, inside = (
        sentences(planted)[-1],
        sentences(a_study(tmp_path, PLANTED, generator="rf-diffusion"))[-1],
    )
    assert "whose epochs were chosen by the accuracy on the test items themselves" in cross
    assert "whose epochs were chosen on validation items" in inside
    assert any("one test set of 400 items" in sentence for sentence in sentences(planted))
    assert not any("oracle" in sentence for sentence in sentences(planted))
    assert any("oracle (an upper bound" in sentence for sentence in sentences(planted, "oracle"))


def test_failures_are_said_and_without_a_baseline_there_is_no_gain(troubled, tmp_path):
    assert "2 runs failed and are not in the means." in sentences(troubled)
    assert "2 runs of these cells are missing." in sentences(troubled)

    def no_base(entry: Entry, seed: int) -> float | str:
        return "boom" if entry.key.method == "real_only" else PLANTED(entry, seed)

    said = sentences(a_study(tmp_path, no_base))
    assert said[0].startswith("No run of only real has succeeded")
    assert not any("only real:" in sentence for sentence in said)


# -- trends -------------------------------------------------------------------------------------------


def rising(entry: Entry, seed: int) -> float:
    """SynCheck gains 1 point a unit (more or less, by the seed), original loses 2; the filters go nowhere."""
    i, key = SEEDS.index(seed), entry.key
    steps = {"syncheck": 0.010 + 0.001 * (i - 2), "original": -0.02 + 0.001 * (i - 2)}
    return REAL[i] + steps.get(key.method, 0.004 * (i - 2)) * key.ratio


def test_the_slope_is_that_within_each_seed():
    values = {0.5: {1: 0.5, 2: 0.6, 3: 0.1}, 1.0: {1: 0.6, 2: 0.65}, 2.0: {1: 0.8, 2: 0.75}}
    found = slope(values)
    assert found is not None
    assert (found[0].mean, found[0].n, found[1:]) == (pytest.approx((0.2 + 0.1) / 2), 2, (0.5, 2.0))
    assert slope({1.0: {1: 0.5}}) is None
    assert slope({1.0: {1: 0.5}, 2.0: {2: 0.5}}) is None


def test_trends_over_the_volume_are_claimed_where_they_are(tmp_path):
    said = sentences(a_study(tmp_path, rising, "syncheck-volume"))
    each = signed(interval([0.008, 0.009, 0.010, 0.011, 0.012], T4))
    wanted = f"SynCheck: accuracy rises from ratio 0.5 to 5: {each} points for each 1 more, over 5 seeds"
    assert any(sentence.startswith(wanted) for sentence in said)
    assert any(sentence.startswith("original: accuracy falls from ratio 0.5") for sentence in said)
    assert any(sentence.startswith("SSIM filter: no trend to be told from") for sentence in said)
    seeds = {r: published("csigan", "volume", Key("syncheck", ratio=r)).seeds for r in RATIOS[1:]}
    slopes = [
        np.cov(RATIOS[1:], [found[s] for found in seeds.values()])[0, 1] / np.var(RATIOS[1:], ddof=1)
        for s in SEEDS
    ]
    line = next(sentence for sentence in said if sentence.startswith(wanted))
    assert line.endswith(f"(published, over the same ratios: {signed(interval(slopes, T4))}).")


# -- what survives ------------------------------------------------------------------------------------


def test_what_survives_the_corrected_protocol(tmp_path):
    before = of_methods({"real_only": BAD, "syncheck": GOOD, "original": EQUAL, "ssim": BAD})
    released = a_study(tmp_path, before, protocol="released")
    rows = {row["series"]: row for row in survival(a_study(tmp_path, PLANTED), released)}
    row = rows["SynCheck"]
    gain = [a - b for a, b in zip(GOOD, REAL)]
    assert row["published gain"].startswith("+9.6 [")
    assert row["released gain here"] == signed(interval([a - b for a, b in zip(GOOD, BAD)], T4))
    assert row["corrected gain here"] == signed(interval(gain, T4))
    change = [new - (a - b) for new, a, b in zip(gain, GOOD, BAD)]
    assert row["corrected minus released"] == signed(interval(change, T4))
    assert {name: row["under the corrected protocol"] for name, row in rows.items()} == {
        "original": "a loss",
        "SSIM filter": "no gain to be told",
        "random (SSIM filter)": rows["random (TRTS filter)"]["under the corrected protocol"],
        "TRTS filter": "a gain remains",
        "random (TRTS filter)": "no gain to be told",
        "SynCheck": "a gain remains",
        "only real, cross-entropy alone": "no gain to be told",
    }


# -- figures ------------------------------------------------------------------------------------------


def drawn(runs: StudyRuns) -> Figure:
    plot = plot_of(runs)
    assert plot is not None
    figure = Figure()
    drawing(plot)[0](figure)
    return figure


def words_in(figure: Figure) -> str:
    texts = [text.get_text() for text in figure.findobj(Text)]
    return "\n".join(" ".join(text.split()).replace("cross- ", "cross-") for text in texts)


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("generator", SCENARIOS)
def test_every_figure_names_its_series_and_has_one_range(tmp_path, study, generator):
    runs = a_study(tmp_path, rising if study == "syncheck-volume" else PLANTED, study, generator)
    figure, plot = drawn(runs), plot_of(runs)
    words = words_in(figure)
    for row in runs.rows():
        assert row.series in words
        assert row.place in words or study == "syncheck-volume"  # numbers, which ticks bring
    assert f"{study}: {SCENARIOS[generator].title}" in words
    assert f"protocol corrected, selection {runs.info['selection']}, n = 5 seeds" in words
    assert "here: csi-har" in words
    name = STUDIES[study].figures[generator]
    assert (f"published, {name}" if name else "published") in words
    here, there = figure.axes
    assert here.get_ylim() == there.get_ylim() == plot.limits
    low, high = plot.limits
    for mark in ours(runs.rows()) + theirs(runs.rows()):
        assert all(low < value < high for value in (mark.mean, *mark.seeds, *(mark.ends or ())))
    assert (f"(axis starts at {low:g} %)" in words) == (low > 0 and study != "syncheck-volume")


def test_bars_of_low_accuracies_start_at_zero(tmp_path):
    runs = a_study(tmp_path, lambda entry, seed: 0.05 + 0.01 * SEEDS.index(seed), seeds=SEEDS)
    plot = plot_of(runs)
    assert plot is not None
    assert plot.limits[0] == 0
    assert "axis starts" not in words_in(drawn(runs))
    assert limits([], 5.0) == (0.0, 101.0)


def test_figure_11a_has_its_true_labels(tmp_path):
    words = words_in(drawn(a_study(tmp_path, PLANTED, "syncheck-backbone")))
    assert {"CNN 64", "CNN 128", "CNN 256"} <= set(words.splitlines())
    assert "ResNet" not in words


def test_all_lines_begin_at_only_real_and_syncheck_is_thickest(tmp_path):
    figure = drawn(a_study(tmp_path, rising, "syncheck-volume"))
    for axes, start in zip(figure.axes, (100 * np.mean(REAL), 73.2)):
        lines = [line for line in axes.lines if len(line.get_xdata()) > 5]
        assert len(lines) == 4
        for line in lines:
            assert (line.get_xdata()[0], line.get_ydata()[0]) == (0, pytest.approx(start))
            assert len(line.get_xdata()) == len(RATIOS)
        thickest = max(lines, key=lambda line: line.get_linewidth())
        assert thickest.get_color() == look("SynCheck").colour
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == len(RATIOS) - 1


def test_bars_stand_at_the_means_with_intervals_and_seeds(planted):
    here, there = drawn(planted).axes
    rows = planted.rows()
    tops = [bar.get_y() + bar.get_height() for bar in here.patches]
    assert tops == pytest.approx([100 * row.accuracy.mean for row in rows])
    assert len(there.patches) == 5
    ends = [tuple(line.get_ydata()) for line in here.lines if len(line.get_ydata()) == 2]
    wanted = interval([100 * v for v in GOOD], T4)[1:]
    assert any(pair == pytest.approx(wanted) for pair in ends)
    dots = [sorted(line.get_ydata()) for line in here.lines if len(line.get_ydata()) == 5]
    assert any(found == pytest.approx(sorted(100 * v for v in BAD)) for found in dots)
    dashed = [line for line in here.lines if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashed] == pytest.approx([100 * np.mean(REAL)])


def test_a_series_has_one_look_and_none_shares_it_in_a_figure(tmp_path):
    assert set(LOOKS) == set(SERIES.values())
    for study in STUDIES:
        names = {row.series for row in a_study(tmp_path, rising, study).rows()}
        assert len({(look(name).colour, look(name).control) for name in names}) == len(names)
    assert look("something else") == look("something else")


def test_equal_studies_are_equal_bytes_and_pixels_as_large_as_the_drawing(planted, tmp_path):
    again, lines, pixels = a_study(tmp_path, PLANTED), svg_of(planted), png_of(planted)
    assert (svg_of(again), png_of(again)) == (lines, pixels)
    assert svg_of(a_study(tmp_path, rising)) != lines
    assert ET.fromstring(lines).tag.endswith("svg")
    image = np.array(Image.open(io.BytesIO(pixels)).convert("L"))
    _, width, height = drawing(plot_of(planted))
    assert image.shape == (pytest.approx(192 * height, abs=1), pytest.approx(192 * width, abs=1))
    assert (image[:, :3].min(), image[:, -3:].min()) == (255, 255), "nothing is cut off at the sides"
    assert image.min() < 50


# -- page and files -----------------------------------------------------------------------------------


def test_the_page_names_every_series_and_escapes_markup(troubled):
    cells = [{**cell, "series": f"<i>{cell['series']}</i>"} for cell in troubled.info["cells"]]
    runs = dataclasses.replace(
        troubled, info={**troubled.info, "cells": cells, "question": "<u>why</u> & how?"}
    )
    text = page(runs)
    assert "<i>" not in text
    assert "<u>" not in text
    assert "<c>" not in text
    shown = " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
    for cell in cells:
        assert cell["series"] in shown
    assert "<u>why</u> & how?" in shown
    assert "ValueError: a_b | <c> & 50 % second, line" in shown
    assert "trts-default-1.0--420" in shown
    assert faults(text) == []


@pytest.fixture(scope="module")
def html(planted) -> str:
    return page(planted)


def test_the_page_says_what_the_protocol_switched_on(tmp_path, html):
    assert set(switch_meanings()) == {field.name for field in dataclasses.fields(PROTOCOLS["released"])}
    assert switch_meanings()["overlap"] == "The unlabelled items are test items too."
    released = page(a_study(tmp_path, PLANTED, protocol="released"))
    assert released.count('<span class="on">on</span>') == len(switch_meanings())
    assert "were reproduced:" in released
    assert "The unlabelled items are test items too." in released
    assert "the cross-domain one (CsiGAN) alone" in released
    assert '<span class="on">' not in html
    assert html.count('<span class="off">off</span>') == len(switch_meanings())
    assert "None of these behaviours" in html


def test_the_page_has_sentences_and_the_table_of_every_selection(planted, html):
    text = unescape(html)
    for sentence in sentences(planted):
        assert sentence in text
    for name in ("last", "validation", "oracle"):
        assert f'aria-label="result table, selection {name}"' in text
    assert text.index("selection last") < text.index("selection validation")
    assert text.count('class="gain"') == text.count('class="loss"') * 2 == 6  # two gain, one loses, thrice


def test_files_are_these_and_equal_studies_are_equal_bytes(tmp_path):
    runs = a_study(tmp_path, PLANTED)
    files = write_study(runs)
    endings = (".md", ".csv", "-runs.csv", ".tex", ".html", ".svg", ".png")
    assert {file.name for file in files} == {runs.name + ending for ending in endings}
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in files}
    before = {file: file.read_bytes() for file in files}
    assert {file: file.read_bytes() for file in write_study(runs)} == before
    text = (tmp_path / f"{runs.name}.md").read_text()
    assert text.startswith("# What is synthetic data worth under each way of using it?\n")
    assert f"(<./{runs.name}.svg>)" in text
    assert markdown(runs) in text


def test_without_a_successful_run_there_is_no_figure(tmp_path):
    runs = a_study(tmp_path, lambda entry, seed: "boom")
    for older in (".svg", ".png"):
        (tmp_path / f"{runs.name}{older}").touch()
    assert {file.suffix for file in write_study(runs)} == {".md", ".csv", ".tex", ".html"}
    assert {file.suffix for file in tmp_path.iterdir()} == {".md", ".csv", ".tex", ".html"}
    assert sentences(runs) == [
        "No run has succeeded: nothing can be said.",
        "40 runs failed and are not in the means.",
    ]
    assert "Nothing to draw" in page(runs)
    nothing = a_study(tmp_path, lambda entry, seed: None)
    assert (table(nothing), lines_of(runs_csv(nothing))) == ([], [])
    assert "No run has finished." in markdown(nothing)
    assert "No run has finished." in latex(nothing)
    assert "No run has finished." in page(nothing)


def test_a_folder_that_cannot_be_is_the_users_to_mend(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        write_study(a_study(tmp_path / "file" / "below", lambda entry, seed: "boom"))
