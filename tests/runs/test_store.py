"""The folder of runs alone: a run is there as a whole or not at all, and the first result stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.runs import store as stores
from assay.runs.store import Store


def save(folder: Path, key="k", value=1) -> Store:
    store = Store(folder)
    result = {"settings": {"value": value}, "error": "planted", "traceback": None}
    store.save(key, result, {"label": "l", "finished": "", "seconds": 1.0, "versions": {}})
    return store


def test_the_first_of_two_results_stands(tmp_path):
    store = save(tmp_path, value=1)
    save(tmp_path, value=2)
    assert store.load("k")["settings"]["value"] == 1
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["k"]


def test_a_run_is_not_there_until_it_is_whole(tmp_path, monkeypatch):
    def killed(path, content):
        path.write_bytes(content[:5])
        raise KeyboardInterrupt

    monkeypatch.setattr(stores, "replace_file", killed)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path)
    assert not Store(tmp_path).has("k")
    monkeypatch.undo()
    assert save(tmp_path).load("k")["settings"]["value"] == 1


def test_a_forgotten_run_is_gone_at_once_even_if_its_removal_is_cut_short(tmp_path, monkeypatch):
    store = save(tmp_path)

    def killed(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        store.forget("k")
    monkeypatch.undo()
    assert not store.has("k")
    assert save(tmp_path, value=2).load("k")["settings"]["value"] == 2


def test_nan_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        save(tmp_path, value=float("nan"))
    assert not Store(tmp_path).has("k")


def test_a_comparison_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match=r"no compare\.json here"):
        Comparison.open(tmp_path)
