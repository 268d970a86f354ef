import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assay.generate.blender.shapes.catalogue import makers as catalogue
from assay.generate.blender.shapes.catalogue.curves import arc, circle, rectangle, rounded, spline, upright
from assay.generate.blender.shapes.catalogue.makers import CLASSES, MAKERS, PARTS, Mesh, build, limits, sample
from assay.generate.blender.shapes.catalogue.mesh import at_corners, joined, mirrored, normalised, volume
from assay.generate.blender.shapes.catalogue.primitives import (
    box,
    cylinder,
    extruded,
    lathe,
    loft,
    panel,
    rod,
    slab,
    sphere,
    sweep,
    torus,
    tube,
)

SEEDS = range(4)
each_class = pytest.mark.parametrize("name", CLASSES)
sizes = st.floats(0.1, 10)


def made(name, seed=0):
    return build(name, sample(name, np.random.default_rng(seed)))


def extreme(name, seed):
    """An object of the class, every number at one end of its range."""
    rng = np.random.default_rng(seed)
    ends = {key: rng.choice(np.array(within, dtype=object)) for key, within in limits(name).items()}
    return build(name, ends)


def content(mesh):
    arrays = mesh.vertices, mesh.corners, mesh.sizes, mesh.smooth
    parts = {part: faces.tolist() for part, faces in mesh.parts.items()}
    return *(array.tobytes() for array in arrays), str(parts)


def owners(mesh):
    """The face of every corner."""
    return np.repeat(np.arange(len(mesh.sizes)), mesh.sizes)


def edges(mesh):
    """Start and end of every face's every edge, and the face."""
    ends = np.cumsum(mesh.sizes)
    following = np.arange(len(mesh.corners)) + 1
    following[ends - 1] = ends - mesh.sizes
    return mesh.corners, mesh.corners[following], owners(mesh)


def normals(mesh):
    """Of every face, its normal as long as its area is large (Newell's sum, unlike `volume`'s fans)."""
    start, end, owner = edges(mesh)
    pieces = np.cross(mesh.vertices[start], mesh.vertices[end]) / 2
    return np.stack([np.bincount(owner, piece) for piece in pieces.T], axis=1)


def shells(mesh):
    """Volume inside each connected surface."""
    start, end, owner = edges(mesh)
    links = coo_matrix((np.ones(len(start)), (start, end)), (len(mesh.vertices),) * 2)
    shell = connected_components(links)[1]
    first = mesh.corners[np.cumsum(mesh.sizes) - mesh.sizes]
    middles = np.stack([np.bincount(owner, at[start]) for at in mesh.vertices.T], axis=1)
    middles /= np.bincount(owner)[:, None]
    pieces = np.einsum("ij,ij->i", middles, normals(mesh)) / 3
    return np.bincount(shell[first], pieces)


def height_and_depth(mesh, part):
    """Mean z and y of a part's vertices; none of an object without it."""
    corners = np.unique(mesh.corners[np.isin(owners(mesh), mesh.parts.get(part, []))])
    return mesh.vertices[corners].mean(axis=0)[[2, 1]] if len(corners) else None


