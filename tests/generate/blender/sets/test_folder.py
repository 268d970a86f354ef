"""The folder of a set, whatever happens to it; a stand-in draws the pictures, in no time."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from assay.errors import UserError
from assay.generate.blender.engine.crew import Outcome
from assay.generate.blender.engine.environment import Environment
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import names
from assay.generate.blender.sets.folder import is_whole
from assay.generate.blender.sets.inputs import fingerprints
from assay.generate.blender.sets.manifest import read_manifest
from assay.generate.blender.sets.render_set import render_set
from assay.generate.blender.stream import open_stream
from assay.runs.progress import rendering

SMALL = Blender(size=8, samples=1, classes=("mug", "chair"))
HERE = Environment(("nothing",))


class Painter:
    """In Blender's place: paints a square; what it is told to do at an index comes before or instead."""

    def __init__(self) -> None:
        self.deeds, self.made = {}, []

    def render(self, jobs, workers, environment):
        for job in jobs:
            deed = self.deeds.pop(job.scene.index, None)
            error = deed(job) if deed else None
            if not error:
                Image.new("RGB", (8, 8)).save(job.path)
                self.made.append(job.scene.index)
            yield Outcome(job, error=error)

    def __call__(self, out, n, settings=SMALL, **more):
        """The indices of the pictures that the command makes now."""
        self.made = []
        done = render_set(settings, out, n, environment=HERE, **more)
        assert done.made == len(self.made)
        return self.made


@pytest.fixture
def paint(monkeypatch):
    painter = Painter()
    monkeypatch.setattr(sys.modules["assay.generate.blender.sets.render_set"], "render", painter.render)
    return painter


def stop(job):
    raise KeyboardInterrupt


def fill_the_disk(job):
    raise OSError(errno.ENOSPC, "No space left on device")


