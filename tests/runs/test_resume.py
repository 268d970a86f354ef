"""Killed or interrupted anywhere, a comparison goes on where it was; same seed, same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from assay.comparison.result import Comparison
from assay.errors import UserError
from assay.runs import store as stores
from assay.runs.store import Store

ASSAY = (sys.executable, "-m", "assay")
SLOW = pytest.mark.slow
METHODS = ("real_only", "synthetic_only", "mixed")
FIRST = [(method, seed) for seed in (0, 1) for method in METHODS]


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("made") / "made.npz"
    subprocess.run([*ASSAY, "generate", "digits-rendered", "-n", "200", "-o", path], check=True, timeout=100)
    return path


def command(synthetic: Path, out: Path, *more: str, workers: int = 1, epochs: int = 2) -> list[str]:
    methods = [word for method in METHODS for word in ("-m", method)]
    training = ("--seeds", "2", "--training", f"epochs={epochs},steps=3", "--workers", str(workers))
    return [*ASSAY, "compare", "digits", "-s", str(synthetic), "--out", str(out), *methods, *training, *more]


def finish(words: list[str]) -> str:
    """Run to the end; what was said on standard error."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextmanager
def group(words: list[str]):
    """A process in a session of its own, as in a terminal's foreground; whatever is left of it is killed.

    There Ctrl-C is heard; a shell's background job, in which the tests may run, would pass its deafness on.
    """
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if members(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)


def members(session: int) -> list[int]:
    """Living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def eventually(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return bool(condition())


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
    finish(command(synthetic, out))
    return out


@pytest.fixture(scope="module")
def reference(undisturbed) -> dict[str, bytes]:
    """Its results by key."""
    assert len(complete(undisturbed)) == 6
    return complete(undisturbed)


# --- same seed, same bytes


def test_results_are_the_same_to_the_last_bit_with_two_workers(synthetic, reference, tmp_path):
    finish(command(synthetic, tmp_path, workers=2))
    assert complete(tmp_path) == reference


def test_results_are_the_same_to_the_last_bit_in_another_order_and_beside_other_runs(
    synthetic, reference, tmp_path
):
    turned = command(synthetic, tmp_path)
    places = [i + 1 for i, word in enumerate(turned) if word == "-m"]
    for place, method in zip(places, ("ssim_filter", *METHODS[:0:-1])):
        turned[place] = method
    finish(turned)
    found = results(tmp_path)
    assert len(found) == 8
    assert {key: found[key] for key in reference} == reference


def test_a_run_without_synthetic_data_is_the_same_bytes_whatever_the_ratio(synthetic, reference, tmp_path):
    finish(command(synthetic, tmp_path, "--ratio", "2"))
    found = complete(tmp_path)
    shared = found.keys() & reference.keys()
    assert {json.loads(found[key])["settings"]["method"]["kind"] for key in shared} == {"RealOnly"}
    assert len(shared) == 2
    assert {key: found[key] for key in shared} == {key: reference[key] for key in shared}


# --- killed


@pytest.mark.parametrize(
    ("workers", "finished"),
    [(1, 1), (2, 1), *(pytest.param(*moment, marks=SLOW) for moment in ((1, 0), (2, 0), (1, 4)))],
)
def test_after_a_kill_finished_runs_are_kept_and_the_others_are_done(
    synthetic, reference, tmp_path, workers, finished
):
    words = command(synthetic, tmp_path, workers=workers)
    with group(words) as process:
        started = tmp_path / "compare.json"
        assert eventually(lambda: started.exists() and len(results(tmp_path)) >= finished, 60)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
    kept, times = results(tmp_path), written(tmp_path)
    assert len(kept) >= finished
    said = finish(words)
    assert (f"{len(kept)} of 6 runs were finished before" in said) == bool(kept)
    assert complete(tmp_path) == reference
    assert {key: written(tmp_path)[key] for key in times} == times


@SLOW
@pytest.mark.parametrize("seconds", [0.5, 1.5, 2, 2.5, 3, 3.5, 4, 5])
def test_after_kills_at_any_moment_everything_is_there(synthetic, reference, tmp_path, seconds):
    words = command(synthetic, tmp_path, workers=2)
    for _ in range(2):
        with group(words) as process:
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
    finish(words)
    assert complete(tmp_path) == reference


@pytest.mark.parametrize("sign", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=SLOW)])
def test_workers_leave_when_the_driver_alone_is_killed(synthetic, tmp_path, sign):
    with group(command(synthetic, tmp_path, "--seeds", "50", workers=2, epochs=100)) as process:
        assert eventually(lambda: results(tmp_path), 60)
        os.kill(process.pid, sign)
        process.wait(20)
        assert eventually(lambda: not members(process.pid), 30)  # one may still be starting
    assert len(results(tmp_path)) < 150


# --- interrupted


@pytest.mark.parametrize(
    ("moment", "workers"),
    [("loading", 1), ("starting", 2), ("running", 2), pytest.param("running", 1, marks=SLOW)],
)
def test_ctrl_c_says_how_to_go_on_and_leaves_nobody_behind(synthetic, reference, tmp_path, workers, moment):
    with group(command(synthetic, tmp_path, workers=workers, epochs=5000)) as process:
        if moment == "loading":
            time.sleep(1)
        else:
            assert eventually((tmp_path / "compare.json").exists, 60)
            time.sleep({"starting": 0.5, "running": 4}[moment])
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert eventually(lambda: not members(process.pid), 5)
    assert process.returncode == 130
    assert f"finished runs are kept in {tmp_path}: the same command goes on from there" in err
    assert "Traceback" not in out + err
    assert "Interrupt" not in out + err
    assert not list(tmp_path.rglob("*.part"))


def test_a_comparison_goes_on_after_ctrl_c(synthetic, reference, tmp_path):
    words = command(synthetic, tmp_path, workers=2)
    with group(words) as process:
        assert eventually(lambda: results(tmp_path), 60)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)
    kept = written(tmp_path)
    finish(words)
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
    finish(command(synthetic, folder))
    assert complete(folder) == before
    assert [part.exists() for part in (old, new, file)] == [False, True, False]


@pytest.mark.parametrize("name", ["result.json", "about.json"])
def test_a_damaged_result_is_named_and_once_removed_is_made_again(synthetic, folder, name):
    before = complete(folder)
    damaged = next(folder.glob(f"runs/[!.]*/{name}"))
    damaged.write_bytes(damaged.read_bytes()[:-40])
    again = subprocess.run(command(synthetic, folder), capture_output=True, text=True, timeout=100)
    assert again.returncode == 2
    line = again.stderr.splitlines()[-1]
    assert line.startswith(f"error: {damaged}: damaged")
    assert line.endswith(f"remove {damaged.parent} and run the comparison again")
    shutil.rmtree(damaged.parent)
    finish(command(synthetic, folder))
    assert complete(folder) == before


def test_a_report_of_a_folder_without_a_finished_run_says_so(folder):
    shutil.rmtree(folder / "runs")
    done = subprocess.run([*ASSAY, "report", folder], capture_output=True, text=True, cwd=folder, timeout=100)
    assert "Traceback" not in done.stderr
    assert "1 missing" in done.stdout or "2 missing" in done.stdout


# --- the store alone


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
