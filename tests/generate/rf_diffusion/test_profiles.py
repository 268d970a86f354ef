"""Profiles: what they tell of recordings, what they do not, and whose they are."""

from __future__ import annotations

import numpy as np
import pytest

from assay.generate.rf_diffusion.profiles import MOST, SPREAD, Profiles, axes_of, looks

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


def test_profiles_have_no_more_numbers_than_there_can_be_and_are_taken_in_the_axes_that_were_learnt():
    z, other = recordings(0), recordings(1)
    axes = axes_of(z, 32)
    assert axes(z).shape == (6, 6)
    assert axes_of(z, 2)(z).shape == (6, 2)
    assert axes(z)[:, 0].std() == pytest.approx(SPREAD, rel=1e-5)
    np.testing.assert_allclose(axes(z).mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(axes(np.concatenate([other, z]))[:6], axes(other), rtol=1e-5)
    assert np.abs(axes(other).mean(0)).max() > 0.1
    assert axes_of(z[:1], 32)(z[:1]).tolist() == [[0.0]]


def test_joined_profiles_are_those_of_both():
    both = EACH.joined(Profiles(np.array([[7, 7]]), np.full((1, 5), 9, np.float32)))
    np.testing.assert_array_equal(both.drawn(np.array([[7, 7]]), np.random.default_rng(0))[:, :-1], [[9] * 5])


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
