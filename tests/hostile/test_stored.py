"""Results as they lie on the disk: whatever became of them, they are read or refused in one line."""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path

import pytest

import assay
from assay.cli import main as cli
from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.files import FORMAT
from assay.report.write import table, verdict
from assay.studies.runs import StudyRuns
from tests.cli.test_report import QUICK, written
from tests.hostile.mutation import mutated
from tests.report.study.test_page import a_study
from tests.support.toys import blob_task, blobs

WRONG = {
    "{}": b"{}",
    "[]": b"[]",
    "a number": b"3",
    "nothing": b"",
    "half": b'{"settings": {"a": 1',
    "deep lists": b"[" * 100_000,
    "deep fields": b'{"error":' * 100_000,
    "bytes": bytes(range(256)),
    "digits": b'{"format": ' + b"1" * 10_000 + b"}",
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("compared") / "out"
    assay.compare(blob_task(), blobs(40, 9), methods=["mixed"], seeds=1, out=out, **QUICK)
    return out


@pytest.fixture
def folder(compared, tmp_path) -> Path:
    return shutil.copytree(compared, tmp_path / "out")


def stored(folder: Path, name: str) -> Path:
    return next(iter(sorted(folder.glob(f"**/{name}"))))


def refused(monkeypatch, capsys, *words: str) -> str:
    """The one line that a command ends in."""
    monkeypatch.setattr(sys, "argv", ["assay", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err.splitlines()
    assert (ended.value.code, len(said)) == (2, 1), said
    return said[0]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", ["compare.json", "result.json", "about.json"])
def test_what_is_no_result_is_named_in_one_line(folder, monkeypatch, capsys, name, wrong):
    path = stored(folder, name)
    path.write_bytes(WRONG[wrong])
    line = refused(monkeypatch, capsys, "report", str(folder), "-o", str(folder / "r.html"))
    assert line.startswith(f"error: {path}: damaged (")
    assert line.endswith("run the comparison again")
    assert not (folder / "r.html").exists()


CHANGES = {
    "NaN accuracy": ("result.json", '"accuracy": ', '"accuracy": NaN, "was": ', "NaN is no number"),
    "infinite accuracy": ("result.json", '"accuracy": ', '"accuracy": 1e999, "was": ', "1e999 is too large"),
    "accuracy above one": (
        "result.json",
        '"test_accuracy": ',
        '"test_accuracy": 7, "was": ',
        "test_accuracy",
    ),
    "a truth value": (
        "result.json",
        '"used": ',
        '"used": true, "was": ',
        "used: input should be a valid integer",
    ),
    "an unknown field": ("result.json", '"error": null', '"error": null, "extra": 1', "extra: extra inputs"),
    "a field twice": (
        "result.json",
        '"error": null',
        '"error": null, "error": "no"',
        "'error' is given twice",
    ),
    "no epoch of that number": (
        "result.json",
        '"epoch": 0,\n   "acc',
        '"epoch": 99,\n   "acc',
        "99; the history",
    ),
    "a key elsewhere": ("compare.json", '"key": "', '"key": "../../', "no key"),
    "a seed in words": ("compare.json", '"seed": 0', '"seed": "0"', "seed: input should be a valid integer"),
    "classes that are lists": ("compare.json", '"classes": [', '"classes": [[], ', "task.classes.0"),
    "seconds below zero": ("about.json", '"seconds": ', '"seconds": -', "seconds: input should be greater"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_wrong_field_is_named(folder, monkeypatch, capsys, change):
    name, old, new, told = CHANGES[change]
    path = stored(folder, name)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    line = refused(monkeypatch, capsys, "report", str(folder))
    assert line.startswith(f"error: {path}: damaged (")
    assert told in line


@pytest.mark.parametrize("name", ["compare.json", "result.json", "about.json"])
def test_a_later_format_asks_for_a_newer_assay_and_one_without_a_number_is_read(folder, name):
    path = stored(folder, name)
    values = json.loads(path.read_text())
    assert values["format"] == FORMAT
    path.write_text(json.dumps(values | {"format": FORMAT + 1, "new": {}}))
    with pytest.raises(
        UserError, match=rf"{name}: format: {FORMAT + 1}, of a later Assay.*install a newer one"
    ):
        Comparison.open(folder)
    del values["format"]
    path.write_text(json.dumps(values))
    assert Comparison.open(folder).runs
    for wrong in (True, 0, "1", None):
        path.write_text(json.dumps(values | {"format": wrong}))
        with pytest.raises(UserError, match="expected a whole number, 1 or more"):
            Comparison.open(folder)


def either(read, values, path: Path, rng: random.Random) -> bool:
    """Whether damaged values were refused; anything but a result or one line is an error of the house."""
    path.write_text(json.dumps(mutated(values, rng)))
    said = ""
    try:
        read()
    except UserError as error:
        said = str(error)
    assert "\n" not in said
    return bool(said)


@pytest.mark.parametrize("name", ["compare.json", "result.json", "about.json"])
def test_any_damage_to_a_comparison_is_read_or_refused(folder, name):
    path, rng = stored(folder, name), random.Random(name)
    values = json.loads(path.read_text())

    def read() -> None:
        found = Comparison.open(folder)
        table(found), verdict(found), found.rows()

    assert sum(either(read, values, path, rng) for _ in range(60)) > 20


def test_any_damage_to_a_study_is_read_or_refused(tmp_path):
    study = a_study(tmp_path, lambda entry, seed: 0.7)
    written(study)
    path, rng = tmp_path / f"{study.name}.json", random.Random(0)
    values = json.loads(path.read_text())

    def read() -> None:
        opened = StudyRuns.open(tmp_path, study.name)
        opened.rows(), opened.status()

    assert sum(either(read, values, path, rng) for _ in range(40)) > 12
