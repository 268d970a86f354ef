from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.errors import UserError
from assay.generate.blender.fit import Blender
from assay.generate.blender.scene.distribution import (
    Distribution,
    Names,
    choice,
    distribution,
    fixed,
    names,
    one_of,
    uniform,
)
from assay.generate.blender.scene.factors.camera import metered
from assay.generate.blender.scene.factors.clutter import axes
from assay.generate.blender.scene.values import Environment, Light, read_scene
from assay.generate.blender.sets.table2 import table2_grid
from assay.generate.blender.stream import open_stream
from assay.settings import parse

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)
PIECES = st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted).map(tuple), min_size=1, max_size=5)
WEIGHTS = st.floats(1e-3, 1e3)
SHARES = st.floats(0, 1, exclude_max=True)


@st.composite
def distributions(draw):
    pieces = tuple(draw(PIECES))
    weights = draw(st.one_of(st.just(()), st.tuples(*[WEIGHTS] * len(pieces))))
    return Distribution(pieces, weights)


def parsed(text: str) -> Blender:
    return parse(f"blender:{text}", {"blender": Blender()}, "generator")


@given(distributions())
def test_a_distribution_is_read_from_its_text(made):
    assert distribution(str(made)) == made


@given(distributions(), SHARES, SHARES)
def test_draws_lie_in_a_piece(made, one, other):
    for share in (one, other):
        assert any(low <= made.at(share) <= high for low, high in made.pieces)
        assert made.lowest <= made.at(share) <= made.highest


def test_weights_decide_how_often():
    made = distribution("1..2@3+5")
    values = np.array([made.at(share) for share in np.linspace(0, 1, 4000, endpoint=False)])
    assert np.mean(values == 5) == 0.25
    np.testing.assert_allclose(np.sort(values[values < 5]).mean(), 1.5, atol=1e-3)
    assert names("a", "b", weights=(0, 1)).at(0.0) == "b"
    assert one_of(1, 2, weights=(1, 0)).at(0.999) == 1


@given(st.lists(st.text("abc-/. _", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=4))
def test_names_are_read_from_their_text(words):
    made = Names(tuple(words))
    assert choice(str(made)) == made


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scale=2..1", "low is above high"),
        ("scale=big", "'big'"),
        ("scale=-1", "scale"),
        ("scale=", "number"),
        ("scale=1@x+2", "weight 'x'"),
        ("scale=1@0+2@0", "some above 0"),
        ("scale=nan", "number"),
        ("camera_elevation=0..91", "camera_elevation"),
        ("roughness=2", "roughness"),
        ("material=metal+cheese", "cheese"),
        ("light_kind=torch", "torch"),
        ("lights=1..99", "lights"),
        ("size=0", "size"),
        ("colour=1", "unknown option 'colour'"),
        ("background=photograph", "photographs"),
        ("material=image", "textures"),
        ("environment=nowhere.exr", "nowhere.exr"),
        ("alias=bike", "bike"),
        ("alias=x:mug+x:bottle", "alias: 'x' stands there twice"),
    ],
)
def test_a_wrong_setting_is_named(text, told):
    with pytest.raises(UserError, match=told):
        parsed(text)


def test_text_and_python_say_the_same():
    said = parsed("scale=1+1.5+2,camera_azimuth=0..90,material=metal@2+moss,hue=0.5,roughness=none,lights=2")
    meant = Blender(
        scale=one_of(1, 1.5, 2),
        camera_azimuth=uniform(0, 90),
        material=names("metal", "moss", weights=(2, 1)),
        hue=fixed(0.5),
        lights=fixed(2),
    )
    assert said == meant
    with pytest.raises(UserError, match="scale"):
        Blender(scale=1.5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 0),
        ("size", "64"),
        ("size", 64.0),
        ("height", "none"),
        ("samples", 0),
        ("denoise", 1),
        ("up", "x"),
        ("device", "tpu"),
        ("models", "catalogue"),
        ("models", ["catalogue"]),
        ("classes", "mug"),
        ("photographs", "/tmp"),
        ("environment", "city"),
        ("environment", ("city", "night")),
        ("roughness", "0.5"),
    ],
)
def test_python_takes_what_the_command_line_would_make_of_a_text(field, value):
    with pytest.raises(UserError, match=f"^{field}: "):
        Blender(**{field: value})


