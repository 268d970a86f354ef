"""What goes into the renderer, rendered for real; skipped where there is no Blender."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.generate.blender.engine.environment import START, find_environment
from assay.generate.blender.engine.worker import Worker
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import fixed, names
from assay.generate.blender.scene.factors.clutter import axes
from assay.generate.blender.scene.values import Material, Model
from assay.generate.blender.sets.manifest import read_manifest
from assay.generate.blender.sets.render_set import render_set
from assay.generate.blender.stream import open_stream
from tests.support.blender_here import blender_or_skip
from tests.support.mesh_files import BOXES, glb, obj, ply, shape, stl, y_up

pytestmark = pytest.mark.slow
DATA = Path(os.environ.get("ASSAY_DATA", "nowhere"))
SIDE = 96
GREY = Material("paint", "plain", (0.5,) * 3, (0.5,) * 3, 0.3, 0.3, 0.0, 1.0, 0.0, (0.0,) * 3)
VIEWS = ((30.0, 20.0), (250.0, 55.0))


@pytest.fixture(scope="module")
def worker():
    with Worker(blender_or_skip()) as worker:
        yield worker


@pytest.fixture
def shot(worker, tmp_path):
    """Renders a scene; its picture as numbers, and its mask."""

    def take(scene):
        answer = worker.render(scene, tmp_path / "shot.png")
        assert "error" not in answer, answer
        with Image.open(tmp_path / "shot.png") as image, np.load(tmp_path / "shot.npz") as parts:
            return np.asarray(image).astype(int), parts["mask"]

    return take


@pytest.fixture
def refused(worker, tmp_path):
    """Why a scene was not rendered."""
    return lambda scene: worker.render(scene, tmp_path / "refused.png").get("error", "")


def scene_of(path, up="auto", view=VIEWS[0], material=GREY):
    """The model of a file, of size 1, in a white world with one lamp."""
    settings = Blender(background=names("none"), environment=names("none"), lights=fixed(1), scale=fixed(1))
    scene = open_stream(replace(settings, size=SIDE, mask=True, classes=("mug",))).scene(0)
    thing = replace(scene.object, model=Model("file", "thing", {}, str(path), up), palette={"body": material})
    middle, (azimuth, elevation) = (0.0, 0.0, 0.0), view
    camera = replace(
        scene.camera, look_at=middle, azimuth=azimuth, elevation=elevation, roll=0.0, distance=2.0
    )
    around = replace(scene.environment, strength=0.5)
    picture = replace(scene.picture, denoise=False)
    camera = replace(camera, exposure=0.0)
    return replace(scene, object=thing, camera=camera, environment=around, picture=picture)


def extent(mask):
    """Top, bottom, left and right edge, pixels."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1])


def expected_extent(points, camera):
    """Of the same points in the middle and of size 1, through a pinhole."""
    low, high = points.min(0), points.max(0)
    points = (points - (low + high) / 2) / np.linalg.norm(high - low)
    right, up, back = axes(camera)
    far = camera.distance - points @ back
    zoom = SIDE * camera.focal_length / 36
    x, y = (SIDE / 2 + sign * zoom * (points @ axis) / far for sign, axis in ((1, right), (-1, up)))
    return np.array([y.min(), y.max(), x.min(), x.max()])


def files(folder):
    """The lopsided shape in every format, as each has it up, 7 times as large and away from the middle."""
    points, faces = shape()
    far = 7 * points + [30, -20, 10]
    nodes = []
    for box in BOXES:
        part, sides = shape([box])
        nodes.append((y_up(part), sides, 7.0, y_up([[30, -20, 10]])[0].tolist()))
    content = {
        "a.ply": ply(far, faces),
        "a.stl": stl(far, faces),
        "a.obj": obj(y_up(far), faces),
        "a.glb": glb(nodes),
        "yup.ply": ply(y_up(far), faces),
        "yup.stl": stl(y_up(far), faces),
        "zup.obj": obj(far, faces),
        "zup.glb": glb([(far, faces, 1.0, [0.0] * 3)]),
    }
    for name, written in content.items():
        (folder / name).write_bytes(written)


