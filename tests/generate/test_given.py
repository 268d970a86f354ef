"""What a generator of one's own gives is read as any data are, and what is none is refused in a line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import assay
from assay.errors import UserError
from tests.support.toys import blob_task

TASK = blob_task()
NAMES = np.array(list("abcd"))


def items(n):
    return np.random.default_rng(0).normal(size=(n, 10)).astype(np.float32)


def opened(gives):
    def make(task, n, rng):
        return gives(items(n), np.arange(n) % 4)

    return assay.open_synthetic(make, TASK)


class Mixture:
    def fit(self, x, y=None):
        return self

    def sample(self, n):
        return items(n), np.zeros(n)


class Pair:
    def fit(self, task, seed, workspace):
        return self

    def sample(self, n, rng):
        return items(n), np.zeros(n)


@pytest.mark.parametrize(
    "gives",
    [
        lambda x, y: (x.tolist(), NAMES[y].tolist()),
        lambda x, y: (torch.from_numpy(x).requires_grad_(), torch.from_numpy(y)),
        lambda x, y: {"x": x, "y": NAMES[y]},
        lambda x, y: assay.Samples(x, y),
    ],
)
def test_classes_are_places_or_names(gives):
    made = opened(gives)
    assert np.allclose(made.x, items(1000))
    assert made.y.tolist() == (np.arange(1000) % 4).tolist()
    assert (opened(lambda x, y: (x, None)).y == -1).all()


def test_a_table_goes_by_the_columns_of_the_real_one():
    x, y = items(60), np.arange(60) % 2
    real = assay.open_task({"a": x[:, 0], "b": x[:, 1], "kind": NAMES[y]}, label="kind")

    def make(task, n, rng):
        return [{"kind": "b", "b": 1.0, "a": 0.5}] * n

    made = assay.open_synthetic(make, real)
    assert made.x[0].tolist() == [0.5, 1.0]
    assert set(made.y) == {1}


@pytest.mark.parametrize(
    ("generator", "said"),
    [
        (
            lambda task, n, rng: items(n),
            "gives an object of type ndarray; expected Samples, x and y, or a table",
        ),
        (lambda task, n, rng: (items(n), ["tea"] * n), "y: 'tea' is no class; known: a, b, c, d"),
        (lambda task, n, rng: 1 / 0, "ZeroDivisionError"),
        (lambda task, n, rng: np.add(task.labelled.x, 1, out=task.labelled.x), "ValueError: .*read-only"),
        (Mixture(), r"generator Mixture: fit: too many positional arguments; expected fit\(task, seed"),
        (Pair(), "generator Pair: sample gives no pair of Samples and factors"),
    ],
)
def test_what_gives_no_items_is_refused(generator, said):
    with pytest.raises(UserError, match=said):
        assay.open_synthetic(generator, TASK)
