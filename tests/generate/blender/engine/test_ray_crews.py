"""Rendering on a Ray cluster on this machine: the bytes of local rendering, an actor killed or not."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from assay.errors import UserError
from assay.generate.blender.engine import ray_crews as crews
from assay.generate.blender.engine.crew import Job, Outcome
from assay.generate.blender.fit import Blender
from assay.generate.blender.sets.render_set import render_set
from assay.generate.blender.stream import open_stream
from tests.support.blender_here import blender_or_skip

SMALL = Blender(size=32, samples=2, classes=("mug", "chair", "bike"))


def jobs(n: int, folder: Path) -> list[Job]:
    stream = open_stream(SMALL)
    return [Job(stream.scene(index), folder / f"{index}.png") for index in range(n)]


def test_without_ray_the_option_says_how_to_install_it_and_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"pip install 'assay\[ray\]'"):
        render_set(SMALL, tmp_path / "set", 2, ray="local")
    assert not (tmp_path / "set").exists()


class Gone(Exception):
    """As Ray tells of an actor that has died."""


class ToyRay:
    """Actors here, of which those that are `doomed` (by number, from 0) die over their first job."""

    def __init__(self, doomed: set[int], todo: list[Job]) -> None:
        self.todo, self.doomed, self.begun, self.killed = todo, doomed, 0, 0
        self.exceptions = type("errors", (), {"RayError": Gone, "RayTaskError": KeyError})

    def remote(self, kind):
        return self

    def options(self, **needs):
        assert needs == {"num_cpus": 1, "max_restarts": 0}
        return type("kind", (), {"remote": self.begin})

    def begin(self, *arguments):
        number, self.begun, todo = self.begun, self.begun + 1, self.todo

        def render(job):
            return number, todo.index(job)

        return type("actor", (), {"render": type("method", (), {"remote": staticmethod(render)})})

    def wait(self, waiting, num_returns):
        return waiting[-1:], waiting[:-1]

    def get(self, reference):
        number, place = reference
        if number in self.doomed:
            raise Gone
        return Outcome(self.todo[place])

    def kill(self, actor):
        self.killed += 1


@pytest.mark.parametrize(
    ("doomed", "lost", "begun"), [(set(), 0, 2), ({0}, 0, 3), ({0, 2}, 1, 3), ({1, 2}, 1, 4)]
)
def test_a_lost_actor_costs_one_attempt_and_is_replaced(doomed, lost, begun, tmp_path):
    """Of two actors the newest is heard first: where 0 is lost, no other picture is left but its own."""
    todo = jobs(5, tmp_path)
    ray = ToyRay(doomed, todo)
    outcomes = list(crews._Office(ray, iter(todo), None, 1.0).outcomes(2))
    assert sorted(outcome.job.scene.index for outcome in outcomes) == list(range(5))
    assert [outcome.error for outcome in outcomes if outcome.error] == ["Gone: node or process lost"] * lost
    assert (ray.begun, ray.killed) == (begun, begun)


@pytest.fixture(scope="module")
def blender():
    return blender_or_skip()


@pytest.fixture(scope="module")
def cluster():
    ray = pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield ray
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Ray's own making
def test_a_set_rendered_on_ray_has_the_bytes_of_a_local_one(blender, cluster, tmp_path):
    render_set(SMALL, tmp_path / "here", 8)
    done = render_set(SMALL, tmp_path / "there", 8, ray="local")
    assert (done.made, done.failed) == (8, {})
    files = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.*"))
    assert len(files) == 8 + 3
    for file in files:
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes(), file


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_killed_actor_loses_nothing(blender, cluster, tmp_path, monkeypatch):
    """The process of an actor is killed while it renders its second picture."""
    rendered = crews.RayCrew.render

    def deadly(self, job):
        if job.scene.index == 3 and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return rendered(self, job)

    monkeypatch.setattr(crews.RayCrew, "render", deadly)
    todo = jobs(10, tmp_path)
    outcomes = list(crews.render_on_ray(todo, "local", 2))
    assert (tmp_path / "killed").exists()
    assert sorted((o.job.scene.index, o.error) for o in outcomes) == [(i, None) for i in range(10)]
    assert all(job.path.is_file() for job in todo)
