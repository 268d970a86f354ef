"""Profiles: what they tell of recordings, what they do not, and whose they are."""

from __future__ import annotations

import numpy as np
import pytest

from assay.generate.rf_diffusion.profiles import MOST, Profiles, looks, profiles_of

KNOWN = np.array([[0, 1], [0, 1], [0, 2], [1, 1], [-1, 1]])
EACH = Profiles(KNOWN, np.eye(5, dtype=np.float32))


def recordings(seed: int, real: bool = True, n: int = 6):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 60, 3)) + (0 if real else 1j * rng.normal(size=(n, 60, 3)))
    return x.cumsum(1) - x.cumsum(1).mean(1, keepdims=True)


@pytest.mark.parametrize("real", [True, False])
def test_looks_do_not_depend_on_strength_and_sign_but_on_frequency_time_and_direction(real):
    z = recordings(0, real)
    seen = looks(z)
    assert np.isfinite(seen).all()
    np.testing.assert_allclose(looks(-3 * z), seen, atol=1e-9)
    faster, later, turned = (
        np.diff(z, axis=1, prepend=0),
        z * np.linspace(0, 2, 60)[:, None],
        z[:, :, [1, 0, 2]],
    )
    for other in (faster, later, turned):
        assert np.abs(looks(other) - seen).max() > 0.1


def test_silent_recordings_have_looks():
    assert np.isfinite(looks(np.zeros((2, 16, 2)))).all()


def test_profiles_of_few_recordings_have_as_many_numbers_as_there_can_be():
    assert profiles_of(recordings(0), KNOWN[:1].repeat(6, 0), 32).each.shape == (6, 6)
    assert profiles_of(recordings(0), KNOWN[:1].repeat(6, 0), 2).numbers == 3


def named(profiles):
    """Which recordings each profile is of."""
    return [set(np.flatnonzero(row[:-1])) for row in profiles]


def test_an_item_learns_from_the_profile_of_others_that_are_alike_never_from_its_own():
    rng = np.random.default_rng(0)
    for _ in range(10):
        assert named(EACH.of_others(np.array([0, 1, 2, 3]), rng)) == [{1}, {0}, {2}, {3}]  # alone: its own
    assert not EACH.of_others(np.array([4]), rng).any(), "no profile of an unknown class"


def test_profiles_that_are_wanted_are_of_the_condition_or_of_one_group_of_the_class():
    rng = np.random.default_rng(0)
    seen = [named(EACH.drawn(np.array([[0, 1], [0, 9]]), rng)) for _ in range(60)]
    assert {frozenset(one) for one, _ in seen} == {frozenset({0}), frozenset({1}), frozenset({0, 1})}
    assert {frozenset(new) for _, new in seen} == {frozenset(s) for s in ({0}, {1}, {0, 1}, {2})}
    told = EACH.drawn(np.array([[0, 1]] * 40), rng)
    np.testing.assert_allclose(told[:, :-1].sum(1), 1, atol=1e-6)  # means of up to MOST
    assert set(np.round(told[:, 0] * MOST * 2).astype(int)) <= {0, 2, 3, 4, 6}
    assert (told[:, -1] == 1).all()
