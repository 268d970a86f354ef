"""The HTML report: whole, self-contained, escaped, and true to the runs."""

from __future__ import annotations

import base64
import copy
import dataclasses
import io
import json
import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest
from PIL import Image

from assay.comparison.compare import compare
from assay.comparison.result import Comparison
from assay.comparison.summary import cells, headline, summarise
from assay.methods.base import Training
from assay.report.comparison import by_class, figures
from assay.report.comparison.page import page, tables, write_report
from assay.report.contact_sheet import contact_sheet
from assay.report.drawing import class_names, families, looks
from assay.train.selection import LABEL_FREE
from assay.types import Samples, Task

METHODS = ("mixed", "ssim_filter", "trts_filter", "random_filter")
SHORT = Training(epochs=2, steps=3)


def some(n: int, seed: int, shape: tuple[int, ...] = (1, 8, 8), classes: int = 3) -> Samples:
    y = np.arange(n) % classes
    rng = np.random.default_rng(seed)
    prototypes = np.random.default_rng(0).normal(size=(classes, *shape))
    return Samples((prototypes[y] + rng.normal(size=(n, *shape))).astype(np.float32), y)


def a_task(**other: object) -> Task:
    parts = {"labelled": some(9, 1), "test": some(12, 2), "unlabelled": some(9, 3), "validation": some(6, 4)}
    return Task("toy", ("ant", "bee", "cat"), **{"kind": "image", **parts, **other})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    out = tmp_path_factory.mktemp("runs")
    return compare(
        a_task(), some(15, 5), methods=METHODS, seeds=2, training=SHORT, out=out, workers=1, device="cpu"
    )


@pytest.fixture(scope="module")
def html(comparison: Comparison) -> str:
    return page(comparison)


