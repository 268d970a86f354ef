"""Two processes that train one run together: the same as one process, up to rounding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from assay.errors import UserError
from assay.machine.launched import processes, rank
from assay.machine.torchrun import ALONE, Group
from tests.support import ROOT
from tests.support.joint import trained

JOINT = ROOT / "tests" / "support" / "joint.py"
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
ASSAY = (sys.executable, "-c", "from assay.cli.main import main; main()")
METHODS = ("real_only", "no_adaptation", "dann", "mixed")


def started(*words: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=280, env=environment)


# --- in one process


def test_without_torchrun_there_is_one_process(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "4")  # a cluster's own, of something else
    monkeypatch.setenv("RANK", "3")
    assert (processes(), rank()) == (1, 0)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    assert (processes(), rank()) == (4, 3)


def test_the_slices_of_a_batch_are_the_batch():
    plan = torch.arange(24).view(2, 12)
    parts = [Group(number, 3).own(plan) for number in range(3)]
    assert torch.equal(torch.cat(parts, 1), plan)
    assert ALONE.own(plan).tolist() == plan.tolist()


def test_a_batch_that_does_not_divide_is_refused():
    Group(1, 4).check(12)
    with pytest.raises(UserError, match="batch=10 does not divide by 4"):
        Group(1, 4).check(10)


# --- in two


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path):
    done = started(*TORCHRUN, JOINT, tmp_path, *METHODS)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads((tmp_path / f"{number}.json").read_text()) for number in (0, 1))
    for method in METHODS:
        alone = json.loads(json.dumps(trained(method)))
        assert_allclose(first[method]["weights"], alone["weights"], rtol=1e-3, atol=1e-5, err_msg=method)
        assert np.ptp(alone["weights"]) > 0.1
        for ours, theirs in zip(first[method]["history"], alone["history"], strict=True):
            assert ours["test_accuracy"] == pytest.approx(theirs["test_accuracy"], abs=0.011)
            assert ours["losses"] == pytest.approx(theirs["losses"], rel=1e-3), "means over both slices"
        assert second[method]["history"] == first[method]["history"], "all know what the first measured"
        assert second[method]["weights"] == [], "the first alone is looked at"


def compared(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["compare", "digits", "-m", "no_adaptation", "--seeds", "1", "--out", str(out)]
    words += ["--training", "epochs=2,steps=3,batch=8,precision=bf16", *more]
    return started(*TORCHRUN, "--no-python", *ASSAY, *words)


@pytest.mark.slow
def test_a_comparison_under_torchrun_is_written_and_told_once(tmp_path):
    done = compared(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("report: ") == 1
    results = [json.loads(path.read_text()) for path in tmp_path.glob("runs/[!.]*/result.json")]
    assert [result["error"] for result in results] == [None, None]
    assert all(result["settings"]["processes"] == 2 for result in results)
    assert not list(tmp_path.glob("runs/.*"))
    again = compared(tmp_path)
    assert again.returncode == 0, again.stderr
    assert "2 of 2 runs were finished before" in again.stderr


@pytest.mark.slow
def test_a_batch_that_does_not_divide_ends_torchrun(tmp_path):
    done = compared(tmp_path, "--training", "epochs=1,steps=2,batch=7")
    assert done.returncode != 0
    assert "error: training: batch=7 does not divide by 2, the processes of torchrun" in done.stderr
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.slow
def test_what_fails_in_one_process_is_a_row_and_not_a_halt(tmp_path):
    from tests.methods.test_streamed import SIZE, with_damage, write_images

    for part, n in {"labelled": 8, "unlabelled": 6, "test": 5}.items():
        write_images(tmp_path / "real" / part, n, np.random.default_rng(0))
    name, victim = with_damage(tmp_path, tmp_path / "damaged", "test")  # read by the first alone
    done = started(
        *(*TORCHRUN, "--no-python", *ASSAY, "compare", name, "--seeds", "1", "--out", tmp_path / "out"),
        *("--training", "epochs=1,steps=4,batch=8", "--backbone", "resnet2d:depth=10,widths=8+8+8+8"),
    )
    assert SIZE
    assert done.returncode == 0, done.stderr
    [result] = [json.loads(path.read_text()) for path in tmp_path.glob("out/runs/[!.]*/result.json")]
    assert result["error"].startswith(f"UserError: {victim}: not a readable image")


# --- trunks and studies of images


def pretrained(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["pretrain", "digits", "--backbone", "cnn2d:width=4,depth=2", "-o", str(out)]
    words += ["--training", "epochs=2,steps=3,batch=8,precision=fp32", *more]
    return started(*TORCHRUN, "--no-python", *ASSAY, *words)


@pytest.mark.slow
def test_a_trunk_is_trained_by_all_processes_and_written_and_told_once(tmp_path):
    done = pretrained(tmp_path / "t.safetensors")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("--backbone pretrained:path=") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.safetensors"]
    content = (tmp_path / "t.safetensors").read_bytes()
    again = pretrained(tmp_path / "t.safetensors")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "t.safetensors").read_bytes() == content


@pytest.mark.slow
def test_a_method_without_a_trunk_ends_torchrun_before_it_is_trained(tmp_path):
    done = pretrained(tmp_path / "t.safetensors", "-m", "csigan:synthetic=none", "--training", "epochs=10000")
    assert done.returncode != 0
    assert "error: method csigan:synthetic=none: has no single trunk to keep" in done.stderr
    assert not list(tmp_path.iterdir())


def toy() -> None:
    """What torchrun starts: the verbs, and a toy among the studies; what it renders and trains is noted."""
    from assay.cli.main import main
    from assay.studies.images import data, request, trunks
    from tests.studies.images.test_request import TOY

    request.STUDIES["toy"], trunks.pretrain, data.Images._complete = TOY, noted, painted
    main()


def note(line: str) -> None:
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(f"{line}\n")


def noted(*words) -> float:
    """`pretrain`, and a note of which of how many processes it is called in."""
    from assay.machine.torchrun import group_of
    from assay.studies.trunk import pretrain

    note(f"train {group_of('cpu')}")
    return pretrain(*words)


def painted(images, name: str, task: object) -> None:
    """In the place of a renderer, with a note of which process it is."""
    from tests.studies.images.test_request import paint

    if images.render:
        note(f"render {name} {rank()}")
    if images.render and not images._place(name).exists():
        paint(images._place(name), 10, 1, 40)


@pytest.mark.slow
def test_a_study_of_images_under_torchrun_is_written_and_told_once(tmp_path, monkeypatch):
    from tests.studies.images.test_request import paint

    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    paint(tmp_path / "photos", 20, 0, 40)
    command = [
        *TORCHRUN,
        "--no-python",
        sys.executable,
        "-c",
        "from tests.machine import test_torchrun as t; t.toy()",
        "bench",
    ]
    command += ["toy", "--task", f"{tmp_path / 'photos'}:size=16", "--seeds", "1", "--out", tmp_path / "out"]
    command += ["--training", "epochs=2,steps=2"]
    done = started(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("files: ") == done.stdout.count("toy-corrected, selection") == 1
    assert done.stderr.count("3 runs") == done.stderr.count("epoch 1/1") == 1
    notes = sorted((tmp_path / "notes").read_text().splitlines())
    assert notes[:3] == [f"render {name} 0" for name in ("test_iid", "test_iid_no_background", "train")]
    assert notes[3:] == [f"train {Group(0, 2)}", f"train {Group(1, 2)}"], "the one trunk, together"
    assert len(list((tmp_path / "out" / "trunks").iterdir())) == 1
    results = [json.loads(path.read_text()) for path in tmp_path.glob("out/runs/*/result.json")]
    assert [result["error"] for result in results] == [None] * 3
    assert all(result["settings"]["processes"] == 2 for result in results)
    again = started(*command, "--retry", "failed")
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("3 of 3 runs were finished before") == 1
    assert not list((tmp_path / "out").glob("*/.*"))
