from __future__ import annotations

import dataclasses
import json
import os

import numpy as np
import pytest
from PIL import Image

import assay
from assay.errors import UserError
from assay.generate.blender import Blender, environment, manifest, open_stream
from assay.generate.blender.environment import Environment, find_environment, why_not
from assay.generate.blender.manifest import Entry, Manifest, read_manifest
from assay.generate.blender.models import find_models, model_rand
from assay.settings import parse


def meshes(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return root


def task_of(classes, shape=(3, 16, 24), kind="image"):
    x = np.zeros((6 * len(classes), *shape), np.uint8)
    y = np.arange(len(x)) % len(classes)
    return assay.split_task(assay.Samples(x, y), tuple(classes), "shop", kind=kind)


def test_models_lie_in_folders_by_class(tmp_path):
    root = meshes(
        tmp_path, "mug/a.ply", "mug/b.STL", "chair/0001/models/model_normalized.obj", "mug/readme.txt"
    )
    (root / "empty").mkdir()
    found = find_models([str(root)], "y")
    assert found.classes == ("chair", "mug")
    assert [path.name for path in found.by_class["mug"]] == ["a.ply", "b.STL"]
    rng = np.random.default_rng(0)
    drawn = {model_rand(rng, found, "mug").path for _ in range(50)}
    assert len(drawn) == 2
    both = find_models([str(root), "catalogue"])
    kinds = [model_rand(rng, both, "mug").kind for _ in range(400)]
    assert 150 < kinds.count("catalogue") < 250


def test_classes_and_aliases_choose_models(tmp_path):
    root = meshes(tmp_path, "bicycle/a.ply", "sofa/b.obj")
    settings = Blender(models=(str(root),), alias=("bike:bicycle",), classes=("sofa", "bike"))
    assert settings.find_models().classes == ("sofa", "bike")
    with pytest.raises(UserError, match=r"alias: bike:boat.*sofa"):
        Blender(models=(str(root),), alias=("bike:boat",)).find_models()
    with pytest.raises(UserError, match=r"classes: no model of 'cup'"):
        Blender(classes=("cup",)).find_models()


@pytest.mark.parametrize(("models", "told"), [(("/nowhere",), "/nowhere"), ((), "none given")])
def test_missing_models_are_named(models, told):
    with pytest.raises(UserError, match=told):
        Blender(models=models).find_models()


def test_a_folder_without_meshes_is_named(tmp_path):
    with pytest.raises(UserError, match="no meshes"):
        find_models([str(tmp_path)])


def test_photographs_are_found_and_chosen(tmp_path):
    for name in ("a.jpg", "deep/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    text = f"blender:background=photograph,photographs={tmp_path},background_zoom=0.5"
    stream = open_stream(parse(text, {"blender": Blender()}, "generator"))
    behind = [stream.scene(index).background for index in range(60)]
    assert {b.path for b in behind} == {str(tmp_path / "a.jpg"), str(tmp_path / "deep" / "b.png")}
    assert all(b.zoom == 0.5 and 0 <= b.across <= 1 for b in behind)
    assert {b.mirror for b in behind} == {True, False}
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match=r"photographs: .*no images"):
        open_stream(Blender(background=stream.settings.background, photographs=tmp_path / "none"))


def test_a_task_decides_size_and_classes():
    sampler = Blender(alias=("cup:mug",)).fit(task_of(("Chair", "cup")))
    assert sampler.settings.classes == ("chair", "cup")
    assert (sampler.settings.size, sampler.settings.height) == (24, 16)
    with pytest.raises(UserError, match=r"no models of the class 'boat' of shop.*alias=boat:NAME"):
        Blender().fit(task_of(("mug", "boat")))
    with pytest.raises(UserError, match=r"images \(3, height, width\)"):
        Blender().fit(task_of(("mug", "chair"), (1, 16, 24)))


def entry(index, error=None):
    scene = open_stream(Blender()).scene(index)
    return Entry(f"{scene.label}/{index:06d}.png", error, scene)


def test_a_manifest_ends_in_order_whatever_happened(tmp_path):
    path = tmp_path / manifest.NAME
    file = Manifest(path)
    for index in (3, 1, 2):
        file.add(index, entry(index).line())
    file.add(2, entry(2, "worker killed").line())
    with path.open("a") as half:
        half.write('{"file":"mug/0000')  # killed while writing
    again = Manifest(path)
    again.add(0, entry(0).line())
    again.tidy(range(5), lambda index: entry(index).line())
    entries = read_manifest(path)
    assert [e.scene.index for e in entries] == [0, 1, 2, 3, 4]
    assert [e.error for e in entries] == [None, None, "worker killed", None, None]
    before = path.stat().st_mtime_ns
    Manifest(path).tidy(range(5), lambda index: "")
    assert path.stat().st_mtime_ns == before


def test_a_damaged_manifest_is_named(tmp_path):
    path = tmp_path / manifest.NAME
    path.write_text(entry(0).line() + "{}\n")
    with pytest.raises(UserError, match=r"manifest\.jsonl, line 2"):
        Manifest(path)
    values = json.loads(entry(0).line())
    values["scene"]["camera"]["distance"] = "far"
    path.write_text(json.dumps(values) + "\n")
    with pytest.raises(UserError, match=r"line 1: scene\.camera\.distance"):
        read_manifest(path)


def test_blender_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("ASSAY_BLENDER", raising=False)
    with pytest.raises(UserError, match="'assay blender setup'"):
        find_environment()
    program = tmp_path / "blender"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    assert find_environment().command[:2] == (str(program), "--background")
    python = environment.home() / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    assert find_environment().command == (str(python), str(environment.START))
    monkeypatch.setenv("ASSAY_BLENDER", str(tmp_path / "gone"))
    with pytest.raises(UserError, match=r"ASSAY_BLENDER: .*gone"):
        find_environment()


def test_a_worker_that_does_not_begin_says_why(tmp_path):
    missing = "ImportError: libXrender.so.1: cannot open shared object file: No such file or directory"
    assert "apt-get install libx11-6 libxrender1" in why_not(missing, ["python"])
    assert "libXrender.so.1" in why_not(missing, ["python"])
    assert "assay blender setup" in why_not("ModuleNotFoundError: No module named 'bpy'", ["python"])
    broken = tmp_path / "blender"
    broken.write_text("#!/bin/sh\necho 'GLIBC_2.99 not found' >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(UserError, match=r"did not begin: GLIBC_2\.99 not found"):
        environment.check(Environment((str(broken),)))


def test_the_wheel_gets_its_own_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = []
    monkeypatch.setattr(environment, "_run", commands.append)
    monkeypatch.setattr(environment, "check", lambda found: None)
    monkeypatch.setattr(environment, "find_python", lambda: "python3.11")
    (environment.home().with_name(f".{environment.home().name}.part")).mkdir(parents=True)
    with pytest.raises(OSError):  # nothing was made: the commands were only noted
        environment.set_up()
    assert commands[0][:3] == ["python3.11", "-m", "venv"]
    assert commands[1][2:] == ["pip", "install", "--no-input", "bpy==4.5.*", "numpy<2"]


def test_settings_differ_in_text_as_in_fact():
    from assay.generate.blender.render_set import settings_text

    said = settings_text(Blender())
    assert said["scale"] == "1.0..2.0"
    json.dumps(said, allow_nan=False)
    assert len(said) == len(dataclasses.fields(Blender))
    assert os.fspath(environment.START).endswith("start.py")
