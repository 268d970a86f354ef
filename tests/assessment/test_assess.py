"""One question in one run: parts in order, a page after each, nothing twice, a page when it is stopped."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.assessment import assess as room
from assay.assessment.ahead import Ahead
from assay.cli import main as cli
from assay.comparison.summary import headline, summarise
from assay.errors import UserError
from assay.quality.score import Scoring
from assay.report.assessment.page import page
from assay.report.assessment.result import Assessment
from assay.runs.meter import hidden
from assay.runs.progress import Bar
from tests.support.pages import faults
from tests.support.toys import FAST, MLP, blob_task, blobs

TASK, MADE = blob_task(), blobs(64, 9)
QUICK = {
    "methods": ["mixed", "trts_filter", "random_filter"],
    "seeds": 3,
    "ratios": [1.6],
    "training": dataclasses.replace(FAST, epochs=1, steps=3),
    "scoring": Scoring(repeats=2),
    "backbone": MLP,
    "workers": 1,
    "device": "cpu",
    "synthetic_name": "made",
}
ORDER = [
    "Found in the data",
    "Accuracy by method",
    "Real and synthetic items",
    "What most methods get wrong",
    "Result",
    "How good the synthetic items are",
    "How much of it to use, and with which labels",
    "What it cost",
    "Appendix",
]


def assessed(out: Path, task=TASK, made=MADE, **options) -> Assessment:
    with hidden():
        return assay.assess(task, made, out=out, **(QUICK | options))


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Assessment, list[tuple[str, list[str], list[str]]]]:
    """The assessment, and what was there, in memory and on the page, each time that it told of a part."""
    out, seen = tmp_path_factory.mktemp("assess"), []

    def told(part, found, left):
        assert left >= 0
        seen.append((part, list(found.parts()), heads(out / "report.html")))

    return assessed(out, told=told), seen


def heads(path: Path) -> list[str]:
    return re.findall(r"<h2[^>]*>(.*?)</h2>", path.read_text())


def words(folder: Path) -> str:
    return unescape((folder / "report.html").read_text())


def test_the_cheapest_comes_first_and_each_part_is_on_the_page_when_it_is_told_of(done):
    _, seen = done
    assert [part for part, _, _ in seen] == ["examination", "forecast", "score", "comparison", "advice"]
    assert [there for _, there, _ in seen] == [
        [],
        [],
        ["score"],
        ["score", "comparison"],
        ["score", "comparison", "advice"],
    ]
    assert "Real and synthetic items" in seen[0][2]
    assert "Accuracy by method" not in seen[2][2]
    assert all([head for head in ORDER if head in shown] == shown for _, _, shown in seen)
    assert [head for head in ORDER if head != ORDER[3]] == [head for head in seen[-1][2] if head != ORDER[3]]


def test_the_page_is_whole_and_begins_with_the_comparisons_verdict(done):
    found, _ = done
    html = words(found.folder)
    assert faults((found.folder / "report.html").read_text()) == []
    first = re.search(r'<p class="advice">(.*?)</p>', html, re.DOTALL).group(1)
    assert assay.verdict(found.comparison).startswith(first[:60])
    assert assay.verdict(found) == assay.verdict(found.comparison)
    assert all(assay.table(part) in assay.table(found) for part in found.parts().values())
    assert html.count("What “made” is worth for blobs") == 1
    assert all(sentence in html for sentence in assay.verdict(found.advice).split(". ")[:1])
    assert "cannot be made" not in html
    for name in ("results.csv", "samples.csv", "score.json"):
        assert f'href="{name}"' in html


def test_it_says_the_same_as_the_verbs_one_by_one(done, tmp_path):
    found, _ = done
    names = ("methods", "seeds", "training", "backbone", "workers", "device")
    with hidden():
        alone = assay.compare(TASK, MADE, out=tmp_path, **{name: QUICK[name] for name in names})
    assert found.comparison.rows() == alone.rows()


def test_nothing_is_done_twice_and_times_stay(done, monkeypatch):
    found, _ = done

    def again(*_, **__):
        raise AssertionError("done again")

    monkeypatch.setattr(room, "score", again)
    monkeypatch.setattr("assay.runs.local.LocalPool.outcomes", lambda self, jobs, store: iter_of_none(jobs))
    resumed = assessed(found.folder)
    assert resumed.advice.options == found.advice.options
    assert resumed.comparison.rows() == found.comparison.rows()
    assert resumed.asked["expected"] == found.asked["expected"]
    assert resumed.asked["took"]["score"] >= found.asked["took"]["score"]
    opened = Assessment.open(found.folder)
    assert list(opened.parts()) == ["score", "comparison", "advice"]
    assert page(opened, found.folder / "report.html") == (found.folder / "report.html").read_text()


def iter_of_none(jobs):
    assert jobs == []
    yield from ()


def test_other_data_or_settings_make_another_score(done):
    found, _ = done
    request = room.Request(
        *(TASK, MADE, "made", ["score"], None, 3, MLP, QUICK["training"], Scoring(repeats=2), None),
        *(found.folder, 1, "cpu", False, "accuracy"),
    )
    assert request.kept_score() is not None
    for changed in ({"synthetic": blobs(64, 10)}, {"scoring": Scoring(repeats=3)}, {"training": FAST}):
        assert dataclasses.replace(request, **changed).kept_score() is None


def test_who_stops_it_in_the_comparison_has_a_page_of_the_runs_that_are_finished(tmp_path, monkeypatch):
    told, count = [], [0]

    def stop(self, record):
        count[0] += 1
        if count[0] == 2:  # of four methods
            raise KeyboardInterrupt

    monkeypatch.setattr(Bar, "done", stop)
    with pytest.raises(KeyboardInterrupt):
        assessed(tmp_path, parts=["comparison"], told=lambda part, *_: told.append(part))
    assert told == ["examination", "forecast", "stopping", "stopped"]
    html = words(tmp_path)
    assert "The comparison is not finished: 10 runs are left." in html
    assert "Accuracy by method" in html
    assert (tmp_path / "results.csv").read_text().count("\n") > 4


def test_a_part_that_the_data_do_not_allow_is_said_and_the_others_are_made(tmp_path):
    few = dataclasses.replace(TASK, labelled=blobs(8, 0), validation=None)
    found = assessed(tmp_path, few, parts=["score", "comparison", "advice"], methods=["mixed"], seeds=1)
    assert list(found.parts()) == ["comparison"]
    assert set(found.lacking()) == {"score", "advice"}
    html = words(tmp_path)
    assert "data would be worth) cannot be made: " in html
    assert "has 2 labelled" in html


def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path):
    out = tmp_path / "out"
    for options, said in (
        ({"methods": ["tea"]}, "tea"),
        ({"parts": ["tea"]}, "parts: 'tea'; known: score, comparison, advice"),
        ({"metric": "tea"}, "tea"),
    ):
        with pytest.raises(UserError, match=said):
            assessed(out, **options)
    assert not out.exists()


def test_what_is_left_follows_how_far_the_forecast_was_off():
    ahead = Ahead({"score": 10.0, "comparison": 100.0, "advice": 50.0}, {})
    assert ahead.left({}) == 160
    assert ahead.left({"score": 20.0}) == 300
    assert ahead.left({"score": 1000.0}) == 750, "five times at most"
    assert Ahead({"score": 0.0, "comparison": 8.0}, {}).left({"score": 9.0}) == 8, "a kept part shows nothing"


def test_the_verb_tells_each_part_under_its_name_and_the_page_has_its_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, items in (("mine.npz", blobs(120, 1)), ("made.npz", MADE)):
        np.savez(name, x=items.x, y=items.y)
    line = "assess mine.npz made.npz --parts comparison -m mixed --seeds 1 --training epochs=1,steps=2"
    monkeypatch.setattr(sys, "argv", ["assay", *line.split(), "--workers", "1", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    found = json.loads(said.out)
    assert {row["method"] for row in found["comparison"]["rows"]} == {"real_only", "mixed"}
    assert found["examination"]["findings"]
    assert found["files"] == ["runs/mine.npz-made.npz/report.html"]
    assert set(found["seconds"]) == {"comparison"}
    assert re.search(r"about \d+ s: comparison \d+ s; stop when you know enough", said.err)
    assert f"assay {line} --workers 1 --json</code>" in words(Path(found["files"][0]).parent)


def test_what_was_asked_is_read_strictly_and_pictures_are_whole_or_refused(done, tmp_path):
    found, _ = done
    folder = shutil.copytree(found.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("runs"))
    asked = json.loads((folder / "assess.json").read_text())
    for change, said in (
        ({"took": {"score": -1}}, "took.score"),
        ({"parts": ["tea"]}, "parts.0"),
        ({"x": 1}, "x"),
    ):
        (folder / "assess.json").write_text(json.dumps(asked | change))
        with pytest.raises(UserError, match=rf"assess\.json: damaged \({said}.*assess the data again"):
            Assessment.open(folder)
    (folder / "assess.json").write_text(json.dumps(asked))
    with np.load(folder / "score_items.npz") as kept:
        arrays = dict(kept)
    for name in ("synthetic_places", "labelled_y", "synthetic_x"):
        np.savez(folder / "score_items.npz", **(arrays | {name: arrays[name][:-1]}))
        with pytest.raises(UserError, match="places, items, classes and names do not fit"):
            Assessment.open(folder)
    np.savez(folder / "score_items.npz", **{name: x for name, x in arrays.items() if name != "synthetic_y"})
    with pytest.raises(UserError, match=r"score_items\.npz: damaged \(synthetic_y: not there\)"):
        Assessment.open(folder)


# -- several folders ----------------------------------------------------------------------------------


@pytest.fixture
def report(monkeypatch, capsys, tmp_path):
    def run(*folders: Path) -> tuple[int, str, str]:
        words = ["assay", "report", *map(str, folders), "-o", str(tmp_path / "page.html")]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


def test_runs_of_the_same_task_stand_side_by_side(done, tmp_path, report):
    found, _ = done
    names = ("seeds", "training", "backbone", "workers", "device")
    other = tmp_path / "other"
    with hidden():
        options = {name: QUICK[name] for name in names}
        methods = ["mixed", "synthetic_only"]
        assay.compare(TASK, blobs(32, 5), methods=methods, out=other, synthetic_name="less", **options)
    code, out, err = report(found.folder, other)
    assert code == 0, err
    html = (tmp_path / "page.html").read_text()
    assert faults(html) == []
    (drawn,) = re.findall(r'aria-label="(Dot plot[^"]*)"', html)
    assert all(f"{folder.name}: " in drawn for folder in (found.folder, other))
    gain = next(line for line in lines_of(assay.Comparison.open(other)) if line.method == "mixed").difference
    assert f"other: mixed {gain.told('+.1f', 100)}" in unescape(drawn)
    cells = re.findall(r"<tr><th scope=\"row\">synthetic_only</th>(.*?)</tr>", html, re.DOTALL)[0]
    assert '<span class="mean">-</span>' in cells, "a folder without the method"
    differ = html[html.index("What they differ in") :]
    assert "less (32 items" in differ
    assert "epochs" not in differ, "what is alike is not told"
    assert "other: " in out


def lines_of(comparison):
    return [line for line in summarise(comparison) if line.selection == headline(comparison)]


def test_runs_of_other_tasks_are_refused_in_one_line(done, tmp_path, report):
    found, _ = done
    with hidden():
        names = ("training", "backbone", "workers", "device")
        options = {name: QUICK[name] for name in names}
        assay.compare(blob_task(44), methods=["real_only"], seeds=1, out=tmp_path / "b", **options)
    code, out, err = report(found.folder, tmp_path / "b")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert f"{tmp_path / 'b'}: of another task (blobs)" in err
    assert not (tmp_path / "page.html").exists()
    code, _, err = report(found.folder, tmp_path / "gone")
    assert (code, "gone: no assess.json" in err) == (2, True)
