from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from assay.errors import UserError
from assay.signal.clock import clock_of, packet_rate, rate_of, seconds
from assay.signal.doppler import FREQUENCIES, doppler_spectrum
from assay.signal.intel5300 import read_log, scaled_csi
from assay.signal.resampling import at_rate, check_gaps
from assay.signal.simulated_log import make_log

CARRIER, SPACING, LIGHT = 5.825e9, 1.25e6, 299_792_458.0


def log_of(stamps):
    iq = np.ones((len(stamps), 1, 3, 30, 2), np.int8)
    return make_log(iq, np.asarray(stamps, np.int64) % 2**32)


def test_a_clock_that_starts_again_goes_on():
    stamps = 2**32 - 50_000 + 1000 * np.arange(100)
    assert_allclose(seconds(log_of(stamps)), 0.001 * np.arange(100))
    assert clock_of(stamps % 2**32).told() == ""
    assert packet_rate(log_of(stamps)) == pytest.approx(1000)


def test_a_clock_set_back_costs_one_usual_interval():
    stamps = 10**6 + 1000 * np.arange(2000)
    stamps[1200:] -= 600_000
    clock = clock_of(stamps)
    assert_allclose(clock.seconds, 0.001 * np.arange(2000))
    assert_array_equal(clock.set_back, [1200])
    assert clock.told() == "clock set back 1 times"


@pytest.mark.parametrize("wrong", [-600_000, 600_000, 2_000_000_000, -2_000_000_000])
def test_one_stamp_misread_moves_no_other_packet(wrong):
    stamps = 2**31 + 1000 * np.arange(500)
    stamps[200] += wrong
    clock = clock_of(stamps % 2**32)
    assert_allclose(clock.seconds, 0.001 * np.arange(500))
    assert_array_equal(clock.misread, [200])
    assert clock.told() == "1 stamps misread"


def test_gaps_are_found_and_told():
    stamps = np.r_[0:100_000:1000, 700_000:800_000:1000]
    clock = clock_of(stamps)
    assert_array_equal(clock.gaps, [100])
    assert clock.told() == "1 gaps, the longest 0.601 s"
    assert clock.seconds[-1] == pytest.approx(0.799)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_any_stamps_give_times_that_never_run_backwards(stamps):
    clock = clock_of(np.array(stamps, np.uint32))
    assert clock.seconds.shape == (len(stamps),)
    assert (np.diff(clock.seconds) >= 0).all()
    assert np.isfinite(clock.seconds).all()
    clock.told()


@settings(max_examples=50, deadline=None)
@given(steps=st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=30), first=st.integers(0, 2**32 - 1))
def test_steps_forward_are_kept_to_the_microsecond(steps, first):
    stamps = first + np.append(0, np.cumsum(steps))
    assert_allclose(clock_of(stamps % 2**32).seconds, (stamps - first) * 1e-6, rtol=1e-12)


def test_no_rate_without_time():
    for stamps in ([], [5], [5, 5, 5]):
        with pytest.raises(UserError, match=f"{len(stamps)} packets within no time"):
            packet_rate(log_of(stamps))


def received(clock, length=1.4, rate=1000, seed=0):
    """When packets came, s, under one of four clocks."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(length * rate)) / rate
    if clock == "lossy":
        times = times[rng.random(len(times)) < 0.5]
    if clock == "bursty":
        times = times[times % 0.1 < 0.05]
    if clock == "jittered":
        times = times + rng.uniform(-0.45, 0.45, len(times)) / rate
    return times


def mover(times, hertz, phases=True):
    """CSI (packets, 90) of a static path and one that shortens: a line at `hertz`; the card's phase jumps."""
    rng = np.random.default_rng(1)
    subcarrier = CARRIER + SPACING * np.arange(-15, 15)
    columns = []
    for antenna in range(3):
        static = (1 + 0.3 * antenna) * np.exp(-2j * np.pi * subcarrier * (4 + 0.026 * antenna) / LIGHT)
        length = 6 + 0.017 * antenna - hertz * LIGHT / CARRIER * times[:, None]
        columns.append(static + 0.15 * (1 + antenna) * np.exp(-2j * np.pi * subcarrier * length / LIGHT))
    csi = np.concatenate(columns, 1)
    return csi * np.exp(2j * np.pi * rng.random((len(times), 1))) if phases else csi


