from __future__ import annotations

import numpy as np
import pytest

from assay.metrics.mmd import mmd


def by_loops(x, y, h):
    def k(a, b):
        return np.exp(-((a - b) ** 2).sum() / (2 * h**2))

    xx = [k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    yy = [k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    return np.mean(xx) + np.mean(yy) - 2 * np.mean([k(a, b) for a in x for b in y])


def test_is_the_formula():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 2, 3)), rng.normal(1, 2, (5, 2, 3))
    assert mmd(x, y, bandwidth=1.7) == pytest.approx(by_loops(x, y, 1.7), rel=1e-10)
    distances = [np.sqrt(((a - b) ** 2).sum()) for i, a in enumerate(x) for b in x[i + 1 :]]
    median = np.sqrt(np.median(np.square(distances)))
    assert mmd(x, y) == pytest.approx(by_loops(x, y, median), rel=1e-10)


def test_grows_with_the_shift_and_is_about_zero_without():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 5))
    found = [mmd(x, rng.normal(shift, 1, (200, 5))) for shift in (0.0, 0.3, 0.6, 1.2)]
    assert abs(found[0]) < 0.01
    assert (np.diff(found) > 0.01).all()


def test_a_collapsed_set_is_far():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 5))
    assert mmd(x, np.repeat(x[:1], 200, axis=0)) > 0.3
