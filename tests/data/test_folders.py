"""Folders of images as people lay them out: parts, classes, files left out, bad ones, links, names."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assay.data.folder_layout import lay_out
from assay.data.folder_tree import walk
from assay.data.images import ImageFolder, read_folder, read_unsorted
from assay.data.table import open_task, read_synthetic
from assay.errors import UserError
from assay.generate.table import open_synthetic
from assay.lazy import Lazy
from assay.types import Samples, Task

SIZE = 8


def put(root: Path, *names: str, colour=(90, 60, 30), size=(8, 8), **options) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, colour).save(root / name, **options)


def grid(root: Path, *levels: list[str], n: int = 4) -> None:
    """The same n pictures below every combination of folders; those of a combination are of one shade."""
    for shade, folders in enumerate(product(*levels)):
        put(root, *(f"{'/'.join(folders)}/{i}.png" for i in range(n)), colour=(20 * shade, 0, 0))


def task_of(root: Path, options: str = "") -> Task:
    return open_task(f"{root}:size={SIZE}{options and ','}{options}")


def told(found: Task | Samples, code: str) -> str:
    """The message of the one finding of that code."""
    [finding] = [finding for finding in found.findings if finding.code == code]
    return f"{finding.severity}: {finding.line()}"


def codes(found: Task | Samples) -> set[str]:
    return {finding.code for finding in found.findings} - {"layout"}


def counts(task: Task) -> dict[str, int]:
    return {name: len(part) for name, part in task.parts() if len(part)}


@pytest.fixture
def pets(tmp_path) -> Path:
    """A task in parts and synthetic pictures for it, below one folder."""
    grid(tmp_path / "real", ["train", "test"], ["Guinea Pig", "cat"], n=3)
    grid(tmp_path / "made", ["Guinea Pig", "cat"], n=2)
    return tmp_path


# --- parts


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("train", "val", "test"),
        ("Train", "valid", "TEST"),
        ("training", "validation", "testing"),
        ("train_set", "dev", "test-set"),
        ("labelled", "validation", "test"),
    ],
)
def test_parts_go_by_the_names_that_people_give_them(tmp_path, train, val, test):
    for n, part in enumerate((train, val, test, "unlabeled"), 1):
        grid(tmp_path, [part], ["ant", "bee"], n=n)
    task = task_of(tmp_path)
    assert counts(task) == {"labelled": 2, "validation": 4, "test": 6, "unlabelled": 8}
    assert f"{val} is validation" in told(task, "folder_parts") or val == "validation"
    assert told(task, "folder_parts").startswith("note: folders read as parts: ")


@pytest.mark.parametrize("order", [("ant", "train"), ("train", "ant")])
def test_a_part_may_stand_above_or_below_the_class_or_the_domain(tmp_path, order):
    names = {"ant": ["ant", "bee"], "train": ["train", "test"]}
    grid(tmp_path, ["shop", "street"], *(names[name] for name in order))
    task = task_of(tmp_path)
    assert (task.classes, counts(task)) == (("ant", "bee"), {"labelled": 16, "test": 16})


def test_a_class_called_train_is_no_part(tmp_path):
    grid(tmp_path / "real", ["bus", "car", "train"])
    grid(tmp_path / "made", ["car", "train"])
    task = task_of(tmp_path / "real")
    assert task.classes == ("bus", "car", "train")
    assert read_synthetic(tmp_path / "made", task).counts(3).tolist() == [0, 4, 4]


def test_train_alone_is_dealt_out(tmp_path):
    grid(tmp_path, ["train"], ["ant", "bee"], n=5)
    task = task_of(tmp_path)
    assert sum(counts(task).values()) == 10
    assert set(counts(task)) == {"labelled", "unlabelled", "validation", "test"}
    assert "the second folder names the class (ant, bee)" in told(task, "folder_levels")


def test_train_and_val_are_no_task_but_become_one_by_either_option(tmp_path):
    grid(tmp_path, ["train", "val"], ["ant", "bee"])
    with pytest.raises(
        UserError, match=r"has train \(labelled\), val \(validation\).*rename=val:test .*ignore=val"
    ):
        task_of(tmp_path)
    assert counts(task_of(tmp_path, "rename=val:test")) == {"labelled": 8, "test": 8}
    assert sum(counts(task_of(tmp_path, "ignore=val")).values()) == 8


def test_what_lies_beside_the_parts_is_left_out_and_told(tmp_path):
    grid(tmp_path, ["train", "test", "extra"], ["ant", "bee"])
    task = task_of(tmp_path)
    assert counts(task) == {"labelled": 8, "test": 8}
    assert told(task, "folders_outside").startswith("warn: 8 pictures lie in no part of the task")
    assert "extra/ant/0.png" in told(task, "folders_outside")


def test_synthetic_data_in_parts_are_taken_whole_unless_one_is_ignored(pets):
    task = task_of(pets / "real")
    whole = read_synthetic(pets / "real", task)
    assert whole.counts(2).tolist() == [6, 6]
    assert told(whole, "folder_parts").startswith("note: synthetic: has the parts test, train: all of them")
    assert len(read_synthetic(f"{pets / 'real'}:ignore=test", task)) == 6


def test_test_pictures_of_no_class_are_refused(tmp_path):
    grid(tmp_path, ["train"], ["ant", "bee"])
    put(tmp_path, "test/1.png", "test/2.png")
    with pytest.raises(UserError, match=r"test: its pictures lie in no class folder.*ignore=test"):
        task_of(tmp_path)
    assert sum(counts(task_of(tmp_path, "ignore=test")).values()) == 8
    grid(tmp_path, ["held out"], ["ant", "bee"])
    task = task_of(tmp_path, "rename=test:unlabelled+held out:test")
    assert counts(task) == {"labelled": 8, "test": 8, "unlabelled": 2}


# --- levels


def test_the_second_folder_names_the_class_where_its_names_recur_under_domains(tmp_path):
    grid(tmp_path, ["shop", "street"], ["ant", "bee", "cow"])
    task = task_of(tmp_path)
    assert task.classes == ("ant", "bee", "cow")
    message = "warn: the second folder names the class (ant, bee, cow), the first does not (shop, street)"
    assert told(task, "folder_levels") == f"{message}; level=1 takes that for the class"
    assert task_of(tmp_path, "level=1").classes == ("shop", "street")


@pytest.mark.parametrize(
    "batches", [["batch1", "batch2"], ["01", "02"], ["rec7", "rec12"], ["2024-05-01", "2024-05-02"]]
)
def test_the_first_folder_names_the_class_above_batches_and_instances(tmp_path, batches):
    grid(tmp_path, ["ant", "bee"], batches)
    task = task_of(tmp_path)
    assert task.classes == ("ant", "bee")
    assert told(task, "folder_levels").startswith("note: the first folder names the class (ant, bee)")


def test_folders_of_one_class_each_are_instances_of_the_first(tmp_path):
    grid(tmp_path, ["ant"], ["small", "large"])
    grid(tmp_path, ["bee"], ["old", "new"])
    assert task_of(tmp_path).classes == ("ant", "bee")
    assert task_of(tmp_path, "level=2").classes == ("large", "new", "old", "small")


@pytest.mark.parametrize(
    ("first", "classes"),
    [
        (["user1", "user2"], ("0", "1", "2")),
        (["photo", "sketch"], ("n01440764", "n01443537", "n02102040")),
        (["photo", "sketch"], ("class1", "class2", "class3")),
    ],
)
def test_numbered_classes_are_classes_where_nothing_else_is(tmp_path, first, classes):
    grid(tmp_path, first, list(classes))
    assert task_of(tmp_path).classes == classes


def test_known_classes_decide_which_folder_names_them(pets):
    grid(pets / "runs", ["seed1", "seed2"], ["guinea_pig", "cat"], n=1)
    grid(pets / "batches", ["guinea_pig", "cat"], ["a", "b", "cat"], n=1)
    task = task_of(pets / "real")
    assert read_synthetic(pets / "runs", task).counts(2).tolist() == [2, 2]
    assert read_synthetic(pets / "batches", task).counts(2).tolist() == [3, 3]


def test_pictures_below_a_class_folder_with_pictures_are_left_out_and_told(tmp_path):
    grid(tmp_path, ["ant", "bee"], n=5)
    put(tmp_path, "ant/masks/0.png", "ant/masks/1.png", "preview.png")
    task = task_of(tmp_path)
    assert sum(counts(task).values()) == 10
    assert told(task, "folders_below").startswith("warn: 2 pictures lie in folders below class folders")
    assert "1 picture lies in no class folder: left out (first: preview.png)" in told(task, "folders_flat")
    assert sum(counts(task_of(tmp_path, "deep=true")).values()) == 12


def test_a_group_is_the_folder_that_names_neither_part_nor_class(tmp_path):
    grid(tmp_path, ["train", "test"], ["ant", "bee"], ["rec1", "rec2", "rec3"], n=2)
    assert set(task_of(tmp_path).labelled.group) == {0}
    task = task_of(tmp_path, "group=true")
    assert np.bincount(task.labelled.group).tolist() == [4, 4, 4]
    paths = task.labelled.files.names
    assert {(path.split("/")[2], group) for path, group in zip(paths, task.labelled.group)} == {
        ("rec1", 0),
        ("rec2", 1),
        ("rec3", 2),
    }


NAMES = st.sampled_from(["train", "test", "ant", "bee", "batch1", "2", "shop"])
PATHS = st.sets(st.lists(NAMES, max_size=4).map(tuple), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(PATHS, st.booleans())
def test_every_picture_is_taken_once_or_counted_among_those_left_out(folders, deep):
    paths = [(*names, f"{i}.png") for names in sorted(folders) for i in range(2)]
    parts = {names for names in folders if names[:1] in (("train",), ("test",))}
    if folders == {()} or parts == {("train",), ("test",)}:
        with pytest.raises(UserError, match="in no class folder"):
            lay_out(paths, deep=deep)
        return
    layout = lay_out(paths, deep=deep)
    left_out = sum(finding.count for finding in layout.findings)
    taken = [picture.path for picture in layout.pictures]
    assert len(taken) + left_out == len(paths)
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(paths)
    assert all(picture.kind in picture.path[:-1] for picture in layout.pictures)


# --- names of classes


def test_names_that_differ_in_case_space_or_underscore_are_matched_and_told(pets):
    grid(pets / "other", ["guinea_pig", "CAT"], n=2)
    found = read_synthetic(pets / "other", task_of(pets / "real"))
    assert found.counts(2).tolist() == [2, 2]
    message = told(found, "classes_alike")
    assert message.startswith("note: synthetic: class names read as the task's")
    assert "guinea_pig as Guinea Pig" in message


def test_so_are_they_between_parts_of_a_task(tmp_path):
    grid(tmp_path, ["train"], ["Guinea Pig", "cat"])
    grid(tmp_path, ["val", "test"], ["guinea-pig", "Cat"])
    task = task_of(tmp_path)
    assert task.classes == ("Guinea Pig", "cat")
    assert task.test.counts(2).tolist() == [4, 4]


@pytest.mark.parametrize("as_task", [True, False])
def test_an_unknown_class_is_refused_with_the_nearest_name_and_three_ways_out(pets, as_task):
    grid(pets / ("real/test" if as_task else "made"), ["catt"], n=2)

    def read(options: str = "") -> Samples:
        if as_task:
            return task_of(pets / "real", options).test
        return read_synthetic(f"{pets / 'made'}{options and ':'}{options}", task_of(pets / "real"))

    with pytest.raises(
        UserError, match=r"unknown class 'catt'.*nearest: 'cat'; rename=catt:cat .*ignore=catt"
    ):
        read()
    n = 3 if as_task else 2
    assert read("rename=catt:cat").counts(2).tolist() == [n, n + 2]
    assert read("ignore=catt").counts(2).tolist() == [n, n]
    if not as_task:
        assert read("classes=cat").counts(2).tolist() == [0, 2]


def test_classes_of_a_task_are_chosen_and_ordered_by_option_in_all_its_parts(tmp_path):
    grid(tmp_path, ["train", "test"], ["ant", "bee", "cow"])
    task = task_of(tmp_path, "classes=cow+ant")
    assert task.classes == ("cow", "ant")
    for part in (task.labelled, task.test):
        assert part.counts(2).tolist() == [4, 4]
        assert part.files.names[0].endswith("ant/0.png")
        assert part.y[0] == 1


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("ignore=cot", "ignore: no folder 'cot'; did you mean 'cat'?"),
        ("rename=cot:dog", "rename: no folder 'cot'; did you mean 'cat'?"),
        ("classes=dog+cot", "classes: no class 'dog'"),
        ("background=whit", "background=whit: no colour"),
        ("bad=keep", "bad=keep"),
        ("level=0", "level=0"),
        ("colour=red", "unknown option 'colour'"),
    ],
)
def test_options_that_name_nothing_are_refused_for_tasks_and_synthetic_data(pets, option, named):
    with pytest.raises(UserError, match=named.replace("?", r"\?")):
        task_of(pets / "real", option)
    with pytest.raises(UserError, match=named.replace("?", r"\?")):
        open_synthetic(f"{pets / 'made'}:{option}", task_of(pets / "real"))


# --- files


def test_all_bad_files_are_named_with_their_reasons_and_skipped_on_request(pets):
    for name, content in {"cat/page.jpg": b"<html>", "cat/z.heic": b"\0", "Guinea Pig/e.png": b""}.items():
        (pets / "made" / name).write_bytes(content)
    task, made = task_of(pets / "real"), pets / "made"
    with pytest.raises(UserError) as refused:
        read_synthetic(made, task)
    assert str(refused.value) == (
        f"{made}: 3 of 7 images cannot be read: Guinea Pig/e.png (empty), cat/page.jpg (a web page), "
        "cat/z.heic (HEIC is not read: save it as JPEG or PNG); bad=skip leaves out what cannot be read"
    )
    kept = read_synthetic(f"{made}:bad=skip", task)
    assert kept.counts(2).tolist() == [2, 2]
    assert told(kept, "pictures_bad").startswith("warn: synthetic: 3 of 7 images cannot be read")


@pytest.mark.parametrize("stream", ["false", "true"])
def test_of_many_bad_files_the_first_ten_are_named_streamed_or_not(tmp_path, stream):
    grid(tmp_path, ["ant", "bee"], n=6)
    for i in range(12):
        (tmp_path / "bee" / f"bad{i:02}.png").write_bytes(b"no")
    options = f"stream={stream}"
    with pytest.raises(
        UserError, match=r"12 of 24 .*bee/bad00.png, .*bee/bad09.png \(text\) and 2 more; bad=skip"
    ):
        task_of(tmp_path, options)
    task = task_of(tmp_path, f"{options},bad=skip")
    assert sum(counts(task).values()) == 12
    [finding] = [finding for finding in task.findings if finding.code == "pictures_bad"]
    assert (finding.count, finding.of, len(finding.details)) == (12, 24, 12)


def test_where_no_option_can_be_given_none_is_offered(tmp_path):
    put(tmp_path, "ant/0.png")
    (tmp_path / "ant" / "1.png").write_bytes(b"")
    for read in (lambda: read_folder(tmp_path, ("ant",), SIZE), lambda: read_unsorted(tmp_path, SIZE)):
        with pytest.raises(UserError, match=r"1 of 2 images cannot be read: ant/1.png \(empty\)$"):
            read()


def test_a_bad_file_of_a_class_that_is_not_wanted_is_no_matter(tmp_path):
    grid(tmp_path, ["ant", "bee", "cow"], n=4)
    (tmp_path / "cow" / "bad.png").write_bytes(b"no")
    (tmp_path / "cow" / "bad.heic").write_bytes(b"no")
    assert task_of(tmp_path, "classes=ant+bee").classes == ("ant", "bee")


def test_other_files_are_counted_by_ending_and_system_files_apart(tmp_path):
    grid(tmp_path, ["ant", "bee"], n=4)
    for name in (
        "ant/a.txt",
        "ant/b.txt",
        "classes.json",
        ".DS_Store",
        "bee/Thumbs.db",
        "bee/notes",
        "bee/._0.png",
    ):
        (tmp_path / name).write_bytes(b"hello")
    put(tmp_path, "__MACOSX/ant/0.png", ".cache/ant/0.png")
    task = task_of(tmp_path)
    assert sum(counts(task).values()) == 8
    message = told(task, "files_left_out")
    assert message.startswith("note: left out: 9 files that are no pictures: ")
    for part in ("hidden or of the system (5)", ".txt (2)", ".json (1)", "no ending (1)"):
        assert part in message


def test_files_are_known_by_their_content_where_the_ending_does_not_tell(tmp_path):
    put(tmp_path, "ant/0", "ant/0.5", format="PNG")
    put(tmp_path, "ant/1.jfif", "ant/2.JPG", "ant/3.jpe", format="JPEG")
    put(tmp_path, "ant/4.png", format="GIF")
    put(tmp_path, *(f"bee/{i}.webp" for i in range(6)))
    task = task_of(tmp_path)
    parts = [part.files for name, part in task.parts() if name != "unlabelled" and len(part)]
    found = {path: str(name) for files in parts for path, name in zip(files.names, files.formats)}
    everything = read_synthetic(tmp_path, task).files
    assert len(everything) == 12
    kinds = dict(zip(everything.names, everything.formats.tolist()))
    assert (kinds["ant/0"], kinds["ant/0.5"], kinds["ant/1.jfif"], kinds["ant/4.png"]) == (
        "PNG",
        "PNG",
        "JPEG",
        "GIF",
    )
    assert set(found.items()) <= set(kinds.items())


def test_a_pipe_is_not_waited_for(tmp_path):
    grid(tmp_path, ["ant", "bee"], n=4)
    os.mkfifo(tmp_path / "ant" / "pipe")
    os.mkfifo(tmp_path / "ant" / "pipe.png")
    assert "no plain file (2)" in told(task_of(tmp_path), "files_left_out")


def test_empty_class_folders_are_refused_in_a_task_and_told_of_in_synthetic_data(pets):
    (pets / "made" / "dog").mkdir()
    (pets / "real" / "train" / "dog").mkdir()
    with pytest.raises(UserError, match="no images in train/dog; ignore=dog leaves it out"):
        task_of(pets / "real")
    task = task_of(pets / "real", "ignore=dog")
    found = read_synthetic(pets / "made", task)
    assert told(found, "folders_empty") == "warn: synthetic: no images in dog"


def test_transparency_is_composited_alike_in_real_and_synthetic_pictures_and_counted(tmp_path):
    for name in ("real/ant", "real/bee", "made/ant"):
        (tmp_path / name).mkdir(parents=True)
        for i in range(4):
            Image.new("RGBA", (8, 8), (i, 0, 0, 0 if i else 255)).save(tmp_path / name / f"{i}.png")
    task = task_of(tmp_path / "real", "background=#0a141e")
    made = read_synthetic(tmp_path / "made", task)
    assert (made.x[1] == np.array([10, 20, 30])[:, None, None]).all(), "the background is the task's"
    assert (read_synthetic(f"{tmp_path / 'made'}:background=black", task).x[1] == 0).all()
    message = (
        "note: 6 of 8 pictures have transparency: composited on #0a141e; background=COLOUR takes another"
    )
    assert told(task, "pictures_transparent") == message
    assert told(made, "pictures_transparent").startswith("note: synthetic: 3 of 4 pictures have transparency")


def test_animations_and_sixteen_bits_are_counted(tmp_path):
    grid(tmp_path, ["ant", "bee"], n=4)
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    first.save(tmp_path / "ant" / "a.gif", save_all=True, append_images=[second])
    Image.new("I;16", (8, 8), 5000).save(tmp_path / "bee" / "b.png")
    task = task_of(tmp_path)
    assert told(task, "pictures_animated").startswith("note: 1 of 10 pictures are animations")
    assert told(task, "pictures_deep").startswith("note: 1 of 10 pictures have 16 bits")


# --- memory


def test_a_folder_beyond_the_memory_is_refused_before_it_is_decoded_and_streams(tmp_path, monkeypatch):
    grid(tmp_path, ["ant", "bee"], n=5)
    monkeypatch.setattr("assay.data.decode.physical_memory", lambda: 10_000)
    with monkeypatch.context() as patch:
        patch.setattr("assay.data.images.read_pictures", None)
        with pytest.raises(UserError, match=rf"^{tmp_path}: size=8: 10 images take about .*stream=true"):
            task_of(tmp_path)
    task = task_of(tmp_path, "stream=true")
    assert isinstance(task.labelled.x, Lazy)
    assert isinstance(read_synthetic(tmp_path, task).x, Lazy), "synthetic pictures are streamed too"
    with pytest.raises(UserError, match="10 images take about"):
        read_synthetic(f"{tmp_path}:stream=false", task)


# --- links and names


def test_links_stay_inside_unless_asked(tmp_path):
    grid(tmp_path / "data", ["ant", "bee"], n=4)
    put(tmp_path, "secret/s.png", "other/cow/0.png")
    (tmp_path / "data/ant/out.png").symlink_to(tmp_path / "secret/s.png")
    (tmp_path / "data/bee/in.png").symlink_to(tmp_path / "data/bee/0.png")
    (tmp_path / "data/bee/broken.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "data/ant/up").symlink_to(tmp_path / "data")
    with pytest.raises(UserError) as refused:
        task_of(tmp_path / "data")
    assert "ant/out.png (a link that leads out of the folder: links=true follows it)" in str(refused.value)
    assert "bee/broken.png (a broken link)" in str(refused.value)
    assert "ant/up (a link to a folder that holds it)" in str(refused.value)
    assert sum(counts(task_of(tmp_path / "data", "bad=skip")).values()) == 9
    assert sum(counts(task_of(tmp_path / "data", "bad=skip,links=true")).values()) == 10


def test_a_folder_of_links_to_folders_is_read_on_request(tmp_path):
    grid(tmp_path / "far", ["ant", "bee"], n=4)
    (tmp_path / "near").mkdir()
    for part in ("train", "test"):
        (tmp_path / "near" / part).symlink_to(tmp_path / "far")
    with pytest.raises(
        UserError, match=r"2 of 2 images cannot be read: test, train .a link that leads out.*links=true"
    ):
        task_of(tmp_path / "near")
    assert counts(task_of(tmp_path / "near", "links=true")) == {"labelled": 8, "test": 8}


def test_where_nothing_but_bad_files_is_found_they_are_named(tmp_path):
    grid(tmp_path / "far", ["ant"], n=2)
    (tmp_path / "near" / "ant").mkdir(parents=True)
    for i in range(2):
        (tmp_path / "near/ant" / f"{i}.png").symlink_to(tmp_path / f"far/ant/{i}.png")
    for bad in ("refuse", "skip"):
        with pytest.raises(
            UserError, match=r"2 of 2 images cannot be read: ant/0.png, ant/1.png .*nothing else is in it"
        ):
            task_of(tmp_path / "near", f"bad={bad}")


def test_folders_that_link_to_each_other_are_walked_once_around(tmp_path):
    put(tmp_path, "a/0.png", "b/0.png")
    (tmp_path / "a" / "x").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "y").symlink_to(tmp_path / "a")
    assert len(walk(tmp_path).pictures) == 4


ODD = ["new\nline", "[red]markup", "-rf", "colon: a", "comma, b", "ünïcödé", "quote'\"", "tab\tx", "a=b"]


@pytest.mark.parametrize("stream", ["false", "true"])
def test_odd_names_of_files_and_folders_do_not_break(tmp_path, stream):
    raw = os.fsdecode(b"latin-\xe9.png")
    grid(tmp_path, ODD[:4], n=4)
    put(tmp_path, *(f"{ODD[0]}/{name}.png" for name in ODD), f"{ODD[0]}/{raw}")
    task = task_of(tmp_path, f"stream={stream}")
    assert sum(counts(task).values()) == 16 + len(ODD) + 1
    assert task.digest() == task_of(tmp_path, f"stream={stream}").digest()
    made = read_synthetic(tmp_path, task)
    "".join(made.files.names).encode()
    assert all(Path(path).is_file() for path in made.files.paths)
    assert "new\\nline/latin-\\udce9.png" in made.files.names
    (tmp_path / ODD[0] / raw).write_bytes(b"no")
    with pytest.raises(UserError) as refused:
        task_of(tmp_path)
    str(refused.value).encode()
    assert "new\\nline/latin-\\udce9.png (text)" in str(refused.value)


# --- the Python face


def test_settings_from_python_read_as_options_do(pets):
    task = task_of(pets / "real")
    same = ImageFolder(path=str(pets / "real"), size=SIZE).load()
    assert same.digest() == task.digest()
    assert codes(same) == codes(task)
