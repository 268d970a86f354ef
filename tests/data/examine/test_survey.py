"""One pass in blocks tells of items what looking at all of them at once does."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from assay.data.examine import survey as module
from assay.data.examine.average_hash import average_hash, pooling
from assay.data.examine.block import item_hashes
from assay.data.examine.survey import common_type, survey
from assay.lazy import Lazy
from assay.types import Samples

RNG = np.random.default_rng(0)
FLOAT32 = np.dtype(np.float32)


class Made(Lazy):
    """Items that are made where they are looked up; counts the most at a time."""

    def __init__(self, x):
        self.x, self.shape, self.dtype, self.most = x, x.shape, x.dtype, 0

    def __getitem__(self, index):
        self.most = max(self.most, len(self.x[index]))
        return self.x[index]

    def subset(self, index):
        return Made(self.x[index])

    def joined(self, other):
        raise NotImplementedError

    def digest(self):
        return "made"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 500)


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (RNG.integers(0, 256, (37, 3, 8, 9)).astype(np.uint8), "image"),
        (RNG.normal(1000, 0.5, (41, 4, 30)).astype(np.float32), "signal"),
        (RNG.normal(size=(23, 2, 6, 7)) * [[[1]], [[50]]], "signal"),
        (RNG.normal(size=(200, 5)) * 10.0 ** np.arange(5), "vector"),
        (
            (RNG.normal(size=(19, 3, 8, 6)) + 1j * RNG.normal(size=(19, 3, 8, 6))).astype(np.complex64),
            "signal",
        ),
    ],
)
def test_moments_and_ranges_are_those_of_all_items(x, kind):
    found = survey(Samples(x), kind)
    lanes = np.moveaxis(np.abs(x) if x.dtype.kind == "c" else x, 1, 0).reshape(x.shape[1], -1).astype(float)
    np.testing.assert_allclose(found.mean, lanes.mean(1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.deviation, lanes.std(1), rtol=2e-4)
    np.testing.assert_allclose(found.low, lanes.min(1), rtol=1e-6)
    np.testing.assert_allclose(found.high, lanes.max(1), rtol=1e-6)
    assert found.whole == (x.dtype == np.uint8)


def test_lazy_items_are_made_a_few_at_a_time_and_tell_the_same():
    x = RNG.integers(0, 9, (60, 3, 6, 6)).astype(np.uint8)
    lazy = Made(x)
    found, plain = survey(Samples(lazy), "image"), survey(Samples(x), "image")
    assert lazy.most <= 500 // 108
    for name in ("hashes", "average", "constant", "mean", "deviation"):
        np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_equal_items_and_no_others_have_equal_hashes():
    x = RNG.integers(0, 2, (4000, 3, 4)).astype(np.float32)
    hashes = item_hashes(x, FLOAT32)
    of_bytes: dict[bytes, int] = {}
    same = [of_bytes.setdefault(item.tobytes(), place) for place, item in enumerate(x)]
    np.testing.assert_array_equal(hashes, hashes[same])
    assert len(set(hashes.tolist())) == len(of_bytes)


def test_numbers_decide_a_hash_and_neither_type_nor_sign_of_zero_does():
    x = np.array([[0, 3, 200], [1, 2, 255]], np.uint8)
    as_type = common_type(x.dtype, np.dtype(np.float64))
    signed = np.where(x == 0, -0.0, x.astype(float))
    np.testing.assert_array_equal(item_hashes(x, as_type), item_hashes(signed, as_type))
    assert common_type(x.dtype, x.dtype) is None
    assert common_type(np.dtype("<i2"), np.dtype(">i2")) == FLOAT32


def test_constant_items_and_dead_channels_are_counted():
    x = RNG.normal(size=(30, 3, 4, 4)).astype(np.float32)
    x[:, 1], x[4], x[7, :, :, :] = 2, 5, 0
    found = survey(Samples(x), "image")
    assert np.flatnonzero(found.constant).tolist() == [4, 7]
    assert found.dead.tolist() == [2, 30, 2]


def test_rows_of_few_numbers_are_never_called_constant():
    assert not survey(Samples(np.ones((5, 3))), "vector").constant.any()


def test_an_average_hash_is_that_of_a_picture_made_small_by_boxes():
    x = RNG.uniform(0, 255, (20, 1, 32, 48)).astype(np.float32)
    small = [np.asarray(Image.fromarray(item[0]).resize((16, 16), Image.Resampling.BOX)) for item in x]
    bits = np.unpackbits(average_hash(x, "image").view(np.uint8), axis=1).reshape(20, 16, 16)
    wrong = [(one > one.mean()) != (own == 1) for one, own in zip(small, bits)]
    assert np.mean(wrong) < 0.01, "but for rounding"


def test_an_average_hash_is_of_neither_brightness_nor_contrast_nor_size():
    x = RNG.uniform(0, 1, (30, 3, 16, 16)).astype(np.float32)
    large = x.repeat(2, 2).repeat(2, 3)
    np.testing.assert_array_equal(average_hash(x, "image"), average_hash(large, "image"))
    alike = average_hash(x * 90 + 20, "image") == average_hash(x, "image")
    assert alike.mean() > 0.95


def test_an_average_hash_of_a_signal_follows_time_alone():
    course = np.repeat([0.0, 1.0, 0.0, 1.0], 16)
    x = (course[:, None] + np.array([[5.0, -5.0, 0.5]])).astype(np.float32)[None, None]
    assert average_hash(x, "signal").view(np.uint8).tolist() == [[0, 0, 255, 255] * 2]
    assert average_hash(np.zeros((3, 9), np.float32), "vector").shape == (3, 0)


@pytest.mark.parametrize(("size", "cells"), [(8, 16), (16, 16), (37, 16), (64, 64), (5, 64)])
def test_pooling_averages_and_loses_nothing(size, cells):
    matrix = pooling(size, cells)
    np.testing.assert_allclose(matrix.sum(0), 1, rtol=1e-5)
    np.testing.assert_allclose(matrix.sum(1), cells / size, rtol=1e-5)
