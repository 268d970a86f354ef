"""What a score leaves behind: sentences, tables, files, a page; and the verb that does it all."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console

import assay
from assay.cli import main as cli
from assay.cli import results, terminal
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.files import check_writable
from assay.markup import in_csv
from assay.metrics.statistics import Estimate
from assay.quality.measures import MEASURES
from assay.quality.score import Score, ScoreRow, Scoring
from assay.report.assessment.page import page
from assay.report.findings import doubts
from assay.report.score import files as score_files
from assay.report.score.figure import LEFT, RIGHT, _row, places
from assay.report.score.items import closest, ranked
from assay.report.score.numbers import cells, class_cells, group_cells, place, worse_than_real
from assay.report.score.text import sentences
from assay.report.write import table, write_score
from assay.types import Samples, Task
from tests.support.pages import faults
from tests.support.scoring import SHORT, a_task, items, scored

ODD = ("<b>ant</b>", 'bee, "the" | 2nd', "=cat")
FILES = {"samples.csv", "score.json", "score.md", "score_items.npz", "report.html"}
CLI_QUICK = ("--scoring", "repeats=1", "--training", "epochs=2,steps=5", "--workers", "1", "--device", "cpu")


@pytest.fixture(scope="module")
def task() -> Task:
    return a_task(classes=ODD, name="<i>odd</i>")


@pytest.fixture(scope="module")
def synthetic() -> Samples:
    """No item of the last class, two without condition, one that is a real record."""
    made = items(60, 7)
    made = made[made.y != 2]
    y, x = made.y.copy(), made.x.copy()
    y[:2], x[2] = -1, a_task().labelled.x[5]
    return Samples(x, y, made.group)


@pytest.fixture(scope="module")
def score(task: Task, synthetic: Samples) -> Score:
    return scored(synthetic, task, training=SHORT)


@pytest.fixture(scope="module")
def folder(score, task, synthetic, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("score")
    write_score(score, task, synthetic, out)
    return out


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text()


def a_row(name: str, value=(0.5, 0.4, 0.6), floor=(0.9, 0.8, 1.0), ceiling=0.1, n=3) -> ScoreRow:
    measure = next(measure for measure in MEASURES if measure.name == name)
    worst = ceiling if isinstance(ceiling, tuple) else (ceiling,) * 3
    return ScoreRow(measure, Estimate(*value, n), Estimate(*floor, n), Estimate(*worst, n))


def ends(score: Score) -> list[tuple[ScoreRow, Estimate, Estimate]]:
    """Every measure with good and bad values that are clearly apart."""
    low, high = Estimate(0.1, 0, 0.2, 3), Estimate(0.9, 0.8, 1, 3)
    return [(row, *((high, low) if row.measure.better == "higher" else (low, high))) for row in score.rows]


def with_rows(score: Score, *rows: ScoreRow) -> Score:
    given = {row.measure.name: row for row in rows}
    return dataclasses.replace(score, rows=[given.get(row.measure.name, row) for row in score.rows])


def columns(path: Path) -> dict[str, list[str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: [row[key] for row in rows] for key in rows[0]}


# -- sentences ----------------------------------------------------------------------------------------


def test_place_is_0_at_the_worst_and_1_at_real_items_whichever_way_is_better():
    row = a_row("trts")
    assert [place(row, value) for value in (0.1, 0.9, 0.5)] == pytest.approx([0, 1, 0.5])
    lower = a_row("frechet", floor=(2, 1, 3), ceiling=10)
    assert [place(lower, value) for value in (10, 2, 8)] == pytest.approx([0, 1, 0.25])


def test_a_measure_that_does_not_tell_the_worst_from_real_items_has_no_place(score):
    assert np.isnan(place(a_row("trts", floor=(0.1, 0, 0.2), ceiling=0.1), 0.5))
    assert np.isnan(place(a_row("frechet", floor=(2, 1, 3), ceiling=1), 0.5))
    blunt = a_row("diversity", floor=(0.1, 0, 0.2), ceiling=0.3)
    assert cells(blunt)["place"] == "-"


def test_a_measure_whose_worst_overlaps_real_items_is_not_judged(score):
    sharp = [dataclasses.replace(row, floor=good, value=good, ceiling=bad) for row, good, bad in ends(score)]
    weak = [
        a_row("coverage", (0.97, 0.9, 1), (1, 1, 1), (0.978, 0.9, 1)),
        a_row("label_errors", (0.3, 0.2, 0.4), (0.3, 0.1, 0.5), (0.6, 0.4, 0.8)),
    ]
    assert [cells(row)["place"] for row in weak] == ["-", "-"]
    said = sentences(with_rows(dataclasses.replace(score, rows=sharp), *weak))
    (blunt,) = [text for text in said if text.startswith("Not judged, for telling hardly even the worst")]
    assert blunt.endswith("here: label_errors and coverage.")
    (alike,) = [text for text in said if text.startswith("Not to be told from real items")]
    assert alike.endswith(": affinity, diversity and two_sample.")
    assert "conditions that look wrong" not in " ".join(said)
    several = [dataclasses.replace(row, ceiling=row.floor) for row in sharp]
    assert f"and {len(several) - 5} more." in " ".join(sentences(dataclasses.replace(score, rows=several)))


def test_every_measure_that_is_worse_is_named(score):
    sharp = [dataclasses.replace(row, floor=good, value=good, ceiling=bad) for row, good, bad in ends(score)]
    worse = [a_row(name, (0.3, 0.2, 0.4)) for name in ("recall", "tstr")]
    found = dataclasses.replace(score, rows=sharp)
    assert "Worse than real items: tstr and recall." in sentences(with_rows(found, *worse))
    said = sentences(with_rows(found, *worse, a_row("affinity")))
    assert "Also worse than real items: tstr and recall." in said
    assert "orse than real items" not in " ".join(sentences(found))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (a_row("diversity", (0.1, 0, 0.2), (0.5, 0.4, 0.6), (0.3, 0.1, 0.5)), "orse than real"),
        (a_row("tstr", (0.1, 0, 0.2), (0.5, 0.4, 0.6), (0.3, 0.1, 0.5)), "orse than real"),
        (a_row("label_errors", (0.9, 0.88, 0.92), (0.8, 0.75, 0.85), (0.84, 0.8, 0.88)), "look wrong"),
        (a_row("label_errors", (0.7, 0.65, 0.75), (0.5, 0.45, 0.55), (0.8, 0.78, 0.82)), "look wrong"),
        (a_row("copying", (0.9, 0.8, 1.0), (0.3, 0.2, 0.4), (0.5, 0.3, 0.7)), "of the labelled"),
    ],
)
def test_nothing_is_said_of_a_measure_without_a_place_or_of_labels_by_a_nearly_blind_judge(score, row, words):
    sharp = [dataclasses.replace(row, floor=good, value=good, ceiling=bad) for row, good, bad in ends(score)]
    said = sentences(with_rows(dataclasses.replace(score, rows=sharp), row))
    assert f"Not judged, for telling hardly even the worst from real items here: {row.measure.name}." in said
    assert words not in " ".join(said)


def test_worse_only_where_the_intervals_do_not_meet():
    assert worse_than_real(a_row("trts", (0.5, 0.4, 0.6), (0.9, 0.7, 1)))
    assert not worse_than_real(a_row("trts", (0.5, 0.4, 0.8), (0.9, 0.7, 1)))
    assert not worse_than_real(a_row("trts", (1.5, 1.4, 1.6), (0.9, 0.7, 1)))
    assert worse_than_real(a_row("label_errors", (0.5, 0.4, 0.6), (0.1, 0, 0.2)))
    assert not worse_than_real(a_row("label_errors", (0.1, 0, 0.2), (0.5, 0.4, 0.6)))
    assert not worse_than_real(a_row("trts", (0.5, np.nan, np.nan), (0.9, np.nan, np.nan), n=1))


def test_sentences_say_what_the_numbers_say(score):
    text = " ".join(
        sentences(
            with_rows(
                score,
                a_row("label_errors", (0.3, 0.25, 0.35), (0.01, 0, 0.05), 0.7),
                a_row("affinity", (0.5, 0.4, 0.6), (0.9, 0.8, 1.0), 0.1),
                a_row("diversity", (0.85, 0.7, 1.0), (0.9, 0.8, 1.0), 0.1),
                a_row("coverage", (0.3, 0.2, 0.4), (0.9, 0.8, 1.0), 0.1),
                a_row("two_sample", (0.5, 0.4, 0.6), (0.5, 0.4, 0.6), 1.0),
                a_row("copying", (0.2, 0.1, 0.3), (0.01, 0, 0.02), 1.0),
            )
        )
    )
    assert "30.0 [25.0, 35.0] % of the conditions look wrong (real labels: 1.0 [0.0, 5.0] %)" in text
    assert "coverage 0.25 (real items with no synthetic one near); affinity 0.50 (" in text
    assert "Not to be told from real items with so many items and repeats: diversity and two_sample." in text
    assert (
        "20.0 [10.0, 30.0] % of the items equal one of the labelled, unlabelled and validation items" in text
    )
    assert "No item has the condition '=cat'." in text
    assert "1 item equals a real record" in text


def test_nothing_is_claimed_of_fewer_than_three_repeats(score):
    rows = [dataclasses.replace(row, value=dataclasses.replace(row.value, n=2)) for row in score.rows]
    said = sentences(dataclasses.replace(score, rows=rows))
    assert "Fewer than 3 repeats" in said[0]
    assert said[1:3] == ["No item has the condition '=cat'.", "1 item equals a real record once normalised."]
    assert said[3:] == doubts(score.info)


def test_real_labels_and_copies_that_are_no_worse_are_said_to_be_so(score):
    said = sentences(
        with_rows(
            score,
            a_row("label_errors", (0.02, 0, 0.1), (0.01, 0, 0.05), 0.7),
            a_row("copying", (0.0, 0, 0), (0.01, 0, 0.02), 1.0),
            a_row("copying_test", (0.0, 0, 0), (0.01, 0, 0.02), 1.0),
        )
    )
    assert any(
        text.startswith("The share of conditions that look wrong, 2.0 [0.0, 10.0] %,") for text in said
    )
    records = "labelled, unlabelled and validation items or of the test items"
    assert f"Near copies of the {records} are no more frequent than among new real items." in said


# -- tables -------------------------------------------------------------------------------------------


def test_table_has_a_line_for_each_measure_class_and_group(score):
    lines = table(score).split("\n")
    for row in score.rows:
        (line,) = [line for line in lines if line.startswith(f"| {row.measure.name} |")]
        assert f"({row.measure.worst})" in line
        assert f" {cells(row)['value']} " in line
    assert any(line.startswith('| bee, "the" \\| 2nd | ') for line in lines)
    assert sum(line.startswith("| 0 | ") or line.startswith("| 1 | ") for line in lines) == 2


def test_table_of_a_comparison_is_what_it_was(monkeypatch):
    monkeypatch.setattr("assay.report.write.headline", lambda result: "last")
    monkeypatch.setattr("assay.report.write.summarise", lambda result: [])
    monkeypatch.setattr("assay.report.write.markdown", lambda lines, below: "a table")
    assert table(Comparison({}, [], Path())) == "a table"


def test_a_class_without_items_is_a_line_with_dashes(score):
    rows = {row["class"]: row for row in class_cells(score)}
    assert list(rows) == list(ODD)
    assert (rows["=cat"]["items"], rows["=cat"]["affinity"], rows["=cat"]["trts"]) == ("0", "-", "-")
    assert re.fullmatch(r"0\.\d{3}", rows["=cat"]["tstr"])
    assert sum(int(row["items"]) for row in rows.values()) == len(score.samples["condition"]) - 2


def test_one_group_needs_no_table(score):
    assert len(group_cells(score)) == 2
    assert group_cells(dataclasses.replace(score, groups={0: score.groups[0]})) == []


def test_ranges_and_decimals():
    assert cells(a_row("trts"))["better, range"] == "higher, 0 to 1"
    assert cells(a_row("frechet"))["better, range"] == "lower, 0 or more"
    assert cells(a_row("kernel"))["better, range"] == "lower, unbounded"
    small = a_row("mmd", (0.0021, 0.001, 0.003), (0.001, 0, 0.002), 0.021)
    assert cells(small)["value"] == "0.0021 [0.0010, 0.0030]"
    large = a_row("frechet", (51.26, 40, 60), (1.0, 0, 2), 900)
    assert cells(large)["value"] == "51.3 [40.0, 60.0]"
    near = a_row("density", (1.14, 0.79579, 1.48421), (1.001, 1, 1.1), 1.0)
    assert cells(near)["value"] == "1.140 [0.796, 1.484]"
    below = a_row("kernel", (-0.00001, -0.00002, 0.1), (0.0, 0, 0.1), 3.0)
    assert cells(below)["value"] == "0.00 [0.00, 0.10]"
    zero = a_row("trts", (0.0999, 0.09, 0.11), (0.9, 0.8, 1), 0.1)
    assert (cells(zero)["place"], cells(zero)["the worst"]) == ("0.00", "0.100 (shuffled)")
    assert cells(zero)["real items"] == "0.900 [0.800, 1.000]"


# -- files --------------------------------------------------------------------------------------------


def test_files_are_these_and_the_same_to_the_byte(score, task, synthetic, folder, tmp_path):
    files = write_score(score, task, synthetic, tmp_path / "deep" / "er")
    assert {file.name for file in files} == FILES == {file.name for file in folder.iterdir()}
    for file in files:
        assert file.read_bytes() == (folder / file.name).read_bytes()


def test_json_holds_everything_and_no_nan(score, folder):
    def refuse(word):
        raise AssertionError(word)

    found = json.loads((folder / "score.json").read_text(), parse_constant=refuse)
    assert [row["measure"] for row in found["measures"]] == [row.measure.name for row in score.rows]
    trts = next(row for row in found["measures"] if row["measure"] == "trts")
    assert trts["value"]["mean"] == score["trts"].mean
    assert np.mean(trts["repeats"]) == pytest.approx(score["trts"].mean)
    assert (trts["better"], trts["range"], trts["ceiling"]["worst"]) == ("higher", [0, 1], "shuffled")
    assert next(r for r in found["measures"] if r["measure"] == "density")["range"] == [0, None]
    assert [row["class"] for row in found["classes"]] == list(ODD)
    assert found["classes"][2]["affinity"] is None
    assert [row["group"] for row in found["groups"]] == [0, 1]
    assert found["info"] == json.loads(json.dumps(score.info))
    assert found["sentences"] == sentences(score)


def test_csv_has_a_line_for_each_item_with_names_beside_numbers(score, folder, synthetic):
    found = columns(folder / "samples.csv")
    assert list(found)[:4] == ["item", "condition", "condition_name", "group"]
    assert found["item"] == [str(i) for i in range(len(synthetic))]
    assert found["condition"] == [str(label) for label in synthetic.y]
    assert found["condition_name"] == [(*ODD, "")[label] for label in synthetic.y]
    assert found["predicted_name"] == [in_csv(ODD[int(label)]) for label in found["predicted"]]
    assert [float(value) for value in found["score"]] == pytest.approx(score.samples["score"], rel=1e-5)
    assert found["copied"][2] == "true"
    assert set(found["copied"]) <= {"true", "false"}
    assert (found["nearest_part"][2], found["nearest"][2], found["distance"][2]) == ("labelled", "5", "0")


def test_nan_in_the_table_of_items_is_an_empty_cell():
    assert score_files.csv_bytes({"a": np.array([0.5, np.nan])}) == b'a\n0.5\n""\n'


def test_parquet_holds_the_same_table_and_replaces_the_other(score, task, synthetic, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    write_score(score, task, synthetic, tmp_path)
    files = write_score(score, task, synthetic, tmp_path, parquet=True)
    assert {file.name for file in tmp_path.iterdir()} == FILES - {"samples.csv"} | {"samples.parquet"}
    found = parquet.read_table(files[0]).to_pydict()
    for name, values in score_files.table_of(score).items():
        assert found[name] == values.tolist(), name


def test_parquet_without_pyarrow_names_the_extra(score, task, synthetic, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match=r"pip install 'assay\[parquet\]'"):
        write_score(score, task, synthetic, tmp_path, parquet=True)
    with pytest.raises(UserError, match=r"assay\[parquet\]"):
        score_files.check_parquet(True)
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_tried_before_anything_is_computed_and_left_as_it_was(tmp_path, monkeypatch):
    check_writable(tmp_path / "deep" / "er")
    assert list(tmp_path.iterdir()) == []

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(UserError, match=r"out: .*er: cannot be written \(No space left"):
        check_writable(tmp_path / "deep" / "er")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_unless_everything_can_be(score, task, synthetic, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no page")

    monkeypatch.setattr(score_files, "markdown", fail)
    with pytest.raises(RuntimeError, match="no page"):
        write_score(score, task, synthetic, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_only_what_was_scored_is_pictured(score, task, synthetic, tmp_path):
    with pytest.raises(UserError, match="synthetic: not what was scored"):
        write_score(score, task, synthetic[::-1], tmp_path)
    with pytest.raises(UserError, match="task: not what was scored"):
        write_score(score, a_task(), synthetic, tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- the page -----------------------------------------------------------------------------------------


def images(html: str) -> list[tuple[str, bytes, str]]:
    found = re.findall(r'<img src="data:(image/[a-z+]+);base64,([^"]+)" alt="([^"]*)"', html)
    assert len(found) == html.count("<img")
    return [(kind, base64.b64decode(data, validate=True), alt) for kind, data, alt in found]


def words(html: str) -> str:
    """The page without its pictures."""
    return re.sub(r'data:[^"]*', "", html)


def test_page_is_whole_and_told(html):
    assert faults(html) == []


def test_every_image_decodes_and_says_what_is_seen(html):
    found = images(html)
    assert len(found) == 3 * 2 + 2 + 8  # two classes, the unknown condition, pairs
    for _, content, alt in found:
        assert len(alt) > 30
        Image.open(io.BytesIO(content)).load()


def test_names_are_text_whatever_they_hold(html, folder):
    assert "<i>" not in html
    assert "<b>" not in html
    assert "What “synthetic” is worth for &lt;i&gt;odd&lt;/i&gt;</h1>" in html
    assert "<title>&lt;i&gt;odd&lt;/i&gt;: synthetic" in html
    assert '<th scope="row">&lt;b&gt;ant&lt;/b&gt;</th>' in html
    assert "bee, &#34;the&#34; | 2nd" in html
    assert 'bee, "the" \\| 2nd' in (folder / "score.md").read_text()


def test_no_nan_is_shown(html, score, task, synthetic, folder):
    assert not re.search(r"\bnan\b", words(html), re.IGNORECASE)
    assert not re.search(r"\bnan\b", (folder / "score.md").read_text(), re.IGNORECASE)
    once = scored(synthetic, task, scoring=Scoring(repeats=1), training=SHORT)
    assert not re.search(r"\bnan\b", words(page(once)), re.IGNORECASE)


def test_sections_stand_in_order(html):
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == [
        "Found in the data",
        "Real and synthetic items",
        "How good the synthetic items are",
        "Appendix",
    ]


def test_without_conditions_the_page_has_no_classes(task, synthetic):
    bare = synthetic.without_labels()
    html = page(scored(bare, task, scoring=Scoring(repeats=1), training=SHORT))
    assert "by class<" not in html
    assert "by group<" not in html
    assert "condition not given" in html


def test_best_and_worst_are_the_highest_and_the_lowest_scores(score, task, synthetic):
    values, conditions = score.samples["score"], score.samples["condition"]
    shown = ranked(score).rows
    assert [row.name for row in shown] == [ODD[0], ODD[1], "condition not given"]
    for label, row in zip((0, 1), shown):
        own = values[conditions == label]
        _, best, worst = row.strips
        assert best.words.startswith(f"score {own.max():.2f} to ")
        assert worst.words.startswith(f"score {own.min():.2f} to ")
        assert best.words in best.picture.alt


def test_a_single_item_is_the_best_and_nothing_is_the_worst(score, task, synthetic):
    conditions = score.samples["condition"].copy()
    conditions[conditions == -1] = 0
    conditions[4] = -1
    changed = dataclasses.replace(score, samples={**score.samples, "condition": conditions})
    last = ranked(changed).rows[-1]
    assert (last.name, last.strips[2]) == ("condition not given", None)
    assert "none</span>" in page(changed)


def test_closest_pairs_come_nearest_first(score, task, synthetic):
    pairs = closest(score)
    assert len(pairs) == 8
    assert pairs[0].synthetic.startswith("item 2 (")
    assert pairs[0].real == f"labelled 5 ({ODD[task.labelled.y[5]]})"
    assert (pairs[0].distance, pairs[0].copied) == ("0", True)
    distances = [float(pair.distance) for pair in pairs]
    assert distances == sorted(distances)


def test_chart_shows_every_measure_that_has_a_place(score):
    (alt,) = (panel.alt for panel in places(score))
    for row in score.rows:
        assert (f"{row.measure.name} {place(row, row.value.mean):.2f}" in alt) == (
            not np.isnan(place(row, row.value.mean))
        )
    blunt = [dataclasses.replace(row, ceiling=row.floor) for row in score.rows]
    assert places(dataclasses.replace(score, rows=blunt)) == []


def test_what_the_chart_cannot_hold_ends_in_an_arrow_and_a_point_is_a_tick():
    axes = Figure().subplots()
    _row(axes, 2, a_row("trts", (0.5, -9, 9), (0.9, 0.9, 0.9)))
    drawn = {(line.get_marker(), *line.get_xdata(), *line.get_ydata()) for line in axes.lines}
    assert {("|", 1, 2), ("<", LEFT, 2), (">", RIGHT, 2)} < drawn
    inside = Figure().subplots()
    _row(inside, 2, a_row("trts"))
    assert {line.get_marker() for line in inside.lines} == {"None", "o"}


def test_signals_are_pictured_too():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(90, 2, 40, 10)).astype(np.float32), np.arange(90) % 3
    parts = Samples(x[:60], y[:60]), Samples(x[60:63], y[60:63])
    task, made = Task("csi", ("a", "b", "c"), *parts), Samples(x[63:], y[63:])
    found = scored(made, task, scoring=Scoring(repeats=1), training=SHORT, backbone=None)
    assert {"amplitude", "doppler_energy"} <= {row.measure.name for row in found.rows}
    assert len(images(page(found))) == 9 + 8


# -- the verb -----------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the verb in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str):
        monkeypatch.setattr(sys, "argv", ["assay", "score", *args])
        with pytest.raises(SystemExit) as exit:
            cli.main()
        return exit.value.code, *capsys.readouterr()

    return run


def npz(path: str, samples: Samples) -> None:
    np.savez(path, x=samples.x, y=samples.y)


def test_score_on_the_command_line(run):
    code, out, err = run("digits", "digits-rendered", *CLI_QUICK)
    assert code == 0, err
    assert "affinity" in out
    assert "digits: digits-rendered, 1000 synthetic items" in out
    assert "Fewer than 3 repeats" in out
    assert "files: runs/digits-digits-rendered/samples.csv" in out
    forecast, *jobs = err.splitlines()
    assert re.fullmatch(r"about \d+ (s|min)", forecast)
    assert jobs == [f"job {done}/7" for done in range(8)]
    assert re.search(r"Seconds of one worker, \d+ in all: .*diversity \d", out)
    folder = Path("runs/digits-digits-rendered")
    assert {file.name for file in folder.iterdir()} == FILES | {"commands.json"}
    assert len(columns(folder / "samples.csv")["item"]) == 1000


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("--scoring", "repeat=2"), "scoring: unknown option 'repeat'; known: repeats"),
        (("--scoring", "repeats=0"), "scoring: repeats=0"),
        (("--scoring", "fast"), "scoring: 'fast' key=value"),
        (("--scoring", "against=test"), "scoring: against=test"),
        (("--training", "epoch=1"), "training: 'epoch'"),
        (("--backbone", "nosuch"), "backbone 'nosuch'"),
        (("--device", "gpu"), "device gpu"),
        (("--out", "made.npz"), "out: made.npz"),
        (("--out", "/proc/deep/nowhere"), "out: /proc/deep/nowhere: cannot be written"),
        (("--out", "made.npz/deep"), "out: made.npz/deep"),
        (("--scoring", "neighbours=90"), "neighbours: 90"),
    ],
)
def test_wrong_options_end_in_one_line(run, args, named):
    npz("my.npz", items(120, 1))
    npz("made.npz", items(30, 2))
    assert_refused(run("my.npz", "made.npz", *args), named)


@pytest.mark.parametrize(
    ("task", "synthetic", "named"),
    [
        ("nosuch", "made.npz", "task 'nosuch'"),
        ("my.npz", "nosuch.npz", "synthetic data 'nosuch.npz': no such file"),
        ("my.npz", "narrow.npz", "narrow.npz x: (5,) (6,)"),
        ("my.npz", "five.npz", "synthetic: 5 items"),
        ("few.npz", "made.npz", "few: class '2' has 2 labelled real items"),
    ],
)
def test_wrong_data_end_in_one_line(run, task, synthetic, named):
    few = items(100, 1)
    npz("my.npz", items(120, 1))
    npz("made.npz", items(30, 2))
    npz("few.npz", few[(few.y != 2) | (np.cumsum(few.y == 2) <= 6)])
    npz("narrow.npz", Samples(items(30, 2).x[:, :5], items(30, 2).y))
    npz("five.npz", items(5, 2))
    assert_refused(run(task, synthetic), named)


def assert_refused(ended, named: str) -> None:
    code, out, err = ended
    assert (code, out) == (2, ""), err
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    assert [word for word in named.split() if word not in err] == [], err
    assert [path.name for path in Path().rglob("*") if path.suffix != ".npz"] == []


@pytest.mark.parametrize(("width", "whole"), [(80, False), (119, False), (120, True), (160, True)])
def test_a_narrow_terminal_shows_only_numbers_a_line_each(score, monkeypatch, capsys, width, whole):
    wide = Console(width=width, markup=False, emoji=False)
    for room in (terminal, results):
        monkeypatch.setattr(room, "console", lambda: wide)
    exact = [a_row(row.measure.name) for row in score.rows]
    results.show_score(dataclasses.replace(score, rows=exact))
    out = capsys.readouterr().out
    assert "<i>odd</i>: synthetic, " in out
    assert ("better" in out, "(shuffled)" in out) == (whole, whole)
    if not whole:
        lines = out.split("Not to be")[0].splitlines()
        (start,) = [i for i, line in enumerate(lines) if line.split()[:1] == ["affinity"]]
        assert [line.split()[0] for line in lines[start : start + len(exact)]] == [
            row.measure.name for row in exact
        ]


def test_stopping_says_that_nothing_was_written(run, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.quality.score.score", stop, raising=False)
    monkeypatch.setattr(sys.modules["assay.quality.score"], "score", stop)
    code, _, err = run("digits", "digits-rendered")
    assert (code, err.strip()) == (130, "stopped; nothing was written")
    assert list(Path().iterdir()) == []


def test_public_names():
    assert assay.score is sys.modules["assay.quality.score"].score
    assert assay.Scoring is Scoring
    assert assay.write_score is write_score


def test_verdict_is_the_sentences(score):
    assert assay.verdict(score) == " ".join(sentences(score))
    assert table(score).startswith(assay.verdict(score))
