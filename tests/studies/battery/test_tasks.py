"""The tasks of the battery: two halves, faults as they are said, the same bytes at every call."""

from __future__ import annotations

import numpy as np
import pytest

from assay.errors import UserError
from assay.quality.faults import turn_over
from assay.studies.battery import sources
from assay.studies.battery.sources import Workplace, few
from assay.studies.battery.tasks import FULL, HALVES, SMALL, task_named, tasks
from assay.types import Samples, Task

HERE = ("digits", "simulated")
"""Families that need no data set."""
REAL = Samples(np.random.default_rng(5).random((30, 1, 8, 6), dtype=np.float32), np.arange(30) % 5)
MADE = Samples(np.random.default_rng(6).random((200, 1, 8, 6), dtype=np.float32), np.arange(200) % 5)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Workplace(tmp_path_factory.mktemp("battery"), "cpu", lambda *_: None)


def planted(name: str) -> Samples:
    task = task_named(name)
    return task.plant(MADE, task.strength, REAL, np.random.default_rng(0))


@pytest.mark.parametrize("preset", [SMALL, FULL])
def test_both_halves_have_many_tasks_with_and_without_faults(preset):
    assert len({task.name for task in preset}) == len(preset)
    for half in HALVES:
        mine = [task for task in preset if task.half == half]
        assert len(mine) >= 12
        assert any(task.plant for task in mine)
        assert len({task.family for task in mine}) == 5


def test_every_person_room_and_domain_is_tested_in_one_half_alone():
    said = {}
    for task in (*SMALL, *FULL):
        if task.family not in HERE:
            where = "-".join(task.name.split("-")[: 1 if task.family == "office-caltech" else -1][:3])
            said.setdefault(where, set()).add(task.half)
    assert all(len(halves) == 1 for halves in said.values()), said


def test_digits_and_simulated_worlds_are_others_in_each_half():
    seeds = {task.source.keywords["seed"]: task.half for task in SMALL if task.family in HERE}
    assert len(seeds) == 2
    assert all(seeds[task.source.keywords["seed"]] == task.half for task in SMALL if task.family in HERE)


NAMES = ["digits-5", "digits-5-turned", *(pytest.param("simulated-copies", marks=pytest.mark.slow),)]


@pytest.mark.parametrize("name", NAMES)
def test_a_task_has_what_methods_need_and_is_the_same_at_every_call(name, place):
    task, made = task_named(name).open(place)
    assert len(task.unlabelled) > 0
    assert set(np.unique(made.y)) == set(range(len(task.classes)))
    sources._digits.cache_clear()
    sources._world.cache_clear()
    again = task_named(name).open(place)
    assert [part.digest() for part in again] == [task.digest(), made.digest()]


@pytest.mark.parametrize(
    ("name", "share"),
    [("digits-5-flipped-30", 0.3), ("digits-5-flipped-60", 0.6), ("simulated-flipped-30", 0.3)],
)
def test_planted_conditions_are_wrong_as_often_as_is_said(name, share):
    made = planted(name)
    assert (made.x == MADE.x).all()
    assert (made.y != MADE.y).mean() == pytest.approx(share)


def test_copies_are_labelled_items_of_their_class():
    made = planted("simulated-copies")
    same = (made.x[:, None] == REAL.x[None]).all((2, 3, 4))
    assert same.any(1).mean() == pytest.approx(0.9)
    item, real = np.nonzero(same)
    assert (made.y[item] == REAL.y[real]).all()


def test_collapsed_items_are_one_a_class_but_for_noise():
    made = planted("simulated-collapsed")
    mine = made.x[made.y == 2]
    near = np.sqrt(((mine[:, None] - mine[None]) ** 2).mean((2, 3, 4))) < 0.03 * MADE.x.std()
    assert near.sum(1).max() == pytest.approx(0.9 * len(mine), rel=0.1)


def test_a_shifted_domain_moves_all_items_alike():
    moved = planted("simulated-shifted").x - MADE.x
    assert np.abs(moved - moved[0]).max() < 1e-5
    assert moved.std() == pytest.approx(2 * MADE.x.std(), rel=0.01)


def test_turned_images_are_the_same_upside_down_and_moved():
    x = np.random.default_rng(0).random((40, 1, 8, 8), dtype=np.float32)
    items = Samples(x, np.arange(40) % 10)
    still = turn_over(items, 0.0, items, np.random.default_rng(1))
    assert (still.x == x[:, :, ::-1]).all()
    moved = turn_over(items, 0.25, items, np.random.default_rng(1))
    assert (np.sort(moved.x.reshape(40, -1)) == np.sort(x.reshape(40, -1))).all()
    assert (moved.x != still.x).any((1, 2, 3)).mean() > 0.8
    assert (moved.y == items.y).all()
    for item, before in zip(moved.x[:, 0], still.x[:, 0]):
        shifts = [(d, r) for d in range(-2, 3) for r in range(-2, 3)]
        assert any((np.roll(before, shift, (0, 1)) == item).all() for shift in shifts)


def test_few_leaves_the_shots_alone():
    parts = {part: MADE[start : start + 20] for part, start in (("labelled", 0), ("test", 20), ("shots", 40))}
    task = Task("toy", tuple("abcde"), **parts, validation=MADE[60:70])
    found = few(task)
    assert found.labelled.digest() == task.shots.digest()
    assert found.test is task.test
    assert len(found.shots) == len(found.validation) == 0
    with pytest.raises(UserError, match="labelled"):
        few(found)


def test_an_unknown_task_or_preset_is_named():
    with pytest.raises(UserError, match="no such task"):
        task_named("digits-6")
    with pytest.raises(UserError, match="--preset: unknown: huge"):
        tasks("huge")