@pytest.fixture
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, which take most of the time."""
    for room, name in (
        (figures, "results"),
        (figures, "curves"),
        (by_class, "kept"),
        (by_class, "confusions"),
    ):
        monkeypatch.setattr(room, name, lambda comparison: None)


def with_runs(comparison: Comparison, change: dict[tuple[str, int], str | None]) -> Comparison:
    """The comparison with some runs failed (an error) or missing (None)."""
    runs = []
    for run in comparison.runs:
        error = change.get((run["label"], run["seed"]), "")
        if error == "":
            runs.append(run)
        elif error is not None:
            kept = {key: run[key] for key in ("key", "label", "seed", "settings", "about")}
            runs.append({**kept, "error": error, "traceback": None})
    return dataclasses.replace(comparison, runs=runs)


def images(html: str) -> list[tuple[str, bytes, str]]:
    """Type, content and alternative text of every image."""
    found = re.findall(r'<img src="data:(image/[a-z+]+);base64,([^"]+)" alt="([^"]*)"', html)
    assert len(found) == html.count("<img")
    return [(kind, base64.b64decode(data, validate=True), alt) for kind, data, alt in found]


def test_write_report_makes_folders_replaces_and_repeats_to_the_byte(comparison, tmp_path):
    path = tmp_path / "deep" / "report.html"
    assert write_report(comparison, path) == path
    first = path.read_bytes()
    path.write_text("older")
    write_report(comparison, str(path))
    assert path.read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_page_needs_nothing_but_itself(html):
    assert "<script" not in html
    assert all(target.startswith("data:") for target in re.findall(r'(?:src|href)="([^"]*)"', html))
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r"https?://", html)
    assert len(html) < 2_000_000


def test_every_image_decodes_and_says_what_is_seen(html):
    found = images(html)
    assert len(found) == 4 + 2 * 3
    for kind, content, alt in found:
        assert len(alt) > 10
        if kind != "image/svg+xml":
            Image.open(io.BytesIO(content)).load()
        else:
            assert ET.fromstring(content).tag.endswith("svg")


def test_sections_stand_in_order(html):
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert found == [
        "Found in the data",
        "Result",
        "Accuracy by method",
        "Learning curves",
        "Synthetic items used, by class",
        "Confusion",
        "Real and synthetic items",
        "Settings",
        "What next",
        "Appendix. The selections against the oracle",
    ]


def test_headline_comes_first_and_the_oracle_is_named_an_upper_bound(comparison, html):
    found = tables(comparison)
    assert [t.selection for t in found] == ["validation", "last", *LABEL_FREE, "oracle"]
    assert [t.selection for t in found if t.caveat] == ["oracle"]
    assert "upper bound: chooses by test labels" in html


def test_tables_say_what_the_summary_says(comparison):
    lines = {(line.selection, line.method): cells(line) for line in summarise(comparison)}
    shown = {(t.selection, row.cells["method"]): row.cells for t in tables(comparison) for row in t.rows}
    assert shown == lines


def test_a_filter_stands_beside_its_random_control(comparison):
    rows = tables(comparison)[0].rows
    names = [row.cells["method"] for row in rows]
    assert names == [
        "real_only",
        "mixed",
        "ssim_filter",
        "random_filter (ssim_filter)",
        "trts_filter",
        "random_filter (trts_filter)",
    ]
    assert [row.control for row in rows] == [False, False, False, True, False, True]


@pytest.mark.usefixtures("words_only")
def test_failed_and_missing_runs_are_rows(comparison):
    broken = with_runs(comparison, {("mixed", 0): "loss <b>x</b> is nan", ("ssim_filter", 1): None})
    rows = {row.cells["method"]: row.troubles for row in tables(broken)[0].rows}
    assert rows["mixed"] == ["seed 0 failed: loss <b>x</b> is nan"]
    assert rows["ssim_filter"] == ["1 run is not finished"]
    html = page(broken)
    assert "mixed, seed 0 failed: loss &lt;b&gt;x&lt;/b&gt; is nan" in html
    assert "1, 1 failed" in html
    assert html.count("not finished</td>") >= 2


def test_a_difference_over_fewer_seeds_says_so(comparison):
    broken = with_runs(comparison, {("real_only", 0): "gone"})
    mixed = next(row for row in tables(broken)[0].rows if row.cells["method"] == "mixed")
    assert mixed.cells["seeds"] == "2"
    assert mixed.cells["difference to real_only"].endswith("(1 pair)")


def test_only_an_interval_without_zero_is_coloured(comparison):
    found = {line.method: line for line in summarise(comparison) if line.selection == headline(comparison)}
    for row in tables(comparison)[0].rows:
        difference = found[row.cells["method"]].difference
        shown = difference is not None and difference.outcome in ("better", "worse")
        assert bool(row.verdict) == shown


def test_all_runs_failed(comparison):
    error = "RuntimeError: no memory"
    html = page(with_runs(comparison, {(run["label"], run["seed"]): error for run in comparison.runs}))
    assert html.count(f"failed: {error}") == len(comparison.runs)
    assert "no run has succeeded" in html
    assert "Learning curves" not in html
    assert "Real and synthetic items" in html


def test_no_run_finished(comparison):
    html = page(dataclasses.replace(comparison, runs=[]))
    assert html.count("2 runs are not finished") == len(comparison.info["methods"])


def test_one_seed_has_no_interval(comparison):
    info = {**comparison.info, "runs": [run for run in comparison.info["runs"] if run["seed"] == 0]}
    one = Comparison(info, [run for run in comparison.runs if run["seed"] == 0], comparison.folder)
    html = page(one)
    assert "nan" not in re.sub(r"data:[^\"]*", "", html).lower()
    assert all("[" not in row.cells["accuracy %"] for row in tables(one)[0].rows)


def test_real_data_only(tmp_path):
    task = a_task(validation=None, unlabelled=None)
    html = page(compare(task, training=SHORT, seeds=2, out=tmp_path, workers=1, device="cpu"))
    assert "toy: real data only" in html
    assert "Synthetic items used" not in html
    assert ">Real items</h2>" in html
    assert "random filter" not in html
    assert len(images(html)) == 3 + 3


def test_unknown_conditions(tmp_path):
    unknown = some(15, 5).without_labels()
    done = compare(
        a_task(),
        unknown,
        methods=["syncheck"],
        seeds=1,
        training=SHORT,
        out=tmp_path,
        workers=1,
        device="cpu",
    )
    assert by_class.kept(done) is None
    sheet = contact_sheet(done)
    assert [row.name for row in sheet.rows] == ["ant", "bee", "cat", "condition not given"]
    assert [row.synthetic is not None for row in sheet.rows] == [False, False, False, True]
    assert page(done).count(">none</span>") == 4


def test_names_are_text_whatever_they_hold(comparison):
    info = copy.deepcopy(comparison.info)
    info["task"]["name"], info["synthetic"]["name"] = "<script>alert(1)</script>", '{{ 1 }} "q"'
    info["task"]["classes"] = [r"a $\bad$ & b", "$", "<b>" * 20]
    html = page(dataclasses.replace(comparison, info=info))
    assert "<script" not in html
    assert "<b>" * 2 not in html
    assert "“{{ 1 }} &#34;q&#34;” is worth for &lt;script&gt;alert(1)&lt;/script&gt;</h1>" in html
    assert '<th scope="row">a $\\bad$ &amp; b</th>' in html


@pytest.mark.usefixtures("words_only")
def test_names_that_figures_cannot_write_are_numbered(comparison):
    info = copy.deepcopy(comparison.info)
    info["task"]["classes"][1] = "猫"
    assert "猫 (1 in the figures)" in page(dataclasses.replace(comparison, info=info))


def test_figures_leave_the_global_style_alone(comparison):
    before = dict(matplotlib.rcParams)
    figures.results(comparison)
    assert dict(matplotlib.rcParams) == before


def test_the_users_own_style_changes_no_figure(comparison):
    usual = figures.curves(comparison)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert figures.curves(comparison) == usual


def test_looks_differ_but_for_controls():
    names = ["real_only", *(f"m{i}" for i in range(12)), "random_filter (m3)"]
    found = looks(names)
    assert len({(look.colour, look.marker, look.control) for look in found.values()}) == len(names)
    control, filtered = found["random_filter (m3)"], found["m3"]
    assert (control.colour, control.marker) == (filtered.colour, filtered.marker)
    assert control.face == "white" != filtered.face


def test_a_control_stands_with_its_filter_or_alone():
    late = ["x", "y", "random_filter (x)", "random_filter (y)"]
    assert families(late) == [["x", "random_filter (x)"], ["y", "random_filter (y)"]]
    assert families(["real_only", "random_filter (x)"]) == [["real_only"], ["random_filter (x)"]]
    assert looks(["real_only", "random_filter (x)"])["random_filter (x)"].control


def test_class_names_fit_the_typeface_and_the_axis():
    assert class_names(["walk", "sit down and stand up"]) == ["walk", "sit down an…"]
    assert class_names(["walk", "猫"]) == ["0", "1"]


def test_numbers_in_alternative_texts(comparison):
    chosen, results = headline(comparison), figures.results(comparison).alt
    for line in summarise(comparison):
        if line.selection == chosen and line.accuracy:
            assert f"{line.method} {100 * line.accuracy.mean:.1f}" in results
    runs = [run for run in comparison.runs if run["label"] == "trts_filter"]
    used = np.mean([run["selections"][chosen]["used"] for run in runs])
    assert f"trts_filter {used:.0f} " in by_class.kept(comparison).alt


def test_confusion_reads_true_then_predicted(comparison):
    runs = copy.deepcopy(comparison.runs)
    for run in runs:
        for selected in run["selections"].values():
            selected["confusion"] = [[4, 0, 0], [0, 1, 3], [0, 0, 4]]
    alt = by_class.confusions(dataclasses.replace(comparison, runs=runs)).alt
    assert "mixed bee taken for cat (75 %)" in alt


def test_run_keys_and_hashes_are_told(comparison, html):
    info = json.loads((comparison.folder / "compare.json").read_text())
    assert info["task"]["digest"] in html
    assert info["synthetic"]["digest"] in html
    assert all(run["key"] in html for run in info["runs"])
