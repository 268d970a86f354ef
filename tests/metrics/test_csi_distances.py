"""Distances between sets of CSI magnitudes."""

from __future__ import annotations

import numpy as np
import pytest

from assay.errors import UserError
from assay.metrics import amplitude, pairs
from assay.metrics.amplitude import amplitude_distance
from assay.metrics.doppler_energy import doppler_energy_distance


def moving(frequency, items=6, times=64, seed=0):
    """Magnitudes that change `frequency` times an item, shape (items, 2, times, 3)."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (items, 2, 1, 3))
    turns = 2 * np.pi * frequency * np.arange(times)[:, None] / times
    return 5 + rng.uniform(0.5, 1, (items, 2, 1, 3)) * np.cos(turns + phase)


def test_amplitude_distance_is_the_mean_difference_of_sorted_values():
    rng = np.random.default_rng(0)
    a, b = rng.gamma(2, size=(5, 2, 7, 3)), rng.gamma(3, size=(5, 2, 7, 3))
    expected = np.abs(np.sort(a.ravel()) - np.sort(b.ravel())).mean() / a.std()
    assert amplitude_distance(a, b) == pytest.approx(expected, rel=1e-10)
    assert amplitude_distance(a, a + 2 * a.std()) == pytest.approx(2)
    assert amplitude_distance(10 * a, 10 * b) == pytest.approx(expected, rel=1e-10)
    assert amplitude_distance(a, b[:, :, ::-1]) == pytest.approx(expected, rel=1e-10)
    assert amplitude_distance(a * 1j, b) == pytest.approx(expected, rel=1e-10)
    assert amplitude_distance(a, b) != pytest.approx(amplitude_distance(b, a), rel=1e-3)  # whose deviation


def test_amplitude_distance_of_many_values_is_that_of_a_seeded_subsample(monkeypatch):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(40, 500)), rng.normal(1, size=(40, 500))
    whole = amplitude_distance(a, b)
    monkeypatch.setattr(amplitude, "VALUES", 5000)
    assert amplitude_distance(a, b, seed=3) == amplitude_distance(a, b, seed=3)
    assert amplitude_distance(a, b, seed=3) != amplitude_distance(a, b, seed=4)
    assert amplitude_distance(a, b, seed=3) == pytest.approx(whole, abs=0.05)


def test_amplitude_distance_needs_a_unit():
    with pytest.raises(UserError, match="equal"):
        amplitude_distance(np.ones((3, 4)), np.zeros((3, 4)))


def test_doppler_energy_is_the_formula():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(4, 2, 16, 3)), rng.normal(size=(5, 2, 16, 3)).cumsum(2)

    def spectrum(items):
        powers = []
        for item in items:
            centred = item - item.mean(1, keepdims=True)
            power = sum(np.abs(np.fft.rfft(column)) ** 2 for antenna in centred for column in antenna.T)
            powers.append(power / power.sum())
        return np.mean(powers, axis=0)

    p, q = spectrum(a), spectrum(b)
    halves = [sum(s * np.log2(s / m) for s, m in zip(t, (p + q) / 2) if s > 0) / 2 for t in (p, q)]
    assert doppler_energy_distance(a, b) == pytest.approx(sum(halves) ** 0.5, rel=1e-9)


def test_doppler_energy_hears_speed_and_not_size():
    slow = moving(3)
    assert doppler_energy_distance(slow, moving(3, seed=1) * 7 + 2) == pytest.approx(0, abs=1e-6)
    assert doppler_energy_distance(slow, moving(9)) == pytest.approx(1, abs=1e-6)
    mixed = np.concatenate([slow, moving(9)])
    assert 0.3 < doppler_energy_distance(slow, mixed) < 0.7
    assert doppler_energy_distance(slow, slow * np.exp(1j)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("value", [0, 0.1, 1e6])
def test_items_that_stand_still_are_far_from_those_that_move(value):
    still = np.full((4, 2, 64, 3), value, dtype=np.float32)
    assert doppler_energy_distance(moving(3), still) == pytest.approx(1, abs=1e-6)
    assert doppler_energy_distance(still, still[:, :, :, :1].astype(np.float64)) == pytest.approx(0, abs=1e-6)


def test_doppler_energy_in_blocks_and_of_other_lengths(monkeypatch):
    a, b = moving(3, items=9), np.random.default_rng(3).normal(size=(7, 2, 64, 3))
    whole = doppler_energy_distance(a, b)
    monkeypatch.setattr(pairs, "BLOCK_BYTES", 8 * 2 * 64 * 3 * 2)
    assert doppler_energy_distance(a, b) == pytest.approx(whole, rel=1e-12)
    assert doppler_energy_distance(a[:, :1], b) > 0
    with pytest.raises(UserError, match="as many times"):
        doppler_energy_distance(a, b[:, :, :60])
    with pytest.raises(UserError, match="antenna, time, subcarrier"):
        doppler_energy_distance(a[:, 0], b[:, 0])
