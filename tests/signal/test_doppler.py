from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import signal

from assay.errors import UserError
from assay.signal import doppler
from assay.signal.doppler import (
    FREQUENCIES,
    adjusted,
    band_pass,
    conjugate_product,
    doppler_spectra,
    doppler_spectrum,
    normalised,
    principal_component,
    reference_antenna,
    resampled,
    sampling_rate,
    spectra_of,
    stft_power,
)
from assay.signal.intel5300 import read_log, scaled_csi, write_log
from assay.signal.simulated_log import make_log, quantised

CARRIER, SPACING = 5.825e9, 1.25e6  # Hz
LIGHT = 299_792_458.0
WAVELENGTH = LIGHT / CARRIER


def scene(speed, packets=1000, packet_rate=1000.0, strength=0.15, noise=0.0):
    """CSI of a static path and one whose length grows at `speed` m/s, (packets, 90)."""
    subcarrier = CARRIER + SPACING * np.arange(-15, 15)
    seconds = np.arange(packets)[:, None] / packet_rate
    rng = np.random.default_rng(0)
    columns = []
    for antenna in range(3):
        static = (1 + 0.3 * antenna) * np.exp(-2j * np.pi * subcarrier * (4 + 0.026 * antenna) / LIGHT)
        length = 6 + 0.017 * antenna + speed * seconds
        columns.append(static + strength * (1 + antenna) * np.exp(-2j * np.pi * subcarrier * length / LIGHT))
    csi = np.concatenate(columns, 1)
    return csi + noise * (rng.normal(size=csi.shape) + 1j * rng.normal(size=csi.shape))


