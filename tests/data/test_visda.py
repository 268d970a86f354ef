"""VisDA-2017, SubVisDA-10, and the map of ImageNet's synsets to its classes."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from assay.data.catalogue import CATALOGUE
from assay.data.s2rda_tree import class_table as s2rda_table
from assay.data.subimagenet import link_imagenet
from assay.data.table import open_task
from assay.data.visda import CLASSES, SUBVISDA, Visda2017, class_table, published_counts, read_list
from assay.data.visda_synsets import merged_synsets, synset_map, synset_table
from assay.errors import UserError
from assay.studies.images.request import ImageRequest
from assay.studies.source import Source

TRAIN, VALIDATION, TEST = 0, 100, 200
COUNTS = {"train": 4, "validation": 3, "test": 2}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A whole set, each image of one colour: red is the part, green the class, blue the image."""
    by_class = {part: dict.fromkeys(CLASSES, COUNTS[part]) for part in ("train", "validation")}
    monkeypatch.setattr(Visda2017, "published", {**by_class, "test": {"all": 12 * COUNTS["test"]}})
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    root = tmp_path / "visda-2017"
    for part, level in (("train", TRAIN), ("validation", VALIDATION), ("test", TEST)):
        lines = []
        for label, name in enumerate(CLASSES):
            for i in range(COUNTS[part]):
                folder, file = (name, f"{i} of {name}") if part != "test" else (f"trunk0{i}", f"{label:02}")
                (root / part / folder).mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (10, 8), (level, label, i)).save(root / part / folder / f"{file}.png")
                lines.append(f"{folder}/{file}.png {label}\n")
        (root / part / "image_list.txt").write_text("".join(lines))
    return root


def pixels(samples):
    return [tuple(colour) for colour in samples.x[:, :, 4, 4].tolist()]


def counts(task):
    return {name: len(part) for name, part in task.parts()}


# --- what was published


def test_the_published_counts_add_up():
    published = published_counts()
    totals = {part: sum(counts.values()) for part, counts in published.items()}
    assert totals == {"train": 152_397, "validation": 55_388, "test": 72_372}
    assert [published["train"][name] for name in ("horse", "person")] == [9512, 12160]
    assert sum(published["train"][name] for name in SUBVISDA) == 130_725
    assert sum(published["validation"][name] for name in SUBVISDA) == 46_697


def test_subvisda_is_visda_without_horse_and_person_under_the_names_of_s2rda():
    assert set(CLASSES) - set(SUBVISDA) == {"horse", "person"}
    names = [*SUBVISDA.values()]
    assert names == sorted(names)
    validation = {row["subvisda"]: row["validation"] for row in class_table() if row["subvisda"]}
    assert {row["class"]: row["visda"] for row in s2rda_table() if row["visda"] != "0"} == validation


# --- the task


def test_corrected_halves_the_real_part(tree):
    task = open_task("visda-2017:size=8,validation=0.25")
    assert counts(task) == {"labelled": 36, "shots": 0, "unlabelled": 12, "validation": 12, "test": 24}
    assert task.classes == CLASSES
    assert set(task.unlabelled.y) == {-1}
    for part, level in ((task.labelled, TRAIN), (task.validation, TRAIN), (task.test, VALIDATION)):
        assert [pixel[:2] for pixel in pixels(part)] == [(level, label) for label in part.y]
    assert not set(pixels(task.unlabelled)) & set(pixels(task.test))
    assert len(set(pixels(task.unlabelled)) | set(pixels(task.test))) == 36
    assert task.test.counts(12).tolist() == [2] * 12


def test_released_learns_from_the_test_images(tree):
    task = open_task("visda-2017:size=8,protocol=released")
    assert counts(task) == {"labelled": 48, "shots": 0, "unlabelled": 36, "validation": 0, "test": 36}
    assert np.array_equal(task.unlabelled.x, task.test.x)
    assert set(task.unlabelled.y) == {-1}


