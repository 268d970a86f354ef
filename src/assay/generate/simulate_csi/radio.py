"""The radio: from path lengths to CSI as it is received.

The channel at frequency f is the sum over paths, ``H(f) = Σ a e^{-2πi f d / c}``. The subcarriers stand a
whole number of steps apart, so that one multiplication takes a path from one subcarrier to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.factors import uniform
from assay.generate.simulate_csi.card import STEP, Band, Card, band_of
from assay.generate.simulate_csi.room import LIGHT, WAVELENGTH

Floats = NDArray[np.float64]
Complex = NDArray[np.complex64]

SUBCARRIERS = 30
INTEL_BAND = band_of(Card(), 20)
CLEARANCE = 0.3  # m from the line of sight within which a trunk shadows it
NEAREST = 0.1  # m: no scatterer comes nearer to an antenna

RADIO_LIMITS = {
    "power": (-30.0, 30.0),
    "snr": (-10.0, 300.0),
    "gain_jitter": (0.0, 6.0),
    "cfo": (-1e5, 1e5),
    "phase_noise": (0.0, 10.0),
    "sfo": (-100.0, 100.0),
    "delay": (0.0, 2000.0),
    "delay_jitter": (0.0, 500.0),
    "loss": (0.0, 0.95),
    "clock_jitter": (0.0, 0.3),
}


@dataclass(frozen=True)
class Radio:
    """What the radio does to the channel; by default next to nothing.

    Parameters
    ----------
    power : float
        Of the transmitter, dBm.
    snr : float
        Mean power of a receiver's CSI in a recording, over the noise's, dB; 300 is no noise to speak of.
    gain_jitter : float
        Standard deviation of a packet's gain that no field of the record tells of, dB.
    cfo, phase_noise : float
        What is left of the carrier's offset, Hz, and standard deviation of each packet's own phase, radians.
    sfo : float
        Offset of the sampling clock, parts per million: the moment of sampling slips through one sampling
        period again and again.
    delay, delay_jitter : float
        From a packet's arrival to its detection: mean and standard deviation, ns.
    loss : float
        Share of packets that do not arrive.
    clock_jitter : float
        Standard deviation of the time of sending, as a part of the time between packets.
    """

    power: float = 15.0
    snr: float = 300.0
    gain_jitter: float = 0.0
    cfo: float = 0.0
    phase_noise: float = 0.0
    sfo: float = 0.0
    delay: float = 0.0
    delay_jitter: float = 0.0
    loss: float = 0.0
    clock_jitter: float = 0.0


def radio_rand(rng: np.random.Generator, settings: Any) -> Radio:
    """A radio with each factor uniform in the settings' range."""
    return Radio(**uniform(rng, settings, RADIO_LIMITS))


def frequencies(band: Band = INTEL_BAND) -> Floats:
    """Frequency of every subcarrier, Hz."""
    return np.asarray(band.carrier + STEP * np.array(band.numbers), np.float64)


def channel(lengths: Floats, amplitudes: NDArray[Any], band: Band = INTEL_BAND) -> Complex:
    """``H(f) = Σ_p a_p e^{-2πi f d_p / c}`` at every subcarrier.

    Parameters
    ----------
    lengths, amplitudes : array, shape (paths, ...)
        Metres; amplitude at the receiver.
    band : Band

    Returns
    -------
    complex64 array, shape (..., subcarriers)
        Within 1e-5 of the sum of amplitudes.
    """
    numbers = np.array(band.numbers)
    path = _turned(lengths, band.carrier + STEP * numbers[0]) * amplitudes.astype(np.float32)
    onward = {int(n): _turned(lengths, STEP * int(n)) for n in set(np.diff(numbers).tolist())}
    out = np.empty((len(numbers), *lengths.shape[1:]), np.complex64)
    path.sum(0, out=out[0])
    for k, step in enumerate(np.diff(numbers).tolist(), start=1):
        path *= onward[step]
        path.sum(0, out=out[k])
    return np.ascontiguousarray(np.moveaxis(out, 0, -1))


def _turned(lengths: Floats, frequency: float) -> Complex:
    """``e^{-2πi f d / c}``; whole turns come off before the precision goes down to single."""
    turns = lengths * (-frequency / LIGHT)
    return _phasor((2 * math.pi) * (turns - np.rint(turns)))


def _phasor(phase: NDArray[Any]) -> Complex:
    narrow = phase.astype(np.float32)
    out = np.empty(phase.shape, np.complex64)
    np.cos(narrow, out=out.real)
    np.sin(narrow, out=out.imag)
    return out


