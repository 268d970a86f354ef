"""The verb `report` on folders that compare, advise, score and bench wrote."""

from __future__ import annotations

import dataclasses
import sys
from html import unescape
from pathlib import Path

import pytest

import assay
from assay.advice.result import Advice
from assay.cli import main as cli
from assay.errors import UserError
from assay.quality.score import Score, Scoring
from assay.report.advice.text import sentences as of_advice
from assay.report.advice.text import tables
from assay.report.reopen import reopen
from assay.report.score.numbers import cells, class_cells, group_cells
from assay.report.score.read import read_score
from assay.report.score.text import sentences as of_score
from assay.runs.progress import Silent
from tests.report.study.test_page import PLANTED, a_study
from tests.support.scoring import SHORT, a_task, items, scored
from tests.support.toys import FAST, MLP, blob_task, blobs

QUICK = {
    "training": dataclasses.replace(FAST, epochs=1, steps=3),
    "backbone": MLP,
    "workers": 1,
    "watcher": Silent(),
}


@pytest.fixture
def report(monkeypatch, capsys, tmp_path):
    def run(folder: Path, *more: str):
        monkeypatch.setattr(
            sys, "argv", ["assay", "report", str(folder), "-o", str(tmp_path / "page.html"), *more]
        )
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capsys.readouterr().out

    return run


def words(path: Path) -> str:
    return unescape(path.read_text())


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_folder_of_advice(tmp_path, report):
    out = tmp_path / "runs"
    advice = assay.advise(blob_task(), blobs(64, 9), seeds=3, ratios=[0.4, 1.6], out=out, **QUICK)
    again = Advice.open(out)
    assert again == advice
    assert of_advice(again) == of_advice(advice)
    assert tables(again) == tables(advice)
    said = report(out)
    assert all(flat(sentence) in flat(said) for sentence in of_advice(advice))
    assert words(tmp_path / "page.html").replace("runs/advice", "advice") == words(
        next(p for p in assay.write_advice(advice) if p.suffix == ".html")
    )
    assert "nan" not in words(tmp_path / "page.html").split("base64")[0].lower()


def test_advice_of_one_seed_has_ends_that_are_not_numbers_and_opens_all_the_same(tmp_path):
    assay.advise(blob_task(), blobs(64, 9), seeds=1, ratios=[0.4], out=tmp_path, **QUICK)
    alone = Advice.open(tmp_path).candidates[0].test
    assert alone.low != alone.low
    (tmp_path / "advice.json").write_text('{"info": {}, "options": 3}')
    with pytest.raises(UserError, match=r"advice\.json: damaged \(info\.created: field required\)"):
        Advice.open(tmp_path)


@pytest.fixture(scope="module")
def score() -> Score:
    return scored(items(60, 7), training=SHORT, scoring=Scoring(repeats=3))


@pytest.mark.parametrize("parquet", [False, True])
def test_a_folder_of_a_score(tmp_path, report, score, parquet):
    if parquet:
        pytest.importorskip("pyarrow")
    assay.write_score(score, a_task(), items(60, 7), tmp_path / "score", parquet)
    again = read_score(tmp_path / "score")
    assert of_score(again) == of_score(score)
    assert [cells(row) for row in again.rows] == [cells(row) for row in score.rows]
    assert (class_cells(again), group_cells(again)) == (class_cells(score), group_cells(score))
    assert all(flat(sentence) in flat(report(tmp_path / "score")) for sentence in of_score(score)[:1])
    page = words(tmp_path / "page.html")
    assert all(sentence in page for sentence in of_score(score))
    assert page.replace("score/", "") == words(tmp_path / "score" / "report.html"), "items are kept"


def test_a_damaged_score_is_told(tmp_path):
    (tmp_path / "score.json").write_text('{"measures": []}')
    with pytest.raises(UserError, match=r"score\.json: damaged .*; score the data again"):
        read_score(tmp_path)


def test_a_folder_of_studies_and_one_of_several_results(tmp_path, report):
    out = tmp_path / "bench"
    study = a_study(out, PLANTED)
    written(study)
    said = report(out)
    assert "SynCheck: better than only real" in flat(said)
    assert "SynCheck: better than only real" in words(tmp_path / "page.html")
    assay.compare(blob_task(), blobs(40, 9), methods=["mixed"], seeds=1, out=out, **QUICK)
    assert list(reopen(out)) == ["assessment", study.name]
    report(out)
    assert "is worth for blobs" in words(tmp_path / "page.html")
    assert "SynCheck" in words(tmp_path / f"page-{study.name}.html")


def written(study) -> None:
    """The study's file and its runs, as bench keeps them."""
    import json

    from assay.runs.store import Store

    study.folder.mkdir(parents=True, exist_ok=True)
    (study.folder / f"{study.name}.json").write_text(json.dumps(study.info))
    for key, record in study.records.items():
        kept = {name: value for name, value in record.items() if name not in ("key", "about")}
        Store(study.folder).save(key, kept, record["about"])


def test_a_folder_of_nothing_is_told(tmp_path):
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(
        UserError,
        match=r"no assess\.json, no compare\.json, no advice\.json, no score\.json and no study here",
    ):
        reopen(tmp_path)
