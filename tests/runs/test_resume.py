"""Killed or interrupted anywhere, a comparison goes on where it was; same seed, same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from assay.comparison.result import Comparison
from assay.runs import store as stores
from tests.support import command as commands
from tests.support.command import Command, members
from tests.support.toys import blobs

SLOW = pytest.mark.slow
METHODS = ("real_only", "synthetic_only", "mixed")
FIRST = [(method, seed) for seed in (0, 1) for method in METHODS]
EVER = 99


def driven() -> None:
    """The command line, without its page, where a run that begins beside so many results is not over soon."""
    from assay.cli.main import main
    from assay.report import write
    from assay.runs import local

    most, measure = int(sys.argv.pop(1)), local.measure

    def measured(job, checkpoint):
        while len(results(checkpoint.parents[1])) >= most:
            time.sleep(0.01)
        return measure(job, checkpoint)

    local.measure, write.write_report = measured, lambda _, path: path
    main()


def running(words: list[str], most: int = EVER, anew: bool = False):
    return commands.running([most, *words], main=f"{__name__}:driven", anew=anew)


def ended(words: list[str], code: int = 0) -> str:
    return commands.ended([EVER, *words], code, main=f"{__name__}:driven")


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory) -> Path:
    """The file of the synthetic items; the task's lies beside it."""
    folder, parts = tmp_path_factory.mktemp("made"), {"labelled": 40, "test": 24, "validation": 16}
    items = [blobs(n, seed) for seed, n in enumerate(parts.values())]
    x, y = (np.concatenate([getattr(part, name) for part in items]) for name in "xy")
    np.savez(folder / "task.npz", x=x, y=y, split=np.repeat(list(parts), list(parts.values())))
    np.savez(folder / "made.npz", x=blobs(40, 9).x, y=blobs(40, 9).y)
    return folder / "made.npz"


def command(synthetic: Path, out: Path, *more: str, workers: int = 1, epochs: int = 2) -> list[str]:
    methods = [word for method in METHODS for word in ("-m", method)]
    training = ("--seeds", "2", "--training", f"epochs={epochs},steps=3", "--workers", str(workers))
    data = ("compare", str(synthetic.with_name("task.npz")), "-s", str(synthetic))
    return [*data, "--out", str(out), *methods, *training, *more]


def eventually(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(found)


def results(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in out.glob("runs/[!.]*/result.json")}


def written(out: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in out.glob("runs/[!.]*/*.json")}


def complete(out: Path) -> dict[str, bytes]:
    """The results of a comparison of which nothing is missing and nothing failed."""
    comparison = Comparison.open(out)
    assert sorted((run["label"], run["seed"]) for run in comparison.runs) == sorted(FIRST)
    assert [run["error"] for run in comparison.runs] == [None] * len(FIRST)
    return results(out)


@pytest.fixture(scope="module")
def undisturbed(synthetic, tmp_path_factory) -> Path:
    """The folder of a comparison that nothing disturbed."""
    out = tmp_path_factory.mktemp("undisturbed")
    ended(command(synthetic, out))
    return out


@pytest.fixture(scope="module")
def reference(undisturbed) -> dict[str, bytes]:
    """Its results by key."""
    assert len(complete(undisturbed)) == 6
    return complete(undisturbed)


# --- same seed, same bytes


def test_results_are_the_same_to_the_last_bit_in_another_order_and_beside_other_runs(
    synthetic, reference, tmp_path
):
    turned = command(synthetic, tmp_path)
    places = [i + 1 for i, word in enumerate(turned) if word == "-m"]
    for place, method in zip(places, ("pseudo_label", *METHODS[:0:-1])):
        turned[place] = method
    ended(turned)
    found = results(tmp_path)
    assert len(found) == 8
    assert {key: found[key] for key in reference} == reference


def test_a_run_without_synthetic_data_is_the_same_bytes_whatever_the_ratio(synthetic, reference, tmp_path):
    ended(command(synthetic, tmp_path, "--ratio", "0.5"))
    found = complete(tmp_path)
    shared = found.keys() & reference.keys()
    assert {json.loads(found[key])["settings"]["method"]["kind"] for key in shared} == {"RealOnly"}
    assert len(shared) == 2
    assert {key: found[key] for key in shared} == {key: reference[key] for key in shared}


# --- killed


@pytest.mark.parametrize(
    ("workers", "finished"),
    [(1, 1), *(pytest.param(*moment, marks=SLOW) for moment in ((2, 1), (1, 0), (2, 0), (1, 4)))],
)
def test_after_a_kill_finished_runs_are_kept_and_the_others_are_done(
    synthetic, reference, tmp_path, workers, finished
):
    words = command(synthetic, tmp_path, workers=workers)
    with running(words, finished) as process:
        started = tmp_path / "compare.json"
        assert eventually(lambda: started.exists() and len(results(tmp_path)) >= finished, 60)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    kept, times = results(tmp_path), written(tmp_path)
    assert finished <= len(kept) < 6
    assert (f"{len(kept)} of 6 runs were finished before" in ended(words)) == bool(kept)
    assert complete(tmp_path) == reference
    assert {key: written(tmp_path)[key] for key in times} == times


@SLOW
@pytest.mark.parametrize("seconds", [0, 0.1, 0.5, 1.5, 2, 2.5, 3])
def test_after_kills_at_any_moment_everything_is_there(synthetic, reference, tmp_path, seconds):
    words = command(synthetic, tmp_path, workers=2)
    for _ in range(2):
        with running(words):
            time.sleep(seconds)
    ended(words)
    assert complete(tmp_path) == reference


@pytest.mark.parametrize("sign", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=SLOW)])
def test_workers_leave_when_the_driver_alone_is_killed_and_what_they_left_is_done(
    synthetic, reference, tmp_path, sign
):
    with running(command(synthetic, tmp_path, workers=2), 1) as process:
        assert eventually(lambda: results(tmp_path), 60)
        os.kill(process.pid, sign)
        process.wait()
        assert eventually(lambda: not members(process.pid), 30)  # one may still be starting
    kept = written(tmp_path)
    ended(command(synthetic, tmp_path))
    assert complete(tmp_path) == reference
    assert {key: written(tmp_path)[key] for key in kept} == kept


