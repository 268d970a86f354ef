from __future__ import annotations

import csv
import dataclasses
import json
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

import assay
from assay.cli import blender as cli_blender
from assay.data.s2rda_tree import class_table
from assay.errors import UserError
from assay.generate.blender.engine import environment, set_up
from assay.generate.blender.engine.environment import Environment, find_environment, why_not
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import names
from assay.generate.blender.sets import manifest
from assay.generate.blender.sets.manifest import Entry, Manifest, read_manifest
from assay.generate.blender.sets.render_set import Rendered
from assay.generate.blender.shapes.furniture import class_of, unpack_furniture
from assay.generate.blender.shapes.models import find_models, model_rand
from assay.generate.blender.shapes.shapenet import OTHERS, class_names
from assay.generate.blender.stream import open_stream
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
    (root / ".thumbnails").mkdir()
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


def test_a_class_without_meshes_is_named(tmp_path):
    (meshes(tmp_path, "mug/a.ply") / "cup").mkdir()
    with pytest.raises(UserError, match=r"models: .*cup: no meshes in it"):
        find_models([str(tmp_path)])


def test_the_numbers_of_shapenet_have_names(tmp_path):
    numbers = ("03797390", "04554684", "02691156", "09999999")
    root = meshes(tmp_path / "core", *[f"{number}/1a2/models/model_normalized.obj" for number in numbers])
    assert find_models([str(root)]).classes == ("09999999", "airplane", "mug", "washer")
    mixed = meshes(tmp_path / "mixed", "03797390/a.ply", "cup/a.ply")
    assert find_models([str(mixed)]).classes == ("03797390", "cup")


def test_shapenet_has_55_classes_of_different_names():
    listed = {row["shapenet"] for row in class_table()} - {""}
    assert listed.isdisjoint(OTHERS)
    assert len(listed | OTHERS.keys()) == 56  # and the bicycle
    assert len(set(class_names([*listed, *OTHERS]).values())) == 56


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Armchair", "armchair"),
        ("Desk lamp", "lamp"),
        ("Sofa 2 seats", "sofa"),
        ("Concept Sedan 01", "sedan"),
        ("Table with tablecloth", "table"),
        ("Plate, glass and cutlery", "plate"),
        ("TV 16:9", "tv"),
        ("2", "other"),
    ],
)
def test_the_class_of_furniture_is_what_its_name_means(name, label):
    assert class_of(name) == label


def library(path, **catalogue):
    """A furniture library of two lamps in folders of their own, one of them lying on its back."""
    lines = ["# a comment", "license=CC0"]
    for number, (name, rotation) in enumerate(catalogue.items(), start=1):
        lines += [f"name#{number}=Desk {name} {number}", f"model#{number}=/made/{name}{number}/it.obj"]
        lines += [f"creator#{number}=J\\u00f8rn"] + [f"modelRotation#{number}={rotation}"] * bool(rotation)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", "\n".join(lines))
        for number, name in enumerate(catalogue, start=1):
            archive.writestr(f"made/{name}{number}/it.obj", "mtllib it.mtl\nv 1 2 3\nvn 0 0 1\nf 1 1 1\n")
            archive.writestr(f"made/{name}{number}/it.mtl", "newmtl a\nmap_Kd wood.JPG\n")
            archive.writestr(f"made/{name}{number}/wood.JPG", b"image")
            archive.writestr(f"made/{name}{number}.png", b"icon")
    return path


def test_furniture_is_unpacked_by_class(tmp_path):
    archive = library(tmp_path / "shop.sh3f", lamp="", chair="1 0 0 0 0 1 0 -1 0")
    assert unpack_furniture([archive], tmp_path / "out") == {"lamp": 1, "chair": 1}
    found = find_models([str(tmp_path / "out")])
    assert found.classes == ("chair", "lamp")
    lamp, chair = found.by_class["lamp"][0], found.by_class["chair"][0]
    assert sorted(path.name for path in lamp.parent.iterdir()) == ["it.mtl", "it.obj", "wood.JPG"]
    assert lamp.read_text().splitlines()[1] == "v 1 2 3"
    assert chair.read_text().splitlines()[1:3] == ["v 1 3 -2", "vn 0 1 0"]
    with (tmp_path / "out" / "models.csv").open(encoding="utf-8") as note:
        rows = list(csv.DictReader(note))
    assert [(row["label"], row["creator"], row["license"]) for row in rows] == [
        ("lamp", "Jørn", "CC0"),
        ("chair", "Jørn", "CC0"),
    ]
    assert all((tmp_path / "out" / row["path"]).is_file() for row in rows)


def test_furniture_that_a_library_lists_and_has_not_is_not_counted(tmp_path):
    archive = library(tmp_path / "shop.sh3f", lamp="", chair="")
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(tmp_path / "less.sh3f", "w") as less:
        for name in whole.namelist():
            if name != "made/chair2/it.obj":
                less.writestr(name, whole.read(name))
    assert unpack_furniture([tmp_path / "less.sh3f"], tmp_path / "out") == {"lamp": 1}


