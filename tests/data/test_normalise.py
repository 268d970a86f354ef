"""Statistics of channels: of everything real that is trained on, and nothing else."""

import numpy as np
import pytest

from assay.data.normalise import channel_statistics, normaliser
from assay.types import Samples, Task


def task(*, test: float = 0.0) -> Task:
    """Two labelled items that know little of the spread of their columns; the last column is constant."""
    rng = np.random.default_rng(0)
    x = rng.normal([0, 100, 0.1], [1, 20, 0], (60, 3)).astype(np.float32)
    x[0, 0] = x[1, 0] = 0.25
    y = np.arange(60) % 2
    unlabelled = Samples(x[4:50], np.full(46, -1))
    parts = {"unlabelled": unlabelled, "shots": Samples(x[2:4], y[2:4])}
    return Task(
        "t",
        ("a", "b"),
        Samples(x[:2], y[:2]),
        Samples(x[50:] + np.float32(test), y[50:]),
        kind="vector",
        normalise="channel",
        **parts,
    )


def test_columns_that_few_labelled_items_agree_on_do_not_blow_up():
    made = task()
    x = normaliser(made)(made.unlabelled.x)
    assert np.abs(x[:, 0]).max() < 5, "constant among the labelled two, not among all"


def test_the_statistics_are_those_of_all_parts_that_are_trained_on_as_one():
    made = task()
    pool = np.concatenate([made.labelled.x, made.shots.x, made.unlabelled.x]).astype(np.float64)
    mean, deviation = channel_statistics(made)
    assert mean[0] == pytest.approx(pool.mean(0), rel=1e-6)
    assert deviation[0, :2] == pytest.approx(pool.std(0)[:2], rel=1e-6)
    assert deviation[0, 2] == 1, "no deviation at all, to the last bit"


def test_test_items_say_nothing_of_how_items_are_normalised():
    assert [a.tolist() for a in channel_statistics(task())] == [
        a.tolist() for a in channel_statistics(task(test=1e6))
    ]