def scattered(
    places: Floats,
    sections: Floats,
    transmitter: Floats,
    antennas: Floats,
    wavelength: float = WAVELENGTH,
) -> tuple[Floats, Floats]:
    """Length and amplitude of every path from one place by way of a scatterer, both (points, antennas, t).

    Parameters
    ----------
    places : array, shape (points, t, 3)
    sections : array, shape (points,)
        Radar cross-sections σ, m².
    transmitter, antennas : array, shapes (3,) and (antennas, 3)

    Returns
    -------
    lengths, amplitudes : array
        ``d₁ + d₂`` and ``λ √σ / ((4π)^{3/2} d₁ d₂)``: the bistatic radar equation, isotropic antennas.
    """
    there = _distance(places, transmitter)[:, None]
    back = _distance(places[:, None], antennas[:, None])
    strength = wavelength * np.sqrt(sections) / (4 * math.pi) ** 1.5
    return there + back, strength[:, None, None] / (there * back)


def echoed(
    place: Floats,
    section: float,
    images: Floats,
    antennas: Floats,
    reflection: float,
    wavelength: float = WAVELENGTH,
) -> tuple[Floats, Floats]:
    """The same by way of a wall and then one scatterer, both (images, antennas, t).

    Parameters
    ----------
    place : array, shape (t, 3)
    section : float
        Radar cross-section, m².
    images : array, shape (images, 3)
        The transmitter's, in the walls.
    antennas : array, shape (antennas, 3)
    reflection : float
        Share of the amplitude that a wall reflects, with the sign turned.
    """
    there = _distance(place, images[:, None])[:, None]
    back = _distance(place, antennas[:, None])
    strength = -reflection * wavelength * math.sqrt(section) / (4 * math.pi) ** 1.5
    return there + back, strength / (there * back)


def _distance(a: Floats, b: Floats) -> Floats:
    x, y, z = (a[..., i] - b[..., i] for i in range(3))
    distance: Floats = np.sqrt(np.maximum(x * x + y * y + z * z, NEAREST**2))
    return distance


def shadowing(trunk: Floats, transmitter: Floats, antennas: Floats, depth: float) -> Floats:
    """What the trunk (t, 3) leaves of each line of sight's amplitude: (antennas, t).

    ``1 - depth · exp(-(ρ / 0.3 m)²)``, ρ the trunk's distance from the line between the two ends.
    """
    line = antennas - transmitter
    share = np.clip((trunk - transmitter) @ line.T / (line**2).sum(1), 0, 1).T
    foot = transmitter + share[..., None] * line[:, None]
    left: Floats = 1 - depth * np.exp(-((trunk - foot) ** 2).sum(-1) / CLEARANCE**2)
    return left


def packet_times(radio: Radio, packets: int, rate: float, rng: np.random.Generator) -> Floats:
    """When each packet that arrives was sent, s: `rate` a second, but for losses and jitter; (packets,)."""
    luck = 1 - rng.random(packets)
    gaps = 1 + (np.log(luck) // math.log(radio.loss) if radio.loss else np.zeros(packets))
    jitter = np.clip(radio.clock_jitter * rng.standard_normal(packets), -0.45, 0.45)
    times: Floats = (np.cumsum(gaps) - gaps[0] + jitter - jitter[0]) / rate
    return times


def offsets(radio: Radio, times: Floats, band: Band, rng: np.random.Generator) -> Complex:
    """What carrier and sampling offsets and detection delay do to each packet: unit phasors (t, subcarriers).

    ``e^{i(2π cfo t + φ)} · e^{-2πi (f - f_carrier) δ}`` with δ the delay of detection and of sampling.
    """
    random, period = rng.standard_normal((2, len(times))), 1e9 / (band.bandwidth * 1e6)
    phase = 2 * math.pi * radio.cfo * times + radio.phase_noise * random[0]
    slip = (radio.sfo * 1e3 * times) % period if radio.sfo else np.zeros_like(times)
    late = (radio.delay + radio.delay_jitter * random[1] + slip) * 1e-9
    return _phasor(phase[:, None] - 2 * math.pi * late[:, None] * STEP * np.array(band.numbers))


def noisy(csi: Complex, snr: float, rng: np.random.Generator) -> Complex:
    """CSI (receiver, antenna, t, subcarrier) with complex Gaussian noise of one power for each receiver."""
    power = np.mean(csi.real**2 + csi.imag**2, axis=(1, 2, 3), keepdims=True)
    deviation = np.sqrt(power / 2) * np.float32(10 ** (-snr / 20))
    received: Complex = csi + deviation * _complex_normal(csi.shape, rng)
    return received


def _complex_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Complex:
    parts = rng.standard_normal((*shape[:-1], 2 * shape[-1]), dtype=np.float32)
    return parts.view(np.complex64)


@lru_cache(maxsize=64)
def ripple(
    device: int, deviation: float, imbalance: float, chains: int, subcarriers: int = SUBCARRIERS
) -> NDArray[np.float32]:
    """Amplitude of each chain's own response, (chains, 1, subcarriers).

    Gaussian in dB: `deviation` from subcarrier to subcarrier, `imbalance` from chain to chain.
    """
    grains = np.random.default_rng(device).standard_normal((chains, 1, subcarriers + 1))
    decibels = deviation * grains[..., 1:] + imbalance * grains[..., :1]
    gain = np.asarray(10 ** (decibels / 20), np.float32)
    gain.flags.writeable = False
    return gain