def content(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*")}


def indices(out):
    return [entry.scene.index for entry in read_manifest(out / "manifest.jsonl")]


def inputs(root, field):
    """Settings that take some files from a folder, one of these, and its content another time."""
    (root / "in" / "mug").mkdir(parents=True)
    path = root / "in" / "mug" / {"environment": "a.hdr", "models": "a.obj"}.get(field, "a.png")
    path.write_bytes(b"#?RADIANCE 1")
    chosen = {
        "models": {"models": (str(root / "in"),), "classes": ()},
        "photographs": {"photographs": root / "in", "background": names("photograph")},
        "textures": {"textures": root / "in", "material": names("image")},
        "environment": {"environment": names(str(path), "city")},
    }
    return replace(SMALL, **chosen[field]), path


FIELDS = ("models", "photographs", "textures", "environment")


@pytest.mark.parametrize("field", FIELDS)
def test_a_set_knows_its_files_by_what_they_hold(paint, tmp_path, field):
    settings, path = inputs(tmp_path, field)
    paint(tmp_path / "set", 4, settings)
    before = content(tmp_path / "set")
    path.write_bytes(b"#?RADIANCE 2")
    with pytest.raises(UserError, match=rf"set\.json: {field}: not the files that this set was begun with"):
        paint(tmp_path / "set", 6, settings)
    assert content(tmp_path / "set") == before
    path.write_bytes(b"#?RADIANCE 1")
    assert paint(tmp_path / "set", 6, settings) == [4, 5]


@pytest.mark.parametrize("added", ["mug/b.obj", "mug/a.mtl", "mug/textures/a.jpg", "images/a.jpg"])
def test_more_meshes_and_what_they_refer_to_make_another_set(tmp_path, added):
    settings, path = inputs(tmp_path, "models")
    before = fingerprints(open_stream(settings))
    (path.parent / "readme.txt").write_text("of no account")
    assert fingerprints(open_stream(settings)) == before
    (path.parent / "a.obj").rename(path.parent / "moved")
    path.parent.joinpath("1a2").mkdir()
    (path.parent / "moved").rename(path.parent / "1a2" / "a.obj")
    assert fingerprints(open_stream(settings)) == before
    more = path.parent / "1a2" / Path(added).name if added.startswith("mug") else path.parent / added
    more.parent.mkdir(exist_ok=True)
    more.write_text("more")
    after = fingerprints(open_stream(settings))
    assert {name for name in FIELDS if after[name] != before[name]} == {"models"}


def test_of_very_large_files_names_and_sizes_count(tmp_path, monkeypatch):
    settings, path = inputs(tmp_path, "photographs")
    whole = fingerprints(open_stream(settings))
    monkeypatch.setattr("assay.generate.blender.sets.inputs.WHOLE", 11)
    before = fingerprints(open_stream(settings))
    assert before["photographs"] != whole["photographs"]
    path.write_bytes(b"#?RADIANCE 2")
    assert fingerprints(open_stream(settings)) == before
    path.write_bytes(b"#?RADIANCE 12")
    assert fingerprints(open_stream(settings)) != before


@pytest.mark.parametrize("field", FIELDS)
def test_a_set_does_not_mind_where_its_files_lie(paint, tmp_path, monkeypatch, field):
    settings, path = inputs(tmp_path, field)
    paint(tmp_path / "set", 2, settings)
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    moved = Path("..", "elsewhere")
    where = {"models": ("../elsewhere",), "environment": names(str(moved / "mug" / path.name), "city")}
    assert paint(tmp_path / "set", 4, replace(settings, **{field: where.get(field, moved)})) == [2, 3]


def test_other_sources_are_another_set(paint, tmp_path):
    settings, _ = inputs(tmp_path, "environment")
    paint(tmp_path / "set", 2, settings)
    other = replace(settings, environment=names("city"))
    with pytest.raises(
        UserError, match=r"environment is .*a\.hdr\+city there, city here; give another folder"
    ):
        paint(tmp_path / "set", 2, other)


def test_a_set_from_before_fingerprints_goes_on_by_its_paths(paint, tmp_path):
    settings, path = inputs(tmp_path, "photographs")
    paint(tmp_path / "set", 2, settings)
    note = tmp_path / "set" / "set.json"
    values = json.loads(note.read_text())
    del values["files"]
    note.write_text(json.dumps(values))
    with pytest.raises(UserError, match="photographs is"):
        paint(tmp_path / "set", 4, replace(settings, photographs=path.parent))
    assert paint(tmp_path / "set", 4, settings) == [2, 3]


def test_a_picture_without_its_line_is_made_again(paint, tmp_path):
    out = tmp_path / "set"
    paint(out, 4)
    lines = (out / "manifest.jsonl").read_text().splitlines(keepends=True)
    (out / "manifest.jsonl").write_text("".join([lines[0], "damaged\n", *lines[2:]]))
    with pytest.raises(
        UserError, match=r"manifest\.jsonl, line 2: damaged \(.*; remove the line, and its picture"
    ):
        paint(out, 4)
    (out / "manifest.jsonl").write_text("".join([lines[0], *lines[2:]]))
    assert paint(out, 4) == [1]
    assert (out / "manifest.jsonl").read_text() == "".join(lines)
    (out / "manifest.jsonl").unlink()
    assert paint(out, 4) == [0, 1, 2, 3]


def test_a_picture_without_its_line_is_gone_while_it_is_made_again(paint, tmp_path):
    """Stopped in between, nothing is left that nobody knows what it shows."""
    out = tmp_path / "set"
    paint(out, 4)
    (out / "manifest.jsonl").unlink()
    paint.deeds[1] = stop
    with pytest.raises(KeyboardInterrupt):
        paint(out, 4)
    assert indices(out) == [0]
    assert not (out / "chair" / "000001.png").exists()
    assert paint(out, 4) == [1, 2, 3]


@pytest.mark.parametrize("left", [0, 7, 60, -1])
def test_a_picture_that_is_cut_short_is_made_again(paint, tmp_path, left):
    out = tmp_path / "set"
    paint(out, 4)
    path = out / "mug" / "000002.png"
    whole = path.read_bytes()
    assert is_whole(path)
    path.write_bytes(whole[:left])
    assert paint(out, 4) == [2]
    assert path.read_bytes() == whole


def test_a_picture_without_its_arrays_is_made_again(paint, tmp_path):
    out, masked = tmp_path / "set", replace(SMALL, mask=True)
    for index in range(2):
        paint.deeds[index] = lambda job: job.path.with_suffix(".npz").write_text("mask") and None
    paint(out, 2, masked)
    (out / "mug" / "000000.npz").unlink()
    assert paint(out, 2, masked) == [0]


def test_a_picture_with_a_damaged_middle_is_named(paint, tmp_path):
    paint(tmp_path / "set", 2)
    path = tmp_path / "set" / "mug" / "000000.png"
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + bytes(len(whole) - 40) + whole[-20:])
    with pytest.raises(UserError, match=r"mug/000000\.png: damaged .*; remove it, and it is made again"):
        paint(tmp_path / "set", 2)
    path.unlink()
    assert paint(tmp_path / "set", 2) == [0]


