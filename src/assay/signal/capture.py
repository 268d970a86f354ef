"""What every card's log comes to: channel state by packet, antenna and subcarrier, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.signal.clock import Floats
from assay.signal.subcarriers import Standard, pilots, used


@dataclass(frozen=True, eq=False)
class Capture:
    """A recording, whatever the card.

    Parameters
    ----------
    csi : complex64 or float32 array, shape (packets, antennas, subcarriers)
        Float where the file holds magnitudes only. An antenna is a pair of antennas where there are several
        transmit antennas: all receive antennas of the first, then of the second.
    heard : bool array, shape (packets, antennas)
        Which antennas a packet has.
    seconds : float array, shape (packets,), optional
        From the first packet on, never decreasing; None if the file has no clock.
    subcarriers : int array, shape (subcarriers,)
        Numbers from the carrier, ascending; places, where the file does not tell numbers.
    bandwidth : int, optional
        MHz, where known.
    told : str
        One line: what was read, and what was not.
    standard : {"ht", "legacy"}
        Which subcarriers of the band carry a signal: those of 802.11n and later, or of 802.11a/g.
    """

    csi: NDArray[Any]
    heard: NDArray[np.bool_]
    seconds: Floats | None
    subcarriers: NDArray[np.int64]
    bandwidth: int | None = None
    told: str = ""
    standard: Standard = "ht"

    def __len__(self) -> int:
        return len(self.csi)

    def carrying(self, keep_pilots: bool = True) -> Capture:
        """Without null subcarriers, if asked without pilots too; as it is, if the bandwidth is not known."""
        if self.bandwidth is None:
            return self
        keep = np.isin(self.subcarriers, used(self.bandwidth, self.standard))
        keep &= keep_pilots | ~np.isin(self.subcarriers, pilots(self.bandwidth))
        return replace(self, csi=self.csi[..., keep], subcarriers=self.subcarriers[keep])

    def of_antennas(self, antennas: Sequence[int]) -> Capture:
        """Some of the antennas."""
        chosen = list(antennas)
        return replace(self, csi=self.csi[:, chosen], heard=self.heard[:, chosen])


def all_heard(csi: NDArray[Any]) -> NDArray[np.bool_]:
    """A mask (packets, antennas) for packets that lack none."""
    return np.ones(csi.shape[:2], np.bool_)
