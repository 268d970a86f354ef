"""Which subcarriers of a Wi-Fi channel carry a signal, and which are pilots (IEEE 802.11-2020)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

Numbers = NDArray[np.int64]
Standard = Literal["legacy", "ht"]

BANDS: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {
    ("legacy", 20): ((1, 26),),
    ("ht", 20): ((1, 28),),
    ("ht", 40): ((2, 58),),
    ("ht", 80): ((2, 122),),
    ("ht", 160): ((6, 126), (130, 250)),
}
PILOTS: dict[int, tuple[int, ...]] = {
    20: (7, 21),
    40: (11, 25, 53),
    80: (11, 39, 75, 103),
    160: (25, 53, 89, 117, 139, 167, 203, 231),
}


def used(bandwidth: int, standard: Standard = "ht") -> Numbers:
    """Numbers of the subcarriers that are not null, counted from the carrier, ascending.

    Parameters
    ----------
    bandwidth : {20, 40, 80, 160}
        MHz.
    standard : {"legacy", "ht"}
        802.11a/g, or 802.11n and later. At 20 MHz, 52 or 56; then 114, 242 and 484.
    """
    if (standard, bandwidth) not in BANDS:
        raise UserError(f"bandwidth={bandwidth}: expected one of 20, 40, 80, 160 (legacy: 20)")
    above = np.concatenate([np.arange(low, high + 1) for low, high in BANDS[standard, bandwidth]])
    return np.concatenate([-above[::-1], above]).astype(np.int64)


def pilots(bandwidth: int) -> Numbers:
    """Numbers of the pilots, ascending: their phases carry a sequence besides the channel."""
    above = np.array(PILOTS[bandwidth], np.int64)
    return np.concatenate([-above[::-1], above])


def fft_order(size: int) -> Numbers:
    """Numbers as a Fourier transform of a size puts them: 0, 1, …, size/2 - 1, -size/2, …, -1."""
    return np.fft.ifftshift(np.arange(-size // 2, size // 2))
