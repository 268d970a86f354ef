"""Temporary names: those of dead processes go at the next start, those of living ones and of others never."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from assay import temporary
from assay.files import check_place, replace_file
from assay.processes import started
from assay.runs.store import STALE_SECONDS, Store
from assay.temporary import is_owned, partial, sweep

LEAVE = "import sys, pathlib; from assay.temporary import partial; p = pathlib.Path(sys.argv[1]); "
FILE, FOLDER = (
    LEAVE + "partial(p / 'a').touch()",
    LEAVE + "q = partial(p / 'b'); q.mkdir(); (q / 'x').touch()",
)


def left_by_the_dead(folder):
    for code in (FILE, FOLDER):
        subprocess.run([sys.executable, "-c", code, folder], check=True)
    found = {path.name for path in folder.iterdir()}
    assert len(found) == 2
    return found


@pytest.fixture
def dead(tmp_path):
    left_by_the_dead(tmp_path)
    temporary.sweep_once.cache_clear()
    return tmp_path


def test_what_the_dead_left_goes_and_what_lives_or_is_of_others_stays(dead):
    ours = partial(dead / "mine")
    reborn = ours.with_name(
        ours.name.replace(f"-{started(os.getpid())}.", "-1.")
    )  # the number of one that died
    elsewhere = ours.with_name(f".mine.00000000-1-1.{ours.name[-13:]}")
    nobody = dead / ".mine.0a1b2c3d.part"
    for path in (ours, reborn, elsewhere, nobody):
        path.touch()
    assert [is_owned(path) for path in (ours, reborn, elsewhere, nobody)] == [True, False, None, None]
    sweep(dead)
    assert {*dead.iterdir()} == {ours, elsewhere, nobody}


@pytest.mark.parametrize("start", [check_place, lambda path: replace_file(path, b"")])
def test_the_next_to_write_there_sweeps(dead, start):
    start(dead / "out.npz")
    assert {path.name for path in dead.iterdir()} <= {"out.npz"}


def test_a_store_sweeps_its_runs_but_no_living_ones_however_old(dead, tmp_path):
    runs = tmp_path / "runs"
    runs.mkdir()
    left_by_the_dead(runs)
    mine, nobody = partial(runs / "mine"), runs / ".mine.0a1b2c3d.part"
    for path in (mine, nobody):
        path.touch()
        os.utime(path, (0, time.time() - 2 * STALE_SECONDS))
    Store(tmp_path).sweep()
    assert {*tmp_path.rglob("*")} == {runs, mine}


def test_the_longest_names_still_fit(tmp_path):
    path = partial(tmp_path / ("\U0001f600" * 60))
    path.touch()
    assert is_owned(path)