def test_pictures_that_were_made_when_it_was_stopped_are_kept(paint, tmp_path):
    """That nobody heard of the last one makes no difference."""

    def finish_and_stop(job):
        Image.new("RGB", (8, 8)).save(job.path)
        raise KeyboardInterrupt

    paint.deeds[2] = finish_and_stop
    with pytest.raises(KeyboardInterrupt):
        paint(tmp_path / "set", 6)
    assert indices(tmp_path / "set") == [0, 1, 2]
    assert paint(tmp_path / "set", 6) == [3, 4, 5]
    assert indices(tmp_path / "set") == list(range(6))


def test_a_line_whose_picture_was_never_made_is_no_picture(paint, tmp_path):
    """As a killed process leaves it; a cut line comes after."""
    paint(tmp_path / "set", 4)
    for index in (1, 3):
        (tmp_path / "set" / "chair" / f"{index:06d}.png").unlink()
    with (tmp_path / "set" / "manifest.jsonl").open("a") as file:
        file.write('{"file":"mug/0000')
    assert paint(tmp_path / "set", 2) == [1]
    assert indices(tmp_path / "set") == [0, 1, 2]
    assert paint(tmp_path / "set", 4) == [3]


def test_a_failure_is_told_and_tried_again(paint, tmp_path):
    def write_and_die(job):
        Image.new("RGB", (8, 8)).save(job.path)
        return "worker killed"

    paint.deeds[0] = write_and_die
    done = render_set(SMALL, tmp_path / "set", 3, environment=HERE)
    assert (done.made, done.kept, done.failed) == (2, 0, {0: "worker killed"})
    told = [entry.error for entry in read_manifest(tmp_path / "set" / "manifest.jsonl")]
    assert told == ["worker killed", None, None]
    assert paint(tmp_path / "set", 3) == [0]
    assert all(entry.error is None for entry in read_manifest(tmp_path / "set" / "manifest.jsonl"))


def fail_then(deed):
    """A first picture that cannot be made, and something at the second."""
    return {0: lambda job: "no mesh", 1: deed}


def leave_an_array(job):
    job.path.with_suffix(".npz").write_text("mask")
    fill_the_disk(job)


BEGINNINGS = {
    "stopped": {0: stop},
    "failed and stopped": fail_then(stop),
    "failed and disk full": fail_then(fill_the_disk),
    "disk full": {0: fill_the_disk},
    "disk full after an array": {0: leave_an_array},
}


@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize("was_there", [True, False])
def test_the_same_command_goes_on_however_the_first_failed(paint, tmp_path, name, was_there):
    out = tmp_path / "set"
    if was_there:
        out.mkdir()
    paint.deeds = dict(BEGINNINGS[name])
    with pytest.raises((KeyboardInterrupt, UserError)):
        paint(out, 3)
    if len(BEGINNINGS[name]) == 1 and "array" not in name:
        assert out.exists() == was_there
        assert not was_there or list(out.iterdir()) == []
    assert paint(out, 3) == [0, 1, 2]
    assert indices(out) == [0, 1, 2]