def test_the_labels_of_the_test_part_are_those_of_its_list(tree):
    task = open_task("visda-2017:size=8,protocol=released,target=test")
    assert [pixel[:2] for pixel in pixels(task.test)] == [(TEST, label) for label in task.test.y]
    (tree / "test" / "image_list.txt").unlink()
    with pytest.raises(UserError, match=r"test/image_list\.txt: No such file"):
        open_task("visda-2017:size=8,target=test")


def test_ten_classes_are_renumbered(tree):
    task = open_task("visda-2017:size=8,classes=10,protocol=released")
    assert task.classes == tuple(SUBVISDA.values())
    kept = [label for label, name in enumerate(CLASSES) if name in SUBVISDA]
    for part in (task.labelled, task.test):
        assert [pixel[1] for pixel in pixels(part)] == [kept[label] for label in part.y]
        assert set(part.y) == set(range(10))
    assert Visda2017(size=8, classes=10).synthetic().counts(10).tolist() == [4] * 10


def test_train_and_validation_do_without_lists(tree):
    digest = open_task("visda-2017:size=8").digest()
    for part in ("train", "validation"):
        (tree / part / "image_list.txt").unlink()
    assert open_task("visda-2017:size=8").digest() == digest


# --- is it whole?


def test_a_whole_set_is_whole_with_or_without_the_test(tree):
    assert (
        CATALOGUE["visda-2017"].state().startswith("intact: 48 train images, 36 validation images, 24 test")
    )
    (tree / "test").rename(tree.parent / "test")
    assert CATALOGUE["visda-2017"].state().startswith("intact: 48 train images, 36 validation images;")
    with pytest.raises(UserError, match=r"visda-2017: .*: test: no such folder"):
        Visda2017(target="test").check()


def test_all_that_is_missing_or_surplus_is_said(tree):
    (tree / "train" / "bus" / "1 of bus.png").unlink()
    Image.new("RGB", (4, 4)).save(tree / "validation" / "car" / "stray.jpg")
    (tree / "validation" / "person").rename(tree / "validation" / "people")
    with pytest.raises(UserError) as caught:
        Visda2017().check()
    text = str(caught.value)
    assert "images of train not there, 1: train/bus/1 of bus.png" in text
    assert "validation: no class folder person" in text
    assert "validation: unknown class folder people" in text
    assert "images not in validation's list, 4: validation/car/stray.jpg, validation/people/0" in text
    with pytest.raises(UserError, match=r"not there.*partial=true"):
        open_task("visda-2017:size=8")


def test_other_counts_than_published_are_noticed(tree):
    (tree / "train" / "image_list.txt").unlink()
    (tree / "train" / "bus" / "1 of bus.png").unlink()
    with pytest.raises(UserError, match=r"train: other numbers of images than published: bus 3 \(not 4\)"):
        Visda2017().check()
    assert open_task("visda-2017:size=8,partial=true,validation=0").labelled.counts(12)[2] == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bus/b.png", "expected <folder>/<image> <label>, 0 to 11"),
        ("bus/b.png 12", "expected <folder>/<image> <label>"),
        ("bus/b.png -1", "expected <folder>/<image> <label>"),
        ("../b.png 2", "expected <folder>/<image> <label>"),
        ("bus/.. 2", "expected <folder>/<image> <label>"),
        ("/b.png 2", "expected <folder>/<image> <label>"),
        ("bus/b.png 3", "label 3 is car"),
    ],
)
def test_lines_of_another_form_are_refused_by_number(tmp_path, line, reason):
    path = tmp_path / "image_list.txt"
    path.write_text(f"bus/a b.png 2\n{line}\n")
    with pytest.raises(UserError, match=f"image_list.txt: line 2: .*{reason}"):
        read_list(path)


def test_a_path_listed_twice_is_refused(tmp_path):
    path = tmp_path / "image_list.txt"
    path.write_text("trunk00/a.png 2\ntrunk00/a.png 3\n")
    with pytest.raises(UserError, match=r"paths that occur more than once, 1: trunk00/a\.png"):
        read_list(path, folders_are_classes=False)


# --- synsets