def distinct(numbers):
    """As `np.unique`, which hashes whole numbers and takes far longer."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])]


def assert_sound(mesh):
    """Finite, closed, every face with an area and in one part, every vertex in use."""
    assert np.isfinite(mesh.vertices).all()
    assert mesh.vertices.dtype == np.float64
    count = len(mesh.vertices)
    assert np.array_equal(distinct(mesh.corners), np.arange(count))
    start, end, owner = edges(mesh)
    assert mesh.sizes.min() >= 3
    assert len(distinct(owner * count + start)) == len(start), "a face has a corner twice"
    assert np.linalg.norm(normals(mesh), axis=1).min() > 1e-9
    assert np.array_equal(np.sort(np.concatenate(list(mesh.parts.values()))), np.arange(len(mesh.sizes)))
    assert mesh.smooth.shape == mesh.sizes.shape
    once = distinct(start * count + end)
    assert len(once) == len(start), "an edge is run through twice in the same direction"
    assert np.array_equal(distinct(end * count + start), once), "a surface is open"


# --- objects


@each_class
def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_object(name):
    assert content(made(name, 3)) == content(made(name, 3))
    different = {made(name, seed).vertices.tobytes() for seed in range(8)}
    assert len(different) == 8


@each_class
def test_parameters_are_plain_and_survive_json(name):
    parameters = sample(name, np.random.default_rng(1))
    assert {type(value) for value in parameters.values()} <= {float, int, str}
    assert content(build(name, json.loads(json.dumps(parameters)))) == content(build(name, parameters))


@each_class
@pytest.mark.parametrize("seed", SEEDS)
def test_every_parameter_changes_the_shape(name, seed):
    parameters = sample(name, np.random.default_rng(seed))
    before = build(name, parameters)
    for key, within in limits(name).items():
        if isinstance(within[0], str):
            looks = {content(build(name, parameters | {key: word})) for word in within}
            assert len(looks) == len(within), f"two of {key}'s words look the same"
        else:
            other = max(within, key=lambda end: abs(end - parameters[key]))
            after = build(name, parameters | {key: other}).vertices
            same = after.shape == before.vertices.shape and np.abs(after - before.vertices).max() < 1e-3
            assert not same, f"{key} = {other} changes nothing"


@each_class
@pytest.mark.parametrize("make", [made, extreme])
def test_objects_are_sound_of_known_parts_and_of_unit_size(name, make):
    for seed in range(10):
        mesh = make(name, seed)
        assert_sound(mesh)
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        np.testing.assert_allclose(low, -high, atol=1e-12)
        assert (high - low).max() == pytest.approx(1)
        assert "body" in mesh.parts
        assert set(mesh.parts) <= set(PARTS)
        assert 100 <= len(mesh.faces) <= 6000


@each_class
def test_every_surface_of_an_object_looks_outwards(name):
    for seed in SEEDS:
        assert shells(made(name, seed)).min() > 0
        assert shells(extreme(name, seed)).min() > 0


@each_class
def test_every_word_of_a_parameter_is_drawn_and_numbers_fill_their_range(name):
    drawn = [sample(name, np.random.default_rng(seed)) for seed in range(200)]
    for key, within in limits(name).items():
        values = [parameters[key] for parameters in drawn]
        if isinstance(within[0], float):
            low, high = within
            assert low <= min(values) < low + 0.05 * (high - low)
            assert high >= max(values) > high - 0.05 * (high - low)
        else:
            span = within if isinstance(within[0], str) else range(within[0], within[1] + 1)
            assert set(values) == set(span)


@each_class
def test_the_docstring_tells_of_every_parameter(name):
    maker = MAKERS[name][0]
    told = {word for line in inspect.getdoc(maker).splitlines() for word in line.split(", ")}
    assert set(inspect.signature(maker).parameters) == set(limits(name))
    assert set(limits(name)) <= told


@pytest.mark.parametrize(
    ("name", "before", "behind"),
    [
        ("monitor", "screen", "trim"),
        ("laptop", "keys", "screen"),
        ("calculator", "keys", "screen"),
        ("keyboard", "keys", "cable"),
        ("mouse", "wheel", "body"),
        ("mouse", "cable", "wheel"),
        ("backpack", "trim", "strap"),
    ],
)
def test_the_front_looks_to_the_front(name, before, behind):
    found = [[height_and_depth(made(name, seed), part) for part in (before, behind)] for seed in range(8)]
    depths = [(front[1], back[1]) for front, back in found if front is not None and back is not None]
    assert depths
    assert all(front < back for front, back in depths)


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("bed", "sheet", "cushion"),
        ("bike", "wheel", "cushion"),
        ("bottle", "label", "cap"),
        ("calculator", "keys", "screen"),
        ("car", "wheel", "glass"),
        ("headphones", "cushion", "body"),
        ("lamp", "body", "shade"),
        ("laptop", "keys", "screen"),
        ("monitor", "metal", "screen"),
        ("plant", "body", "leaf"),
        ("table", "wood", "body"),
        ("umbrella", "handle", "body"),
    ],
)
def test_what_is_up_is_up(name, below, above):
    for seed in range(8):
        low, high = (height_and_depth(made(name, seed), part) for part in (below, above))
        assert low[0] < high[0]


# --- what is refused


def test_an_unknown_class_is_named():
    for call in (lambda: sample("teapot", np.random.default_rng(0)), lambda: build("teapot", {})):
        with pytest.raises(ValueError, match="no class 'teapot' in the catalogue; it has backpack, bed"):
            call()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hadle": 1.0}, "mug has no parameter 'hadle'"),
        ({"radius": 3.0}, "mug: radius = 3.0 is not in"),
        ({"radius": float("nan")}, "mug: radius = nan is not in"),
        ({"radius": "wide"}, "mug: radius = 'wide' is not in"),
        ({"radius": True}, "mug: radius = True is not in"),
        ({"handle": "wing"}, "mug: handle = 'wing' is not in"),
    ],
)
def test_a_wrong_parameter_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        build("mug", sample("mug", np.random.default_rng(0)) | change)


def test_a_missing_parameter_is_named():
    parameters = sample("bike", np.random.default_rng(0))
    del parameters["wheel"]
    with pytest.raises(ValueError, match="bike needs the parameter 'wheel'"):
        build("bike", parameters)


def test_a_count_is_whole():
    with pytest.raises(ValueError, match=r"bike: spokes = 9\.5 is not in"):
        build("bike", sample("bike", np.random.default_rng(0)) | {"spokes": 9.5})


def test_the_catalogue_imports_from_its_folder_with_numpy_alone():
    code = (
        f"import sys; sys.path.insert(0, {str(Path(catalogue.__file__).parents[1])!r}); import numpy;"
        "rng = numpy.random.default_rng(0); before = set(sys.modules); import catalogue.makers as catalogue;"
        "catalogue.build('mug', catalogue.sample('mug', rng));"
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names);"
        "print(sorted(new - {'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['catalogue']"


# --- primitives


def ngon(points):
    """Area of a regular polygon in the unit circle."""
    return points / 2 * np.sin(2 * np.pi / points)


@given(sizes, sizes, sizes, st.floats(0.1, 1))
def test_a_box_has_the_volume_of_a_cut_pyramid(x, y, z, top):
    mesh = box(x, y, z, top)
    assert_sound(mesh)
    assert volume(mesh) == pytest.approx(x * y * z * (1 + top + top**2) / 3)


@given(sizes, sizes, sizes, st.integers(3, 40))
def test_a_cylinder_has_the_volume_of_a_cut_cone(radius, top, height, points):
    mesh = cylinder(radius, height, top, points)
    assert_sound(mesh)
    assert volume(mesh) == pytest.approx(ngon(points) * height * (radius**2 + radius * top + top**2) / 3)


@given(sizes, sizes, sizes)
def test_a_rod_has_the_same_volume_in_every_direction(x, y, z):
    for end in ([x, y, z], [-x, y, -z], [0, 0, z], [0, -y, 0], [x, 0, 0]):
        mesh = rod([1, 2, 3], np.array([1, 2, 3]) + end, 0.2, points=12)
        assert volume(mesh) == pytest.approx(ngon(12) * 0.04 * np.linalg.norm(end))


def test_a_lathe_closes_tips_and_turns_a_cone():
    mesh = lathe([[0, 0], [1, 0], [0, 2]], 30)
    assert_sound(mesh)
    assert volume(mesh) == pytest.approx(ngon(30) * 2 / 3)


def test_a_lathed_cup_holds_what_its_wall_leaves():
    cup = lathe([[0, 0], [1, 0], [1, 3], [0.8, 3], [0.8, 0.5], [0, 0.5]], 24)
    assert_sound(cup)
    assert volume(cup) == pytest.approx(ngon(24) * (3 - 0.64 * 2.5))


def test_round_solids_come_near_to_their_volumes():
    assert volume(sphere(1.5, 80)) == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.01)
    assert volume(torus(2, 0.5, 80, 80)) == pytest.approx(2 * np.pi**2 * 2 * 0.25, rel=0.01)
    assert_sound(sphere(1))
    assert_sound(torus(2, 0.5))


def test_a_bent_tube_has_the_volume_of_its_path():
    path = np.stack([*arc(0, 250, 400, 2, 2).T, np.zeros(400)], axis=1)
    assert_sound(tube(path, 0.3, 16))
    assert volume(tube(path, 0.3, 16)) == pytest.approx(ngon(16) * 0.09 * 2 * np.radians(250), rel=0.001)


def test_a_swept_outline_does_not_twist():
    path = np.stack([np.zeros(50), np.linspace(0, 3, 50), np.sin(np.linspace(0, 3, 50))], axis=1)
    strap = sweep(path, rectangle(0.4, 0.05), normal=[1, 0, 0])
    assert_sound(strap)
    np.testing.assert_allclose(np.abs(strap.vertices[:, 0]), 0.2)


def test_a_swept_outline_can_change_its_size():
    cone = sweep([[0, 0, 0], [0, 0, 1], [0, 0, 2]], rectangle(1, 1), size=[1.0, 0.75, 0.5])
    assert volume(cone) == pytest.approx(2 * (1 + 0.5 + 0.25) / 3)


def test_an_outline_that_turns_inwards_is_extruded():
    corner = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]]
    mesh = extruded(corner, 0.5)
    assert_sound(mesh)
    assert volume(mesh) == pytest.approx(1.5)
    assert mesh.vertices[:, 2].tolist() == [-0.25] * 6 + [0.25] * 6


@given(sizes, sizes, sizes, st.floats(0.001, 20), st.floats(0, 20))
def test_a_slab_stays_in_its_box_however_much_it_is_rounded(x, y, z, radius, bevel):
    mesh = slab(x, y, z, radius, bevel)
    assert 0 < volume(mesh) < x * y * z
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), [x, y, z], rtol=1e-9)


def test_a_bevel_takes_volume_from_the_edges_only():
    sharp, bevelled = slab(2, 2, 1, 0.1), slab(2, 2, 1, 0.1, 0.1)
    assert 0.9 * volume(sharp) < volume(bevelled) < volume(sharp)
    assert not sharp.smooth.any()
    assert bevelled.smooth.sum() == len(bevelled.faces) - 2


def test_a_panel_stands_with_its_outline_to_the_front():
    mesh = panel(3, 0.5, 2, 0.2)
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([3, 0.5, 2])
    front = normals(mesh)[:, 1].argmin()
    assert len(mesh.faces[front]) == 16, "the rounded outline is the face that looks to -y"


def test_a_loft_between_closed_rings_has_no_ends():
    square = np.concatenate([rectangle(1, 1), np.zeros((4, 1))], axis=1)
    capped = loft([square, square + np.array([0, 0, 1])])
    assert len(capped.faces) == 6
    assert capped.smooth.tolist() == [True] * 4 + [False] * 2
    assert len(torus(1, 0.2, 8, 6).faces) == 48


# --- curves


def test_rounded_corners_keep_the_sides_and_the_ends():
    square = rounded([[0, 0], [4, 0], [4, 4], [0, 4]], 1, steps=5)
    assert square.shape == (20, 2)
    np.testing.assert_allclose([square[0], square[4], square[2]], [[0, 1], [1, 0], [0.25, 0.25]], atol=1e-12)
    line = rounded([[0, 0, 0], [4, 0, 0], [4, 0, 4]], 1, closed=False)
    np.testing.assert_allclose(line[[0, -1]], [[0, 0, 0], [4, 0, 4]])
    assert line.shape == (6, 3)


def test_a_radius_beyond_the_sides_leaves_no_two_points_alike():
    shape = rounded([[0, 0], [4, 0], [4, 1], [0, 1]], 9)
    assert np.linalg.norm(np.diff(shape, axis=0), axis=1).min() > 0.01


def test_a_spline_goes_through_its_points_and_keeps_a_line_straight():
    through = np.array([[0.0, 0], [1, 3], [2, -1], [3, 0]])
    np.testing.assert_allclose(spline(through, 31)[::10], through, atol=1e-12)
    np.testing.assert_allclose(spline([[0, 0], [1, 2], [2, 4]], 9)[:, 1], np.linspace(0, 4, 9), atol=1e-12)


def test_circles_and_arcs_run_counter_clockwise():
    np.testing.assert_allclose(circle(4, 2), [[2, 0], [0, 2], [-2, 0], [0, -2]], atol=1e-12)
    np.testing.assert_allclose(arc(0, 90, 2, 3, 1), [[3, 0], [0, 1]], atol=1e-12)
    np.testing.assert_array_equal(upright([[1, 2]], y=5), [[1, 5, 2]])


# --- meshes


def test_turning_is_counter_clockwise_seen_from_the_axis_end():
    brick = box(1, 2, 3).moved(10, 20, 30)
    for axis, expected in {"x": [10, -30, 20], "y": [30, 20, -10], "z": [-20, 10, 30]}.items():
        np.testing.assert_allclose(brick.turned(axis, 90).vertices.mean(axis=0), expected)
        assert volume(brick.turned(axis, 33)) == pytest.approx(6)


def test_a_mirror_image_still_looks_outwards():
    brick = box(1, 2, 3, 0.5).moved(x=4)
    assert volume(brick.scaled(x=-2)) == pytest.approx(2 * volume(brick))
    assert volume(brick.scaled(x=-1, y=-1)) == pytest.approx(volume(brick))
    both = mirrored(brick)
    assert shells(both).tolist() == pytest.approx([volume(brick)] * 2)
    assert sorted(np.sign(both.vertices[:, 0]).tolist()) == [-1.0] * 8 + [1.0] * 8
    four = at_corners(box(1, 1, 1).moved(3, 5, 7))
    assert {tuple(np.sign(v)) for v in four.vertices} == {(x, y, 1) for x in (-1, 1) for y in (-1, 1)}


def test_joined_meshes_keep_their_parts_and_faces():
    mesh = joined(box(1, 1, 1).part("keys"), sphere(1), box(2, 2, 2).moved(x=9).part("keys"))
    assert mesh.parts["keys"].tolist() == [*range(6), *range(len(mesh.faces) - 6, len(mesh.faces))]
    assert len(mesh.parts["body"]) == len(sphere(1).faces)
    assert volume(mesh) == pytest.approx(1 + volume(sphere(1)) + 8)
    assert mesh.smooth.sum() == sphere(1).smooth.sum() > 0


def test_normalising_keeps_proportions():
    mesh = normalised(box(1, 2, 4).moved(5, 6, 7))
    assert mesh.vertices.min(axis=0).tolist() == [-0.125, -0.25, -0.5]
    assert mesh.vertices.max(axis=0).tolist() == [0.125, 0.25, 0.5]


def test_a_mesh_is_frozen():
    with pytest.raises(AttributeError):
        box(1, 1, 1).vertices = np.zeros((0, 3))
    assert isinstance(box(1, 1, 1), Mesh)
