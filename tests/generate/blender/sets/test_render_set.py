"""Real renders; skipped where there is no Blender."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import assay
from assay.data.images import read_folder
from assay.errors import UserError
from assay.generate.blender.engine import crew as engines
from assay.generate.blender.engine.crew import Job, render
from assay.generate.blender.engine.environment import Environment
from assay.generate.blender.engine.worker import Worker
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import fixed, names, uniform
from assay.generate.blender.scene.values import Material, Model
from assay.generate.blender.sets.contact import contact_sheet
from assay.generate.blender.sets.manifest import read_manifest
from assay.generate.blender.sets.render_set import render_again, render_set
from assay.generate.blender.stream import open_stream
from tests.support.blender_here import blender_or_skip

SMALL = Blender(size=32, samples=2, classes=("mug", "chair", "bike"))


@pytest.fixture(scope="module")
def blender():
    return blender_or_skip()


@pytest.fixture(scope="module")
def worker(blender):
    with Worker(blender) as worker:
        yield worker


@pytest.fixture
def shot(worker, tmp_path):
    """Renders a scene; the picture as numbers."""

    def take(scene, name="a.png"):
        answer = worker.render(scene, tmp_path / name)
        assert "error" not in answer, answer
        return pixels(tmp_path / name)

    return take


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


def bare_scene(**parts):
    """A grey ball in even white light before white."""
    scene = open_stream(
        replace(SMALL, background=names("none"), environment=names("none"), lights=fixed(0))
    ).scene(0)
    grey = Material("paint", "plain", (0.5,) * 3, (0.5,) * 3, 1.0, 1.0, 0.0, 1.0, 0.0, (0.0,) * 3)
    ball = replace(scene.object, model=Model("solid", "ball"), palette={"body": grey}, scale=1.0)
    camera = replace(scene.camera, distance=3.0, roll=0.0, look_at=(0.0, 0.0, 0.0), exposure=0.0)
    around = replace(scene.environment, strength=1.0)
    picture = replace(scene.picture, samples=16, denoise=False)
    made = replace(scene, object=ball, camera=camera, environment=around, picture=picture)
    return replace(made, **parts)


def test_a_set_is_rendered_kept_and_made_again(blender, tmp_path):
    out = tmp_path / "set"
    told = []
    first = render_set(SMALL, out, 4, seed=1, report=lambda *now: told.append(now), environment=blender)
    assert (first.made, first.kept, first.failed) == (4, 0, {})
    assert [now[:2] for now in told] == [(i, 4) for i in range(1, 5)]
    files = {path: path.stat().st_mtime_ns for path in out.glob("*/*.png")}
    assert sorted(path.relative_to(out).as_posix() for path in files) == [
        "bike/000002.png",
        "chair/000001.png",
        "mug/000000.png",
        "mug/000003.png",
    ]
    (out / "mug" / "000003.png").unlink()
    second = render_set(SMALL, out, 6, seed=1, environment=blender)
    assert (second.made, second.kept) == (3, 3)
    kept = [path for path in files if path.name != "000003.png"]
    assert all(path.stat().st_mtime_ns == files[path] for path in kept)
    entries = read_manifest(out / "manifest.jsonl")
    assert [entry.scene.index for entry in entries] == list(range(6))
    assert all((out / entry.file).is_file() and entry.error is None for entry in entries)
    assert (out / "contact_sheet.png").is_file()
    (out / "mug" / "000003.png").rename(out / "chair" / "000003.png")
    assert read_folder(out, ("bike", "chair", "mug"), 32).counts(3).tolist() == [2, 3, 1]


def test_a_picture_is_made_again_from_its_line(blender, tmp_path):
    """Last of several, with a photograph's worth of other scenes before it; alone; the same bytes."""
    rich = replace(SMALL, distractors=fixed(1), occluders=uniform(0, 1), mask=True, depth=True)
    render_set(rich, tmp_path / "set", 5, environment=blender)
    lines = (tmp_path / "set" / "manifest.jsonl").read_text().splitlines()
    for index in (4, 1):
        entry = json.loads(lines[index])
        made = tmp_path / "set" / entry["file"]
        render_again(lines[index], tmp_path / "again.png", blender)
        assert (tmp_path / "again.png").read_bytes() == made.read_bytes()
        one, other = (np.load(path.with_suffix(".npz")) for path in (made, tmp_path / "again.png"))
        assert all(np.array_equal(one[name], other[name]) for name in ("mask", "depth"))