def test_the_released_map_has_twenty_synsets_and_leaves_990_classes():
    released = synset_map("released")
    assert [*released] == [*SUBVISDA.values()]
    assert [len(synsets) for synsets in released.values()] == [1, 2, 3, 3, 1, 1, 1, 2, 1, 5]
    assert len({synset for synsets in released.values() for synset in synsets}) == 20
    assert len(merged_synsets("released")) == 10
    assert merged_synsets("released")["n04285008"] == "n03895866", "sports cars among the railway carriages"


def test_the_corrected_map_drops_what_is_not_of_the_class():
    released, corrected = synset_map("released"), synset_map("corrected")
    assert corrected["skateboard"] == ()
    assert corrected["car"] == ("n04037443", "n04285008")
    same = set(released) - {"skateboard", "car"}
    assert {name: released[name] for name in same} == {name: corrected[name] for name in same}
    assert len(merged_synsets()) == 8


@pytest.fixture
def imagenet(tmp_path):
    """A small ImageNet: the synsets of the map and one more, two images each, one file that is none."""
    root = tmp_path / "train"
    for synset in [row["synset"] for row in synset_table()] + ["n00000001"]:
        (root / synset).mkdir(parents=True)
        for number in (1, 2):
            (root / synset / f"{synset}_{number}.JPEG").write_bytes(b"image")
        (root / synset / "notes.txt").write_text("no image")
    return root


@pytest.mark.parametrize(
    ("classes", "protocol", "folders", "images"),
    [
        (10, "released", 10, 40),
        (10, "corrected", 9, 34),
        (990, "released", 11, 42),
        (990, "corrected", 13, 42),
    ],
)
def test_imagenet_is_sorted_by_links(imagenet, tmp_path, classes, protocol, folders, images):
    counts = link_imagenet(imagenet, tmp_path / "out", classes, protocol)
    found = list((tmp_path / "out").glob("*/*"))
    assert (len(counts), sum(counts.values()), len(found)) == (folders, images, images)
    assert all(path.is_symlink() and path.read_bytes() == b"image" for path in found)
    if classes == 10:
        assert ("skateboard" in counts) == (protocol == "released")
        assert counts["car"] == (6 if protocol == "released" else 4)


def test_a_missing_synset_and_a_folder_that_is_there_are_named(imagenet, tmp_path):
    with pytest.raises(UserError, match="train: is there already"):
        link_imagenet(imagenet, imagenet, 10, "corrected")
    shutil.rmtree(imagenet / "n02917067")
    with pytest.raises(UserError, match="no folder n02917067"):
        link_imagenet(imagenet, tmp_path / "out", 10, "corrected")
    shutil.rmtree(imagenet / "n03417042")
    with pytest.raises(UserError, match="no folder n03417042; expected the train folder"):
        link_imagenet(imagenet, tmp_path / "out", 990, "corrected")
    assert not (tmp_path / "out").exists()


def test_every_correction_is_flagged_and_nothing_else():
    for row in synset_table():
        assert (row["flag"] == "wrong") == (row["correction"] != row["class"]), row
    assert [row["class"] for row in synset_table() if row["flag"] == "narrow"] == [
        "airplane",
        "knife",
        "motorcycle",
        "plant",
        "train",
    ]


@pytest.mark.slow
def test_the_published_supervised_study_runs_on_a_small_tree(tree, tmp_path):
    """ViT-B at 224 pixels on rendered images that are streamed from disk, tested on SubVisDA-10."""
    for name in ("train", "test_iid", "test_iid_no_background"):
        for label in SUBVISDA.values():
            for number in range(2):
                path = tmp_path / "rendered" / name / label / f"{number:06}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (24, 24), (10 * number, 20 * len(label), 0)).save(path)
    request = ImageRequest(
        "rendered-supervised",
        preset="full",
        source=Source(synthetic=str(tmp_path / "rendered")),
        training="epochs=1,steps=2,batch=2,decoders=0",
        only="network=vit,augmentation=weak,data=never repeated",
        seeds=1,
        out=tmp_path / "out",
    )
    runs = request.run(workers=1, ray=None, retry="", tensorboard=False)
    (record,) = runs.records.values()
    assert record["error"] is None
    assert record["history"][-1]["further"].keys() == {"iid", "iid_no_background"}
    assert runs.info["tasks"]["photographs"]["counts"]["test"] == 20
