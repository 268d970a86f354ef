"""Simulated CSI as an Intel 5300 log, so that it goes through the same file path as recorded CSI."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assay.errors import UserError
from assay.signal.intel5300 import COLUMNS, NOT_MEASURED, Log
from assay.signal.records import HEADER, MOST_ANTENNAS, SUBCARRIERS

IN_ORDER = 0b100100  # chains 0, 1, 2 fed by antennas 0, 1, 2
HT_RATE = 257
USUAL: dict[str, ArrayLike] = {
    "rssi": 40,
    "noise": NOT_MEASURED,
    "agc": 40,
    "antenna_sel": IN_ORDER,
    "rate": HT_RATE,
}


def quantised(csi: NDArray[Any], peak: int = 100) -> NDArray[np.int8]:
    """Complex CSI (...) as the card's integers (..., 2): one gain for all, the largest part becomes `peak`.

    Raises
    ------
    UserError
        If the CSI is not finite or all zero, or `peak` is not 1 to 127.
    """
    parts = np.stack([csi.real, csi.imag], -1)
    largest = np.abs(parts).max(initial=0)
    if not (0 < largest < np.inf and 1 <= peak <= 127):
        raise UserError(f"csi: largest part {largest}, peak {peak}; expected finite, not all zero; 1 to 127")
    whole: NDArray[np.int8] = np.rint(parts * (peak / largest)).astype(np.int8)
    return whole


def make_log(iq: NDArray[np.int8], timestamp: ArrayLike, **header: ArrayLike) -> Log:
    """A log of simulated packets, all of one shape, for `write_log`.

    Parameters
    ----------
    iq : int8 array, shape (n, tx, rx, 30, 2)
        Integers by receive chain; `quantised` makes them of complex CSI.
    timestamp : array, shape (n,)
        µs, 0 to 2³² - 1.
    **header
        Other fields of `Log`: one value, or one for each packet. By default antennas in order, RSSI 40 dB,
        AGC 40 dB, noise not measured, rate 257, measurements counted from 0.

    Raises
    ------
    UserError
        If a shape is not the card's, a field is unknown, or a value does not fit its field.
    """
    _check_iq(iq)
    usual = USUAL | {"bfee_count": np.arange(len(iq)) % 2**16}
    if unknown := sorted(set(header) - set(usual)):
        raise UserError(f"{unknown[0]}: no such field to set; there are {', '.join(usual)}")
    values = usual | header | {"timestamp": timestamp, "n_tx": iq.shape[1], "n_rx": iq.shape[2]}
    columns: dict[str, Any] = {name: _column(name, values[name], len(iq)) for name in COLUMNS}
    return Log(**columns, iq=iq)


def _check_iq(iq: NDArray[np.int8]) -> None:
    antennas, rest = iq.shape[1:3], iq.shape[3:]
    fits = rest == (SUBCARRIERS, 2) and all(1 <= k <= MOST_ANTENNAS for k in antennas)
    if iq.dtype != np.int8 or not fits:
        raise UserError(f"iq: {iq.dtype} {iq.shape}; expected int8 (n, 1 to 3, 1 to 3, 30, 2)")


def _column(name: str, value: ArrayLike, n: int) -> NDArray[Any]:
    base, inner = HEADER[name].subdtype or (HEADER[name], ())
    wide, legal = np.asarray(value), np.iinfo(base)
    if wide.dtype.kind not in "iu" or not ((wide >= legal.min) & (wide <= legal.max)).all():
        raise UserError(f"{name}: expected whole numbers {legal.min} to {legal.max}")
    try:
        return np.broadcast_to(wide, (n, *inner)).astype(base.newbyteorder("="))
    except ValueError:
        raise UserError(f"{name}: shape {wide.shape}; expected {(n, *inner)}") from None