def test_a_set_keeps_to_its_folder(blender, tmp_path):
    render_set(SMALL, tmp_path / "set", 1, environment=blender)
    with pytest.raises(UserError, match=r"set\.json: seed is 0 there, 1 here"):
        render_set(SMALL, tmp_path / "set", 1, seed=1, environment=blender)
    with pytest.raises(UserError, match=r"scale is 1\.0\.\.2\.0 there, 1\.0 here"):
        render_set(replace(SMALL, scale=fixed(1)), tmp_path / "set", 1, environment=blender)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("")
    with pytest.raises(UserError, match="holds other files"):
        render_set(SMALL, tmp_path / "full", 1, environment=blender)


def test_even_light_shows_a_colour_as_it_is(shot):
    """Reflectance 0.5 in a world of radiance 1 (hidden corners aside) is 188 in sRGB."""
    picture = shot(bare_scene())
    assert np.abs(picture[14:18, 14:18] - 188).max() <= 8
    assert (picture[0, 0] == 255).all()
    brighter = bare_scene()
    brighter = replace(brighter, camera=replace(brighter.camera, exposure=-1.0))
    assert np.abs(shot(brighter)[14:18, 14:18] - 137).max() <= 8


def test_mask_and_depth_are_those_of_a_ball(shot, tmp_path):
    """A ball of radius 1 / (2 sqrt(3)) at 3 units through 50 mm."""
    scene = bare_scene()
    shot(replace(scene, picture=replace(scene.picture, width=64, height=64, mask=True, depth=True)))
    with np.load(tmp_path / "a.npz") as parts:
        mask, depth = parts["mask"], parts["depth"]
    radius = 1 / (2 * 3**0.5)
    visible = 64 * 50 / 36 * radius / (9 - radius**2) ** 0.5
    assert set(np.unique(mask)) == {0, 1}
    assert mask.sum() == pytest.approx(np.pi * visible**2, rel=0.05)
    assert depth[32, 32] == pytest.approx(3 - radius, abs=0.02)
    assert np.isinf(depth[mask == 0]).all()


def test_lights_of_all_kinds_are_as_bright_in_the_middle(shot):
    scene = bare_scene()
    dark = replace(scene.environment, strength=0.0)
    lamp = open_stream(SMALL).scene(1).lights[0]
    view = {"azimuth": scene.camera.azimuth, "elevation": scene.camera.elevation}
    means = []
    for kind in ("point", "area", "sun"):
        light = replace(lamp, kind=kind, radius=8.0, energy=1500.0, size=0.1, colour=(1.0,) * 3, **view)
        means.append(shot(replace(scene, lights=(light,), environment=dark))[13:19, 13:19].mean())
    assert max(means) - min(means) < 6, means
    assert 135 <= means[0] <= 149  # E = P / (4 pi r^2), reflectance 0.5: 149 where the ball faces the light


def test_the_camera_stands_where_it_is_told(shot):
    """A rod along z: upright from the side, a dot from above, level when rolled."""
    scene = bare_scene()
    scene = replace(scene, object=replace(scene.object, model=Model("solid", "rod")))

    def extent(**view):
        dark = shot(replace(scene, camera=replace(scene.camera, **view))).min(-1) < 250
        rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
        return np.ptp(rows) + 1, np.ptp(columns) + 1

    tall, wide = extent(elevation=0.0)
    assert tall >= 4 * wide
    assert extent(elevation=0.0, roll=90.0) == pytest.approx((wide, tall), abs=1)
    assert max(extent(elevation=90.0)) <= wide + 2
    assert extent(elevation=0.0, distance=6.0)[0] == pytest.approx(tall / 2, abs=1)