def test_a_library_that_fails_leaves_nothing_of_those_before_it(tmp_path):
    good, bad = library(tmp_path / "shop.sh3f", lamp=""), tmp_path / "bad.sh3f"
    bad.write_text("no archive")
    with pytest.raises(UserError, match=r"bad\.sh3f: not a furniture library"):
        unpack_furniture([good, bad], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.sh3f", "shop.sh3f"]
    with pytest.raises(UserError, match=r"a folder; expected a \.sh3f file"):
        unpack_furniture([tmp_path], tmp_path / "out")
    assert unpack_furniture([good], tmp_path / "out") == {"lamp": 1}


def test_classes_and_size_are_the_tasks(tmp_path):
    task = task_of(("mug", "chair"))
    for settings, said in (
        (Blender(classes=("mug",)), "classes: images for .* are of its own classes"),
        (Blender(size=128), "size: 128: images for .* are of"),
        (Blender(height=128), "height: 128: images for .* are of"),
    ):
        with pytest.raises(UserError, match=said):
            settings.fit(task)
    fitted = Blender().fit(task).settings
    assert fitted.fit(task).settings == fitted


def test_what_is_no_furniture_library_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.sh3f: no such file"):
        unpack_furniture([tmp_path / "gone.sh3f"], tmp_path / "out")
    (tmp_path / "text.sh3f").write_text("no archive")
    with pytest.raises(UserError, match=r"text\.sh3f: not a furniture library"):
        unpack_furniture([tmp_path / "text.sh3f"], tmp_path / "out")
    zipfile.ZipFile(tmp_path / "bare.sh3f", "w").close()
    with pytest.raises(UserError, match=r"bare\.sh3f: not a furniture library"):
        unpack_furniture([tmp_path / "bare.sh3f"], tmp_path / "out")
    with pytest.raises(UserError, match="not empty"):
        unpack_furniture([library(tmp_path / "shop.sh3f", lamp="")], tmp_path)


def test_a_map_of_another_kind_is_named(tmp_path):
    (tmp_path / "room.exr").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match=r"environment: .*room\.exr: neither OpenEXR nor Radiance HDR"):
        Blender(environment=names(str(tmp_path / "room.exr")))
    for mark in (b"\x76\x2f\x31\x01rest", b"#?RADIANCE\n"):
        (tmp_path / "room.exr").write_bytes(mark)
        Blender(environment=names(str(tmp_path / "room.exr")))


def test_a_map_is_found_from_every_folder(tmp_path, monkeypatch):
    (tmp_path / "room.exr").write_bytes(b"\x76\x2f\x31\x01rest")
    monkeypatch.chdir(tmp_path)
    around = names("room.exr", "none", "city")
    scenes = [open_stream(Blender(environment=around)).scene(index) for index in range(20)]
    assert {scene.environment.map for scene in scenes} == {str(tmp_path / "room.exr"), "", "city"}


@pytest.mark.parametrize("made", [0, 3])
def test_the_verb_says_why_images_failed(tmp_path, monkeypatch, capsys, made):
    why = "ValueError: mesh a.ply: no faces in it"
    done = Rendered(tmp_path, made, 0, {4: why}, 1.0)
    monkeypatch.setattr("assay.generate.blender.sets.render_set.render_set", lambda *a, **k: done)
    if not made:
        with pytest.raises(UserError, match=r"no image could be made: .*a\.ply"):
            cli_blender.render("blender", 1, out=tmp_path / "set")
    else:
        cli_blender.render("blender", 4, out=tmp_path / "set")
        assert why in capsys.readouterr().err


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
    scenes = [open_stream(sampler.settings).scene(index) for index in range(2)]
    assert [scene.label for scene in scenes] == ["chair", "cup"]
    assert [scene.object.model.name for scene in scenes] == ["chair", "mug"]
    with pytest.raises(UserError, match=r"no models of the class 'boat' of shop.*alias=boat:NAME"):
        Blender().fit(task_of(("mug", "boat")))
    with pytest.raises(UserError, match=r"images \(3, height, width\)"):
        Blender().fit(task_of(("mug", "chair"), (1, 16, 24)))


def entry(index, error=None):
    scene = open_stream(Blender()).scene(index)
    return Entry(f"{scene.label}/{index:06d}.png", error, scene)


def test_a_manifest_ends_in_order_whatever_happened(tmp_path):
    """Lines of pictures that are not there go, but for those that say why."""
    path = tmp_path / manifest.NAME
    file = Manifest(path)
    for index in (3, 1, 2, 4):
        file.add(entry(index))
    file.add(entry(2, "worker killed"))
    with path.open("a") as half:
        half.write('{"file":"mug/0000')  # killed while writing
    again = Manifest(path)
    again.add(entry(0))
    again.tidy(lambda index: index in (0, 1, 3))
    entries = read_manifest(path)
    assert [e.scene.index for e in entries] == [0, 1, 2, 3]
    assert [e.error for e in entries] == [None, None, "worker killed", None]
    before = path.stat().st_mtime_ns
    Manifest(path).tidy(lambda index: True)
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
        set_up.check(Environment((str(broken),)))


def test_the_wheel_gets_its_own_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = []
    monkeypatch.setattr(set_up, "_run", commands.append)
    monkeypatch.setattr(set_up, "check", lambda found: None)
    monkeypatch.setattr(set_up, "find_python", lambda: "python3.11")
    (environment.home().with_name(f".{environment.home().name}.part")).mkdir(parents=True)
    with pytest.raises(OSError):  # nothing was made: the commands were only noted
        set_up.set_up()
    assert commands[0][:3] == ["python3.11", "-m", "venv"]
    assert commands[1][2:] == ["pip", "install", "--no-input", "bpy==4.5.*", "numpy<2"]


def test_settings_differ_in_text_as_in_fact():
    from assay.generate.blender.sets.render_set import settings_text

    said = settings_text(Blender())
    assert said["scale"] == "1.0..2.0"
    json.dumps(said, allow_nan=False)
    assert len(said) == len(dataclasses.fields(Blender))
    assert os.fspath(environment.START).endswith("start.py")
