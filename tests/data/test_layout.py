"""Which axis is which, by shape and numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from assay.data.layout import csi_axes, guess, house_order, named_axes, turned
from assay.errors import UserError

CSI = ("antenna", "time", "subcarrier")
FIRST, LAST = ("channel", "height", "width"), ("height", "width", "channel")


def normal(*shape):
    return np.random.default_rng(0).normal(size=(20, *shape))


def bytes_(*shape):
    return np.random.default_rng(0).integers(0, 256, (20, *shape)).astype(np.uint8)


def unit(*shape):
    return np.random.default_rng(0).random((20, *shape))


@pytest.mark.parametrize(
    ("x", "kind", "axes", "doubted"),
    [
        (bytes_(3, 32, 24), "image", FIRST, False),
        (normal(1, 8, 8), "image", FIRST, False),
        (bytes_(32, 24, 3), "image", LAST, False),
        (unit(28, 28, 1), "image", LAST, False),
        (normal(24, 24, 3), "image", LAST, False),
        (bytes_(3, 114, 50), "image", FIRST, True),
        (unit(3, 114, 50), "signal", ("antenna", "subcarrier", "time"), True),
        (normal(3, 200, 30), "signal", CSI, True),
        (normal(50, 30, 3), "signal", ("time", "subcarrier", "antenna"), True),
        (normal(2, 64, 100), "signal", ("antenna", "subcarrier", "time"), True),
        (normal(3, 256, 128), "image", FIRST, True),
        (normal(9, 20, 20), "signal", CSI, False),
        (normal(3, 500, 40), "image", FIRST, True),
        (1000 * normal(3, 200, 30).round(2), "signal", CSI, True),
        (200 * unit(24, 32, 3), "image", LAST, False),
        (normal(24, 32, 3), "signal", CSI, True),
        (normal(5, 32, 3), "signal", CSI, False),
        (normal(50, 1), "signal", ("time", "channel"), False),
        (bytes_(28, 28), "image", ("height", "width"), False),
        (bytes_(120, 160), "image", ("height", "width"), False),
        (unit(28, 28), "image", ("height", "width"), False),
        (unit(28, 30), "signal", ("channel", "time"), False),
        (normal(28, 28), "signal", ("channel", "time"), False),
        (normal(121, 512), "signal", ("channel", "time"), False),
        (normal(30, 500), "signal", ("channel", "time"), False),
        (normal(500, 30), "signal", ("time", "subcarrier"), True),
        (normal(128, 9), "signal", ("time", "channel"), True),
        (normal(6, 5), "signal", ("channel", "time"), False),
        (normal(784), "vector", ("feature",), False),
        (bytes_(784), "vector", ("feature",), True),
        (unit(3 * 16 * 16), "vector", ("feature",), True),
        (bytes_(10), "vector", ("feature",), False),
        (normal(5, 20, 30, 4), "signal", ("axis",) * 4, False),
    ],
)
def test_axes_are_guessed(x, kind, axes, doubted):
    found = guess(x)
    assert (found.kind, found.axes, bool(found.doubt)) == (kind, axes, doubted)


@pytest.mark.parametrize("order", list(itertools.permutations(CSI)))
def test_csi_is_known_in_any_order_and_turned(order):
    sizes = {"antenna": 2, "time": 70, "subcarrier": 30}
    shape = tuple(sizes[axis] for axis in order)
    assert csi_axes(shape) == order
    x = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    found = turned(x, order)
    assert found.shape == (2, 2, 70, 30)
    place = {"antenna": 1, "time": 60, "subcarrier": 7}
    assert found[1, 1, 60, 7] == x[(1, *(place[axis] for axis in order))]


@pytest.mark.parametrize("shape", [(3, 30, 30), (3, 52, 56), (3, 4, 30), (8, 30, 100), (3, 51, 70)])
def test_csi_is_not_guessed_where_it_might_be_something_else(shape):
    assert csi_axes(shape) is None


@pytest.mark.parametrize(
    ("axes", "order"),
    [
        (("width", "height"), ("channel", "height", "width")),
        (("time",), ("channel", "time")),
        (("time", "subcarrier"), ("antenna", "time", "subcarrier")),
        (("time", "antenna"), ("antenna", "time")),
        (("feature",), ("feature",)),
    ],
)
def test_axes_that_are_missing_are_added(axes, order):
    assert house_order(axes) == order
    x = normal(*range(5, 5 + len(axes)))
    assert turned(x, axes).ndim == 1 + len(order)
    assert turned(x, axes).size == x.size


@pytest.mark.parametrize(
    "axes", [("height",), ("time", "time"), ("row", "time"), ("height", "time"), ("channel", "subcarrier")]
)
def test_axes_that_make_no_item_are_refused(axes):
    with pytest.raises(UserError, match="axes: "):
        named_axes(axes, (10, 20))