def test_photographs_are_cut_and_mirrored(shot, tmp_path):
    photograph = np.zeros((20, 40, 3), np.uint8)
    photograph[:, :20], photograph[:, 20:] = (255, 0, 0), (0, 0, 255)
    Image.fromarray(photograph).save(tmp_path / "p.png")
    scene = bare_scene()
    scene = replace(scene, object=replace(scene.object, scale=0.02))
    behind = replace(scene.background, kind="photograph", path=str(tmp_path / "p.png"), zoom=1.0, down=0.5)
    left = shot(replace(scene, background=replace(behind, across=0.0)))
    right = shot(replace(scene, background=replace(behind, across=1.0)))
    middle = shot(replace(scene, background=replace(behind, across=0.5, mirror=True)))
    assert (left[2, 2] == (255, 0, 0)).all()
    assert (right[2, 2] == (0, 0, 255)).all()
    assert (middle[2, 2] == (0, 0, 255)).all()
    assert (middle[2, -3] == (255, 0, 0)).all()


def test_what_a_scene_lacks_is_named_and_costs_one_image(worker, tmp_path):
    scene = bare_scene()
    (tmp_path / "bad.ply").write_text("ply, but not really")
    for path in ("/nowhere.ply", str(tmp_path / "bad.ply")):
        lost = replace(scene, object=replace(scene.object, model=Model("file", "x", {}, path)))
        assert path in worker.render(lost, tmp_path / "a.png")["error"]
    no_map = replace(scene, environment=replace(scene.environment, map="/nowhere.exr"))
    assert "/nowhere.exr" in worker.render(no_map, tmp_path / "a.png")["error"]
    assert "error" not in worker.render(scene, tmp_path / "a.png")


def test_a_mesh_file_is_mended_and_stands_upright(shot, tmp_path):
    """A slab, 1 x 1 x 4 along the file's y, some faces inside out and twice."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 4) for z in (0, 1)]
    faces = ["1 2 4 3", "5 6 8 7", "1 2 6 5", "3 4 8 7", "1 3 7 5", "2 4 8 6", "6 8 4 2"]
    text = "\n".join([*(f"v {x} {y} {z}" for x, y, z in corners), *(f"f {face}" for face in faces)])
    (tmp_path / "slab.obj").write_text(text + "\n")
    scene = bare_scene()
    scene = replace(scene, camera=replace(scene.camera, elevation=0.0, azimuth=0.0))
    for up, is_tall in (("auto", True), ("y", True), ("z", False)):
        model = Model("file", "slab", {}, str(tmp_path / "slab.obj"), up)
        dark = shot(replace(scene, object=replace(scene.object, model=model))).min(-1) < 250
        tall, wide = (np.ptp(np.flatnonzero(dark.any(axis))) + 1 for axis in (1, 0))
        assert (tall > 2 * wide) == is_tall, up


def test_every_class_of_a_folder_of_meshes(blender, real_root, tmp_path):
    settings = Blender(models=(str(real_root / "meshes"),), size=32, samples=2, background=names("none"))
    done = render_set(settings, tmp_path / "set", 9, environment=blender)
    assert done.failed == {}
    for path in (tmp_path / "set").glob("*/*.png"):
        assert (pixels(path).min(-1) < 250).mean() > 0.01, path


def test_a_worker_that_ends_leaves_no_temporary_files(blender, tmp_path, monkeypatch):
    """Neither its own nor Blender's, whether it is closed, killed, or its host is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    closed, killed = Worker(blender), Worker(blender)
    assert len(list(tmp_path.iterdir())) == 2
    assert any(tmp_path.glob("*/blender_*"))
    closed.render(bare_scene(), tmp_path / "a.png")
    os.kill(killed.process.pid, signal.SIGKILL)
    closed.close()
    killed.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    left = Worker(blender)
    left.process.stdin.close()  # as when the host is killed
    left.process.wait(10)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    left.close()


