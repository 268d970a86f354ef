"""Doppler spectra: a batch against one recording at a time, and against loops over columns.

python benchmarks/doppler.py [--repeats 5]
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.linalg import eigh
from scipy.signal import lfilter
from timing import alternate, told

from assay.signal.doppler import (
    FREQUENCIES,
    adjusted,
    conjugate_product,
    doppler_spectra,
    doppler_spectrum,
    filters,
    normalised,
    reference_antenna,
    resampled,
    sampling_rate,
    windowed_waves,
)

RECORDINGS, PACKETS = 16, 1500


def loop(csi: np.ndarray) -> np.ndarray:
    """One spectrum, every column of the data and of the transform on its own."""
    rate = sampling_rate(len(csi))
    x = normalised(resampled(csi)[None])
    antenna = reference_antenna(x)
    product = conjugate_product(*adjusted(x, antenna), antenna)[0]
    low, high = filters(rate)
    y = np.stack([lfilter(*high, lfilter(*low, column)) for column in product.T], 1)
    _, vectors = eigh(np.cov(y.T).conj())
    return columns(y @ vectors[:, -1], np.abs(windowed_waves(rate)[:, 0]), rate)


def columns(p: np.ndarray, window: np.ndarray, rate: int) -> np.ndarray:
    """The transform of every sample's surroundings, one fast transform each."""
    spectrum = np.zeros((len(FREQUENCIES), len(p)))
    for t in range(len(p)):
        lags = np.arange(-min(64, t), min(65, len(p) - t))
        segment = np.zeros(rate, complex)
        segment[lags % rate] = p[t + lags] * window[64 + lags] / np.linalg.norm(window[64 + lags])
        power = np.abs(np.fft.fft(segment)[FREQUENCIES]) ** 2
        spectrum[:, t] = power / power.sum()
    return spectrum


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=5)
    o = parser.parse_args()
    rng = np.random.default_rng(0)
    shape = (RECORDINGS, PACKETS, 90)
    csi = rng.normal(3, 1, shape) + np.cumsum(rng.normal(0, 0.1, shape), 1) * (1 + 1j)
    csi = csi.astype(np.complex64)
    difference = np.abs(loop(csi[0]) - doppler_spectrum(csi[0])).max()
    looped, single, batched = alternate(
        lambda: [loop(one) for one in csi],
        lambda: [doppler_spectrum(one) for one in csi],
        lambda: doppler_spectra(csi),
        repeats=o.repeats,
    )
    print(told(f"{RECORDINGS} spectra, a batch against one at a time", single, batched))
    print(
        told(f"{RECORDINGS} spectra, a batch against loops", looped, batched)
        + f"; {RECORDINGS / batched[0]:.0f} spectra per CPU-second; largest difference {difference:.1e}"
    )


if __name__ == "__main__":
    main()
