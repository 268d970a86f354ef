"""S2RDA-49 and S2RDA-MS-39: listing, splits, protocols, checks, decoding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from assay.cli.main import app
from assay.data.catalogue import CATALOGUE
from assay.data.decode import check_memory, decoded
from assay.data.decoder import decode, read_image
from assay.data.listing import Listing, list_paths, split_lines
from assay.data.s2rda import S2rda49, S2rdaMs39
from assay.data.s2rda_tree import Published, class_table, published_counts, read_split
from assay.data.table import DATA_SETS, open_task
from assay.errors import UserError
from assay.models.checkpoint import save_trunk
from assay.models.table import BACKBONES
from assay.settings import parse
from assay.studies.images.request import ImageRequest
from assay.studies.source import Source

CLASSES = ("airplane", "mug", "trashbin")
SMALL = Published(
    val={"airplane": 3, "mug": 2, "trashbin": 2}, test={"airplane": 4, "mug": 2, "trashbin": 3}, synthetic=10
)
SYNTHETIC, VAL, TEST = 0, 100, 200


def save(path, colour, size=(12, 9)):
    """An image of one colour; PNG keeps it exactly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def write_split(root, part, lines, end="\n"):
    (root / "splits").mkdir(exist_ok=True)
    (root / "splits" / f"real_{part}.txt").write_bytes("".join(line + end for line in lines).encode())


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A whole set of three classes: red is the part, green the class, blue the image."""
    monkeypatch.setattr(S2rda49, "published", SMALL)
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    root = tmp_path / "S2RDA-49"
    for label, name in enumerate(CLASSES):
        for i in range(SMALL.synthetic):
            save(root / "synthetic" / name / f"{i}.png", (SYNTHETIC, label, i))
    for part, level in (("val", VAL), ("test", TEST)):
        lines = []
        for label, name in enumerate(CLASSES):
            for i in range(getattr(SMALL, part)[name]):
                lines.append(f"real/{name}/{name} can_{part} {i}.png")
                save(root / lines[-1], (level, label, i))
        write_split(root, part, lines)
    return root


def pixels(samples):
    """Part, class and number of each image, as its colour tells."""
    return [tuple(colour) for colour in samples.x[:, :, 4, 4].tolist()]


def counts(task):
    return {name: len(part) for name, part in task.parts()}


# --- what was published


def test_the_table_adds_up_to_the_published_totals():
    rows = class_table()
    assert [row["class"] for row in rows] == sorted(row["class"] for row in rows)
    origins = ("visda", "objectnet", "imagenet", "web")
    assert [sum(int(row[key]) for row in rows) for key in origins] == [46697, 6341, 3050, 4447]
    for row in rows:
        assert sum(int(row[key]) for key in origins) == int(row["val_49"]) + int(row["test_49"]), row["class"]


@pytest.mark.parametrize(
    ("task", "classes", "val", "test", "synthetic"),
    [("49", 49, 30262, 30273, 588_000), ("ms39", 39, 20859, 20876, 468_000)],
)
def test_the_published_splits_halve_every_class(task, classes, val, test, synthetic):
    published = published_counts(task)
    assert len(published.classes) == classes
    assert (sum(published.val.values()), sum(published.test.values())) == (val, test)
    assert all(published.test[name] - published.val[name] in (0, 1) for name in published.classes)
    assert sum(published.counts("synthetic").values()) == synthetic
    assert sum(published.counts("real").values()) == val + test == {"49": 60_535, "ms39": 41_735}[task]


def test_ms_39_lacks_ten_classes_and_971_of_its_paths_have_spaces():
    absent = set(S2rda49.published.classes) - set(S2rdaMs39.published.classes)
    things = {"birdhouse", "cap", "filecabinet", "flowerpot", "guitar", "mailbox", "piano", "rifle"}
    assert absent == things | {"microphone", "washer"}
    spaced = [row["class"] for row in class_table() if " " in row["metashift"]]
    assert sum(S2rdaMs39.published.counts("real")[name] for name in spaced) == 971


# --- split files

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))


@given(st.lists(NAMES), st.sampled_from(["\n", "\r\n"]))
@example(["a\x0bb", "c\x1cd\x85e\u2028f", " g "], "\n")
@example(["a\r", "b"], "\n")
def test_lines_are_whole_whatever_is_in_them(names, end):
    if end == "\n" and names and all(name.endswith("\r") for name in names):
        return  # that is how CRLF is told from names
    assert split_lines("".join(name + end for name in names)) == names


def test_the_last_line_need_not_end():
    assert split_lines("a b\nc") == ["a b", "c"]
    assert split_lines("a\r\nb") == ["a", "b"]
    assert split_lines("") == []


@pytest.mark.parametrize(
    "line",
    [
        "../secret/mug/a.png",
        "real/../a.png",
        "real/mug/..",
        "real/mug/deep/a.png",
        "real/mug/a.png/",
        "/real/mug/a.png",
        "real\\mug\\a.png",
        "synthetic/mug/a.png",
        "real/dog/a.png",
        "real/mug/",
        "",
    ],
)
def test_lines_of_another_form_are_refused_by_number(tmp_path, line):
    path = tmp_path / "real_val.txt"
    path.write_text(f"real/mug/a b.png\n{line}\nreal/mug/c.png\n")
    with pytest.raises(UserError, match=r"real_val\.txt: line 2: .*; expected real/<class>/<image>"):
        read_split(path, CLASSES)


def test_split_files_that_are_absent_foreign_or_repeat_a_path_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"gone\.txt: No such file"):
        read_split(tmp_path / "gone.txt", CLASSES)
    path = tmp_path / "real_val.txt"
    path.write_bytes(b"real/mug/\xff.png\n")
    with pytest.raises(UserError, match=r"real_val\.txt: not text in UTF-8 \(byte 9\)"):
        read_split(path, CLASSES)
    path.write_text("real/mug/a b.png\nreal/mug/c.png\nreal/mug/a b.png\n")
    with pytest.raises(
        UserError, match=r"real_val\.txt: paths that occur more than once, 1: real/mug/a b\.png"
    ):
        read_split(path, CLASSES)


def test_a_path_in_both_splits_is_refused_even_in_part_of_a_set(tree):
    lines = read_split(tree / "splits" / "real_val.txt", CLASSES)
    write_split(tree, "test", [*read_split(tree / "splits" / "real_test.txt", CLASSES), lines[0]])
    for options in ("", ":partial=true"):
        with pytest.raises(
            UserError, match=r"paths also in real_test\.txt, 1: real/airplane/airplane can_val 0"
        ):
            open_task(f"s2rda-49{options}")


def test_line_ends_and_the_order_of_lines_change_nothing(tree):
    digest = open_task("s2rda-49:size=9").digest()
    for part in ("val", "test"):
        lines = read_split(tree / "splits" / f"real_{part}.txt", CLASSES)
        write_split(tree, part, lines[::-1], end="\r\n")
    assert open_task("s2rda-49:size=9").digest() == digest
    for path in (tree / "splits").iterdir():
        path.rename(tree / path.name)
    assert open_task("s2rda-49:size=9").digest() == digest, "split files beside the domains"


# --- the task


def test_corrected_tests_on_one_half_and_learns_without_labels_from_the_other(tree):
    task = open_task("s2rda-49:size=9")
    assert (task.classes, task.shape, task.kind, task.normalise) == (CLASSES, (3, 9, 9), "image", "channel")
    assert counts(task) == {"labelled": 27, "shots": 0, "unlabelled": 7, "validation": 3, "test": 9}
    assert set(task.unlabelled.y) == {-1}
    levels = {"labelled": SYNTHETIC, "validation": SYNTHETIC, "unlabelled": VAL, "test": TEST}
    for name, level in levels.items():
        part = getattr(task, name)
        assert {pixel[0] for pixel in pixels(part)} == {level}
        assert len(set(pixels(part))) == len(part)
        if name != "unlabelled":
            assert [pixel[1] for pixel in pixels(part)] == part.y.tolist()
    assert not set(pixels(task.labelled)) & set(pixels(task.validation))


def test_target_val_exchanges_the_halves(tree):
    task, exchanged = open_task("s2rda-49:size=9"), open_task("s2rda-49:size=9,target=val")
    assert np.array_equal(task.test.x, exchanged.unlabelled.x)
    assert np.array_equal(task.unlabelled.x, exchanged.test.x)


def test_released_learns_from_the_test_images_without_their_labels(tree):
    task = open_task("s2rda-49:size=9,protocol=released")
    assert counts(task) == {"labelled": 30, "shots": 0, "unlabelled": 16, "validation": 0, "test": 16}
    assert np.array_equal(task.unlabelled.x, task.test.x)
    assert set(task.unlabelled.y) == {-1}
    assert task.name == "s2rda-49 synthetic to all, transductive"
    half = open_task("s2rda-49:size=9,protocol=released,target=test")
    assert {pixel[0] for pixel in pixels(half.unlabelled)} == {TEST}


def test_shots_are_never_test_images_and_no_longer_unlabelled(tree):
    task, without = open_task("s2rda-49:size=9,shots=2"), open_task("s2rda-49:size=9")
    assert counts(task) == counts(without) | {"shots": 6, "unlabelled": 1}
    assert task.test.digest() == without.test.digest()
    assert task.shots.counts(3).tolist() == [2, 2, 2]
    assert set(pixels(task.shots)) | set(pixels(task.unlabelled)) == set(pixels(without.unlabelled))
    fewer = open_task("s2rda-49:size=9,shots=1")
    assert set(pixels(fewer.shots)) < set(pixels(task.shots))


def test_real_shots_can_be_all_that_is_labelled_with_the_synthetic_images_given_apart(tree):
    task = open_task("s2rda-49:size=9,source=real,shots=2")
    assert counts(task) == {"labelled": 6, "shots": 0, "unlabelled": 1, "validation": 0, "test": 9}
    assert {pixel[0] for pixel in pixels(task.labelled)} == {VAL}
    made = S2rda49(size=9, limit=4).synthetic()
    task.check_synthetic(made)
    assert made.counts(3).tolist() == [4, 4, 4]
    assert [pixel[:2] for pixel in pixels(made)] == [(SYNTHETIC, label) for label in made.y]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("target=all", "target=all leaves no image to learn from without labels"),
        ("shots=3", "shots=3: class 'mug' has 2 real images outside the test"),
        ("protocol=released,shots=1", "shots=1: class 'airplane' has 0 real images outside the test"),
        ("source=real", "shots=0: with source=real"),
        ("source=real,shots=1,validation=0.1", "validation: a share of the synthetic images"),
        ("root=/nowhere", "/nowhere is not here; 'assay data' says where to get it"),
    ],
)
def test_requests_that_cannot_be_met_are_refused(tree, options, message):
    with pytest.raises(UserError, match=f"^s2rda-49: .*{message}"):
        open_task(f"s2rda-49:{options}")


def test_a_limit_is_kept_in_every_part_and_fewer_images_are_among_more(tree):
    two, five = (open_task(f"s2rda-49:size=9,validation=0,limit={n}") for n in (2, 5))
    for name in ("labelled", "test"):
        assert getattr(two, name).counts(3).tolist() == [2, 2, 2]
        assert set(pixels(getattr(two, name))) < set(pixels(getattr(five, name)))
    assert len(two.unlabelled) == 6
    assert five.labelled.counts(3).tolist() == [5, 5, 5]
    assert two.name == "s2rda-49 synthetic to test, 2 a class"


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tree):
    digests = [open_task(f"s2rda-49:size=9,limit=2,seed={seed}").digest() for seed in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]


# --- is it whole?


def test_a_whole_set_is_said_to_be_whole(tree):
    assert CATALOGUE["s2rda-49"].state().startswith("intact: 30 synthetic images, 16 real images")
    done = CliRunner().invoke(app, ["data", "check", f"s2rda-49:root={tree},limit=1,size=9,validation=0"])
    assert done.exit_code == 0, done.output
    assert "decoded: 3 labelled, 3 unlabelled, 3 test" in " ".join(done.output.split())


@pytest.mark.slow
def test_the_published_study_runs_where_one_of_its_data_sets_is(tree, tmp_path):
    """Every part at its full size, on a few images: ResNet-50, 224 pixels, streams, the released protocol."""
    weights, shape = tmp_path / "resnet50.safetensors", (3, 224, 224)
    network = parse("resnet2d:depth=50", BACKBONES, "backbone").build(shape, torch.Generator())
    save_trunk(network, weights, {"backbone": "resnet2d:depth=50"})
    request = ImageRequest(
        "rendered-adaptation",
        preset="full",
        protocol="released",
        source=Source(weights=str(weights)),
        training="epochs=1,steps=1,batch=2,decoders=0",
        only="task=S2RDA-49,method=no_adaptation+mcd",
        seeds=1,
        out=tmp_path / "out",
    )
    runs = request.run(workers=1, ray=None, retry="", tensorboard=False)
    assert [record["error"] for record in runs.records.values()] == [None, None]
    assert {cell["task"] for cell in runs.info["cells"]} == {"S2RDA-49"}
    settings = [record["settings"] for record in runs.records.values()]
    assert {made["method"]["learning_rate"] for made in settings} == {1e-4, 1e-3}
    assert {made["method"]["trunk_rate"] for made in settings} == {0.1}


def findings(name="s2rda-49"):
    with pytest.raises(UserError) as caught:
        DATA_SETS[name].check()
    return str(caught.value)


def test_a_missing_and_an_unknown_class_folder_are_named(tree):
    (tree / "synthetic" / "mug").rename(tree / "synthetic" / "cup")
    text = findings()
    assert "synthetic: no class folder mug" in text
    assert "synthetic: unknown class folder cup" in text
    assert "than published" not in text


def test_missing_and_surplus_images_are_counted_and_named(tree):
    names = [f"real/airplane/airplane can_test {i}.png" for i in range(4)]
    for name in names[1:3]:
        (tree / name).unlink()
    save(tree / "real" / "mug" / "stray.png", (1, 2, 3))
    text = findings()
    assert f"paths of the split files not there, 2: {names[1]}, {names[2]};" in text
    assert "images in no split, 1: real/mug/stray.png" in text
    assert "real: other numbers of images than published: airplane 5 (not 7), mug 5 (not 4)" in text
    with pytest.raises(UserError, match=r"paths of the split files not there, 2: .*partial=true"):
        open_task("s2rda-49:size=9")
    part = open_task("s2rda-49:size=9,partial=true")
    assert counts(part)["test"] == 7
    assert part.name.endswith("of what is there")


def test_only_the_first_few_of_many_are_named(tree):
    for path in (tree / "real").glob("*/*.png"):
        path.unlink()
    assert "paths of the split files not there, 16: " in findings()
    assert " and 11 more" in findings()


def test_split_files_of_other_counts_than_published_are_noticed(tree):
    lines = {part: read_split(tree / "splits" / f"real_{part}.txt", CLASSES) for part in ("val", "test")}
    write_split(tree, "val", [*lines["val"], lines["test"].pop()])
    write_split(tree, "test", lines["test"])
    text = findings()
    assert "real_val.txt: other numbers of images than published: trashbin 3 (not 2)" in text
    assert "real_test.txt: other numbers of images than published: trashbin 2 (not 3)" in text
    assert "not there" not in text


def test_all_that_is_wrong_is_said_at_once(tree):
    (tree / "splits" / "real_test.txt").unlink()
    (tree / "synthetic" / "mug" / "3.png").unlink()
    text = findings()
    assert "synthetic: other numbers of images than published: mug 9 (not 10)" in text
    assert "real_test.txt: No such file" in text


def test_real_shots_do_not_need_the_synthetic_domain(tree):
    (tree / "synthetic").rename(tree / "elsewhere")
    assert len(open_task("s2rda-49:size=9,source=real,shots=1").test) == 9
    with pytest.raises(UserError, match="synthetic: no such folder"):
        open_task("s2rda-49:size=9")


def test_an_image_cut_short_is_named_where_it_is_decoded(tree):
    path = tree / "real" / "mug" / "mug can_test 1.png"
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    assert S2rda49().check().startswith("30 synthetic")
    named = r"1 of 9 images cannot be read: real/mug/mug can_test 1\.png \(image file is truncated\)"
    with pytest.raises(UserError, match=named):
        open_task("s2rda-49:size=9")
    with pytest.raises(UserError, match=r"cannot be read: real/mug/mug can_test 1\.png"):
        S2rda49(size=9, limit=3).check()


# --- decoding


def test_decoding_keeps_the_order_whatever_the_threads(tmp_path):
    for i in range(70):
        save(tmp_path / f"{i:03}.png", (i, 2 * i, 3 * i))
    listing = list_paths(tmp_path, [f"{i:03}.png" for i in range(70)], int_before_dot)
    one, many = decoded(listing, 8, threads=1), decoded(listing, 8, threads=5)
    assert one.digest() == many.digest()
    assert one.x[:, 0, 0, 0].tolist() == one.y.tolist() == list(range(70))


def int_before_dot(path):
    return int(path.split(".")[0])


def test_all_unreadable_images_of_a_listing_are_named_in_its_order(tmp_path):
    for i in range(100):
        save(tmp_path / f"{i:03}.png", (0, 0, 0))
    for i in (40, 90):
        (tmp_path / f"{i:03}.png").write_bytes(b"no image")
    listing = list_paths(tmp_path, [f"{i:03}.png" for i in range(100)], int_before_dot)
    for _ in range(3):
        with pytest.raises(UserError, match=r"2 of 100 .* read: 040\.png, 090\.png \(text\)$"):
            decoded(listing, 8, threads=4)


@pytest.mark.parametrize("shape", [(480, 640), (700, 300), (90, 200), (20, 16)])
def test_scaled_decoding_of_a_jpeg_looks_as_full_decoding(tmp_path, shape):
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    picture = np.stack([rows * 255 / shape[0], columns * 255 / shape[1], 255 * (rows > columns)], -1)
    Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "a.jpg", quality=95)
    fast, full = (read(tmp_path / "a.jpg", 32).astype(int) for read in (decode, read_image))
    assert fast.shape == full.shape == (3, 32, 32)
    assert np.abs(fast - full).mean() < 1.5


def test_a_request_beyond_the_memory_is_refused_with_an_estimate():
    listing = Listing(None, ("a.png",) * 1000, np.zeros(1000, dtype=np.int64), "real")
    need = 1000 * 3 * 64 * 64 * 5
    check_memory("s2rda-49", [listing], 64, memory=2 * need)
    with pytest.raises(UserError, match=r"size=64: 1,000 images take about 0\.1 GB.*smaller size, or limit="):
        check_memory("s2rda-49", [listing], 64, "limit=N", memory=2 * need - 1)
    with pytest.raises(UserError, match="2,000 images"):
        check_memory("s2rda-49", [listing, listing], 64, memory=2 * need)


def test_a_task_beyond_the_memory_is_refused_before_anything_is_decoded(tree, monkeypatch):
    monkeypatch.setattr("assay.data.decode.physical_memory", lambda: 10_000)
    monkeypatch.setattr("assay.data.adaptation.decoded", None)
    with pytest.raises(UserError, match=r"s2rda-49: size=64: 46 images take about .*limit="):
        open_task("s2rda-49")
    with pytest.raises(UserError, match=r"30 images take about"):
        S2rda49().synthetic()
