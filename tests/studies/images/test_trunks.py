"""Trunks: what a file says it is of, which runs it names, what is refused, and how pre-training goes on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from assay.cli.main import app
from assay.errors import UserError
from assay.methods.real_only import RealOnlyMethod
from assay.methods.table import METHODS
from assay.methods.training import Training
from assay.models.checkpoint import facts, save_trunk
from assay.models.pretrained import Pretrained
from assay.runs.runner import Job, job_of, measure
from assay.settings import parse
from assay.studies.trunk import pretrain
from assay.train import checkpoint
from assay.train.one_run import fit, train
from tests.studies.images.test_request import (  # noqa: F401
    finished,
    finished_once,
    opened,
    request_of_toy,
    run,
)
from tests.support.toys import FAST, blob_task, blobs, run_of, same

SHORT = dataclasses.replace(FAST, epochs=4, steps=3)
NETWORK = "mlp:width=32,dropout=0.1"


def job(method: str = "real_only", **options) -> Job:
    settings = parse(method, METHODS, "method")
    return job_of(method, run_of(settings, training=SHORT, **options), blob_task(), None)


@pytest.fixture
def trunk(tmp_path) -> Path:
    pretrain(job(), NETWORK, tmp_path / "trunk.safetensors")
    return tmp_path / "trunk.safetensors"


def begun_from(*paths: object, like: str = "") -> list[Job]:
    return [job(seed=1, backbone=Pretrained(str(path), like)) for path in paths]


# -- what a trunk is of -------------------------------------------------------------------------------


def test_a_trunk_of_a_trunk_says_which_network_it_is_of_and_can_be_used(trunk):
    for _ in range(2):  # in its own place, and again
        pretrain(begun_from(trunk)[0], f"pretrained:path={trunk}", trunk)
        assert facts(trunk)["backbone"] == NETWORK
    Pretrained(str(trunk)).build((10,), torch.Generator())


def test_a_trunk_of_a_foreign_file_is_of_what_the_option_says(trunk, tmp_path):
    foreign = tmp_path / "foreign.pth"
    torch.save(Pretrained(str(trunk)).build((10,), torch.Generator()).state_dict(), foreign)
    pretrain(begun_from(foreign, like=NETWORK)[0], "", trunk)
    assert facts(trunk)["backbone"] == NETWORK


def test_a_file_that_is_of_a_file_is_refused_by_name(tmp_path):
    path = tmp_path / "nested.safetensors"
    save_trunk(torch.nn.Linear(1, 1), path, {"backbone": f"pretrained:path={path}"})
    for settings in (Pretrained(str(path)), Pretrained(str(path), f"pretrained:path={path}")):
        with pytest.raises(UserError, match=r"nested\.safetensors: is said to be of 'pretrained:path="):
            settings.build((10,), torch.Generator())


def test_a_folder_is_no_file_of_weights(tmp_path):
    with pytest.raises(UserError, match="is a folder; expected a file of weights"):
        Pretrained(str(tmp_path)).build((10,), torch.Generator())


def test_a_method_without_a_single_trunk_is_refused_before_it_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr("assay.train.loop.Loop.learn", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(UserError, match=r"^method csigan:synthetic=none: has no single trunk to keep"):
        pretrain(job("csigan:synthetic=none"), NETWORK, tmp_path / "trunk.safetensors")
    assert not list(tmp_path.iterdir())


# -- which run it names -------------------------------------------------------------------------------


def test_a_run_is_named_by_a_trunks_content_and_not_by_its_place(trunk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moved = tmp_path / "elsewhere" / "t.safetensors"
    moved.parent.mkdir()
    moved.write_bytes(trunk.read_bytes())
    spelt = begun_from(trunk, trunk.name, f"./{trunk.name}", moved)
    assert len({found.cell.key for found in spelt}) == 1
    pretrain(job(seed=7), NETWORK, moved)
    assert begun_from(moved)[0].cell.key != spelt[0].cell.key
    assert measure(spelt[0]).result["settings"]["backbone"]["path"] == str(trunk), "where it was is told"


def test_trunks_that_are_not_there_yet_are_told_apart_by_their_place(tmp_path):
    assert len({found.cell.key for found in begun_from(tmp_path / "a", tmp_path / "b")}) == 2


def test_a_checkpoint_serves_wherever_the_trunk_lies(trunk, tmp_path, monkeypatch):
    moved = tmp_path / "moved.safetensors"
    moved.write_bytes(trunk.read_bytes())
    here, there = begun_from(trunk, moved)
    undisturbed = measure(here).result
    killed_in(2, monkeypatch, lambda: measure(here, tmp_path / "c"))
    assert measure(there, tmp_path / "c").result["history"] == undisturbed["history"]


def test_a_study_whose_folder_was_moved_trains_nothing_again(finished):  # noqa: F811
    runs = opened(finished)  # where it is now it was not run
    times = sorted(record["about"]["finished"] for record in runs.records.values())
    again = run(finished)
    assert len(list(finished.out.glob("runs/*"))) == len(runs.records) == 6
    assert sorted(record["about"]["finished"] for record in again.records.values()) == times


# -- what a folder's study is of ----------------------------------------------------------------------


def test_a_folder_of_an_older_version_is_gone_on_with(request_of_toy):  # noqa: F811
    one = dataclasses.replace(request_of_toy, only="start=scratch", seeds=1)
    path = one.out / f"{run(one).name}.json"
    info = json.loads(path.read_text())
    del info["origin"]["weights"], info["origin"]["training"]["reshuffle"]
    path.write_text(json.dumps(info))
    assert "weights" in run(one).info["origin"]
    with pytest.raises(UserError, match=r"another training \(epochs is 2 there, 3 now\)"):
        run(dataclasses.replace(one, training="epochs=3"))


# -- pre-training that is killed ----------------------------------------------------------------------


class Killed(BaseException):
    """As if the process had ended here."""


def killed_in(epoch: int, monkeypatch, call) -> None:
    """Call, and be killed as that epoch begins."""
    begin = RealOnlyMethod.start_epoch

    def dying(self, number: int) -> None:
        if number == epoch:
            raise Killed
        begin(self, number)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "SECONDS", 0.0)
        patched.setattr(RealOnlyMethod, "start_epoch", dying)
        with pytest.raises(Killed):
            call()


def test_a_killed_pre_training_goes_on_to_the_same_bytes(trunk, tmp_path, monkeypatch):
    path, told = tmp_path / "again.safetensors", []
    killed_in(2, monkeypatch, lambda: pretrain(job(), NETWORK, path))
    assert not path.exists()
    assert (tmp_path / ".again.safetensors.checkpoint").is_file()
    begin = RealOnlyMethod.start_epoch
    monkeypatch.setattr(
        RealOnlyMethod, "start_epoch", lambda self, epoch: (told.append(epoch), begin(self, epoch))
    )
    pretrain(job(), NETWORK, path)
    assert told == [2, 3], "what was trained is not trained again"
    assert path.read_bytes() == trunk.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["again.safetensors", "trunk.safetensors"]


def test_a_checkpoint_of_another_pre_training_is_named_and_kept(tmp_path, monkeypatch):
    path = tmp_path / "t.safetensors"
    killed_in(2, monkeypatch, lambda: pretrain(job(), NETWORK, path))
    with pytest.raises(UserError, match=r"\.t\.safetensors\.checkpoint: checkpoint of another run"):
        pretrain(job(seed=1), NETWORK, path)
    assert (tmp_path / ".t.safetensors.checkpoint").is_file()


def test_pre_training_on_the_command_line_leaves_the_file_alone(tmp_path):
    from typer.testing import CliRunner

    path = tmp_path / "t.safetensors"
    words = ["pretrain", "digits", "--training", "epochs=1,steps=1", "--backbone", "cnn2d:width=4,depth=2"]
    done = CliRunner().invoke(app, [*words, "-o", str(path)])
    assert done.exit_code == 0, done.output
    assert f"--backbone pretrained:path={path}" in done.output.replace("\n", "")
    assert [file.name for file in tmp_path.iterdir()] == ["t.safetensors"]


# -- settings of training that were not heeded --------------------------------------------------------


def test_models_that_are_only_fitted_have_their_gradients_clipped_too():
    task = blob_task()
    alone = dataclasses.replace(task, shots=task.shots.none_like(task.shots))
    training = dataclasses.replace(SHORT, optimiser="sgd")
    weights = {}
    for clip in (None, 1e-9):
        run = run_of("real_only", training=dataclasses.replace(training, clip=clip))
        fitted, trained = fit(alone, alone.labelled, run), []
        train(alone, None, run, begin=trained.append)
        weights[clip] = list(fitted.networks[0].parameters())
        assert same(weights[clip], list(trained[0].networks[0].parameters())), "as `train` does"
    assert not same(weights[None], weights[1e-9])


@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
def test_a_warm_up_that_no_schedule_would_heed_is_refused(schedule):
    with pytest.raises(UserError, match=f"warm_up=9: schedule={schedule} has none"):
        Training(warm_up=9, schedule=schedule)
    assert Training(warm_up=9, schedule="cosine_steps").warm_up == 9


def test_begin_is_told_of_the_method_before_its_first_epoch():
    told = []
    train(
        *(blob_task(), blobs(8, 1), run_of("mixed", training=SHORT)),
        begin=lambda method: told.append(-1),
        observe=lambda method, epoch: told.append(epoch),
    )
    assert told == [-1, 0, 1, 2, 3]
