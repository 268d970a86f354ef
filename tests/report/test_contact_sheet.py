"""The contact sheet: the right items in the right row, on one scale, the right way round."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.report.sheet import first_items


def sheet_of(tmp_path: Path, kind: str, normalise: str = "none", classes: int = 2, **arrays: np.ndarray):
    """The sheet of arrays that stand for a comparison's pictured items."""
    names = [f"c{i}" for i in range(classes)]
    return first_items({"kind": kind, "normalise": normalise, "classes": names}, arrays)


def pixels(strip) -> np.ndarray:
    content = base64.b64decode(strip.picture.uri.split(",", 1)[1])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_items_stand_in_the_row_of_their_class_on_one_scale(tmp_path):
    levels = np.array([0.0, 1.0, 2.0, 4.0])
    x = np.ones((4, 1, 6, 6)) * levels[:, None, None, None]
    y = np.array([0, 1])
    sheet = sheet_of(tmp_path, "image", real_x=x[:2], real_y=y, synthetic_x=x[2:], synthetic_y=y[::-1])
    shown = [[pixels(p)[0, 0, 0] for p in row.strips] for row in sheet.rows]
    assert shown == [[0, 255], [64, 128]]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_colours_stay_colours(tmp_path, dtype):
    x = np.zeros((2, 3, 6, 6), dtype)
    x[0, 0] = x[1, 2] = 200 if dtype == np.uint8 else 0.7
    sheet = sheet_of(tmp_path, "image", real_x=x, real_y=np.arange(2))
    assert pixels(sheet.rows[0].strips[0])[3, 3].tolist() == [255, 0, 0]
    assert pixels(sheet.rows[1].strips[0])[3, 3].tolist() == [0, 0, 255]


def test_time_of_a_signal_runs_to_the_right(tmp_path):
    x = np.zeros((2, 3, 40, 10))
    x[:, 0, 20:] = 1  # the later half, on all subcarriers of the first antenna
    x[:, 1:] = 5  # other antennas are not shown
    seen = pixels(sheet_of(tmp_path, "signal", real_x=x, real_y=np.arange(2)).rows[0].strips[0]).astype(int)
    height, width = seen.shape[:2]
    assert width > height
    assert (seen[:, 2] != seen[:, -3]).any()
    assert (seen[2] == seen[-3]).all()


def test_item_normalisation_hides_gain_as_training_does(tmp_path):
    x = np.random.default_rng(0).random((2, 1, 6, 6))
    y = np.zeros(2, int)
    arrays = {"real_x": x, "real_y": y, "synthetic_x": 100 * x, "synthetic_y": y}
    for normalise, same in (("item", True), ("none", False)):
        row = sheet_of(tmp_path, "image", normalise, **arrays).rows[0]
        assert (row.strips[0].picture.uri == row.strips[1].picture.uri) is same


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("vector", (5,)),
        ("vector", (100,)),
        ("signal", (2, 50)),
        ("signal", (30, 50)),
        ("signal", (1, 1, 1)),
        ("signal", (2, 3, 4, 5)),
        ("image", (4, 9, 9)),
        ("image", (3, 224, 100)),
    ],
)
def test_any_shape_is_pictured(tmp_path, kind, shape):
    x = np.random.default_rng(0).normal(size=(13, *shape))
    sheet = sheet_of(tmp_path, kind, classes=13, real_x=x, real_y=np.arange(13))
    assert len(sheet.rows) == 12
    assert "first 12 of 13 classes" in sheet.note
    assert all(len(np.unique(pixels(row.strips[0]))) > 1 or x[0].size == 1 for row in sheet.rows)


def test_photographs_of_many_classes_stay_small(tmp_path):
    y = np.repeat(np.arange(12), 5)
    coarse = np.random.default_rng(0).integers(0, 256, (60, 3, 24, 24), np.uint8)
    x = np.kron(coarse, np.ones((1, 1, 10, 10), np.uint8))
    sheet = sheet_of(tmp_path, "image", classes=12, real_x=x, real_y=y)
    assert 0 < sum(len(strip.picture.uri) for row in sheet.rows for strip in row.strips) < 1_000_000


def test_constant_items_are_pictured(tmp_path):
    sheet = sheet_of(tmp_path, "image", "item", real_x=np.ones((2, 1, 4, 4)), real_y=np.arange(2))
    assert pixels(sheet.rows[0].strips[0]).shape[2] == 3
