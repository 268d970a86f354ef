"""Workers that do not begin, cannot write, or fail for every picture; most of it needs no Blender."""

from __future__ import annotations

import os
import resource
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from assay.errors import UserError
from assay.generate.blender.engine import crew as engines
from assay.generate.blender.engine.crew import Crew, Job
from assay.generate.blender.engine.environment import Environment, find_environment
from assay.generate.blender.engine.worker import NotBegun, Worker, WorkerLost
from assay.generate.blender.fit import Blender
from assay.generate.blender.inside import start
from assay.generate.blender.inside.hopeless import Hopeless
from assay.generate.blender.inside.temporary import written
from assay.generate.blender.inside.worker import _answer
from assay.generate.blender.scene.distribution import fixed, names
from assay.generate.blender.sets.render_set import render_set
from assay.generate.blender.stream import open_stream
from tests.support.blender_here import blender_or_skip


def program(path, text, mode=0o755):
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("mode", "told"), [(0o644, "Permission denied"), (0o755, "Exec format error")])
def test_what_cannot_be_run_names_the_variable_and_leaves_nothing(tmp_path, monkeypatch, mode, told):
    monkeypatch.setenv("ASSAY_BLENDER", str(program(tmp_path / "blender", "text", mode)))
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    with pytest.raises(UserError, match=rf"blender: {tmp_path}/blender: {told}; ASSAY_BLENDER names"):
        Worker(find_environment())
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_worker_that_is_killed_while_it_begins_says_so(tmp_path):
    killed = program(tmp_path / "blender", "#!/bin/sh\necho 'a warning' >&2\nkill -9 $$\n")
    with pytest.raises(NotBegun, match="did not begin: worker killed by signal 9"):
        Worker(Environment((str(killed),)))


class ToyWorker:
    """Begins as `fates` say, and then makes a picture, or is lost over one that says so."""

    def __init__(self, *arguments):
        fate = self.fates.pop(0)
        if fate == "not begun":
            raise NotBegun("killed by signal 9")
        self.answers = fate

    def render(self, scene, path):
        if not self.answers:
            raise WorkerLost("lost")
        return self.answers.pop(0)

    def close(self):
        pass


def outcomes(monkeypatch, fates, pictures):
    """Errors of so many pictures that a crew makes with such workers."""
    monkeypatch.setattr(ToyWorker, "fates", fates, raising=False)
    monkeypatch.setattr(engines, "Worker", ToyWorker)
    crew, scene = Crew(Environment(("blender",))), open_stream(Blender()).scene(0)
    return [crew.render(Job(scene, Path("set/a.png"))).error for _ in range(pictures)]


MADE = {"seconds": 1.0}


def test_a_worker_that_does_not_begin_costs_an_attempt_once_others_have(monkeypatch):
    fates = [[MADE], "not begun", [MADE], "not begun", [MADE]]
    assert outcomes(monkeypatch, fates, 4) == [None, "killed by signal 9", None, "killed by signal 9"]
    assert outcomes(monkeypatch, [[], "not begun", "not begun", [MADE]], 2) == ["killed by signal 9", None]


@pytest.mark.parametrize("fates", [["not begun"], [[MADE], *["not begun"] * 3]])
def test_a_job_ends_where_the_first_worker_or_three_in_a_row_do_not_begin(monkeypatch, fates):
    with pytest.raises(NotBegun, match="signal 9"):
        outcomes(monkeypatch, fates, 4)
    assert fates == []


def test_what_every_picture_would_meet_ends_the_job(monkeypatch):
    class Broken:
        def render(self, scene, path):
            raise Hopeless("device: gpu, but there is none")

    answer = _answer(Broken(), {"scene": {}, "path": "a.png"})
    with pytest.raises(UserError, match=r"^device: gpu, but there is none$"):
        outcomes(monkeypatch, [[answer]], 2)


def test_temporary_files_that_are_not_written_are_told_of(tmp_path, monkeypatch):
    path = tmp_path / "scratch" / "a.tga"
    path.parent.mkdir()

    def blender(size, error=None):
        with written(path, 20):
            path.write_bytes(bytes(size))
            if error:
                raise error

    blender(20)
    assert path.stat().st_size == 20
    with pytest.raises(RuntimeError, match="not written"):
        blender(19)
    with pytest.raises(RuntimeError, match="no camera"):
        blender(0, RuntimeError("no camera"))
    path.parent.rmdir()  # as a full disk: nothing can be written
    with (
        pytest.raises(Hopeless, match=rf"temporary folder {tmp_path}: No such file.*TMPDIR"),
        written(path, 20),
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no system of which threads are told apart")
def test_a_thread_that_has_ended_meanwhile_is_none_to_tell_of_cores(monkeypatch):
    told = []

    def ended(task, cores):
        told.append(task)
        if task:
            raise ProcessLookupError

    monkeypatch.setattr(os, "sched_setaffinity", ended)
    with start.few_cores(1):
        pass
    assert len(told) > 1


@pytest.mark.slow
@pytest.mark.parametrize(("around", "parts"), [("city", False), ("none", False), ("none", True)])
def test_a_full_temporary_disk_ends_the_job(tmp_path, monkeypatch, around, parts):
    """No file may grow: neither the copy of a map, nor a picture on its way, nor its depth."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    plain = Blender(size=32, samples=1, denoise=False, classes=("mug",), background=names("none"))
    scene = open_stream(replace(plain, environment=names(around), lights=fixed(1), depth=parts)).scene(0)
    crew = Crew(blender_or_skip())
    largest = 32 * 32 * (8 if parts else 2)  # more than 4 bytes a pixel, less than 16
    worker = crew._ready(1)
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (largest, largest))
    with pytest.raises(UserError, match=rf"^temporary folder {tmp_path}: File too large; .*TMPDIR.*kept$"):
        crew.render(Job(scene, tmp_path / "a.png"))
    assert list(worker.scratch.glob("*.*")) == ([worker.scratch / "colours.tga"] if parts else [])
    crew.close()


@pytest.mark.slow
def test_a_machine_without_a_gpu_ends_the_job(tmp_path):
    wanted = Blender(size=8, samples=1, classes=("mug",), device="gpu")
    blender = blender_or_skip()
    job = Job(open_stream(wanted).scene(0), tmp_path / "a.png")
    with Worker(blender) as worker:
        answer = worker.render(job.scene, job.path)
    if "error" not in answer:
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match=r"^device: gpu, but Cycles finds none here; use device=cpu$"):
        render_set(wanted, tmp_path / "set", 2, workers=2, environment=blender)
    assert not (tmp_path / "set").exists()
