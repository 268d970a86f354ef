"""Two drivers on one folder, killed and started again: all is done, little twice, nothing is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.hostile.test_kills import ASSAY, begun, of, results, stray
from tests.runs.test_resume import eventually, members
from tests.support import dying

SEEDS, EPOCHS, KILLS = 8, 4, 8
COUNTED = f"{dying.__file__}:DyingOnce:at=99,marks=marks"


def words(made: Path) -> list[str]:
    """A comparison whose runs say when they begin an epoch, in the folder where it was started."""
    training = f"epochs={EPOCHS},steps=150"
    options = ["--seeds", str(SEEDS), "--workers", "1", "--training", training, "--out", "out"]
    return [*ASSAY, "compare", "digits", "-s", str(made), "-m", COUNTED, *options]


def begun_epochs(folder: Path) -> list[int]:
    """How often each epoch was begun, of all runs together."""
    return [len((folder / "marks" / str(epoch)).read_text()) for epoch in range(EPOCHS)]


def ended(process: subprocess.Popen[str]) -> bool:
    return process.poll() is not None


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_drivers_of_which_one_is_killed_again_and_again_do_the_work_of_one(made, tmp_path):
    for name in ("alone", "shared"):
        (tmp_path / name / "marks").mkdir(parents=True)
    with begun(words(made), tmp_path / "alone") as process:
        assert process.wait(250) == 0
    rng, shared, killed = random.Random(0), tmp_path / "shared", []
    with begun(words(made), shared) as steady:
        for _ in range(KILLS):
            with begun(words(made), shared) as other:
                time.sleep(rng.uniform(0.5, 8))
                if ended(other):
                    break
                os.killpg(other.pid, signal.SIGKILL)
                killed.append(other.pid)
                assert eventually(lambda: not members(other.pid), 8)
        with begun(words(made), shared) as other:
            assert (other.wait(250), steady.wait(250)) == (0, 0)
    assert killed
    assert results(shared / "out") == results(tmp_path / "alone" / "out")
    again = [count - SEEDS for count in begun_epochs(shared)]
    print(f"kills: {len(killed)}; epochs begun again: {again}")
    assert min(again) == 0 <= max(again) <= len(killed), "only what was under way is done again"
    assert not stray(shared)
    assert not set().union(*map(of, (*killed, steady.pid, other.pid)))
    assert not any(members(pid) for pid in (*killed, steady.pid, other.pid))
