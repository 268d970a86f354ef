"""What a card records of the CSI that it receives: gain control, then rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.simulate_csi.radio import Complex, Radio

BITS = 8
LEVEL = 31.0  # rms of the strongest antenna's integers: recorded ones have 30 to 32
STRONGEST = 38  # dB, RSSI that the gain control brings the strongest antenna to
RSSI_OFFSET = 44  # dB: received power (dBm) = RSSI - 44 - gain
MOST_GAIN = 80  # dB


@dataclass(frozen=True, eq=False)
class Measured:
    """What the card records of R receivers and t packets.

    Parameters
    ----------
    iq : int8 array, shape (R, t, 1, 3, 30, 2)
        Integers as `assay.signal.intel5300.Log` has them.
    gain : float32 array, shape (R, t)
        By which CSI was multiplied before it was rounded.
    rssi : uint8 array, shape (R, t, 3)
        dB.
    agc : uint8 array, shape (R, t)
        dB.
    """

    iq: NDArray[Any]
    gain: NDArray[np.float32]
    rssi: NDArray[np.uint8]
    agc: NDArray[np.uint8]


def measured(
    csi: Complex, radio: Radio, rng: np.random.Generator, bits: int = BITS, agc_on: bool = True
) -> Measured:
    """CSI (R, antenna, t, subcarrier) through gain control and rounding.

    The gain control chooses whole decibels; then every packet (without gain control: every recording) is
    scaled so that the strongest antenna's integers have the rms 31 of 127, as recorded packets have.
    """
    power = np.einsum("ratk,ratk->rta", csi.real, csi.real) + np.einsum("ratk,ratk->rta", csi.imag, csi.imag)
    rms = np.sqrt(np.maximum(power / csi.shape[3], np.float32(1e-30)))
    received = radio.power + 20 * np.log10(rms)
    agc = np.clip(np.rint(STRONGEST - RSSI_OFFSET - received.max(2)), 0, MOST_GAIN)
    rssi = np.clip(np.rint(received + RSSI_OFFSET + agc[..., None]), 1, 255)
    jitter = 10 ** (radio.gain_jitter * rng.standard_normal(agc.shape, dtype=np.float32) / 20)
    strongest = rms.max(2) if agc_on else np.sqrt((rms**2).mean(1, keepdims=True)).max(2)
    gain = (LEVEL * 2.0 ** ((bits or BITS) - BITS) * jitter / strongest).astype(np.float32)
    return Measured(rounded(csi, gain, bits), gain, rssi.astype(np.uint8), agc.astype(np.uint8))


def rounded(csi: Complex, gain: NDArray[np.float32], bits: int = BITS) -> NDArray[Any]:
    """``csi · gain``, (R, antenna, t, subcarrier) and (R, t), as integers: (R, t, 1, antenna, subcarrier, 2).

    -128 to 127 and int8 with 8 bits, int16 with other bits, float32 and not rounded with 0.
    """
    scaled = (csi * gain[:, None, :, None]).transpose(0, 2, 1, 3).copy().view(np.float32)
    if bits:
        np.rint(scaled, out=scaled)
        np.clip(scaled, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, out=scaled)
        scaled = scaled.astype(np.int8 if bits == BITS else np.int16)
    return scaled.reshape(*gain.shape, 1, csi.shape[1], csi.shape[3], 2)
