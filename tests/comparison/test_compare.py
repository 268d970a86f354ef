from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.comparison import compare
from assay.comparison.plan import plan
from assay.comparison.result import Comparison
from assay.comparison.ways import resolve
from assay.errors import UserError
from assay.methods.base import Method
from assay.methods.random_filter import RandomFilter
from assay.methods.ssim_filter import SsimFilter
from assay.methods.supervised import Supervised
from assay.runs.forecast import Cost
from assay.runs.progress import Silent
from assay.runs.store import Store
from assay.train.selection import SELECTIONS
from tests.support.toys import FAST, MLP, blob_task, blobs

BRIEF = dataclasses.replace(FAST, epochs=2, steps=4)


def compared(out, methods=("mixed",), seeds=2, **options) -> Comparison:
    options = {"training": BRIEF, "backbone": MLP, "workers": 1, "watcher": Silent(), **options}
    task, synthetic = options.pop("task", blob_task()), options.pop("synthetic", blobs(40, 9))
    return assay.compare(task, synthetic, methods=list(methods), seeds=seeds, out=out, **options)


class Counting(Silent):
    """Counts the runs that were really done."""

    def __init__(self) -> None:
        self.count, self.kept = 0, 0

    def begin(self, total: int, finished: int) -> None:
        self.kept = finished

    def done(self, record) -> None:
        self.count += 1


def test_the_baseline_is_always_there_and_every_run_makes_its_rows(tmp_path):
    comparison = compared(tmp_path, ["mixed"], seeds=[3, 5])
    rows = comparison.rows()
    assert {(r["method"], r["seed"]) for r in rows} == {
        (m, s) for m in ("real_only", "mixed") for s in (3, 5)
    }
    assert {r["selection"] for r in rows} == set(SELECTIONS)
    assert len(rows) == 4 * len(SELECTIONS)


@pytest.mark.parametrize("wrong", [{"epochs": -1}, {"batch": 2.5}, {"schedule": "linear"}])
def test_settings_given_in_python_are_checked_before_anything_is_written(wrong, tmp_path):
    (name, value), *_ = wrong.items()
    with pytest.raises(UserError, match=f"training: {name}={value}"):
        compared(tmp_path / "runs", training=dataclasses.replace(BRIEF, **wrong))
    assert not (tmp_path / "runs").exists()


def test_random_filter_stands_beside_every_filter_with_its_settings():
    named = resolve(["mixed", "ssim_filter:threshold=0.9", "random_filter", "trts_filter"])
    assert list(named) == [
        "real_only",
        "mixed",
        "ssim_filter:threshold=0.9",
        "random_filter (ssim_filter:threshold=0.9)",
        "trts_filter",
        "random_filter (trts_filter)",
    ]
    twin = named["random_filter (ssim_filter:threshold=0.9)"].method
    assert isinstance(twin, RandomFilter)
    assert twin.like == SsimFilter(threshold=0.9)
    with pytest.raises(UserError, match="no filter beside it"):
        resolve(["mixed", "random_filter"])


def test_settings_given_as_objects_get_a_telling_name(tmp_path):
    comparison = compared(tmp_path, [SsimFilter(threshold=0.25)], seeds=1)
    assert list(comparison.info["methods"]) == ["real_only", "ssim_filter:threshold=0.25"]


def test_finished_runs_are_not_repeated_and_more_seeds_only_add(tmp_path):
    first, again, more = Counting(), Counting(), Counting()
    compared(tmp_path, seeds=1, watcher=first)
    compared(tmp_path, seeds=1, watcher=again)
    comparison = compared(tmp_path, seeds=2, watcher=more)
    assert (first.count, again.count, more.count) == (2, 0, 2)
    assert (again.kept, more.kept) == (2, 2)
    assert len(comparison.runs) == 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Of the runs of a comparison."""
    out = tmp_path_factory.mktemp("kept")
    compared(out, seeds=1)
    return out


@pytest.mark.parametrize(
    "change",
    [
        {"training": dataclasses.replace(BRIEF, learning_rate=0.1)},
        {"backbone": dataclasses.replace(MLP, width=33)},
        {"task": blob_task(labelled=44)},
        {"task": dataclasses.replace(blob_task(), normalise="item")},
    ],
)
def test_whatever_decides_a_number_makes_a_new_run(folder, change):
    counting = Counting()
    compared(folder, seeds=1, watcher=counting, **change)
    assert counting.count == 2


def test_other_synthetic_data_repeat_only_the_runs_that_use_them(folder):
    counting = Counting()
    compared(folder, seeds=1, synthetic=blobs(40, 10), watcher=counting)
    assert counting.count == 1


def test_a_failed_run_is_a_row_and_is_repeated_only_on_request(tmp_path, monkeypatch):
    def break_down(self: Method, batch: object) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patch:
        patch.setattr(Supervised, "update", break_down)
        comparison = compared(tmp_path, seeds=1)
    assert [row["error"] for row in comparison.rows()] == ["RuntimeError: out of luck"] * 2
    assert "no run of real_only has succeeded" in assay.verdict(comparison)
    assert "1 failed" in assay.table(comparison)
    kept, repeated = Counting(), Counting()
    compared(tmp_path, seeds=1, watcher=kept)
    comparison = compared(tmp_path, seeds=1, watcher=repeated, retry_failed=True)
    assert (kept.count, repeated.count) == (0, 2)
    assert not any(row["error"] for row in comparison.rows())


def test_a_loss_that_is_not_finite_is_a_failed_row(tmp_path):
    wild = dataclasses.replace(BRIEF, optimiser="sgd", learning_rate=1e12)
    comparison = compared(tmp_path, training=wild, seeds=1)
    assert all("cross_entropy is" in row["error"] for row in comparison.rows())


def test_pictures_hold_some_items_of_each_class(tmp_path):
    samples = compared(tmp_path, seeds=1).samples()
    for name in ("real", "synthetic"):
        assert np.bincount(samples[f"{name}_y"]).tolist() == [10, 10, 10, 10]
        assert samples[f"{name}_x"].shape == (40, 10)


def test_two_processes_may_finish_the_same_run(tmp_path):
    store = Store(tmp_path)
    for label in ("first", "second"):
        about = {"label": label, "finished": "", "seconds": 1.0, "versions": {}}
        store.save("key", {"settings": {}, "error": "planted", "traceback": None}, about)
    assert store.load("key")["about"]["label"] == "first"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["key"]


def test_a_folder_without_a_comparison_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no compare\.json here"):
        Comparison.open(tmp_path)


@pytest.mark.parametrize(("seeds", "steps", "tried"), [(6, 40, True), (5, 40, False), (6, 39, False)])
def test_how_long_it_takes_is_tried_where_runs_are_many_and_not_short(
    tmp_path, monkeypatch, seeds, steps, tried
):
    monkeypatch.setattr(
        compare, "forecast", lambda jobs, _: {job.cell.key: Cost(seconds=2.0, memory=0.0) for job in jobs}
    )
    training = dataclasses.replace(BRIEF, epochs=1, steps=steps)
    grid = plan(blob_task(), None, ["real_only"], seeds, MLP, training, None, None)
    assert compare._expected(grid, Store(tmp_path), 3) == (4.0 if tried else None)