def test_libraries_of_a_worker_begin_no_threads_for_cores_that_it_does_not_use(blender):
    with Worker(blender) as worker:
        cores = [os.sched_getaffinity(int(task.name)) for task in tasks_of(worker)]
        assert set(map(frozenset, cores)) == {frozenset(os.sched_getaffinity(0))}
        narrow = len(cores)
    with Worker(blender, threads=2) as worker:
        if len(os.sched_getaffinity(0)) > 1:
            assert len(list(tasks_of(worker))) > narrow


def tasks_of(worker):
    return Path(f"/proc/{worker.process.pid}/task").iterdir()


def test_a_set_whose_worker_does_not_begin_leaves_nothing_behind(tmp_path):
    broken = Environment((sys.executable, "-c", "raise SystemExit('no Blender')"))
    for there in (False, True):
        if there:
            (tmp_path / "set").mkdir()
        with pytest.raises(UserError, match="did not begin: no Blender"):
            render_set(SMALL, tmp_path / "set", 2, environment=broken)
        assert (tmp_path / "set").exists() == there
    assert list((tmp_path / "set").iterdir()) == []


def test_a_set_with_pictures_stays_when_the_next_worker_does_not_begin(blender, tmp_path):
    render_set(SMALL, tmp_path / "set", 1, environment=blender)
    broken = Environment((sys.executable, "-c", "raise SystemExit('no Blender')"))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="did not begin"):
        render_set(SMALL, tmp_path / "set", 2, environment=broken)
    assert sorted(tmp_path.rglob("*")) == before


def test_real_photographs_are_not_a_part_that_is_rendered():
    with pytest.raises(UserError, match=r"test_ood is not rendered: .*folder of real photographs"):
        open_stream(SMALL, part="test_ood")


def test_a_sheet_is_as_wide_as_its_longest_row(tmp_path):
    for name, count in (("mug", 2), ("chair", 12)):
        (tmp_path / name).mkdir()
        for index in range(count):
            Image.new("RGB", (8, 8)).save(tmp_path / name / f"{index}.png")
    widths = []
    for classes in (("mug",), ("mug", "chair")):
        contact_sheet(tmp_path, classes)
        with Image.open(tmp_path / "contact_sheet.png") as sheet:
            widths.append(sheet.width)
    assert widths == [110 + 2 * 100, 110 + 10 * 100]


def test_a_map_that_is_not_seen_gives_the_light_of_one_that_is(shot, tmp_path):
    """A rough ball before the map, and cut out of it: the map is copied coarsely for the second alone."""
    scene = bare_scene()
    around = replace(scene.environment, map="courtyard", strength=0.7)
    picture, ball = replace(scene.picture, samples=128), replace(scene.object, scale=3.0)
    scene = replace(scene, environment=around, picture=picture, object=ball)
    cut = shot(scene)[12:20, 12:20]
    whole = shot(replace(scene, background=replace(scene.background, kind="environment")))[12:20, 12:20]
    assert np.abs(cut - whole).mean() < 6
    assert abs(cut.mean() - whole.mean()) < 4


def test_a_task_is_served_at_its_size(blender, monkeypatch):
    x = np.zeros((12, 3, 20, 24), np.uint8)
    task = assay.split_task(assay.Samples(x, np.arange(12) % 2), ("Mug", "chair"), "shop", kind="image")
    sampler = Blender(samples=2).fit(task)
    samples, factors = sampler.sample(4, np.random.default_rng(0))
    assert samples.x.shape == (4, 3, 20, 24)
    assert samples.x.dtype == np.uint8
    assert samples.y.tolist() == [0, 1, 0, 1]
    assert factors["model"].tolist() == ["mug", "chair", "mug", "chair"]
    task.check_synthetic(samples)