@pytest.mark.parametrize("was_there", [True, False])
def test_a_disk_that_is_full_from_the_beginning_leaves_nothing(paint, tmp_path, monkeypatch, was_there):
    out, written = tmp_path / "set", Path.write_bytes
    if was_there:
        out.mkdir()

    def half(path, content):
        written(path, content[: len(content) // 2])
        fill_the_disk(None)

    with monkeypatch.context() as now:
        now.setattr(Path, "write_bytes", half)
        with pytest.raises(
            UserError, match=r"set.json: cannot be written \(No space left on device\); what is"
        ):
            paint(out, 2)
    assert out.exists() == was_there
    out.mkdir(exist_ok=True)
    (out / ".set.json.part").write_text("{")  # as a killed process leaves it
    assert paint(out, 2) == [0, 1]
    assert not (out / ".set.json.part").exists()


def test_a_line_that_a_full_disk_cut_short_is_not_in_the_way(paint, tmp_path):
    out = tmp_path / "set"

    def cut(job):
        with (out / "manifest.jsonl").open("a") as file:
            file.write('{"file":"ch')
        return "no mesh"

    paint.deeds[1] = cut
    render_set(SMALL, out, 3, environment=HERE)
    assert indices(out) == [0, 1, 2]


@pytest.mark.parametrize("text", ["[]", "5", '"set"', "null", '{"files": []}', "{", ""])
def test_settings_that_are_none_are_named(paint, tmp_path, text):
    paint(tmp_path / "set", 1)
    (tmp_path / "set" / "set.json").write_text(text)
    with pytest.raises(UserError, match=r"set\.json: damaged \(.*\); give another folder"):
        paint(tmp_path / "set", 1)


def test_other_peoples_folders_are_left_alone(paint, tmp_path):
    (tmp_path / "mug").mkdir()
    with pytest.raises(UserError, match="holds other files"):
        paint(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mug"]


def test_two_on_one_folder_are_one_too_many(paint, tmp_path):
    out, told = tmp_path / "set", []

    def second(*progress):
        (out / "mug" / ".000002.png.1a.part").write_text("of the first one")
        with pytest.raises(UserError, match=r"set: another process is at work on this folder; wait"):
            render_set(SMALL, out, 2, environment=HERE)
        told.append((out / "mug" / ".000002.png.1a.part").exists())

    assert paint(out, 2, report=second) == [0, 1]
    assert told == [True, True]
    assert paint(out, 2) == []


def test_the_folder_of_a_killed_process_is_free(paint, tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from assay.generate.blender.sets.folder import claimed\n"
        "with claimed(Path(sys.argv[1]), {'seed': 0}, ['mug']):\n"
        "    print('at work', flush=True); time.sleep(60)\n"
    )
    out = tmp_path / "set"
    with subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"at work\n"
        with pytest.raises(UserError, match="another process"):
            paint(out, 1)
        other.send_signal(signal.SIGKILL)
    with pytest.raises(UserError, match=r"set\.json: part is None there"):
        paint(out, 1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"seed": -1}, "seed: -1; expected an int, 0 or more"),
        ({"seed": 1.5}, "seed: 1.5"),
        ({"workers": 0}, "workers: 0; expected an int, 1 or more"),
        ({"workers": -1}, "workers: -1"),
        ({"n": 0}, "n: 0; expected an int, 1 or more"),
        ({"n": "2"}, "n: '2'"),
    ],
)
def test_a_wrong_number_is_named_and_leaves_nothing(paint, tmp_path, wrong, told):
    with pytest.raises(UserError) as error:
        render_set(SMALL, tmp_path / "set", **{"n": 1, **wrong}, environment=HERE)
    assert str(error.value).startswith(told)
    assert not (tmp_path / "set").exists()


def test_without_a_terminal_the_time_that_is_left_is_told(capsys):
    with rendering() as report:
        report(1, 300, 0.8)
    assert capsys.readouterr().err == "image 1/300  0.8 a second  0:06:14 left\n"
