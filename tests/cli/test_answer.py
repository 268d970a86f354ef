"""``--json`` gives one object on standard output, ``--quiet`` no words; every verb takes both."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import typer.main

from assay.cli import main as cli
from assay.cli.answer import plain

QUICK = ("--training", "epochs=1,steps=2", "--seeds", "1", "--workers", "1", "-m", "mixed")


@pytest.fixture
def assay(monkeypatch, capsys, tmp_path):
    """Run a command in an empty folder; exit code, and what was said."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assay", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


@pytest.fixture
def mine(tmp_path):
    y = np.arange(60) % 2
    x = np.random.default_rng(0).normal(0, 0.3, (60, 3)) + y[:, None]
    np.savez(tmp_path / "mine.npz", x=x, y=y)
    np.savez(tmp_path / "made.npz", x=x[:30] + 0.1, y=y[:30])


def options(command, path=()):
    """Every verb with its options."""
    found = {" ".join(path): {name for p in command.params for name in p.opts}}
    for name, inner in getattr(command, "commands", {}).items():
        found |= options(inner, (*path, name))
    return found


def test_every_verb_takes_both():
    verbs = options(typer.main.get_command(cli.app))
    del verbs["blender"]  # by itself it does nothing
    assert len(verbs) > 18
    assert [verb for verb, names in verbs.items() if not {"--json", "--quiet", "-q"} <= names] == []


def test_a_comparison_is_one_object_and_its_words_are_elsewhere(assay, mine, monkeypatch):
    monkeypatch.setattr("assay.report.write.write_report", lambda comparison, path: path)  # takes its time
    code, out, err = assay("compare", "mine.npz", "-s", "made.npz", "--out", "runs", *QUICK, "--json")
    found = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert found["verb"] == "compare"
    assert {row["method"] for row in found["rows"]} == {"real_only", "mixed"}
    assert all(0 <= row["accuracy"] <= 1 for row in found["rows"])
    assert found["verdict"] in " ".join(err.split())
    assert found["files"] == ["runs/report.html"]
    assert found["tables"][0]["rows"][1]["method"] == "mixed"
    assert "mixed, seed 0" in err, "progress"
    code, again, err = assay("--quiet", "report", "runs", "--json")
    assert (code, err) == (0, "")
    assert json.loads(again)["rows"] == found["rows"]
    again = assay("compare", "mine.npz", "-s", "made.npz", "--out", "runs", *QUICK, "--retry-failed", "-q")
    assert again == (0, "", ""), "no bar either"
    assert assay("data")[1] != "", "the next command speaks again"


def test_what_is_in_a_file_is_told_in_numbers(assay, mine):
    code, out, _ = assay("data", "check", "mine.npz", "--json")
    found = json.loads(out)
    assert (code, found["verb"], found["shape"]) == (0, "data check", [3])
    by_part = {part["part"]: part for part in found["parts"]}
    assert sum(part["items"] for part in found["parts"]) == 60
    assert by_part["test"]["by_class"] == {"0": 9, "1": 9}
    assert by_part["unlabelled"]["by_class"] is None
    code, out, _ = assay("data", "--json")
    assert {entry["name"] for entry in json.loads(out)["data_sets"]} > {"digits", "csi-har"}
    assert json.loads(out)["verb"] == "data"


def test_a_mistake_is_told_in_both_ways(assay):
    code, out, err = assay("compare", "digits", "-m", "tea", "--json")
    assert code == 2
    assert json.loads(out)["error"].startswith("unknown method 'tea'")
    assert err.startswith("error: unknown method 'tea'")
    code, out, err = assay("compare", "digits", "-m", "tea", "-q")
    assert (code, out) == (2, "")
    assert err.startswith("error: unknown method 'tea'")


def test_numbers_of_every_sort_become_json(tmp_path):
    value = {1: np.float32(0.5), "n": float("nan"), "a": np.arange(2), "p": tmp_path, "t": (True, None)}
    assert plain(value) == {"1": 0.5, "n": None, "a": [0, 1], "p": str(tmp_path), "t": [True, None]}
