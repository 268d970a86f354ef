"""The HTML report: whole, self-contained, escaped, and true to the runs."""

from __future__ import annotations

import base64
import copy
import dataclasses
import io
import json
import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from assay.comparison.compare import compare
from assay.comparison.result import Comparison
from assay.comparison.summary import cells, headline, summarise
from assay.methods.training import Training
from assay.report.assessment.page import page, write_page
from assay.report.comparison import by_class, figures
from assay.report.comparison.page import tables
from assay.report.drawing import class_names, families, looks, row_label
from assay.report.inline import inline
from assay.report.matrix import matrix
from assay.report.sheet import first_items
from assay.report.template import breakable
from assay.train.selection import LABEL_FREE
from assay.types import Samples, Task
from tests.support.pages import faults

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
        monkeypatch.setattr(room, name, lambda comparison: [])


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
    """Type, content and alternative text of every image that is no figure."""
    found = re.findall(r'<img src="data:(image/[a-z+]+);base64,([^"]+)" alt="([^"]*)"', html)
    assert len(found) == html.count("<img")
    return [(kind, base64.b64decode(data, validate=True), alt) for kind, data, alt in found]


@pytest.mark.usefixtures("words_only")
def test_write_report_makes_folders_replaces_and_repeats_to_the_byte(comparison, tmp_path):
    path = tmp_path / "deep" / "report.html"
    assert write_page(comparison, path) == path
    first = path.read_bytes()
    path.write_text("older")
    write_page(comparison, str(path))
    assert path.read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_page_is_whole_and_told(html):
    assert faults(html) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('role="img"', ""),
        ("viewBox=", "box="),
        ('aria-label="Dot plot.', 'title="'),
        (' alt="', ' title="'),
        ("</style>", "@import 'a.css';</style>"),
        ("</main>", '<a href="https://example.org">x</a></main>'),
        ("</main>", '<p id="result"></p></main>'),
        ("</script>", "/*" + 20_000 * "x" + "*/</script>"),
        ("</main>", 1_000_000 * "x" + "</main>"),
        ('<clipPath id="', '<clipPath id="x'),
    ],
)
def test_a_page_that_is_not_is_noticed(html, good, bad):
    assert faults(html.replace(good, bad, 1)) != []


def test_every_image_decodes(html):
    found = images(html)
    assert len(found) == 2 * 3
    for _, content, alt in found:
        assert len(alt) > 10
        Image.open(io.BytesIO(content)).load()


def test_figures_take_the_colours_of_the_page(html):
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) == set()
    used = set(re.findall(r"var\((--[\w-]+)\)", drawn))
    assert used
    assert all(html.count(f" {name}: ") == 2 for name in used), "one for the day and one for the night"
    assert "currentColor" in drawn


def test_marks_tell_their_values_and_numbers_stay_whole(comparison, html):
    line = next(line for line in figures.headline_lines(comparison) if line.method == "mixed")
    assert f"<title>mixed: {line.metric.told(line.value)} %</title>" in html
    assert ">0.25<" in inline(lambda f: f.subplots().set_xticks([0.25], ["0.25"]), 2, 1, "x").svg


