"""From a recording's channel state to what items hold: magnitude, complex numbers or phase."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.csi import relative_phase
from assay.errors import UserError
from assay.signal.capture import Capture

Part = Literal["magnitude", "complex", "phase", "doppler"]
Sanitation = Literal["fit", "ratio"]
Complex = NDArray[np.complexfloating[Any, Any]]


def steady(capture: Capture, part: Part, sanitation: Sanitation) -> NDArray[Any]:
    """Values (packets, antennas, subcarriers) without what jumps from packet to packet.

    Only such may be joined and smoothed in time: magnitudes, or complex numbers after sanitation. Phases stay
    complex here; see `finished`.

    Raises
    ------
    UserError
        If the file holds magnitudes only, or a ratio is asked of one antenna.
    """
    if part == "magnitude":
        return np.asarray(np.abs(capture.csi), np.float32)
    if capture.csi.dtype.kind != "c":
        raise UserError(f"part={part}: holds magnitudes only; expected part=magnitude")
    if part == "doppler":
        return capture.csi
    if sanitation == "fit":
        return fitted(capture.csi, capture.subcarriers)
    if capture.csi.shape[1] < 2:
        raise UserError("sanitation=ratio: one antenna; expected two or more (fit takes one)")
    return relative_phase(capture.csi)[:, part == "phase" :]


def fitted(csi: Complex, subcarriers: NDArray[np.int64]) -> Complex:
    """CSI without the line of phase over subcarriers that offsets of carrier and sampling add to a packet.

    The line of least squares through the unwrapped phase of the antenna that is strongest on the whole comes
    off all antennas: clocks are shared, and the antennas keep their phases to one another.
    """
    strongest = np.abs(csi).mean((0, 2)).argmax()
    phase = np.unwrap(np.angle(csi[:, strongest]), axis=1)
    number = subcarriers - subcarriers.mean()
    slope = (phase * number).sum(1) / max((number**2).sum(), 1)
    line = phase.mean(1)[:, None] + slope[:, None] * number
    without: Complex = (csi * np.exp(-1j * line)[:, None]).astype(np.complex64)
    return without


def finished(x: NDArray[Any], part: Part, remove_mean: bool) -> NDArray[Any]:
    """Items (antenna, time, subcarrier) of a window of steady values (time, antenna, subcarrier).

    Phases are counted from their mean direction over the window, -π to π: those of a standing room say
    nothing. `remove_mean` takes the mean over time off the others.
    """
    if part == "doppler":
        return x
    x = x.transpose(1, 0, 2)
    if part == "phase":
        mean = x.mean(1, keepdims=True)
        return np.ascontiguousarray(np.angle(x * mean.conj()), np.float32)
    kept = x - x.mean(1, keepdims=True) if remove_mean else x
    return np.ascontiguousarray(kept, np.complex64 if part == "complex" else np.float32)
