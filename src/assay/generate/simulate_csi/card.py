"""The card: which subcarriers it reports, at which carrier, by how many antennas, in how many bits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le, MultipleOf
from numpy.typing import NDArray

from assay.errors import UserError
from assay.signal.formats.csi_tool import subcarriers
from assay.signal.subcarriers import Standard, pilots, used

STEP = 312_500.0  # Hz between subcarriers
INTEL = 30  # subcarriers of an Intel 5300
WIDTHS = (20, 40, 80, 160)  # MHz
Bandwidth = Annotated[int, Ge(20), Le(160), MultipleOf(20)]  # MHz
MOST_SUBCARRIERS = 512


@dataclass(frozen=True)
class Card:
    """An Intel 5300 by default.

    Parameters
    ----------
    subcarriers : int
        That it reports: 30 are the Intel 5300's; 52, 56, 114, 242 and 484 those that carry a signal in 20 MHz
        (802.11a/g), 20, 40, 80 and 160; 52, 108, 234 and 468 are those without pilots; 64, 128, 256 and 512
        the whole transform, the null subcarriers 0. Any other number: as many of those, spread evenly.
    chains : int
        Antennas of a receiver.
    carrier : float
        GHz.
    bits : int
        Of real and imaginary part; 0 for no rounding.
    agc : bool
        Whether every packet has a gain of its own, which brings the strongest antenna to one level; otherwise
        a recording has one.
    """

    subcarriers: int = INTEL
    chains: int = 3
    carrier: float = 5.825
    bits: int = 8
    agc: bool = True

    @property
    def is_intel(self) -> bool:
        """Whether an Intel 5300 could have written the packets."""
        return self.subcarriers == INTEL and self.chains <= 3 and self.bits == 8 and self.agc


@dataclass(frozen=True)
class Band:
    """Subcarriers of a card at a bandwidth.

    Parameters
    ----------
    numbers : tuple of int
        Counted from the carrier, ascending.
    carrier : float
        Hz.
    bandwidth : int
        MHz.
    null : tuple of bool
        Which of them carry no signal.
    """

    numbers: tuple[int, ...]
    carrier: float
    bandwidth: int
    null: tuple[bool, ...]

    @property
    def wavelength(self) -> float:
        """Of the carrier, m."""
        return 299_792_458.0 / self.carrier


@lru_cache(maxsize=64)
def band_of(card: Card, bandwidth: int) -> Band:
    """The subcarriers that a card reports.

    Raises
    ------
    UserError
        If the bandwidth is none of Wi-Fi's, or holds fewer subcarriers.
    """
    numbers = _numbers(card.subcarriers, bandwidth)
    standard: Standard = "legacy" if card.subcarriers == 52 and bandwidth == 20 else "ht"
    null = (
        ~np.isin(numbers, used(bandwidth, standard)) if len(numbers) in _whole(bandwidth) else numbers > 10**6
    )
    return Band(tuple(numbers.tolist()), card.carrier * 1e9, bandwidth, tuple(null.tolist()))


def _whole(bandwidth: int) -> tuple[int]:
    return (round(3.2 * bandwidth),)


def _numbers(count: int, bandwidth: int) -> NDArray[np.int64]:
    if bandwidth not in WIDTHS:
        raise UserError(f"simulate-csi: bandwidth={bandwidth}; expected 20, 40, 80 or 160")
    if count == INTEL and bandwidth <= 40:
        return subcarriers(bandwidth)
    full, all_used = _whole(bandwidth)[0], used(bandwidth)
    if count == full:
        return np.arange(-full // 2, full // 2)
    if count == 52 and bandwidth == 20:
        return used(20, "legacy")
    if count == len(all_used) - len(pilots(bandwidth)):
        return np.setdiff1d(all_used, pilots(bandwidth))
    if count > len(all_used):
        raise UserError(f"simulate-csi: {count} subcarriers in {bandwidth} MHz, which hold {len(all_used)}")
    evenly: NDArray[np.int64] = all_used[np.rint(np.linspace(0, len(all_used) - 1, count)).astype(int)]
    return evenly


def narrowest(count: int, bandwidth: int) -> int:
    """The bandwidth, or the next one that holds as many subcarriers, MHz."""
    fits = [
        width
        for width in WIDTHS
        if width >= bandwidth and (count <= len(used(width)) or count in _whole(width))
    ]
    if bandwidth not in WIDTHS or not fits:
        raise UserError(
            f"simulate-csi: {count} subcarriers, bandwidth={bandwidth}; expected 20, 40, 80 or 160 MHz and "
            f"up to {len(used(160))} subcarriers (or {MOST_SUBCARRIERS}, the whole transform)"
        )
    return fits[0]
