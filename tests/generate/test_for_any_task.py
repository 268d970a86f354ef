"""Generators that need nothing but a task: they learn from labelled items alone, and fit their conditions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from assay.errors import UserError
from assay.generate.base import Workspace
from assay.generate.files import manifest
from assay.generate.gaussian_mixture import GaussianMixture
from assay.generate.jitter import Jitter
from assay.generate.table import generator_of, open_synthetic, synthesise
from assay.types import Samples, Task
from tests.support.toys import blob_task, blobs

BOTH = pytest.mark.parametrize("settings", [GaussianMixture(), Jitter()])
FIXED = """
def make(task, n, rng, scale=1):
    return scale * task.labelled.x[:n], task.labelled.y[:n]

def other(task, n, rng):
    return 3

def failing(task, n, rng):
    return {}["tea"]

def short(task):
    return None

def wide(task, n, rng):
    return rng.normal(size=(n, 3)), [0] * n

NUMBER = 3
"""


def pictures(n: int = 60) -> Task:
    """Dark and light squares, one byte a pixel."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    x = np.clip(rng.normal(60 + 120 * y[:, None, None, None], 30, (n, 3, 12, 12)), 0, 255).astype(np.uint8)
    samples = Samples(x, y, np.arange(n) % 5)
    return Task("squares", ("dark", "light"), samples[:40], samples[40:], kind="image")


@BOTH
@pytest.mark.parametrize("task", [blob_task(), pictures()], ids=["vectors", "pictures"])
def test_items_are_like_the_tasks_and_of_their_condition(settings, task):
    made, factors = synthesise(settings, 201, task)
    assert made.x.dtype == task.labelled.x.dtype
    assert made.shape == task.shape
    assert np.ptp(made.counts(len(task.classes))) <= 1
    assert all(len(values) == 201 for values in factors.values())
    assert (made.x >= task.real.x.min(0)).all()
    assert (made.x <= task.real.x.max(0)).all()
    scale = task.real.x.max()
    rows = [part.x.reshape(len(part), -1) / scale for part in (task.real, made, task.test)]
    judge = LogisticRegression(max_iter=500).fit(rows[0], task.real.y)
    assert judge.score(rows[1], made.y) > 0.85, "conditions fit the items"
    taught = LogisticRegression(max_iter=500).fit(rows[1], made.y)
    assert taught.score(rows[2], task.test.y) > 0.85, "they teach what real ones teach"


@BOTH
def test_nothing_but_labelled_items_and_shots_is_learnt_from(settings):
    task = blob_task(shots=8)
    other = {part: blobs(30, 99, spread=9) for part in ("test", "validation", "unlabelled")}
    bytes_of = [synthesise(settings, 50, t)[0].digest() for t in (task, dataclasses.replace(task, **other))]
    assert bytes_of[0] == bytes_of[1]
    assert synthesise(settings, 50, task, seed=1)[0].digest() != bytes_of[0]
    shots = dataclasses.replace(task, shots=blobs(8, 5, spread=3))
    assert synthesise(settings, 50, shots)[0].digest() != bytes_of[0]


def test_jitter_says_which_item_each_is_made_from():
    task = blob_task(shots=8)
    made, factors = synthesise(Jitter(mix=0, noise=0), 60, task)
    assert (made.x == task.real.x[made.origin]).all()
    assert (made.y == task.real.y[made.origin]).all()
    assert made.origin.max() >= len(task.labelled), "shots too"
    made, factors = synthesise(Jitter(mix=1, noise=0), 60, task)
    ends, share = [task.real.x[factors[end]] for end in ("source", "partner")], factors["share"][:, None]
    np.testing.assert_allclose(made.x, ends[0] + share * (ends[1] - ends[0]), atol=1e-5)
    assert (task.real.y[factors["partner"]] == made.y).all()
    assert 0.3 < share.mean() < 0.7


def test_a_mixture_has_the_covariance_of_its_class_and_the_deviation_of_what_was_left_out():
    rng = np.random.default_rng(0)
    shape = rng.normal(size=(6, 6))
    y = np.arange(4000) % 2
    x = rng.normal(size=(4000, 6)) @ shape.T + 9 * y[:, None]
    task = Task("t", ("a", "b"), Samples(x, y), Samples(x[:9], y[:9]), kind="vector")
    for settings in (GaussianMixture(components=1), GaussianMixture(components=1, dimensions=3)):
        made = synthesise(settings, 8000, task)[0]
        found, real = (np.cov(part.x[part.y == 1].T) for part in (made, task.labelled))
        assert np.abs(np.diag(found) - np.diag(real)).max() < 0.15 * np.diag(real).max()
        if settings.dimensions == 20:
            assert np.abs(found - real).max() < 0.15 * np.diag(real).max()


def test_what_cannot_be_learnt_from_is_refused():
    few = dataclasses.replace(blob_task(), labelled=blobs(7, 0))
    with pytest.raises(UserError, match="gaussian-mixture: blobs: class d: expected 2 labelled"):
        GaussianMixture().fit(few, 0, Workspace())
    turning = Samples(blobs(40, 0).x * 1j, blobs(40, 0).y)
    with pytest.raises(UserError, match="jitter: t: complex numbers"):
        Jitter().fit(Task("t", tuple("abcd"), turning, turning, kind="vector"), 0, Workspace())


def test_a_function_of_ones_own_makes_items(tmp_path):
    file, task = tmp_path / "mine.py", blob_task()
    file.write_text(FIXED)
    made = open_synthetic(f"{file}:make:scale=2", task)
    assert (made.x == 2 * task.labelled.x).all()
    settings = generator_of(f"{file}:make:scale=2")
    record = manifest(settings, task, made, 0, 0.0)["generator"]
    assert record["name"].endswith("mine.py:make:scale=2")
    assert len(record["digest"]) == 20
    from_python, _ = synthesise(lambda task, n, rng: (task.labelled.x[:n], task.labelled.y[:n]), 5, task)
    assert len(from_python) == 5


@pytest.mark.parametrize(
    ("make", "said"),
    [
        ("make:tea=1", "unexpected keyword argument 'tea'"),
        ("other", "gives an object of type int; expected Samples, x and y, or a table"),
        ("failing", "generator .*failing: KeyError: 'tea'"),
        ("short", "expected a function of"),
        ("wide", r"items of shape \(3,\); the task's have \(10,\)"),
        ("NUMBER", "expected a function of"),
    ],
)
def test_a_function_that_makes_none_is_refused_in_a_line(make, said, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(FIXED)
    with pytest.raises(UserError, match=said) as caught:
        open_synthetic(f"{file}:{make}", blob_task())
    assert "\n" not in str(caught.value)
