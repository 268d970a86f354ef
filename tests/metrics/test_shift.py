"""Whether unlabelled items are of another place than those that would choose."""

from __future__ import annotations

import numpy as np
import pytest

from assay.metrics.shift import coarse, is_elsewhere, told_apart


def items(n: int, seed: int, move: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(move, 1, (n, 2, 40))


@pytest.mark.parametrize(
    ("validation", "unlabelled", "elsewhere"),
    [
        (items(60, 1), items(60, 2), False),
        (items(60, 1), items(60, 2, 0.5), True),
        (items(60, 1, 0.5), items(60, 2, 1.0), False),  # groups of other people are dealt out: a fair test
        (items(60, 1), items(10, 2, 5.0), False),  # too few to say anything
        (items(0, 1), items(60, 2, 5.0), False),
    ],
)
def test_unlabelled_items_of_another_place_are_noticed(validation, unlabelled, elsewhere):
    assert is_elsewhere(items(60, 0), validation, unlabelled) == elsewhere


def test_an_item_is_means_over_stretches():
    x = np.arange(2 * 130, dtype=np.uint8).reshape(2, 130)
    found = coarse(x)
    assert found.shape == (2, 64)
    assert found[0, 0] == x[0, :2].mean()
    assert found[1, -1] == x[1, 127:].mean()
    assert np.array_equal(coarse(x[:, :5]), x[:, :5])


def test_equal_sets_are_at_half():
    assert abs(told_apart(items(100, 3), items(100, 4)) - 0.5) < 0.15
