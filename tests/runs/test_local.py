"""Runs in processes of this machine: one that is killed costs no other."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from assay.runs import local
from assay.runs.claims import claims
from assay.runs.local import LocalPool
from assay.runs.runner import Job, execute, job_of, measure
from assay.runs.store import Store
from tests.support.command import ended
from tests.support.dying import Dying
from tests.support.toys import blob_task, run_of


def jobs(folder: Path) -> list[Job]:
    """Two runs as they should be, one that kills its process, one that did so once."""
    methods, task = ("real_only", Dying(), "real_only", Dying(str(folder / "died"))), blob_task()
    return [job_of(f"run {i}", run_of(method, i), task, None) for i, method in enumerate(methods)]


def drive() -> None:
    """Do them in two processes, and write what is told of them."""
    folder, seen = Path(sys.argv[1]), []
    execute(jobs(folder), Store(folder), LocalPool(2), seen.append)
    (folder / "seen.json").write_text(json.dumps(seen))


@pytest.fixture(scope="module")
def survived(tmp_path_factory) -> tuple[list[Job], Store, list[dict]]:
    """The runs, where they are, and what was told of them."""
    folder = tmp_path_factory.mktemp("survived")
    ended([folder], main=f"{__name__}:drive")
    return jobs(folder), Store(folder), json.loads((folder / "seen.json").read_text())


def test_a_run_that_kills_its_process_is_a_failed_run_and_the_rest_goes_on(survived):
    runs, store, seen = survived
    found = {record["about"]["label"]: record["error"] for record in seen}
    assert "killed, twice" in found.pop("run 1")
    assert set(found.values()) == {None}
    for job in runs[::2]:
        assert store.load(job.cell.key)["history"] == measure(job).result["history"]
    assert claims(store.folder) == {}


def test_a_run_whose_process_is_killed_by_chance_is_done_again_and_no_run_is_lost_or_done_twice(survived):
    runs, store, seen = survived
    assert (store.folder / "died").exists()
    assert store.load(runs[3].cell.key)["error"] is None
    assert sorted(record["about"]["label"] for record in seen) == ["run 0", "run 1", "run 2", "run 3"]


@pytest.mark.parametrize(("workers", "processes"), [(1, 1), (2, 2), (8, 2)])
def test_the_last_run_that_is_left_does_not_share_the_drivers_process(
    workers, processes, tmp_path, monkeypatch
):
    asked: list[int] = []
    monkeypatch.setattr(local, "in_processes", lambda function, calls, workers: asked.append(workers) or ())
    list(local._run([job_of("run", run_of("real_only"), blob_task(), None)], workers, tmp_path))
    assert asked == [processes]