# --- interrupted


def told_to_stop(code: int, said: str, out: Path) -> bool:
    """Whether a process said after Ctrl-C how to go on, and nothing else."""
    way_on = f"finished runs are kept in {out}: the same command goes on from there"
    return code == 130 and way_on in said and "Traceback" not in said and "Interrupt" not in said


def interrupt(process: Command, out: Path) -> None:
    """Press Ctrl-C: the process says how to go on, and leaves nobody behind."""
    os.killpg(process.pid, signal.SIGINT)
    assert told_to_stop(process.wait(20), process.out + process.err, out), process.err
    assert eventually(lambda: not members(process.pid), 5)
    assert not list(out.rglob("*.part"))


def is_worker(pid: int) -> bool:
    return "LokyProcess" in Path(f"/proc/{pid}/cmdline").read_text()


def hears(pid: int) -> bool:
    """Whether a process does not ignore Ctrl-C, as it does for the moment in which workers inherit that."""
    status = Path(f"/proc/{pid}/status").read_text()
    return not int(status.partition("SigIgn:")[2].split()[0], 16) >> signal.SIGINT - 1 & 1


def test_ctrl_c_is_heard_while_pytorch_loads(synthetic, tmp_path):
    words = [sys.executable, "-m", "assay", *command(synthetic, tmp_path)]
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  a background job would be deaf
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as process:
        assert eventually(lambda: "libtorch" in Path(f"/proc/{process.pid}/maps").read_text(), 60)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert told_to_stop(process.returncode, said, tmp_path), said
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize("workers", [2, pytest.param(1, marks=SLOW)])
def test_ctrl_c_is_heard_while_workers_start_and_while_they_train(synthetic, tmp_path, workers):
    with running(command(synthetic, tmp_path, workers=workers, epochs=5000), anew=True) as process:
        start = lambda: any(map(is_worker, members(process.pid))) and hears(process.pid)  # noqa: E731
        train = lambda: any(tmp_path.glob("runs/.*.claim"))  # noqa: E731
        assert eventually(start if workers > 1 else train, 60)
        interrupt(process, tmp_path)


def test_a_comparison_goes_on_after_ctrl_c(synthetic, reference, tmp_path):
    with running(command(synthetic, tmp_path, workers=2), 1) as process:
        assert eventually(lambda: results(tmp_path), 60)
        interrupt(process, tmp_path)
    kept = written(tmp_path)
    assert len(results(tmp_path)) < 6
    ended(command(synthetic, tmp_path))
    assert complete(tmp_path) == reference
    assert {key: written(tmp_path)[key] for key in kept} == kept


# --- what is found on the disk


@pytest.fixture
def folder(undisturbed, tmp_path):
    """A copy of the folder that the undisturbed comparison left."""
    return shutil.copytree(undisturbed, tmp_path / "copy")


def test_what_is_half_written_is_not_read_and_goes_when_it_is_old(synthetic, folder):
    key = next(iter(results(folder)))
    old, new, file = (
        folder / name for name in (f"runs/.{key}.1.part", f"runs/.{key}.2.part", ".report.html.3.part")
    )
    for part in (old, new):
        part.mkdir()
        (part / "result.json").write_text('{"settings": {')
    file.write_text("<html>")
    long_ago = time.time() - 2 * stores.STALE_SECONDS
    for part in (old, file):
        os.utime(part, (long_ago, long_ago))
    before = complete(folder)
    ended(command(synthetic, folder))
    assert complete(folder) == before
    assert [part.exists() for part in (old, new, file)] == [False, True, False]


@pytest.mark.parametrize("name", ["result.json", "about.json"])
def test_a_damaged_result_is_named_and_once_removed_is_made_again(synthetic, folder, name):
    before = complete(folder)
    damaged = next(folder.glob(f"runs/[!.]*/{name}"))
    damaged.write_bytes(damaged.read_bytes()[:-40])
    line = ended(command(synthetic, folder), 2).splitlines()[-1]
    assert line.startswith(f"error: {damaged}: damaged")
    assert line.endswith(f"remove {damaged.parent} and run the comparison again")
    shutil.rmtree(damaged.parent)
    ended(command(synthetic, folder))
    assert complete(folder) == before


def test_a_report_of_a_folder_without_a_finished_run_says_so(folder):
    shutil.rmtree(folder / "runs")
    said = commands.ended(["report", folder], cwd=folder)
    assert "Traceback" not in said
    assert "1 missing" in said or "2 missing" in said
