"""Studies that run: what is done, what is kept, and what survives."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assay.cli import main as cli
from assay.errors import UserError
from assay.generate.files import npz_bytes
from assay.generate.table import open_task, synthesise
from assay.metrics.statistics import paired_difference
from assay.runs.progress import Silent
from assay.studies.runs import StudyRuns
from assay.studies.source import Source
from assay.studies.syncheck.request import Request
from tests.support.command import ended, running

FAST = "epochs=2,steps=2,batch=8,precision=fp32"
PARTS = {"labelled": 40, "unlabelled": 30, "validation": 20, "test": 30}


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory) -> Path:
    """The file of the synthetic items; the task's, and another's, lie beside it."""
    folder, task = tmp_path_factory.mktemp("made"), open_task("digits")
    few = [dataclasses.replace(getattr(task, part)[:n], group=None) for part, n in PARTS.items()]
    x, y = (np.concatenate([getattr(samples, name) for samples in few]) for name in "xy")
    given = {"split": np.repeat(list(PARTS), list(PARTS.values())), "y": np.where(y < 0, 0, y)}
    np.savez(folder / "task.npz", x=x, **given)
    np.savez(folder / "other.npz", x=1 - x, **given)
    made = synthesise("digits-rendered", 60, task)[0]
    (folder / "made.npz").write_bytes(npz_bytes(made, task.classes, {}))
    return folder / "made.npz"


def source(synthetic: Path, task: str = "task.npz") -> Source:
    return Source(str(synthetic.with_name(task)), synthetic=str(synthetic))


def request(synthetic: Path, out: Path, study: str = "syncheck-overall", **more) -> Request:
    given = {"training": FAST, "seeds": 2, "source": source(synthetic), **more}
    return Request(study, out=out, **given)


def finished(request: Request, **more) -> StudyRuns:
    return request.run(1, None, more.pop("retry", ""), more.pop("tensorboard", False), Silent())


@pytest.fixture(scope="module")
def overall(synthetic, tmp_path_factory) -> StudyRuns:
    return finished(request(synthetic, tmp_path_factory.mktemp("overall")))


def published(runs: StudyRuns) -> StudyRuns:
    """The same runs as if they were of the published data."""
    return dataclasses.replace(runs, info={**runs.info, "own": False})


def written(folder: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("runs/[!.]*/result.json")}


# -- results ------------------------------------------------------------------------------------------


def test_every_cell_has_every_seed_and_stands_beside_the_published_number(overall):
    rows = {row.key.method: row for row in published(overall).rows()}
    assert next(iter(rows)) == "real_only"
    assert len(rows) == 8
    assert all(set(row.seeds) == {1223, 213} for row in rows.values())
    assert rows["trts"].published.mean == 0.81
    assert rows["plain"].published is None
    assert {row.published for row in overall.rows()} == {None}, "nobody published anything of one's own data"


def test_differences_are_paired_by_seed(overall):
    rows = {row.key.method: row for row in published(overall).rows("last")}
    assert rows["syncheck"].difference == paired_difference(rows["syncheck"].seeds, rows["real_only"].seeds)
    assert rows["real_only"].difference is None
    theirs = rows["syncheck"].published_difference
    pairs = zip((0.806, 0.814, 0.822, 0.848, 0.846), (0.680, 0.798, 0.696, 0.724, 0.760))
    assert theirs.mean == pytest.approx(sum(a - b for a, b in pairs) / 5)


def test_the_released_protocol_reports_the_oracle_and_does_not_overwrite_the_corrected_one(
    overall, synthetic
):
    released = finished(request(synthetic, overall.folder, protocol="released", seeds=1))
    assert (overall.info["selection"], released.info["selection"]) == ("last", "oracle")
    best = {row.key.method: row.accuracy.mean for row in released.rows()}
    last = {row.key.method: row.accuracy.mean for row in released.rows("last")}
    assert all(best[name] >= last[name] for name in best)
    assert StudyRuns.open(overall.folder, overall.name).info == overall.info


def test_the_same_study_again_runs_nothing_and_another_study_shares_its_runs(overall, synthetic):
    before = written(overall.folder)
    again = finished(request(synthetic, overall.folder))
    assert written(overall.folder) == before
    assert again.records == overall.records
    finished(request(synthetic, overall.folder, "syncheck-ablation"))
    assert len(written(overall.folder)) == len(before) + 2 * 2


def test_only_runs_what_it_names_and_the_rest_is_missing(synthetic, tmp_path):
    some = finished(request(synthetic, tmp_path, only="method=plain+syncheck,seed=213"))
    assert len(written(tmp_path)) == 2
    assert {row.key.method: row.missing for row in some.rows()}["plain"] == 1
    status = some.status()
    assert (status.total, status.done, status.missing, status.active) == (16, 2, 14, {})
    seconds = [record["about"]["seconds"] for record in some.records.values()]
    assert status.left == pytest.approx(14 * sum(seconds) / 2)


def test_folders_of_two_machines_are_merged_by_copying(overall, synthetic, tmp_path):
    half = finished(request(synthetic, tmp_path, only="seed=213"))
    assert half.status().done == 8
    for path in overall.folder.glob("runs/[!.]*"):
        if not (tmp_path / "runs" / path.name).exists():
            (tmp_path / "runs" / path.name).symlink_to(path)
    whole = StudyRuns.open(tmp_path, half.name)
    assert whole.status().missing == 0
    assert [row.seeds for row in whole.rows()] == [row.seeds for row in overall.rows()]


def test_failed_runs_are_repeated_when_asked(overall, synthetic, tmp_path):
    only = request(synthetic, tmp_path, only="method=plain")
    finished(only)
    [key, _] = written(tmp_path)
    path = tmp_path / "runs" / key / "result.json"
    good = json.loads(path.read_text())
    path.write_text(json.dumps({"settings": good["settings"], "error": "out of luck", "traceback": None}))
    [row] = [row for row in finished(only).rows() if row.key.method == "plain"]
    assert list(row.errors.values()) == ["out of luck"]
    [row] = [row for row in finished(only, retry="failed").rows() if row.key.method == "plain"]
    assert (row.errors, len(row.seeds)) == ({}, 2)
    assert json.loads(path.read_text()) == good


def test_learning_curves_are_written_for_tensorboard(synthetic, tmp_path):
    pytest.importorskip("tensorboard", reason="the extra 'tracking' is not installed")
    finished(request(synthetic, tmp_path, only="method=plain,seed=213"), tensorboard=True)
    [events] = (tmp_path / "tensorboard").glob("only-real*seed-213*/events*")
    content = events.read_bytes()
    assert b"loss/cross_entropy" in content
    assert b"score/test_accuracy" in content


# -- the verb -----------------------------------------------------------------------------------------


@pytest.fixture
def said(monkeypatch, capsys) -> Callable[..., str]:
    """What the verb says, standard error last."""

    def run(*words: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["assay", "bench", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert (end.value.code or 0) == code
        return "".join(capsys.readouterr())

    return run


def options(synthetic: Path, out: Path) -> list[str]:
    task = str(synthetic.with_name("task.npz"))
    data = ["--task", task, "--synthetic", str(synthetic), "--out", str(out)]
    return ["syncheck-overall", *data, "--training", FAST, "--seeds", "2"]


def test_a_dry_run_tells_time_and_memory_and_writes_nothing(said, synthetic, tmp_path):
    told = said(*options(synthetic, tmp_path / "new"), "--dry-run", "--only", "method=plain+trts")
    assert "TRTS filter" in told
    assert "MiB" in told
    assert "4 runs left" in told
    assert not (tmp_path / "new").exists()


def test_status_tells_what_is_done_and_missing(said, overall):
    words = ["syncheck-overall", "--out", str(overall.folder), "--status"]
    assert "16" in said(*words)
    assert "no such study here" in said("syncheck-volume", "--out", str(overall.folder), "--status", code=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tea"], "study: unknown: tea; known: syncheck-overall"),
        (["syncheck-overall", "--preset", "huge"], "--preset: unknown: huge; known: small, full"),
        (["syncheck-overall", "-g", "blender"], "--generator: unknown: blender"),
        (["syncheck-overall", "--protocol", "released:tea=1"], "unknown option 'tea'"),
        (["syncheck-overall", "--training", "epochs=0"], "training: epochs=0"),
        (["syncheck-overall", "--retry", "all"], "--retry: all"),
        (["syncheck-overall", "--selection", "tea"], "--selection: tea; known: last, validation"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_one_line(said, words, message, tmp_path):
    [told] = said(*words, "--out", str(tmp_path / "new"), code=2).splitlines()
    assert message in told
    assert "Traceback" not in told
    assert not (tmp_path / "new").exists()


# -- survival -----------------------------------------------------------------------------------------


def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(synthetic, tmp_path):
    out = tmp_path / "full"
    with running(["bench", *options(synthetic, out), "--workers", 1]) as command:
        resource.prlimit(command.pid, resource.RLIMIT_FSIZE, (2000, 2000))
        assert command.wait() == 2, command.err
        assert f"error: out: {out}/" in command.err
        assert ": cannot be written (File too large)" in command.err
        assert "Traceback" not in command.err
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_an_unreadable_study_is_an_error_that_names_the_file(tmp_path):
    (tmp_path / "syncheck-overall-csigan-corrected.json").write_text("{")
    with pytest.raises(UserError, match=r"syncheck-overall-csigan-corrected\.json: damaged"):
        Request("syncheck-overall", out=tmp_path).runs()


def killed(words: list[str], out: Path, after: int) -> None:
    """Run, and kill driver and workers at once when so many runs are finished."""
    with running(words) as command:
        while command.poll() is None and len(written(out)) < after:
            time.sleep(0.02)
        os.killpg(command.pid, signal.SIGKILL)


@pytest.mark.slow
def test_killed_again_and_again_a_study_ends_with_every_run_done_once(overall, synthetic, tmp_path):
    words = ["bench", *options(synthetic, tmp_path), "--workers", "2"]
    stamps: dict[str, int] = {}
    for after in (1, 4, 7, 11):
        killed(words, tmp_path, after)
        now = written(tmp_path)
        assert {key: now[key] for key in stamps} == stamps
        stamps = now
    ended(words)
    whole = StudyRuns.open(tmp_path, overall.name)
    assert whole.status().done == 16
    assert {key: written(tmp_path)[key] for key in stamps} == stamps
    assert [row.seeds for row in whole.rows()] == [row.seeds for row in overall.rows()]


def test_a_folder_holds_a_study_of_one_task_and_size(overall, synthetic):
    with pytest.raises(UserError, match=r"is of another training .* give another folder \(--out\)"):
        finished(request(synthetic, overall.folder, training="epochs=1,steps=1"))
    with pytest.raises(UserError, match="is of another task"):
        finished(request(synthetic, overall.folder, source=source(synthetic, "other.npz")))


def test_with_both_protocols_there_is_a_table_of_what_survives(overall, synthetic):
    from assay.report.study.survival import survived, write_survival

    released = finished(request(synthetic, overall.folder, protocol="released"))
    row = next(row for row in survived(released) if row["series"] == "SynCheck")
    gains = [
        {r.key.method: r for r in runs.rows()}["syncheck"].difference.mean for runs in (overall, released)
    ]
    assert row["corrected gain here"].startswith(f"{100 * gains[0]:+.1f} ")
    assert row["released gain here"].startswith(f"{100 * gains[1]:+.1f} ")
    assert f"{100 * (gains[0] - gains[1]):+.1f} " in write_survival(overall).read_text()
