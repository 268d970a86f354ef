"""The data sets that Assay knows, and folders of images."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from assay.data.catalogue import CATALOGUE
from assay.data.csi import magnitude
from assay.data.csi_har import FILE, CsiHar, complex_csi, counted, read_csi_har
from assay.data.decoder import read_image
from assay.data.split import split_task
from assay.data.table import DATA_SETS, open_task, read_synthetic
from assay.errors import UserError
from assay.types import Samples


def items(samples) -> set[bytes]:
    """Every item as its bytes."""
    return {x.tobytes() for x in samples.x}


def counts(task) -> dict[str, int]:
    return {name: len(part) for name, part in task.parts()}


# --- digits


def test_digits_have_the_promised_parts_and_no_item_twice():
    task = open_task("digits")
    assert counts(task) == {"labelled": 50, "shots": 0, "unlabelled": 300, "validation": 100, "test": 797}
    for name, part in task.parts():
        if name not in ("unlabelled", "shots"):
            assert part.counts(10).min() > 0
            assert part.counts(10)[0] == len(part) // 10 or name == "test"
    assert set(task.unlabelled.y) == {-1}
    assert task.labelled.x.dtype == np.float32
    assert task.labelled.x.min() >= 0
    assert task.labelled.x.max() == 1
    joined = np.concatenate([part.x for _, part in task.parts()])
    assert len(np.unique(joined.reshape(len(joined), -1), axis=0)) == len(joined)


def test_digits_test_items_are_the_same_whatever_the_labelled_ones_which_are_nested():
    few, many = (open_task(f"digits:labelled={n}") for n in (5, 30))
    assert few.test.digest() == many.test.digest()
    assert few.unlabelled.digest() == many.unlabelled.digest()
    assert few.validation.digest() == many.validation.digest()
    assert items(few.labelled) < items(many.labelled)
    assert many.labelled.counts(10).tolist() == [30] * 10


def test_digits_of_the_same_seed_are_the_same_and_of_another_are_not():
    assert open_task("digits").digest() == open_task("digits:seed=0").digest()
    assert open_task("digits").digest() != open_task("digits:seed=1").digest()


# --- folders of images


def save(root, name, size=(8, 8), mode="RGB", colour=(250, 20, 30), **options):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)
    return path


def test_a_folder_of_classes_is_dealt_out_and_the_class_is_the_folder(tmp_path):
    for shade, name in enumerate(("ant", "bee")):
        for i in range(10):
            save(tmp_path, f"{name}/{i}.png", colour=(100 * shade, i, 0))
    (tmp_path / "ant" / "notes.txt").write_text("hello")
    task = open_task(f"{tmp_path}:size=8")
    assert (task.classes, task.kind, task.normalise, task.shape) == (
        ("ant", "bee"),
        "image",
        "channel",
        (3, 8, 8),
    )
    assert counts(task) == {"labelled": 6, "shots": 0, "unlabelled": 6, "validation": 2, "test": 6}
    for part in (task.labelled, task.validation, task.test):
        assert (part.x[:, 0, 0, 0] // 100 == part.y).all()
    assert sum(len(items(part)) for _, part in task.parts()) == 20


def test_a_folder_of_parts_keeps_them_and_unlabelled_images_need_no_class(tmp_path):
    for part, level in (("labelled", 10), ("test", 20), ("validation", 30)):
        for name in ("ant", "bee"):
            save(tmp_path, f"{part}/{name}/a.png", colour=(level, 0, 0))
    save(tmp_path, "unlabelled/a.jpg", colour=(40, 0, 0))
    save(tmp_path, "unlabelled/bee/b.png", colour=(40, 0, 0))
    save(tmp_path, "unlabelled/wasp/b.png", colour=(40, 0, 0))
    task = open_task(f"{tmp_path}:size=8")
    assert counts(task) == {"labelled": 2, "shots": 0, "unlabelled": 3, "validation": 2, "test": 2}
    assert task.classes == ("ant", "bee")
    assert set(task.unlabelled.y) == {-1}
    for (_, part), level in zip([p for p in task.parts() if p[0] != "shots"], (10, 40, 30, 20)):
        assert np.abs(part.x[:, 0].astype(int) - level).max() <= 2


def test_images_of_every_mode_become_three_channels_of_the_same_colours(tmp_path):
    red = (250, 20, 30)
    Image.new("RGB", (8, 8), red).quantize(4).save(tmp_path / "palette.png")
    Image.new("RGB", (8, 8), red).convert("CMYK").save(tmp_path / "cmyk.jpg", quality=100)
    paths = {
        "RGB": save(tmp_path, "rgb.png"),
        "RGBA": save(tmp_path, "rgba.png", mode="RGBA", colour=(*red, 255)),
        "palette": tmp_path / "palette.png",
        "CMYK": tmp_path / "cmyk.jpg",
    }
    for mode, path in paths.items():
        x = read_image(path, 8)
        assert (x.shape, x.dtype) == ((3, 8, 8), np.uint8)
        assert np.abs(x.astype(int) - np.array(red)[:, None, None]).max() <= 6, mode
    grey = read_image(save(tmp_path, "grey.png", mode="L", colour=77), 8)
    assert (grey == 77).all()
    assert (read_image(save(tmp_path, "two.png", mode="1", colour=1), 8) == 255).all()


def test_the_centre_of_an_oblong_image_is_cut_out_undistorted(tmp_path):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    for array, name in ((wide, "wide.png"), (wide.transpose(1, 0, 2), "tall.png")):
        Image.fromarray(array).save(tmp_path / name)
        assert (read_image(tmp_path / name, 20) == 200).all()
        assert read_image(tmp_path / name, 10).shape == (3, 10, 10)


def test_synthetic_images_take_the_classes_and_the_size_of_the_task(tmp_path):
    for name in ("ant", "bee"):
        for i in range(4):
            save(tmp_path, f"real/{name}/{i}.png", colour=(i, 0, 0))
    task = open_task(f"{tmp_path}/real:size=16")
    save(tmp_path, "made/bee/a.png", size=(40, 30), colour=(9, 9, 9))
    made = read_synthetic(tmp_path / "made", task)
    assert (made.shape, made.y.tolist()) == ((3, 16, 16), [1])


# --- data sets to download


def test_a_data_set_that_is_not_here_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    for name in set(DATA_SETS) - {"digits"}:
        assert CATALOGUE[name].state() == "absent"
        with pytest.raises(UserError, match="'assay data' says where to get it"):
            open_task(name)


def test_the_catalogue_lists_every_data_set():
    assert list(CATALOGUE) == list(DATA_SETS)


@pytest.fixture(scope="module")
def csi(real_root):
    """The task that leaves out person 2: plain, with two shots of each activity and room, grouped by room."""
    if not (real_root / FILE).is_file():
        pytest.skip(f"{FILE} is not among the downloaded data sets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_DATA", str(real_root))
        options = ("", ",shots=2", ",by_room=true")
        return tuple(open_task(f"csi-har:target=2{option}") for option in options)


@pytest.fixture(scope="module")
def recordings(csi, real_root):
    with np.load(real_root / FILE) as arrays:
        return {key: arrays[key] for key in ("iq", "scale", "label", "user", "room", "classes")}


def test_csi_har_has_eleven_activities_and_the_recordings_that_its_cells_promise(csi, recordings):
    task, with_shots, _ = csi
    target = recordings["user"] == 2
    cells = np.unique(
        np.stack([recordings["room"], recordings["label"]])[:, target], axis=1, return_counts=True
    )[1]
    unlabelled = sum((n - 5) // 3 for n in cells)
    assert (task.shape, task.kind, len(task.classes)) == ((3, 200, 30), "signal", 11)
    assert task.classes == tuple(recordings["classes"])
    assert counts(task)["unlabelled"] == unlabelled
    assert counts(task)["test"] == target.sum() - 5 * 22 - unlabelled
    assert counts(task)["labelled"] + counts(task)["validation"] == (~target).sum() - 1  # one is stored twice
    assert counts(with_shots) == counts(task) | {"shots": 2 * 22}


def test_csi_har_person_left_out_is_in_no_part_that_trains_or_chooses(csi):
    for task in csi[:2]:
        assert set(task.labelled.group) == set(task.validation.group) == {1, 3, 4}
        for part in (task.unlabelled, task.test, task.shots):
            assert set(part.group) <= {2}


def test_csi_har_parts_share_no_recording(csi):
    parts = [items(part) for _, part in csi[1].parts()]
    assert len(set.union(*parts)) == sum(len(part) for _, part in csi[1].parts())


def test_csi_har_overlap_adds_the_unlabelled_recordings_to_the_test_and_nothing_else(
    csi, recordings, real_data
):
    task, overlapping = csi[0], open_task("csi-har:target=2,overlap=true")
    n = len(task.test)
    for name in ("labelled", "shots", "validation", "unlabelled"):
        assert getattr(task, name).digest() == getattr(overlapping, name).digest()
    assert overlapping.test[np.arange(n)].digest() == task.test.digest()
    added = overlapping.test[np.arange(n, len(overlapping.test))]
    assert np.array_equal(added.x, task.unlabelled.x)
    unlabelled = CsiHar(target=2).parts(recordings) == "unlabelled"
    assert np.array_equal(added.y, recordings["label"][unlabelled]), "with their labels"
    assert items(overlapping.unlabelled) <= items(overlapping.test)
    assert overlapping.name == f"{task.name}, test with the unlabelled"


def test_csi_har_recording_that_is_stored_twice_is_used_once(recordings):
    first, second = 1237, 1240
    assert (recordings["iq"][first] == recordings["iq"][second]).all()
    for target in (1, 2, 3, 4):
        part = CsiHar(target=target, shots=5, seed=1).parts(recordings)
        assert part[first] != "none"
        assert part[second] == "none"


def test_csi_har_shots_change_nothing_else(csi):
    task, with_shots, _ = csi
    for name in ("labelled", "validation", "unlabelled", "test"):
        assert getattr(task, name).digest() == getattr(with_shots, name).digest()


def test_csi_har_groups_by_room_are_the_same_people_in_their_rooms(csi):
    task, _, by_room = csi
    assert np.array_equal(by_room.test.x, task.test.x)
    assert np.array_equal(by_room.labelled.group // 10, task.labelled.group)
    assert set(by_room.labelled.group) == {10, 11, 30, 31, 40, 41}


def test_csi_har_shots_of_a_smaller_number_are_among_those_of_a_larger(recordings):
    few, many = (CsiHar(target=2, shots=n).parts(recordings) == "shots" for n in (1, 5))
    assert (few.sum(), many.sum()) == (22, 110)
    assert many[few].all()
    for room in (0, 1):
        cell = few & (recordings["room"] == room)
        assert np.bincount(recordings["label"][cell]).tolist() == [1] * 11


def test_csi_har_items_are_the_magnitude_without_its_mean_over_time(csi, recordings):
    samples = csi[0].test
    assert samples.x.dtype == np.float32
    assert np.abs(samples.x.mean(2)).max() < 1e-3 * np.abs(samples.x).max()
    members = np.flatnonzero(CsiHar(target=2).parts(recordings) == "test")
    for place in (0, 57, len(members) - 1):
        iq, scale = recordings["iq"][members[place]].astype(float), recordings["scale"][members[place]]
        expected = np.hypot(iq[..., 0], iq[..., 1]) * scale[:, None, None]
        expected = (expected - expected.mean(0)).transpose(2, 0, 1)
        assert samples.y[place] == recordings["label"][members[place]]
        np.testing.assert_allclose(samples.x[place], expected, atol=1e-4 * np.abs(expected).max())


def test_csi_har_magnitude_keeps_its_mean_when_asked_and_is_that_of_the_complex_csi(recordings):
    iq, scale = recordings["iq"][:3], recordings["scale"][:3]
    csi = complex_csi(iq, scale)
    assert csi.shape == (3, 3, 200, 30)
    np.testing.assert_allclose(csi[1, 2, 7, 4], complex(*iq[1, 7, 4, 2]) * scale[1, 7], rtol=1e-6)
    np.testing.assert_allclose(magnitude(complex_csi(iq, scale), False), np.abs(csi), rtol=1e-6)


def test_csi_har_sources_and_room_are_those_asked_for(recordings):
    part = CsiHar(target=1, sources=(3,), room=1).parts(recordings)
    assert set(recordings["room"][part != "none"]) == {1}
    assert set(recordings["user"][part == "labelled"]) == {3}
    assert set(recordings["user"][part == "test"]) == {1}


def a_larger_csi_har(people=6, rooms=3, activities=12, per_cell=8):
    user, room, label, _ = np.indices((people, rooms, activities, per_cell)).reshape(4, -1)
    iq = np.random.default_rng(0).integers(-9, 9, (len(user), 20, 5, 3, 2)).astype(np.int8)
    return {
        "iq": iq,
        "scale": np.ones((len(user), 20), np.float32),
        "label": label,
        "user": user + 1,
        "room": room,
        "classes": np.array([f"act {i}" for i in range(activities)]),
    }


def test_csi_har_takes_the_people_rooms_and_activities_of_its_file():
    data = a_larger_csi_har()
    assert counted(data) == ("1728 recordings (47 more than published), 6 people, 3 rooms, 12 activities")
    part = CsiHar(target=6).parts(data)
    assert set(data["user"][part == "labelled"]) == {1, 2, 3, 4, 5}
    assert set(data["user"][part == "test"]) == {6}
    assert set(data["room"][part == "test"]) == {0, 1, 2}
    assert set(data["label"][part == "test"]) == set(range(12))
    with pytest.raises(UserError, match="99 recordings; published were 1681"):
        counted({key: data[key][:99] if key != "classes" else data[key] for key in data})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 7}, "target=7: the file has 1, 2, 3, 4, 5, 6"),
        ({"sources": (2, 9)}, "sources=9: the file has 1, 2"),
        ({"room": 5}, "room=5: the file has 0, 1, 2"),
        ({"activities": (3, 12)}, "activities=12: the file has 0, 1"),
    ],
)
def test_csi_har_names_what_its_file_has_where_it_lacks_what_is_asked(options, message):
    with pytest.raises(UserError, match=message):
        CsiHar(**options).parts(a_larger_csi_har(per_cell=1))


@pytest.mark.parametrize(
    "broken", [{}, {"iq": None}, {"classes": None}, {"scale": np.zeros((2, 9), np.float32)}]
)
def test_csi_har_files_of_another_layout_are_refused_with_the_name_of_the_array(tmp_path, broken):
    whole = {"iq": np.zeros((2, 200, 30, 3, 2), np.int8), "scale": np.ones((2, 200), np.float32)}
    whole |= {key: np.zeros(2, int) for key in ("label", "user", "room")} | {"classes": np.array(["sit"])}
    np.savez(
        tmp_path / "my.npz", **{key: array for key, array in (whole | broken).items() if array is not None}
    )
    if not broken:
        assert set(read_csi_har(tmp_path / "my.npz")) == set(whole)
        return
    with pytest.raises(UserError, match=f"my.npz: {next(iter(broken))}: "):
        read_csi_har(tmp_path / "my.npz")


@pytest.fixture
def office(real_data):
    if not (real_data / "office_caltech" / "amazon").is_dir():
        pytest.skip("office_caltech is not among the downloaded data sets")
    return real_data / "office_caltech"


def test_office_caltech_learns_from_one_domain_and_is_tested_on_the_other(office):
    task = open_task("office-caltech:size=16")
    photographs = {domain: len(list((office / domain).glob("*/*"))) for domain in ("amazon", "caltech")}
    assert (len(task.classes), task.shape, task.kind) == (9, (3, 16, 16), "image")
    assert counts(task)["labelled"] + counts(task)["validation"] == photographs["amazon"]
    assert counts(task)["unlabelled"] + counts(task)["test"] == photographs["caltech"]
    assert set(task.unlabelled.y) == {-1}
    assert task.test.counts(9).min() > 0
    again = open_task("office-caltech:size=16,labelled=3")
    assert again.labelled.counts(9).tolist() == [3] * 9
    assert items(again.labelled) <= items(task.labelled)
    assert again.test.digest() == task.test.digest()


def test_office_caltech_of_one_domain_is_an_ordinary_task(office):
    task = open_task("office-caltech:source=amazon,target=amazon,size=16")
    assert sum(counts(task).values()) == len(list((office / "amazon").glob("*/*")))
    assert min(task.labelled.counts(9).min(), task.test.counts(9).min()) > 0


def test_downloaded_data_sets_are_intact(office, csi):
    assert CATALOGUE["csi-har"].state() == "intact: 1681 recordings, 4 people, 2 rooms, 11 activities"
    assert CATALOGUE["office-caltech"].state() == "intact: 860 amazon, 1026 caltech"


def test_synthetic_conditions_go_by_name_where_the_file_has_names(tmp_path):
    rng = np.random.default_rng(0)
    task = split_task(Samples(rng.normal(size=(30, 5)), np.arange(30) % 3), ("a", "b", "c"))
    path = tmp_path / "made.npz"
    np.savez(path, x=rng.normal(size=(4, 5)), y=[0, 1, 2, -1], classes=["c", "b", "a"])
    assert read_synthetic(path, task).y.tolist() == [2, 1, 0, -1]
    np.savez(path, x=rng.normal(size=(2, 5)), y=[0, 1], classes=["c", "dog"])
    with pytest.raises(UserError, match=r"made\.npz: unknown class 'dog'; known: a, b, c"):
        read_synthetic(path, task)


def test_pictures_are_turned_as_their_camera_was_held(tmp_path):
    picture = Image.new("RGB", (8, 8), "black")
    picture.paste("white", (0, 0, 8, 4))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture.save(tmp_path / "a.png", exif=exif)
    x = read_image(tmp_path / "a.png", 8)
    assert x[:, :4].max() == 0
    assert x[:, 4:].min() == 255
