"""Names of 246 characters and names that are no text: used, or refused before anything trains."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from tests.hostile.places import COMPARE
from tests.support import command


def images(folder, *classes):
    rng = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(14):
            Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(folder / name / f"{i}.png")
    return folder


def test_a_class_whose_name_is_no_text_is_refused_before_training(tmp_path):
    folder = images(tmp_path / "im", "a", os.fsdecode(b"b\xff"))
    words = COMPARE.format(out=tmp_path / "out").replace("digits", str(folder)).split()
    said = command.ended(words, 2)
    told = r"classes: 'b\udcff' is no text (UTF-8); give it another name"
    assert said.splitlines() == [f"error: {folder}: {told}"]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_images_whose_names_are_no_text_are_used_and_told(tmp_path):
    folder, out = images(tmp_path / "im", "a", "b"), tmp_path / "out"
    for path in folder.glob("*/*.png"):
        path.rename(os.fsdecode(os.fsencode(path.parent) + b"/x\xff" + os.fsencode(path.name)))
    said = command.ended(COMPARE.format(out=out).replace("digits", str(folder)).split())
    assert "Traceback" not in said
    (out / "report.html").read_text("utf-8")


@pytest.mark.slow
def test_classes_and_folders_of_246_characters(tmp_path):
    folder, out = images(tmp_path / ("f" * 246), "c" * 246, "d"), tmp_path / ("o" * 246)
    command.ended(COMPARE.format(out=out).replace("digits", str(folder)).split())
    assert (out / "report.html").is_file()


@pytest.mark.slow
def test_a_file_of_246_characters_is_written_and_one_too_long_is_refused(tmp_path):
    for length, code in ((246, 0), (260, 2)):
        out = tmp_path / f"{'x' * length}.npz"
        said = command.ended(["generate", "digits-rendered", "-n", "20", "-o", out], code)
    assert "File name too long" in said
    assert len([*tmp_path.iterdir()]) == 3


def test_a_folder_is_no_place_for_a_page(tmp_path):
    said = command.ended(["report", tmp_path, "-o", "."], 2)
    assert said == "error: out: .: is a folder; expected the name of a file\n"