FILES = ("a.ply", "a.stl", "a.obj", "a.glb", "yup.ply", "yup.stl", "zup.obj", "zup.glb")


@pytest.mark.parametrize("name", FILES)
def test_every_format_stands_upright_in_the_middle(shot, tmp_path, name):
    files(tmp_path)
    up = {"a": "auto", "y": "y", "z": "z"}[name[0]]
    for view in VIEWS:
        scene = scene_of(tmp_path / name, up, view)
        _, mask = shot(scene)
        assert np.abs(extent(mask) - expected_extent(shape()[0], scene.camera)).max() <= 1, name
        reference = shot(scene_of(tmp_path / "a.ply", "auto", view))[1]
        assert (mask != reference).sum() <= 4


def test_normals_and_faces_are_mended(shot, tmp_path):
    """Half the faces inside out, all there twice, the second time the other way round, no corner shared."""
    points, faces = shape()
    (tmp_path / "good.ply").write_bytes(ply(points, faces))
    turned = [face[::-1] if i % 2 else face for i, face in enumerate(faces)]
    twice = turned + [face[::-1] for face in turned]
    loose = points[[corner for face in twice for corner in face]]
    (tmp_path / "bad.ply").write_bytes(ply(loose, np.arange(len(loose)).reshape(-1, 4).tolist()))
    good, bad = (shot(scene_of(tmp_path / name))[0] for name in ("good.ply", "bad.ply"))
    assert np.abs(good - bad).max() <= 2
    assert np.ptp(good) > 60


def test_corners_of_no_face_do_not_count(shot, tmp_path):
    """A corner far away, and far faces without an area: the picture is that of the shape alone."""
    points, faces = shape()
    n, far = len(points), np.array([[1000, 0, 0], [1001, 1, 0], [1002, 2, 0]])
    (tmp_path / "good.ply").write_bytes(ply(points, faces))
    (tmp_path / "corner.ply").write_bytes(ply(np.concatenate([points, far[:1]]), faces))
    (tmp_path / "line.ply").write_bytes(ply(np.concatenate([points, far]), [*faces, [n, n + 1, n + 2]]))
    good, *others = (shot(scene_of(tmp_path / f"{name}.ply"))[0] for name in ("good", "corner", "line"))
    assert all((other == good).all() for other in others)


