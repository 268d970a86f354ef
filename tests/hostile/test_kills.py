"""Killed or stopped at any moment: no run is lost, no byte changed, nothing and nobody left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runs.test_resume import eventually
from tests.support.command import members, running

ASSAY = (sys.executable, "-m", "assay")
SHORT = ("--training", "epochs=2,steps=3", "--workers", "2")
VERBS: dict[str, tuple[str, ...]] = {
    "compare": ("compare", "digits", "-s", "{made}", "-m", "mixed", "--seeds", "4", "--out", "{out}", *SHORT),
    "score": ("score", "digits", "{made}", "--scoring", "repeats=3", "--out", "{out}", *SHORT),
    "generate": ("generate", "digits-rendered", "-n", "20000", "-o", "{out}/made.npz"),
    "pretrain": (
        "pretrain",
        "digits",
        "-s",
        "{made}",
        "--training",
        "epochs=60,steps=20",
        "-o",
        "{out}/t.safetensors",
    ),
    "bench": (
        *("bench", "syncheck-overall", "--task", "digits", "-s", "{made}", "--seeds", "2"),
        *("--only", "method=real_only+plain", "--out", "{out}", *SHORT),
    ),
}
SHARED = Path("/dev/shm")


def words(verb: str, made: Path, out: Path) -> list[str]:
    return [*ASSAY, *(word.format(made=made, out=out) for word in VERBS[verb])]


@contextmanager
def begun(command: list[str], cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, as in a terminal's foreground."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGHUP)],
    )
    try:
        yield process
    finally:
        if members(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)


def in_memory() -> set[str]:
    """What Assay and its workers keep in shared memory."""
    return {path.name for path in (*SHARED.glob("assay-*"), *SHARED.glob("sem.loky-*"))}


def of(pid: int) -> set[str]:
    return {name for name in in_memory() if f"-{pid}-" in name}


def stray(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith((".part", ".claim"))]


def results(out: Path) -> dict[str, bytes]:
    found = [*out.glob("runs/[!.]*/result.json"), *out.glob("*.npz"), *out.glob("*.safetensors")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def finished(command: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_kills_at_random_moments_lose_and_leave_nothing(verb, made, tmp_path):
    rng = random.Random(verb)
    start = time.monotonic()
    finished(words(verb, made, tmp_path / "whole"))
    lasts, out, killed = time.monotonic() - start, tmp_path / "out", []
    for _ in range(10):
        with begun(words(verb, made, out)) as process:
            time.sleep(rng.uniform(0.1, lasts))
            if rng.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                os.kill(process.pid, signal.SIGKILL)
            killed.append(process.pid)
            assert eventually(lambda: not members(process.pid), 8)
    said = finished(words(verb, made, out))
    assert "Traceback" not in said.stderr
    assert results(out) == results(tmp_path / "whole")
    assert not set().union(*map(of, killed))
    assert not stray(out)


def stopped(
    command: list[str], until: Callable[[], bool], sign: int, again: bool = False
) -> tuple[float, str]:
    """How long it took until all processes were gone, and what was said."""
    with running(command[len(ASSAY) :]) as process:
        assert eventually(until, 60)
        start = time.monotonic()
        os.kill(process.pid, sign)
        if again:
            time.sleep(0.05)
            os.kill(process.pid, sign)
        assert eventually(lambda: not members(process.pid), 20)
        took = time.monotonic() - start
        assert process.wait(20) == 130, process.err
        assert not of(process.pid)
        return took, process.out + process.err


@pytest.mark.parametrize("sign", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_a_polite_kill_gives_back_what_it_holds(made, tmp_path, sign):
    command = [*words("compare", made, tmp_path), "--training", "epochs=5000,steps=3"]
    claimed = lambda: any(tmp_path.glob("runs/.*.claim"))  # noqa: E731
    took, said = stopped(command, claimed, sign, again=sign == signal.SIGTERM)
    assert took < 10
    assert f"finished runs are kept in {tmp_path}: the same command goes on from there" in said
    assert "Traceback" not in said
    assert not stray(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.2, 0.3, 0.6, 1, 2])
def test_ctrl_c_while_it_loads_says_no_traceback(made, tmp_path, seconds):
    with begun(words("compare", made, tmp_path / "out")) as process:
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert "Traceback" not in out + err
    assert "stopped" in err


@pytest.mark.slow
def test_nohup_is_respected(made, tmp_path):
    command = ["nohup", *words("compare", made, tmp_path)]
    with begun(command) as process:
        time.sleep(3)
        os.kill(process.pid, signal.SIGHUP)
        process.communicate(timeout=200)
    assert process.returncode == 0
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.slow
def test_what_a_killed_group_left_in_memory_goes_at_the_next_start(made, tmp_path):
    if not SHARED.is_dir():
        pytest.skip("no /dev/shm here")
    command = words("compare", made, tmp_path)
    with begun([*command, "--training", "epochs=5000,steps=3"]) as process:
        assert eventually(lambda: any(tmp_path.glob("runs/.*.claim")), 60)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
    assert of(process.pid), "nothing was shared: this test tests nothing"
    finished(command)
    assert not of(process.pid)
