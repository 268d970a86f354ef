"""The battery runs, resumes, takes further methods, and says what it left out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assay.errors import UserError
from assay.runs.progress import Silent
from assay.studies.battery.request import BatteryRequest
from assay.studies.battery.runs import BatteryRuns
from assay.studies.battery.tasks import METHODS
from assay.studies.requests import request_of
from assay.studies.source import Source

FAST = "epochs=1,steps=1,precision=fp32"
MINE = """
from dataclasses import dataclass
from typing import ClassVar

from assay.methods.real_only import RealOnly


@dataclass(frozen=True)
class Mine(RealOnly):
    "The baseline under another name."
"""


def request(out, **more) -> BatteryRequest:
    return BatteryRequest(training=FAST, seeds=2, out=out, **more)


def finished(asked: BatteryRequest) -> BatteryRuns:
    return asked.run(1, None, "", False, Silent())


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("battery")


@pytest.fixture(scope="module")
def runs(out) -> BatteryRuns:
    return finished(request(out, only="task=digits-5,method=real_only+mixed"))


def test_only_what_is_asked_for_runs_and_the_rest_is_missing(runs):
    found = runs.accuracies("tune")
    assert runs.methods == list(METHODS)
    assert found.shape == (len(METHODS), 1, 2)
    asked = [method in ("real_only", "mixed") for method in METHODS]
    assert np.isfinite(found).all((1, 2)).tolist() == asked
    assert runs.accuracies("report").shape == (len(METHODS), 0, 2)
    assert (runs.seconds("tune")[asked] > 0).all()


def test_another_task_later_keeps_what_was_there(runs, out, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(MINE)
    before = {path.name for path in out.glob("runs/[!.]*")}
    more = request(out, only="task=digits-20,method=real_only+mixed", methods=("mixed",))
    both = finished(more)
    assert both.task_names("tune") == ["digits-5"]
    assert both.task_names("report") == ["digits-20"]
    assert before < {path.name for path in out.glob("runs/[!.]*")}
    own = f"{mine}:Mine"
    third = finished(request(out, only=f"task=digits-5,method={own}", methods=(own, "target_only")))
    assert third.info["left_out"]["digits-5, target_only"].startswith("method target_only: needs labelled")
    same = third.accuracies("tune")
    assert (same[third.methods.index(own)] == same[0]).all()
    assert (same[0] == runs.accuracies("tune")[0]).all()


def test_tasks_without_their_data_are_left_out_and_said(out, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    found = finished(request(tmp_path, only="task=digits-5+csi-har-1-0,method=real_only"))
    assert found.task_names("tune") == ["digits-5"]
    assert "is not here" in found.info["left_out"]["csi-har-1-0"]
    with pytest.raises(UserError, match=r"nothing to run: .*is not here"):
        finished(request(tmp_path, only="task=csi-har-1-0"))


def test_a_forecast_tries_each_kind_of_run_once(tmp_path):
    asked = request(tmp_path, only="task=digits-5,method=real_only+mixed")
    grid, costs, done = asked.forecast(lambda _: None)
    wanted = {run.job.cell.key for run in grid if run.cell.method in ("real_only", "mixed")}
    assert set(costs) == wanted
    assert len({cost.seconds for cost in costs.values()}) == 2
    assert not done
    assert not (tmp_path / "battery-small.json").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"only": "task=nope"}, "--only: task=nope: no such cell; known: digits-5, "),
        ({"only": "colour=red"}, "--only: colour; expected field=value"),
        ({"source": Source(task="digits")}, "--task: the battery's tasks are its own"),
        ({"source": Source(weights="x.pth")}, "--weights: the battery's"),
        ({"training": "steps=0"}, "training: steps=0"),
        ({"preset": "huge"}, "--preset: unknown: huge"),
    ],
)
def test_what_it_has_no_use_for_is_refused(more, said, tmp_path):
    with pytest.raises(UserError, match=said):
        BatteryRequest(**{"out": tmp_path, **more}).asked()


@pytest.mark.parametrize(
    ("generator", "protocol", "said"),
    [("csigan", "corrected", "--generator: csigan: battery says"), ("", "released", "published nowhere")],
)
def test_it_has_one_protocol_and_its_own_generators(generator, protocol, said, tmp_path):
    with pytest.raises(UserError, match=said):
        request_of("battery", generator, "small", protocol, Source(), "", None, "", tmp_path, (), None)


def test_a_damaged_file_is_named(runs, tmp_path):
    damaged = json.loads((runs.folder / "battery-small.json").read_text())
    damaged["battery"][0]["half"] = "both"
    (tmp_path / "battery-small.json").write_text(json.dumps(damaged))
    with pytest.raises(UserError, match=r"battery-small\.json: damaged .*half"):
        BatteryRuns.open(tmp_path, "battery-small")