def test_sections_stand_in_order(html):
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert found == [
        "Found in the data",
        "Accuracy by method",
        "Real and synthetic items",
        "Result",
        "What it cost",
        "Appendix",
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
    assert faults(html) == []
    assert all("[" not in row.cells["accuracy %"] for row in tables(one)[0].rows)


def test_real_data_only(tmp_path):
    task = a_task(validation=None, unlabelled=None)
    html = page(compare(task, training=SHORT, seeds=2, out=tmp_path, workers=1, device="cpu"))
    assert "toy: real data only" in html
    assert "Synthetic items used" not in html
    assert ">Real items</h2>" in html
    assert "random filter" not in html
    assert len(images(html)) == 3


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
    assert by_class.kept(done) == []
    sheet = first_items(done.info["task"], done.samples())
    assert [row.name for row in sheet.rows] == ["ant", "bee", "cat", "condition not given"]
    assert [row.strips[1] is not None for row in sheet.rows] == [False, False, False, True]
    assert page(done).count(">none</span>") == 4


def test_names_are_text_whatever_they_hold(comparison):
    info = copy.deepcopy(comparison.info)
    info["task"]["name"], info["synthetic"]["name"] = "<script>alert(1)</script>", '{{ 1 }} "q"'
    info["task"]["classes"] = [r"a $\bad$ & b", "$", "<b>" * 20]
    html = page(dataclasses.replace(comparison, info=info))
    assert html.count("<script") == 1, "the page's own"
    assert "<b>" * 2 not in html
    assert faults(html) == []
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


def test_names_beside_rows_break_between_words_and_keep_their_ends():
    assert row_label("real_only") == "real_only"
    assert row_label("random_filter (ssim_filter)") == "random_filter\n(ssim_filter)"
    long = row_label("a_method_of_somebody_with_a_long_name:ratio=2")
    assert len(long) <= 22
    assert (long[:8], long[-7:]) == ("a_method", "ratio=2")


def test_long_names_may_break_at_their_joints_in_tables():
    assert breakable("random_filter (ssim_filter)") == "random_filter (ssim_filter)"
    assert breakable("mixed@mlp:width=32,<b>") == "mixed@<wbr>mlp:<wbr>width=<wbr>32,<wbr>&lt;b&gt;"
    assert breakable("a=b") == "a=b", "it is short"


def test_class_names_fit_the_typeface_and_the_axis():
    assert class_names(["walk", "sit down and stand up"]) == ["walk", "sit dow…d up"]
    assert class_names(["walk", "猫"]) == ["0", "1"]


def test_numbers_in_alternative_texts(comparison):
    chosen, (results, _) = headline(comparison), [panel.alt for panel in figures.results(comparison)]
    for line in summarise(comparison):
        if line.selection == chosen and line.accuracy:
            assert f"{line.method} {100 * line.accuracy.mean:.1f}" in results
    runs = [run for run in comparison.runs if run["label"] == "trts_filter"]
    used = np.mean([run["selections"][chosen]["used"] for run in runs])
    kept = {panel.alt.split()[1]: panel.alt for panel in by_class.kept(comparison)}
    assert f"learns from {used:.0f} of 15 " in kept["trts_filter"]
    assert "mixed" not in kept, "it learns from all"


def test_confusion_reads_true_then_predicted(comparison):
    runs = copy.deepcopy(comparison.runs)
    for run in runs:
        for selected in run["selections"].values():
            selected["confusion"] = [[4, 0, 0], [0, 1, 3], [0, 0, 4]]
    panels = by_class.confusions(dataclasses.replace(comparison, runs=runs))
    (mixed,) = (panel for panel in panels if panel.title == "mixed")
    assert mixed.alt == "Confusion matrix of mixed: most often bee is taken for cat (75 %)."
    assert "<title>bee taken for cat: 75 %</title>" in mixed.svg
    assert "cat taken for bee" not in mixed.svg


def test_no_confusion_is_told_where_there_is_none():
    classes = ("ant", "bee", "cat")
    assert by_class.worst(np.eye(3), classes) == "no test item is taken for another class"
    rare = np.eye(3) + 0.001 * np.eye(3, k=1)
    assert by_class.worst(rare, classes) == "most often ant is taken for bee (below 0.5 %)"


def test_names_of_many_classes_keep_apart():
    names = [f"a rather long name {i}" for i in range(65)]
    drawn = matrix(np.eye(65), names, "x", "")
    down = sorted(float(y) for y in re.findall(r'<text x="[^"]+" y="([^"]+)" text-anchor="end"', drawn.svg))
    assert len(down) > 5
    assert min(np.diff(down)) >= 12


def test_run_keys_and_hashes_are_told(comparison, html):
    info = json.loads((comparison.folder / "compare.json").read_text())
    assert info["task"]["digest"] in html
    assert info["synthetic"]["digest"] in html
    assert all(run["key"] in html for run in info["runs"])
