"""Distance between mean Doppler spectra of amplitudes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError
from assay.metrics import pairs
from assay.metrics.jensen_shannon import jensen_shannon


def doppler_energy_distance(real: NDArray[Any], synthetic: NDArray[Any]) -> float:
    """Base-2 Jensen-Shannon distance between the mean power spectra over time.

    How fast amplitudes change, whatever their size: motion of another speed, or none, is far. Range [0, 1];
    lower is nearer.

    Parameters
    ----------
    real, synthetic : arrays, shapes (n, antenna, time, subcarrier) and (m, antenna, time, subcarrier)
        Real, or complex: then their magnitudes. Antennas and subcarriers may differ in number, times not.
    """
    if real.ndim != 4 or synthetic.ndim != 4 or real.shape[2] != synthetic.shape[2]:
        raise UserError(
            f"items: shapes {real.shape[1:]} and {synthetic.shape[1:]}; expected (antenna, time, subcarrier) "
            "with as many times"
        )
    return math.sqrt(jensen_shannon(_mean_spectrum(real), _mean_spectrum(synthetic)))


def _mean_spectrum(items: NDArray[Any]) -> NDArray[np.float64]:
    """Mean over the items of their spectra, each with sum 1, shape (time // 2 + 1,)."""
    step = max(1, pairs.BLOCK_BYTES // (8 * math.prod(items.shape[1:])))
    spectra = np.concatenate([_spectra(items[i : i + step]) for i in range(0, len(items), step)])
    return np.asarray(spectra.mean(0))


def _spectra(items: NDArray[Any]) -> NDArray[np.float64]:
    """Power over time, summed over antennas and subcarriers; an item without motion is all at frequency 0."""
    values = (np.abs(items) if items.dtype.kind == "c" else items).astype(np.float64)
    change = np.fft.rfft(values - values.mean(2, keepdims=True), axis=2)
    power = (change.real**2 + change.imag**2).sum((1, 3))
    power[power.sum(1) == 0, 0] = 1
    return np.asarray(power / power.sum(1, keepdims=True))