def noisy(packets, seed):
    """CSI of no scene at all, with a mean and three antennas of their own."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=(packets, 90)) + 1j * rng.normal(size=(packets, 90)), 0)
    return 0.05 * walk + rng.normal(2, 1, 90) + 0.1 * rng.normal(size=(packets, 90))


def line(spectrum):
    """Frequency of the strongest row over the middle of the recording, Hz."""
    return FREQUENCIES[spectrum[:, 128:384].mean(1).argmax()]


def plain_spectrum(csi):
    """One recording, one column of the spectrum at a time: every step once more, with loops."""
    t = len(csi)
    x = csi[[int((i + 0.5) * t / 512) for i in range(512)]].astype(complex)
    numbers = np.concatenate([x.real.ravel(), x.imag.ravel()])
    x = (x - numbers.mean() * (1 + 1j)) / numbers.std(ddof=1)
    rate = int(512 / (t / 1000))
    rate -= rate % 2
    size, angle = np.abs(x), np.angle(x)
    best = max(
        range(3),
        key=lambda a: np.mean([size[:, j].mean() / size[:, j].std() for j in range(30 * a, 30 * a + 30)]),
    )
    least = [min(v for v in column if v > 0) for column in size.T]
    more = 1000 * sum(least) / 90
    columns = []
    for j in range(90):
        if j // 30 != best:
            r = 30 * best + j % 30
            other = (size[:, r] + more) * np.exp(1j * angle[:, r])
            columns.append((size[:, j] - least[j]) * np.exp(1j * angle[:, j]) * other.conj())
    y = np.stack(columns, 1)
    y = signal.lfilter(*signal.butter(6, 60 / (rate / 2), "lowpass"), y, axis=0)
    y = signal.lfilter(*signal.butter(3, 2 / (rate / 2), "highpass"), y, axis=0)
    _, _, vh = np.linalg.svd(y - y.mean(0))
    return plain_stft(y @ vh[0].conj(), rate)


def plain_stft(p, rate):
    """The short-time transform by its definition, one fast transform a sample."""
    deviation = 129 / np.sqrt(-8 * np.log(0.005))
    window = {lag: np.exp(-((lag - 0.5) ** 2) / (2 * deviation**2)) for lag in range(-64, 65)}
    rows = []
    for t in range(len(p)):
        lags = range(-min(rate // 2 - 1, 64, t), min(rate // 2, 65, len(p) - t))
        norm = np.sqrt(sum(window[lag] ** 2 for lag in lags))
        segment = np.zeros(rate, complex)
        for lag in lags:
            segment[lag % rate] = p[t + lag] * window[lag] / norm
        power = np.abs(np.fft.fft(segment)) ** 2
        rows.append(power[FREQUENCIES] / power[FREQUENCIES].sum())
    return np.stack(rows, 1)


@pytest.fixture
def golden(real_root):
    path = real_root.parent / "golden" / "doppler.npz"
    if not path.is_file():
        pytest.skip("no golden values of real recordings (they are not redistributed)")
    return np.load(path)


@pytest.fixture
def recording(golden, real_root):
    log = read_log(real_root / "intel5300" / str(golden["source"]))
    assert len(log) == golden["packets"]
    return scaled_csi(log).reshape(len(log), 90)


def test_every_step_matches_the_published_code_on_a_real_recording(golden, recording):
    x = normalised(resampled(recording)[None])
    assert_allclose(x[0], golden["resampled_csi"], rtol=1e-4, atol=1e-6)
    rate = sampling_rate(len(recording))
    antenna = reference_antenna(x)
    p = principal_component(band_pass(conjugate_product(*adjusted(x, antenna), antenna), rate))[0]
    turn = np.vdot(p, golden["pca"]) / np.vdot(p, p)
    assert abs(turn) == pytest.approx(1, rel=1e-5)
    assert_allclose(turn * p, golden["pca"], atol=1e-5 * np.abs(p).max())


def test_the_spectrum_matches_the_published_code_on_a_real_recording(golden, recording):
    expected = golden["spectrum"]
    of_published = stft_power(golden["pca"][None].astype(complex), sampling_rate(len(recording)))[0]
    assert_allclose(of_published / of_published.sum(0), expected, rtol=1e-4)
    of_resampled = spectra_of(golden["resampled_csi"][None], sampling_rate(len(recording)))[0]
    assert_allclose(of_resampled, expected, rtol=1e-4)
    # published in 24 bits: where a column holds next to nothing, only so much of it is right
    assert_allclose(doppler_spectrum(recording), expected, rtol=1e-4, atol=1e-6 * expected.max())


@pytest.mark.parametrize("packets", [200, 700, 1479, 4196])
def test_matches_the_loop_over_columns(packets):
    csi = noisy(packets, packets)
    assert_allclose(doppler_spectrum(csi), plain_spectrum(csi), rtol=1e-4, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(speed=st.floats(0.3, 2.5), packets=st.integers(600, 1800), sign=st.sampled_from([-1, 1]))
def test_a_moving_scatterer_gives_its_line_and_the_mirrored_one_its_mirror(speed, packets, sign):
    expected = -sign * speed / WAVELENGTH
    assert abs(line(doppler_spectrum(scene(sign * speed, packets))) - expected) <= 1


def test_the_line_survives_noise_integers_and_the_file(tmp_path):
    csi = scene(-1.2, 1500, noise=0.02).reshape(1500, 1, 3, 30)
    write_log(tmp_path / "scene.dat", make_log(quantised(csi), 1000 * np.arange(1500)))
    read = scaled_csi(read_log(tmp_path / "scene.dat")).reshape(1500, 90)
    assert abs(line(doppler_spectrum(read)) - 1.2 / WAVELENGTH) <= 1


@pytest.mark.parametrize("packet_rate", [500.0, 900.0, 2000.0])
def test_the_rate_of_the_packets_sets_the_scale(packet_rate):
    csi = scene(-1, int(1.2 * packet_rate), packet_rate)
    assert abs(line(doppler_spectrum(csi, packet_rate)) - 1 / WAVELENGTH) <= 1


def test_rows_columns_and_sums():
    spectrum = doppler_spectra([noisy(900, 0), noisy(1100, 1)])
    assert spectrum.shape == (2, 121, 512)
    assert spectrum.dtype == np.float32
    assert spectrum.min() >= 0
    assert_allclose(spectrum.sum(1), 1, rtol=1e-5)
    assert_array_equal(np.sort(FREQUENCIES), np.arange(-60, 61))
    assert (FREQUENCIES[0], FREQUENCIES[60], FREQUENCIES[61]) == (0, 60, -60)


def test_batched_equals_one_at_a_time_in_any_mixture_of_lengths():
    recordings = [
        noisy(t, seed) for seed, t in enumerate([1000, 1433, 1000, 700, 1433, 1001, 1000, 999, 998])
    ]
    together = doppler_spectra(recordings)
    for csi, spectrum in zip(recordings, together):
        assert_allclose(spectrum, doppler_spectrum(csi), rtol=1e-5)
    alike = np.stack([noisy(800, seed) for seed in range(6)])
    assert_allclose(doppler_spectra(alike), doppler_spectra(list(alike)), rtol=1e-5)


def test_scale_and_real_offset_of_the_recording_leave_no_trace():
    csi = noisy(900, 3)
    assert_allclose(doppler_spectrum(7 * csi), doppler_spectrum(csi), rtol=1e-4, atol=1e-9)
    assert_allclose(doppler_spectrum(csi + 5 * (1 + 1j)), doppler_spectrum(csi), rtol=1e-4, atol=1e-9)


def test_no_recordings_give_no_spectra():
    assert doppler_spectra([]).shape == (0, 121, 512)


@pytest.mark.parametrize(
    ("packets", "rate"), [(1000, 512), (1433, 356), (2000, 256), (2560, 200), (4196, 122)]
)
def test_sampling_rates_as_published(packets, rate):
    assert sampling_rate(packets) == rate


def test_resampling_takes_the_nearest_packet():
    csi = np.arange(700)[:, None] * np.ones(90)
    assert_array_equal(resampled(csi, 5)[:, 0], [70, 210, 350, 490, 630])
    assert_array_equal(resampled(csi[:3], 6)[:, 0], [0, 0, 1, 1, 2, 2])


def test_normalised_csi_has_one_mean_and_one_unbiased_deviation():
    rng = np.random.default_rng(0)
    csi = rng.normal(2, 3, (2, 2, 90)) + 1j * rng.normal(-1, 2, (2, 2, 90))
    for ours, one in zip(normalised(csi), csi):
        numbers = np.concatenate([one.real, one.imag])
        assert_allclose(ours, (one - numbers.mean() * (1 + 1j)) / numbers.std(ddof=1), rtol=1e-12)


def test_the_steadiest_antenna_is_the_reference():
    x = noisy(512, 4)
    for steady in range(3):
        y = 0.3 * x
        y[:, 30 * steady : 30 * steady + 30] += 50
        assert reference_antenna(np.stack([y, y])).tolist() == [steady, steady]


def test_zeros_in_the_csi_are_no_trap():
    x = noisy(512, 5)[None]
    x[0, :, 40] = 0
    x[0, 7, :] = 0
    signal_part, reference = adjusted(x, np.array([0]))
    assert np.isfinite(signal_part).all()
    assert np.isfinite(reference).all()
    least = np.abs(x[0, :, 41])[np.abs(x[0, :, 41]) > 0].min()
    assert_allclose(np.abs(signal_part[0, :, 41]), np.abs(np.abs(x[0, :, 41]) - least))
    assert_allclose(spectra_of(x, 512).sum(1), 1)


@pytest.mark.parametrize(
    ("csi", "message"),
    [
        (np.zeros((0, 90), complex), "0 packets at 1000.0 a second"),
        (noisy(4197, 0), r"512 columns at 120 a second cannot hold 60 Hz.*less than 4\.2 s"),
        (noisy(600, 0)[:, :60], r"shape \(600, 60\); expected \(packet, 90\)"),
        (noisy(600, 0)[:, :, None], r"shape \(600, 90, 1\)"),
        (np.full((600, 90), 2 + 2j), "a recording is constant"),
        (np.where(np.arange(90) < 60, noisy(600, 0), 0), "antenna 3 of a recording is dead"),
        (noisy(600, 0) * np.where(np.arange(600) == 300, np.nan, 1)[:, None], "NaN or infinity"),
        (noisy(600, 0) + np.where(np.arange(600) == 300, np.inf, 0)[:, None], "NaN or infinity"),
    ],
)
def test_a_recording_that_has_no_spectrum_is_refused_with_the_reason(csi, message):
    with pytest.raises(UserError, match=message):
        doppler_spectrum(csi)


def test_simulated_csi_of_another_shape_or_rate_is_refused():
    with pytest.raises(UserError, match=r"expected \(recording, 512, 90\)"):
        spectra_of(noisy(500, 0)[None], 512)
    with pytest.raises(UserError, match="cannot hold 60 Hz"):
        spectra_of(noisy(512, 0)[None], 120)


def test_no_rate_of_packets_is_refused():
    for rate in (0, -1, np.nan):
        with pytest.raises(UserError, match="packets at"):
            doppler_spectrum(noisy(600, 0), rate)


def test_the_size_of_a_batch_changes_nothing(monkeypatch):
    recordings = [noisy(900, seed) for seed in range(5)]
    expected = doppler_spectra(recordings)
    monkeypatch.setattr(doppler, "AT_ONCE", 2)
    assert_allclose(doppler_spectra(recordings), expected, rtol=1e-5)


def test_six_receivers_of_one_gesture_give_six_spectra(real_root):
    paths = sorted((real_root / "intel5300").glob("userA-1-1-1-1-r*.dat"))
    if not paths:
        pytest.skip("no real Intel 5300 logs")
    recordings = [scaled_csi(read_log(path)).reshape(-1, 90) for path in paths]
    spectra = doppler_spectra(recordings)
    assert_allclose(spectra.sum(1), 1, rtol=1e-5)
    assert len({spectrum.tobytes() for spectrum in spectra}) == len(paths)
