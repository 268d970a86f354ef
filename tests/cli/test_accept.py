"""Every verb that trains examines its data first: it refuses, warns, and takes what is accepted."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from assay.cli import main as cli

N = 96
SHORT = ("--training", "epochs=1,steps=2", "--workers", "1", "--seeds", "1")
SIZES = ("--ratios", "0.1,0.2,0.4")


def npz(x: np.ndarray, **more) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, x=x.astype(np.float32), y=np.arange(len(x)) % 2, **more)
    return buffer.getvalue()


def items(seed: int, n: int = N) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(n, 12))
    x[:, 0] += 3 * (np.arange(n) % 2)
    return x


@pytest.fixture
def assay(monkeypatch, capsys, tmp_path):
    """Files of a task, of items that are its test items, and of one whose test is labelled too; the verb.

    No page and no figure is drawn.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assay.report.write.write_report", lambda result, path: Path(path))
    monkeypatch.setattr("assay.report.drawing._file", lambda *_: b'<svg viewBox="0 0 1 1"/>')
    x = items(0)
    split = np.array(
        ["labelled", "labelled", "test", "test", "validation", "validation", "unlabelled", "unlabelled"]
    )
    split = np.resize(split, N)
    Path("mine.npz").write_bytes(npz(x, split=split))
    Path("stolen.npz").write_bytes(npz(x[split == "test"]))
    twice = np.where((split == "test")[:, None], np.roll(x, 2, 0), x)
    Path("twice.npz").write_bytes(npz(twice, split=split))
    Path("made.npz").write_bytes(npz(items(1, 48)))

    def run(*args: str):
        monkeypatch.setattr(sys, "argv", ["assay", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return run


VERBS = {
    "compare": (
        ("compare", "{task}", "-s", "{made}", "-m", "mixed", *SHORT, "--out", "out"),
        "out/compare.json",
    ),
    "advise": (("advise", "{task}", "{made}", *SHORT, *SIZES, "--out", "out"), "out/advice.json"),
    "score": (
        *(("score", "{task}", "{made}", "--scoring", "repeats=1", *SHORT[:4], "--out", "out"),),
        "out/score.json",
    ),
    "pretrain": (("pretrain", "{task}", "-s", "{made}", *SHORT[:2], "-o", "trunk.safetensors"), ""),
    "select": (("select", "{task}", "{made}", *SHORT, "-o", "kept.npz"), ""),
    "bench": (
        *("bench", "syncheck-overall", "--task", "{task}", "-s", "{made}", "--only", "method=real_only"),
        *SHORT,
        *("--out", "out"),
    ),
}
VERBS["bench"] = (VERBS["bench"], "out/syncheck-overall-csigan-corrected.json")


def line(verb: str, task: str, made: str) -> list[str]:
    return [word.format(task=task, made=made) for word in VERBS[verb][0]]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("task", "made", "code", "named"),
    [
        ("mine.npz", "stolen.npz", "synthetic_is_test", "24 of 24 synthetic items are test items"),
        ("twice.npz", "made.npz", "duplicates_test", "24 of 24 test items are also in labelled"),
    ],
)
def test_a_leak_is_refused_in_one_line_and_taken_on_request(assay, verb, task, made, code, named):
    before = sorted(Path().rglob("*"))
    ended, out, err = assay(*line(verb, task, made))
    assert (ended, out) == (2, "")
    (said,) = err.splitlines()
    assert said.startswith(f"error: {named}")
    assert f"accept={code}" in said
    assert sorted(Path().rglob("*")) == before
    ended, out, err = assay(*line(verb, task, made), "--accept", code)
    assert not ended, err
    assert err.splitlines()[0].startswith(f"warning: {named}")
    assert "Use " not in out
    if file := VERBS[verb][1]:
        stored = json.loads(Path(file).read_text())
        found = stored.get("info", stored)["findings"]
        assert (found[0]["code"], found[0]["severity"]) == (code, "warn")


def test_generate_refuses_a_task_that_leaks_and_takes_complex_ones(assay):
    ended, _, err = assay("generate", "rf-diffusion", "twice.npz", "-o", "out.npz")
    assert ended == 2
    assert "24 of 24 test items are also in labelled" in err
    assert not Path("out.npz").exists()


def test_train_learns_from_test_items_and_refuses_another_scale(assay):
    assert not assay("train", "mine.npz", "stolen.npz", "-m", "mixed", *SHORT[:2])[0]
    Path("large.npz").write_bytes(npz(100 * items(1, 48)))
    ended, _, err = assay("train", "mine.npz", "large.npz", "-m", "mixed", *SHORT[:2])
    assert ended == 2
    assert "accept=scale" in err


def test_notes_are_told_by_the_check_and_not_by_the_others(assay):
    assert "note: " in assay("data", "check", "mine.npz")[1]
    ended, out, err = assay(*line("compare", "mine.npz", "made.npz"))
    assert not ended
    assert "note: " not in out + err