def coloured(folder, name, colour, image=""):
    """A box in a folder of its own; its materials all have the same name, as programs give them."""
    folder = folder / name
    (folder / "images").mkdir(parents=True)
    kind = f"map_Kd {image}\n" if image else ""
    (folder / "model.mtl").write_text(f"newmtl material_0\nKd {colour}\nKs 0 0 0\n{kind}")
    points, faces = shape(BOXES[:1])
    uv = [(u, v) for _ in faces for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    head = "mtllib model.mtl\nusemtl material_0\n"
    (folder / "model.obj").write_bytes(obj(y_up(points), faces, head, uv))
    return folder / "model.obj"


OWN = replace(GREY, family="own")


def middle(picture):
    return picture[SIDE // 2 - 4 : SIDE // 2 + 4, SIDE // 2 - 4 : SIDE // 2 + 4].mean((0, 1))


def test_models_keep_their_own_colours(shot, tmp_path):
    red, blue = coloured(tmp_path, "red", "0.8 0 0"), coloured(tmp_path, "blue", "0 0 0.8")
    for path, strong in ((red, 0), (blue, 2), (red, 0)):
        seen = middle(shot(scene_of(path, material=OWN))[0])
        assert seen[strong] > 2 * np.delete(seen, strong).max(), seen
    assert np.ptp(middle(shot(scene_of(red))[0])) < 20  # painted grey where the material is not its own


def test_models_keep_their_own_images(shot, tmp_path):
    """As ShapeNet has them: the OBJ in `models`, its images beside that folder; one image is missing."""
    path = coloured(tmp_path, "seen", "0.8 0.8 0.8", "images/a.png")
    halves = np.zeros((16, 16, 3), np.uint8)
    halves[:, :8, 0], halves[:, 8:, 1] = 255, 255
    Image.fromarray(halves).save(path.parent / "images" / "a.png")
    picture, mask = shot(scene_of(path, material=OWN))
    reds, greens = ((picture[..., i] > 2 * picture[..., 1 - i]) & (mask == 1) for i in (0, 1))
    assert (reds | greens).sum() > 0.9 * (mask == 1).sum()
    assert min(reds.sum(), greens.sum()) > 0.3 * (mask == 1).sum()
    missing = coloured(tmp_path, "missing", "0.2 0.8 0.2", "C:/pictures/a.png")
    broken = coloured(tmp_path, "broken", "0.2 0.8 0.2", "images/a.png")
    (broken.parent / "images" / "a.png").write_text("no image")
    for bare in (missing, broken):
        seen = middle(shot(scene_of(bare, material=OWN))[0])
        assert seen[1] > 1.3 * max(seen[0], seen[2]), seen


def test_a_texture_covers_the_object(shot, refused, tmp_path):
    files(tmp_path)
    checks = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((8, 8)))[..., None] * [255, 255, 0]
    Image.fromarray(checks.astype(np.uint8)).save(tmp_path / "checks.png")
    (tmp_path / "broken.png").write_text("no image")
    look = replace(GREY, image=str(tmp_path / "checks.png"), grain=4.0)
    picture, mask = shot(scene_of(tmp_path / "a.stl", material=look))
    inside = picture[mask == 1]
    assert 0.2 < (inside.min(1) < 60).mean() < 0.98
    yellow = (inside[:, 0] > 100) & (inside[:, 2] < 0.6 * inside[:, 0])
    assert 0.2 < yellow.mean() < 0.8
    assert "broken.png: not a readable image" in refused(
        scene_of(tmp_path / "a.stl", material=replace(look, image=str(tmp_path / "broken.png")))
    )


LINE = np.outer(range(4), [3, 1, 7])
BAD = {
    "points.ply": ("no faces", lambda points, faces: ply(points, [])),
    "cut.ply": ("cut.ply", lambda points, faces: ply(points, faces)[:300]),
    "empty.ply": ("empty.ply", lambda points, faces: b""),
    "dot.ply": ("all corners in one place", lambda points, faces: ply(0 * points, faces)),
    "line.ply": ("no face with an area", lambda points, faces: ply(points[:3] * [0, 0, 1], [[0, 1, 2]])),
    "far.ply": ("no face with an area", lambda points, faces: ply(LINE, [[0, 1, 2], [0, 0, 0]])),
    "corners.obj": ("no faces", lambda points, faces: b"v 0 0 0\nf 1 2 9\n"),
    "cut.glb": ("cut.glb", lambda points, faces: glb([(points, faces, 1.0, [0.0] * 3)])[:200]),
    "cut.stl": ("cut.stl", lambda points, faces: stl(points, faces)[:300]),
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_files_are_named_and_leave_nothing(shot, refused, tmp_path, name):
    told, content = BAD[name]
    files(tmp_path)
    before, _ = shot(scene_of(tmp_path / "a.ply"))
    (tmp_path / name).write_bytes(content(*shape()))
    error = refused(scene_of(tmp_path / name))
    assert name in error, error
    assert told in error, error
    assert "Traceback" not in error
    assert len(error) < 300
    after, _ = shot(scene_of(tmp_path / "a.ply"))
    assert (after == before).all()


def test_shapenet_is_rendered_as_it_lies(worker, tmp_path):
    """One model of three is damaged: its pictures are missing, and the manifest says why."""
    files(tmp_path)
    content = (tmp_path / "a.obj").read_bytes()
    for model in ("03797390/1a", "02691156/2b", "02691156/3c"):
        folder = tmp_path / "core" / model / "models"
        folder.mkdir(parents=True)
        (folder / "model_normalized.obj").write_bytes(content if model[-1] != "c" else b"damaged")
    settings = Blender(models=(str(tmp_path / "core"),), size=32, samples=2, denoise=False)
    done = render_set(settings, tmp_path / "set", 12)
    assert sorted(path.name for path in (tmp_path / "set").glob("*/")) == ["airplane", "mug"]
    assert 0 < len(done.failed) < 6
    assert all(index % 2 == 0 for index in done.failed)
    assert all("3c/models/model_normalized.obj: no faces" in error for error in done.failed.values())
    errors = {entry.scene.index: entry.error for entry in read_manifest(tmp_path / "set" / "manifest.jsonl")}
    assert {index: error for index, error in errors.items() if error} == done.failed
    assert len(errors) == 12


def test_photographs_stand_behind_the_object(shot, tmp_path):
    folder = DATA / "office_caltech" / "caltech" / "mug"
    if not folder.is_dir():
        pytest.skip(f"{folder}: no such folder (ASSAY_DATA)")
    files(tmp_path)
    settings = Blender(background=names("photograph"), photographs=folder)
    for index in range(4):
        behind = open_stream(settings).scene(index).background
        assert Path(behind.path).parent == folder.resolve()
        picture, mask = shot(replace(scene_of(tmp_path / "a.ply"), background=behind))
        with Image.open(behind.path) as photograph:
            seen = set(np.unique(np.asarray(photograph.convert("L").resize((8, 8)))))
        assert len(np.unique(picture[mask == 0].mean(1).round())) > min(len(seen), 10)


def said_inside(tmp_path, script, *arguments):
    """What a script prints in Blender's Python; `folder` is empty, `paths` are the arguments."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "script.py").write_text(PREPARED + script)
    *command, _ = find_environment().command
    places = map(str, [START.parents[1], tmp_path / "empty", *arguments])
    done = subprocess.run(
        [*command, str(tmp_path / "script.py"), "--", *places], capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("held")]


PREPARED = """
import sys
from pathlib import Path
where, folder, *paths = sys.argv[sys.argv.index("--") + 1:]
sys.path.append(where)
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
"""


def test_meshes_are_forgotten_where_there_is_no_room(tmp_path):
    """With room for one, Blender holds one after every picture, and what it wears; readers leave nothing."""
    files(tmp_path)
    seen = coloured(tmp_path, "seen", "0.8 0 0", "images/a.png")
    Image.new("RGB", (8, 8)).save(seen.parent / "images" / "a.png")
    lost = coloured(tmp_path, "lost", "0.8 0 0", "images/a.png")
    flat = coloured(tmp_path, "flat", "0.8 0 0", str(seen.parent / "images" / "a.png"))
    flat.write_text("mtllib model.mtl\nv 0 0 0\nv 1 0 0\nv 2 0 0\nusemtl material_0\nf 1 2 3\n")
    bare = coloured(tmp_path, "bare", "0.8 0 0")
    told = said_inside(tmp_path, FORGETTING, seen, lost, flat, bare, seen, tmp_path / "a.glb", flat)
    with_image, without, white = "held 1 1 1 0 0", "held 1 1 0 0 0", "held 1 0 0 0 0"
    assert told == [with_image, without, without, without, with_image, white, white]


FORGETTING = """
from inside import meshes
from inside.scratch import Scratch
meshes.MOST_CORNERS = 10
known, scratch = meshes.Meshes(), Scratch(bpy.context.scene)
kinds = ("meshes", "materials", "images", "objects", "collections")
for path in paths:
    try:
        known.get({"kind": "file", "path": path, "name": "x", "up": "auto"}, scratch)
    except ValueError as error:
        assert "no face with an area" in str(error)
    scratch.clear()
    print("held", *(len(getattr(bpy.data, kind)) for kind in kinds))
"""


def test_an_image_that_is_a_texture_too_outlives_the_mesh_that_wears_it(tmp_path):
    path = coloured(tmp_path, "seen", "0.8 0 0", "images/a.png")
    Image.new("RGB", (8, 8)).save(path.parent / "images" / "a.png")
    bare = coloured(tmp_path, "bare", "0.8 0 0")
    texture = path.parent / "images" / "a.png"
    assert said_inside(tmp_path, SHARING, texture, path, bare)[-1] == "held 8"


SHARING = """
from inside import materials, meshes
from inside.scratch import Scratch
meshes.MOST_CORNERS = 10
textures, known, scratch = materials.Materials(), meshes.Meshes(), Scratch(bpy.context.scene)
texture, *paths = paths
textures._image(texture)
for path in paths:
    known.get({"kind": "file", "path": path, "name": "x", "up": "auto"}, scratch)
    scratch.clear()
    print("held", textures._image(texture).size[0])
"""


def test_copies_of_maps_are_forgotten_where_there_is_no_room(tmp_path):
    """With room for one there is one world, image and file; a copy that is made again has the same bytes."""
    for name, level in (("dark", 1), ("light", 200)):
        (tmp_path / f"{name}.hdr").write_bytes(radiance(level))
    told = said_inside(tmp_path, MAPS, *(tmp_path / f"{name}.hdr" for name in ("dark", "light", "dark")))
    dark, light, again, grey, failed = (line.split()[1:] for line in told)
    assert dark == again
    assert dark[:3] == light[:3] == ["1", "1", "1"]
    assert dark[3] != light[3]
    assert grey == failed == ["2", "1", "1", dark[3]]


def radiance(level, width=16, height=8):
    """An even picture in Radiance's format, not compressed."""
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode()
    return head + bytes([level, level, level, 128]) * (width * height)


MAPS = """
import hashlib, resource
from inside import maps, world
from inside.hopeless import Hopeless
world.MOST_HELD = 2000  # a copy takes 1536 bytes
worlds = world.Worlds(maps.Maps(Path(folder), bpy.context.scene))

def show(name):
    values = {"map": name, "strength": 1.0, "rotation": 0.0, "colour": (1.0, 1.0, 1.0)}
    try:
        bpy.context.scene.world = worlds.get(values, True)
    except Hopeless:
        pass
    files = sorted(Path(folder).iterdir())
    content = hashlib.sha256(files[-1].read_bytes()).hexdigest()
    print("held", len(bpy.data.worlds), len(bpy.data.images), len(files), content)

for path in (*paths, ""):
    show(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # as a full disk
show(paths[1])
"""


def test_a_blender_without_a_denoiser_ends_the_job(tmp_path):
    [told] = said_inside(tmp_path, BARE)
    assert told == "held denoise: this Blender has no Open Image Denoise; use denoise=false,samples=64"


BARE = """
from inside import cycles, hopeless

class Settings:
    def __setattr__(self, name, value):
        raise TypeError(f"enum {value} not found in ('OPTIX')")

try:
    cycles._denoise(Settings())
except hopeless.Hopeless as error:
    print("held", error)
"""


def test_a_map_needs_no_suffix(shot, refused, tmp_path):
    """A file is a file, whatever its name; a name of a map that comes with Blender is none."""
    files(tmp_path)
    (tmp_path / "room").write_bytes(radiance(100))
    (tmp_path / "room.hdr").write_bytes(radiance(100))
    scene = scene_of(tmp_path / "a.ply")
    around = [replace(scene.environment, map=str(tmp_path / name)) for name in ("room", "room.hdr")]
    plain, suffix = (shot(replace(scene, environment=one))[0] for one in around)
    assert (plain == suffix).all()
    lost = replace(scene.environment, map=str(tmp_path / "city"))
    assert f"environment map {tmp_path}/city: no such file" in refused(replace(scene, environment=lost))