@pytest.mark.parametrize("part", ["train", "test_iid", "test_iid_no_background"])
def test_a_scene_is_read_from_its_line(part):
    crowded = Blender(distractors=uniform(0, 3), occluders=uniform(0, 2))
    stream = open_stream(crowded, 5, part)
    for index in range(0, 300, 7):
        scene = stream.scene(index)
        assert read_scene(scene.line(), "here") == scene == stream.scene(index)
        assert scene.label == stream.classes[index % len(stream.classes)]


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_a_damaged_line_is_named(data):
    values = json.loads(open_stream(Blender()).scene(3).line())
    place, where = values, []
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if where[-1:] == ["parameters"]:
            break
        where.append(key)
        holder, place = place, place[key]
    kind = data.draw(st.sampled_from(["unknown", "wrong"]))
    if kind == "unknown" and "parameters" not in where and "palette" not in where[-2:-1]:
        holder["nonsense"] = 1
    else:
        holder[where[-1]] = {"no": {"such": []}}
    with pytest.raises(UserError, match=r"manifest, line 7: \w+"):
        read_scene(json.dumps(values), "manifest, line 7")


def test_an_index_decides_its_scene_and_nothing_else_does():
    stream, other = open_stream(Blender(), 1), open_stream(Blender(), 2)
    lines = {dataclasses.replace(stream.scene(i), index=0).line() for i in range(200)}
    assert len(lines) == 200
    assert stream.scene(5).object != other.scene(5).object


def test_the_twin_differs_in_its_background_alone():
    one, twin = (open_stream(Blender(), 3, part) for part in ("test_iid", "test_iid_no_background"))
    for index in range(20):
        scene = one.scene(index)
        bare = dataclasses.replace(twin.scene(index), part=scene.part, background=scene.background)
        assert bare == scene
        assert twin.scene(index).background.kind == "none"
    assert open_stream(Blender(), 3).scene(0).object != one.scene(0).object


def test_a_fixed_factor_leaves_the_others_as_they_were():
    free, still = open_stream(Blender(), 3), open_stream(parsed("scale=1.5,lights=1,camera_roll=0"), 3)
    for index in range(20):
        one, other = free.scene(index), still.scene(index)
        assert other.object.scale == 1.5
        assert other.camera.roll == 0
        assert one.object.model == other.object.model
        assert one.object.palette == other.object.palette
        assert one.background == other.background
        assert one.lights[:1] == other.lights
        assert one.camera.azimuth == other.camera.azimuth


def test_draws_keep_to_their_limits():
    chosen = parsed("camera_elevation=10..20,light_energy=5+7,value=0.5,material=wood,dressing=one")
    stream = open_stream(chosen, 0)
    scenes = [stream.scene(index) for index in range(200)]
    assert all(10 <= scene.camera.elevation <= 20 for scene in scenes)
    assert {light.energy for scene in scenes for light in scene.lights} == {5, 7}
    assert {scene.object.palette["body"].family for scene in scenes} == {"wood"}
    assert all(list(scene.object.palette) == ["body"] for scene in scenes)
    azimuths = np.array([scene.camera.azimuth for scene in scenes])
    assert np.histogram(azimuths, 4, (0, 360))[0].min() > 30


def test_the_meter_makes_up_for_the_light():
    around = Environment("", 0.0, 0.5, (1.0, 1.0, 1.0))
    lamp = Light("point", 2.0, 30.0, 0.0, 100.0, (1.0, 1.0, 1.0), 0.1)
    far = dataclasses.replace(lamp, radius=4.0, energy=400.0)
    assert metered([lamp], around) == pytest.approx(metered([far], around))
    assert metered([], around) == pytest.approx(1)  # half the radiance of a white world: one stop more
    assert metered([lamp, lamp], dataclasses.replace(around, strength=1.0)) == pytest.approx(
        metered([lamp], around) - 1
    )


def test_occluders_stand_between_camera_and_object():
    stream = open_stream(parsed("occluders=3,distractors=3,occluder_offset=0"), 0)
    for index in range(30):
        scene = stream.scene(index)
        _, _, back = axes(scene.camera)
        eye = np.array(scene.camera.look_at) + scene.camera.distance * back
        for thing in scene.clutter[3:]:
            to_thing, to_middle = np.array(thing.location) - eye, np.array(scene.camera.look_at) - eye
            cosine = to_thing @ to_middle / np.linalg.norm(to_thing) / np.linalg.norm(to_middle)
            assert cosine == pytest.approx(1)
            assert np.linalg.norm(to_thing) < np.linalg.norm(to_middle)
        for thing in scene.clutter[:3]:
            assert np.array(thing.location) @ back <= 1e-9
            assert 1 <= np.linalg.norm(thing.location) <= 2


def test_the_grid_of_table_2_fixes_one_factor_a_row():
    grid, free = table2_grid(Blender()), dataclasses.asdict(Blender())
    assert len(grid) == 18
    for name, row in grid.items():
        differs = {key for key, value in dataclasses.asdict(row).items() if value != free[key]}
        kind = name.split()[0]
        assert all(key.startswith((kind, "look_at", "dressing", "background")) for key in differs), name
        assert bool(differs) == (name != "random")
        assert math.isfinite(open_stream(row).scene(0).camera.exposure)
