"""Claims: one process has a run, the dead have none, and drivers on one folder share the work."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from assay.runs import local
from assay.runs.claims import LEASE_SECONDS, claimed, claims, release, running
from assay.runs.local import LocalPool
from assay.runs.runner import execute, job_of
from assay.runs.store import Store
from tests.support import command
from tests.support.dying import DyingOnce
from tests.support.toys import blob_task, run_of

RUNS = 6


def claim_of(folder, **changes):
    """A claim that a process of this machine made, with changes."""
    path = folder / "runs" / ".abc.claim"
    with claimed(folder, "abc", "a run"):
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


def taken(folder):
    with claimed(folder, "abc", "another") as mine:
        return mine


def test_one_process_has_a_run_until_its_result_is_written(tmp_path):
    with claimed(tmp_path, "abc", "a run") as mine:
        assert mine
        assert running(tmp_path)["abc"]["label"] == "a run"
    assert not taken(tmp_path), "its result is not written yet"
    release(tmp_path, "abc")
    assert claims(tmp_path) == {}
    assert taken(tmp_path)


def test_what_is_interrupted_is_given_back(tmp_path):
    def interrupted():
        with claimed(tmp_path, "abc", "a run"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert claims(tmp_path) == {}


@pytest.mark.parametrize(
    "changes",
    [{"began": "1"}, {"pid": 2**22 + 1}],
    ids=["another process has its number now", "no such process"],
)
def test_a_claim_dies_with_its_process(tmp_path, changes):
    claim_of(tmp_path, **changes)
    assert running(tmp_path) == {}
    assert taken(tmp_path)


@pytest.mark.parametrize(("age", "is_dead"), [(LEASE_SECONDS - 30, False), (LEASE_SECONDS + 1, True)])
def test_a_claim_of_another_machine_is_a_lease_whatever_this_clock_says(tmp_path, monkeypatch, age, is_dead):
    path = claim_of(tmp_path, host="another", pid=1)
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    monkeypatch.setattr(time, "time", lambda: 0.0)  # the clock of this machine jumped
    assert (running(tmp_path) == {}) == is_dead
    assert taken(tmp_path) == is_dead


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"host": 1}', b"[" * 5000])
def test_what_is_no_claim_is_alive_as_long_as_it_is_young(tmp_path, content):
    path = claim_of(tmp_path)
    path.write_bytes(content)
    assert claims(tmp_path) == {}
    assert not taken(tmp_path), "another process may be writing it"
    os.utime(path, (0, 0))
    assert taken(tmp_path)


def test_a_folder_without_its_result_is_no_obstacle(tmp_path):
    store = Store(tmp_path)
    (tmp_path / "runs" / "abc").mkdir(parents=True)
    (tmp_path / "runs" / "abc" / "about.json").write_text("{}")  # an interrupted copy
    store.save("abc", {"error": None}, {})
    assert store.has("abc")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["abc"]


def jobs(folder):
    runs = [run_of(DyingOnce(at=99, marks=str(folder / f"marks{seed}")), seed) for seed in range(RUNS)]
    task = blob_task()
    return [job_of(f"run {i}", run, task, None) for i, run in enumerate(runs)]


def drive():
    folder, local.WAIT_SECONDS = Path(sys.argv[1]), 0.05
    todo, store = jobs(folder), Store(folder)
    (folder / f"driver{os.getpid()}").touch()
    while len(list(folder.glob("driver*"))) < 2:
        time.sleep(0.01)
    execute(todo, store, LocalPool(1), lambda record: None)
    assert all(store.has(job.cell.key) for job in todo), "it ends when all is done, by whomever"


def test_drivers_on_one_folder_share_its_runs(tmp_path):
    for seed in range(RUNS):
        (tmp_path / f"marks{seed}").mkdir()
    drivers = [command.running([tmp_path], main=f"{__name__}:drive") for _ in range(2)]
    with drivers[0] as one, drivers[1] as other:
        assert [one.wait(), other.wait()] == [0, 0], one.err + other.err
    begun = [(tmp_path / f"marks{seed}" / "0").read_text() for seed in range(RUNS)]
    assert begun == ["x"] * RUNS, "every run was begun once"
    assert claims(tmp_path) == {}
    assert {path.name[0] for path in (tmp_path / "runs").iterdir()} & {"."} == set(), "nothing is left behind"
