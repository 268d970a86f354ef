"""Doppler spectra of Wi-Fi recordings, 121 frequencies × 512 columns: SynCheck (MobiSys 2025), Widar3.0.

A recording is complex CSI, packets × 90 columns: the 30 subcarriers of the first receive antenna, of the
second, of the third; or as many of another card's. One step is one function; `doppler_spectra` runs them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.signal import butter, get_window, lfilter
from threadpoolctl import threadpool_limits

from assay.errors import UserError
from assay.signal.clock import Floats, rate_of
from assay.signal.resampling import at_rate, check_gaps

ANTENNAS, SUBCARRIERS = 3, 30
COLUMNS = ANTENNAS * SUBCARRIERS
PACKETS = 512
HIGHEST, LOWEST = 60, 2  # Hz
STATIC_GAIN = 1000.0
HALF = 64  # of the window, to either side
FREQUENCIES = np.r_[0 : HIGHEST + 1, -HIGHEST:0]  # Hz, of the 121 rows
AT_ONCE = 4  # recordings worked on together: what fits a processor's cache

Complex = NDArray[np.complexfloating[Any, Any]]


def doppler_spectra(
    recordings: Sequence[Complex] | Complex,
    packet_rate: float = 1000.0,
    seconds: Sequence[Floats] | None = None,
    antennas: int = ANTENNAS,
) -> NDArray[np.float32]:
    """The Doppler spectrum of every recording.

    Parameters
    ----------
    recordings : complex array, shape (n, packets, 90), or n arrays of shapes (packets, 90)
        CSI as `assay.signal.intel5300.scaled_csi` gives it.
    packet_rate : float
        Packets per second. Widar3.0 sent 1,000; the published spectra assume that whatever arrived.
    seconds : n arrays of shapes (packets,), optional
        When each packet was received (`assay.signal.clock.seconds`). Packets are then taken by their stamps,
        without aliases and without joining what lies across a gap; `packet_rate` says nothing.
    antennas : int
        2 or more, each with as many columns; another number than 3 × 30 columns takes `seconds`.

    Returns
    -------
    float32 array, shape (n, 121, 512)
        Share of every frequency (`FREQUENCIES`: 0 to 60, then -60 to -1 Hz) in the power of a column: not
        negative, columns sum to 1. With CSI of ``e^{-2πi f d/c}``, a path d that grows shorter is positive.

    Raises
    ------
    UserError
        If a recording has another shape, is not finite, constant or so long that 512 columns cannot hold
        60 Hz (4.2 s at most), or an antenna is dead; by stamps, if packets are too few or gaps too long.
    """
    out = np.empty((len(recordings), len(FREQUENCIES), PACKETS), np.float32)
    if seconds is not None:
        for i, (csi, times) in enumerate(zip(recordings, seconds, strict=True)):
            out[i] = _shares(*_by_stamps(csi, times, antennas))[0]
        return out
    for rate, where in _batches([sampling_rate(len(csi), packet_rate) for csi in recordings]):
        x = np.stack([resampled(recordings[i]) for i in where])
        out[where] = spectra_of(normalised(x), rate)
    return out


def doppler_spectrum(
    csi: Complex, packet_rate: float = 1000.0, seconds: Floats | None = None, antennas: int = ANTENNAS
) -> NDArray[np.float32]:
    """The Doppler spectrum (121, 512) of one recording (packets, 90); see `doppler_spectra`."""
    times = None if seconds is None else [seconds]
    spectrum: NDArray[np.float32] = doppler_spectra([csi], packet_rate, times, antennas)[0]
    return spectrum


def _by_stamps(csi: Complex, seconds: Floats, antennas: int) -> tuple[Complex, int]:
    """Products of antennas (1, 512, columns) about the recording's middle, and how many a second.

    The phase of a card jumps from packet to packet: only where antennas are multiplied, which takes the jumps
    off, may packets be joined and smoothed.
    """
    _check_shape(csi, ("packet", "columns"))
    if antennas < 2 or csi.shape[1] % antennas:
        raise UserError(f"csi: {csi.shape[1]} columns of {antennas} antennas; expected two antennas or more")
    if seconds.shape != csi.shape[:1]:
        raise UserError(f"csi: {len(csi)} packets, but times of shape {seconds.shape}")
    check_gaps(seconds, HIGHEST)
    rate = sampling_rate(len(csi), rate_of(seconds))
    middle = (seconds[0] + seconds[-1]) / 2
    product = _products(normalised(csi[None]), antennas)[0]
    return at_rate(product, seconds, rate, middle - (PACKETS - 1) / 2 / rate, PACKETS)[None], rate


def _batches(rates: list[int]) -> Iterator[tuple[int, list[int]]]:
    for rate in sorted(set(rates)):
        where = [i for i, r in enumerate(rates) if r == rate]
        for first in range(0, len(where), AT_ONCE):
            yield rate, where[first : first + AT_ONCE]


def spectra_of(x: Complex, rate: int) -> NDArray[np.float64]:
    """Spectra (n, 121, 512) of resampled, normalised CSI (n, 512, 90), 512 samples at `rate` a second.

    For simulated CSI that is 512 × 90 already; `rate` is then that of its real twin (`sampling_rate`).
    """
    _check_shape(x, ("recording", PACKETS, COLUMNS))
    return _shares(_products(np.asarray(x, np.complex128)), rate)


def _products(x: Complex, antennas: int = ANTENNAS) -> Complex:
    antenna = reference_antenna(x, antennas)
    return conjugate_product(*adjusted(x, antenna, antennas), antenna, antennas)


def _shares(product: Complex, rate: int) -> NDArray[np.float64]:
    """Each frequency's share of a column, (n, 121, 512), from products of antennas (n, 512, 60)."""
    with threadpool_limits(1, "blas"):  # the matrices are small: threads only wait for each other
        power = stft_power(principal_component(band_pass(product, rate)), rate)
    total = power.sum(1, keepdims=True)
    if not (total > 0).all():
        raise UserError(f"csi: no power up to {HIGHEST} Hz in a column of a recording; does anything move?")
    shares: NDArray[np.float64] = power / total
    return shares


