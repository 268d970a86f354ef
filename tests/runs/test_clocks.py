"""A clock that jumps: what lives is respected and kept, what is dead taken over, whatever files' times."""

from __future__ import annotations

import os
import time

import pytest

from assay.runs.claims import claimed, running
from assay.runs.store import STALE_SECONDS, Store
from tests.runs.test_claims import claim_of, taken

DAY = 86400
JUMPS = {"far past": -20_000 * DAY, "a day ago": -DAY, "a day ahead": DAY, "far ahead": 20_000 * DAY}


@pytest.fixture(params=[-DAY, 0, DAY])
def jumped(request, monkeypatch):
    """The clock of this process is a day off."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + request.param)


def dated(path, jump):
    then = max(0, path.stat().st_mtime + jump)
    os.utime(path, (then, then))


@pytest.mark.parametrize("jump", JUMPS)
def test_a_living_claim_of_this_machine_is_respected_and_a_dead_one_taken_over(tmp_path, jumped, jump):
    with claimed(tmp_path, "abc", "a run"):
        dated(tmp_path / "runs" / ".abc.claim", JUMPS[jump])
        assert list(running(tmp_path)) == ["abc"]
        assert not taken(tmp_path)
    dated(claim_of(tmp_path, pid=2**22 + 1), JUMPS[jump])
    assert taken(tmp_path)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_claim_of_another_machine_that_was_not_touched_since_the_clock_jumped_is_dead(
    tmp_path, jumped, jump
):
    path = claim_of(tmp_path, host="another", pid=1)
    assert not taken(tmp_path), "it was touched just now"
    dated(path, JUMPS[jump])
    assert taken(tmp_path)


def test_what_was_written_just_now_is_not_swept_and_what_was_left_long_ago_is(tmp_path, jumped):
    (tmp_path / "runs").mkdir()
    young, old, kept = (tmp_path / "runs" / name for name in (".a.1.part", ".b.2.part", ".c.checkpoint"))
    for path in (young, old, kept):
        path.touch()
    dated(old, -STALE_SECONDS - 1)
    Store(tmp_path).sweep()
    assert sorted((tmp_path / "runs").iterdir()) == [young, kept]