def line(spectrum):
    return FREQUENCIES[spectrum[:, 128:384].mean(1).argmax()]


@settings(max_examples=12, deadline=None)
@given(hertz=st.floats(5, 55), sign=st.sampled_from([-1, 1]), seed=st.integers(0, 99))
@pytest.mark.parametrize("clock", ["even", "lossy", "jittered"])
def test_the_line_of_a_mover_is_within_one_bin_whatever_the_clock(clock, hertz, sign, seed):
    times = received(clock, seed=seed)
    spectrum = doppler_spectrum(mover(times, sign * hertz), seconds=times)
    assert abs(line(spectrum) - sign * hertz) <= 1
    assert_allclose(spectrum.sum(0), 1, rtol=1e-5)


def test_bursts_are_refused_where_they_once_gave_half_the_frequency():
    times = received("bursty")
    csi = mover(times, 20)
    assert line(doppler_spectrum(csi, rate_of(times))) == 10, "the published pipeline takes packets as even"
    message = r"13 gaps, 49 % of the time, the longest 52 ms: too much is missing to tell 60 Hz \(up to 10 %"
    with pytest.raises(UserError, match=message):
        doppler_spectrum(csi, seconds=times)


def test_few_packets_are_refused():
    times = np.arange(140) / 100
    with pytest.raises(UserError, match="100 packets a second cannot tell 60 Hz"):
        doppler_spectrum(mover(times, 20), seconds=times)
    with pytest.raises(UserError, match=r"140 packets, but times of shape \(139,\)"):
        doppler_spectrum(mover(times, 20), seconds=times[1:])


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    times = received("even")
    check_gaps(times[(times < 0.5) | (times > 0.52)], 60)
    with pytest.raises(UserError, match="1 gaps, 6 % of the time, the longest 82 ms"):
        check_gaps(times[(times < 0.5) | (times > 0.58)], 60)


def test_what_the_new_rate_cannot_hold_leaves_no_alias():
    times = received("jittered", 2)
    slow = np.cos(2 * np.pi * 10 * times)
    fast = np.cos(2 * np.pi * 190 * times)
    out = at_rate(np.stack([slow, fast], 1), times, 100, 0.2, 160)
    assert_allclose(out[:, 0], np.cos(2 * np.pi * 10 * (0.2 + np.arange(160) / 100)), atol=0.02)
    assert np.abs(out[:, 1]).max() < 0.1, "nearest packets would show it at 10 Hz, whole"


def test_resampling_to_the_packets_own_times_changes_nothing():
    times = np.arange(50) / 20
    x = np.random.default_rng(0).normal(size=(50, 2, 3)).astype(np.float32)
    assert_allclose(at_rate(x, times, 20, 0.0, 50), x, rtol=1e-6)
    held = at_rate(x, times, 20, -0.5, 80)
    assert_allclose(held[:10], np.repeat(x[:1], 10, 0), rtol=1e-6)
    assert_allclose(held[-20:], np.repeat(x[-1:], 20, 0), rtol=1e-6)


def test_real_logs_keep_their_line_by_stamps(real_root):
    paths = sorted((real_root / "intel5300").glob("userA-1-1-1-1-r*.dat"))
    if not paths:
        pytest.skip("no real Intel 5300 logs")
    for path in paths:
        log = read_log(path)
        assert 880 < packet_rate(log) < 1000
        csi = scaled_csi(log).reshape(len(log), 90)
        ours, published = doppler_spectrum(csi, seconds=seconds(log)), doppler_spectrum(csi, packet_rate(log))
        together = np.corrcoef(ours.mean(1), published.mean(1))[0, 1]
        assert together > 0.9