def sampling_rate(packets: int, packet_rate: float = 1000.0) -> int:
    """Samples per second after resampling: ``512 / (packets / packet_rate)``, made even downwards.

    Raises
    ------
    UserError
        If it does not exceed 120, twice the highest frequency.
    """
    if packets < 1 or not packet_rate > 0:
        raise UserError(f"csi: {packets} packets at {packet_rate} a second; expected more than none")
    rate = int(PACKETS / (packets / packet_rate)) // 2 * 2
    _check_rate(rate)
    return rate


def _check_rate(rate: int) -> None:
    if rate <= 2 * HIGHEST:
        raise UserError(
            f"csi: {PACKETS} columns at {rate} a second cannot hold {HIGHEST} Hz, which takes more than "
            f"{2 * HIGHEST}; cut the recording to less than {PACKETS / (2 * HIGHEST + 2):.1f} s"
        )


def resampled(csi: Complex, packets: int = PACKETS) -> Complex:
    """The nearest packets: output i takes input ``⌊(i + 0.5) T / packets⌋``; (T, 90) -> (packets, 90).

    Raises
    ------
    UserError
        If the shape is another.
    """
    _check_shape(csi, ("packet", COLUMNS))
    return csi[((2 * np.arange(packets) + 1) * len(csi)) // (2 * packets)]


def normalised(csi: Complex) -> NDArray[np.complex128]:
    """``(x - μ) / σ`` with one mean and one unbiased deviation of a recording's real and imaginary parts.

    μ comes off real and imaginary parts alike. Shape (n, T, 90).
    """
    parts = np.array(csi, np.complex128, order="C").view(np.float64)
    if not np.isfinite(parts).all():
        raise UserError("csi: NaN or infinity in one of the recordings")
    parts -= parts.mean((1, 2), keepdims=True)
    deviation = np.sqrt((parts**2).sum((1, 2), keepdims=True) / (parts[0].size - 1))
    if not deviation.all():
        raise UserError("csi: a recording is constant")
    parts /= deviation
    return parts.view(np.complex128)


def reference_antenna(x: Complex, antennas: int = ANTENNAS) -> NDArray[np.intp]:
    """The antenna of steadiest magnitude: largest mean over its subcarriers of ``mean|x| / std|x|``; (n,).

    Raises
    ------
    UserError
        If an antenna is dead: all its values constant.
    """
    by_antenna = (-1, antennas, x.shape[2] // antennas)
    dead = (x == x[:, :1]).all(1).reshape(by_antenna).all(2)
    if dead.any():
        raise UserError(f"csi: antenna {np.argwhere(dead)[0, 1] + 1} of a recording is dead (constant)")
    size = np.abs(x)
    steady = size.mean(1) / np.maximum(size.std(1), np.finfo(float).tiny)
    best: NDArray[np.intp] = steady.reshape(by_antenna).mean(2).argmax(1)
    return best


def adjusted(x: Complex, antenna: NDArray[np.intp], antennas: int = ANTENNAS) -> tuple[Complex, Complex]:
    """Less of the static path in the signal, more of it in the reference: (n, 512, 90) and (n, 512, 30).

    With ``α_j`` the smallest non-zero magnitude of column j and ``β = 1000 Σ_j α_j / 90``:
    ``(|x| - α) e^{i∠x}`` of all columns, ``(|r| + β) e^{i∠r}`` of the reference antenna's.
    """
    size = np.abs(x)
    some = size > 0
    phase = np.where(some, x, 1) * (1 / np.where(some, size, 1))
    least = np.where(some, size, np.inf).min(1, keepdims=True)
    least[np.isinf(least)] = 0
    more = STATIC_GAIN * least.mean(2, keepdims=True)
    mine = of_antenna(antenna, x.shape[2] // antennas)[:, None]
    r_size, r_phase = (np.take_along_axis(part, mine, 2) for part in (size, phase))
    return np.abs(size - least) * phase, (r_size + more) * r_phase


def of_antenna(antenna: NDArray[np.intp], subcarriers: int = SUBCARRIERS) -> NDArray[np.intp]:
    """The columns of an antenna, (n, 30)."""
    return antenna[:, None] * subcarriers + np.arange(subcarriers)


def conjugate_product(
    x: Complex, reference: Complex, antenna: NDArray[np.intp], antennas: int = ANTENNAS
) -> Complex:
    """``x · conj(r)`` of the other antennas, (n, 512, 60): the phase offsets of the clocks cancel."""
    others = (antenna[:, None] + np.arange(1, antennas)) % antennas
    columns = np.concatenate([of_antenna(one, reference.shape[2]) for one in others.T], 1)
    theirs = np.tile(reference.conj(), (1, 1, antennas - 1))
    product: Complex = np.take_along_axis(x, columns[:, None], 2) * theirs
    return product


@lru_cache(maxsize=64)
def filters(rate: int) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Butterworth filters (b, a): low-pass of order 6 at 60 Hz, high-pass of order 3 at 2 Hz."""
    _check_rate(rate)
    return butter(6, HIGHEST, "low", fs=rate), butter(3, LOWEST, "high", fs=rate)


def band_pass(y: Complex, rate: int) -> Complex:
    """Low-pass, then high-pass, causal and from rest, along the second axis."""
    low, high = filters(rate)
    passed: Complex = lfilter(*high, lfilter(*low, np.ascontiguousarray(y.swapaxes(1, 2))))
    return passed.swapaxes(1, 2)


def principal_component(y: Complex) -> Complex:
    """``p = Y v``, v the first eigenvector of ``(Y - mean)ᴴ (Y - mean)``; (n, 512, columns) -> (n, 512).

    Its phase is arbitrary.
    """
    centred = y - y.mean(1, keepdims=True)
    covariance = centred.conj().swapaxes(1, 2) @ centred
    last = [y.shape[2] - 1] * 2
    first = np.stack([eigh(k, subset_by_index=last)[1] for k in covariance])
    component: Complex = (y @ first)[..., 0]
    return component


@lru_cache(maxsize=16)
def windowed_waves(rate: int) -> Complex:
    """``w(τ) e^{-2πi f τ / rate}`` with a Gaussian window w, (129, 121); τ = -64 to 64 samples.

    The deviation is ``129 / √(-8 ln 0.005)`` samples, the centre τ = 1/2 (a periodic window). At a rate of up
    to 130, τ stays within half a second to either side.
    """
    lags = np.arange(-HALF, HALF + 1)
    width = len(lags)
    window = get_window(("gaussian", width / np.sqrt(-8 * np.log(0.005))), width)
    window = np.where((lags > -rate // 2) & (lags < rate // 2), window, 0)
    return window[:, None] * np.exp(-2j * np.pi * np.outer(lags, FREQUENCIES) / rate)


def stft_power(p: Complex, rate: int) -> NDArray[np.float64]:
    """``|Σ_τ p(t + τ) w(τ) e^{-2πi f τ / rate}|²`` at every sample t, (n, T) -> (n, 121, T).

    Beyond its ends, p is zero. The norm of the window, by which the published code divides, is left out: it
    is one number a column, which the shares do not see.
    """
    around = sliding_window_view(np.pad(p, ((0, 0), (HALF, HALF))), 2 * HALF + 1, axis=1)
    power: NDArray[np.float64] = np.abs(around @ windowed_waves(rate)) ** 2
    return np.ascontiguousarray(power.swapaxes(1, 2))


def _check_shape(csi: Complex, expected: tuple[int | str, ...]) -> None:
    fits = [have == want or (isinstance(want, str) and have > 0) for have, want in zip(csi.shape, expected)]
    if csi.ndim != len(expected) or not all(fits):
        raise UserError(f"csi: shape {csi.shape}; expected ({', '.join(map(str, expected))})")