@pytest.mark.slow
def test_a_killed_worker_costs_no_picture(blender, tmp_path):
    """Killed twice in the middle of a job: its picture is made by the next worker."""
    stream = open_stream(SMALL)
    jobs = [Job(stream.scene(index), tmp_path / f"{index}.png") for index in range(30)]
    crew = engines.Crew(blender)
    outcomes = []
    for job in jobs:
        if job.scene.index in (5, 11):
            threading.Timer(0.01, os.kill, (crew.worker.process.pid, signal.SIGKILL)).start()
        outcomes.append(crew.render(job))
    crew.close()
    assert [outcome.error for outcome in outcomes] == [None] * 30
    assert all(job.path.is_file() for job in jobs)


@pytest.mark.slow
def test_a_picture_that_kills_every_worker_is_a_failure_and_the_rest_are_made(blender, tmp_path, monkeypatch):
    stream = open_stream(SMALL)
    jobs = [Job(stream.scene(index), tmp_path / f"{index}.png") for index in range(6)]
    rendered = Worker.render

    def deadly(self, scene, path):
        if scene.index == 2:
            os.kill(self.process.pid, signal.SIGKILL)
        return rendered(self, scene, path)

    monkeypatch.setattr(Worker, "render", deadly)
    errors = {o.job.scene.index: o.error for o in render(jobs, 2, blender)}
    assert "signal 9" in errors.pop(2)
    assert errors == dict.fromkeys([0, 1, 3, 4, 5])


@pytest.mark.slow
def test_a_worker_that_says_nothing_is_given_up(blender, tmp_path):
    with Worker(blender, patience=1.0) as worker:
        os.kill(worker.process.pid, signal.SIGSTOP)
        with pytest.raises(engines.WorkerLost, match="no answer in 1 s"):
            worker.render(bare_scene(), tmp_path / "a.png")


@pytest.mark.slow
def test_a_full_disk_is_the_users_to_mend(blender, tmp_path, monkeypatch):
    answer = {"error": "OSError: [Errno 28] No space left on device", "errno": errno.ENOSPC}
    monkeypatch.setattr(Worker, "render", lambda self, scene, path: answer)
    with pytest.raises(UserError, match=r"No space left on device\); what is finished is kept"):
        render_set(SMALL, tmp_path / "set", 4, workers=2, environment=blender)


@pytest.mark.slow
def test_an_interrupted_and_a_killed_set_go_on(blender, tmp_path):
    """Stopped by Ctrl-C and then by kill -9, and gone on with: the pictures of a set made in one go."""
    code = (
        "import sys; from pathlib import Path\n"
        "from assay.generate.blender import Blender, render_set\n"
        "small = Blender(size=32, samples=2, classes=('mug', 'chair', 'bike'))\n"
        "say = lambda done, n, rate: print(done, flush=True)\n"
        "render_set(small, Path(sys.argv[1]), 40, workers=2, report=say)\n"
    )
    out = tmp_path / "set"
    for sign in (signal.SIGINT, signal.SIGKILL):
        job = subprocess.Popen(
            [sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(10):
            assert job.stdout.readline()
        job.send_signal(sign)
        job.communicate(timeout=60)
        assert job.returncode != 0
    there = len(list(out.glob("*/*.png")))
    assert 20 <= there < 40
    time.sleep(1)  # workers of the killed one notice
    done = render_set(SMALL, out, 40, environment=blender)
    assert done.kept >= there
    render_set(SMALL, tmp_path / "one go", 40, environment=blender)
    for path in sorted(Path(tmp_path, "one go").glob("*/*.png")):
        assert path.read_bytes() == (out / path.parent.name / path.name).read_bytes(), path
    both = [(folder / "manifest.jsonl").read_bytes() for folder in (out, tmp_path / "one go")]
    assert both[0] == both[1]
