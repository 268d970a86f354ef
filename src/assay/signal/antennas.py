"""Which antenna heard what: receive chains to antennas, packet by packet, and what is odd about them."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay.signal.records import MOST_ANTENNAS

if TYPE_CHECKING:
    from assay.signal.intel5300 import Log

NAMES = "abc"
Masks = NDArray[np.bool_]


def fed_by(log: Log) -> tuple[NDArray[np.intp], Masks]:
    """The antenna that fed every chain, 0 to 2, shape (n, rx), and whether the packet tells it, shape (n,).

    Chain r was fed by antenna ``(antenna_sel >> 2r) & 3``. Where these are not different antennas 0 to 2, the
    packet does not tell. Chains that a packet does not use have numbers above 3.
    """
    antenna, known, _ = _table()
    return antenna[log.n_rx, log.antenna_sel, : log.iq.shape[2]], known[log.n_rx, log.antenna_sel]


@lru_cache
def _table() -> tuple[NDArray[np.intp], Masks, NDArray[np.intp]]:
    """Antenna of every chain, whether told, and its rank: by number of chains (0 to 3) and by selection."""
    chains, selection = np.arange(MOST_ANTENNAS), np.arange(256)[:, None]
    used = chains < np.arange(MOST_ANTENNAS + 1)[:, None, None]
    antenna = np.where(used, (selection >> (2 * chains)) & 3, MOST_ANTENNAS + 1 + chains)
    known = (antenna != MOST_ANTENNAS).all(2) & (np.diff(np.sort(antenna, 2), axis=2) > 0).all(2)
    told = known.copy()
    told[1] = True
    rank = np.where(told[..., None], antenna.argsort(2).argsort(2), chains)
    return antenna.astype(np.intp), known, rank.astype(np.intp)


def antenna_order(log: Log) -> tuple[NDArray[np.intp], Masks]:
    """The antenna of every receive chain, shape (n, rx), and whether the packet tells it, shape (n,).

    Counted among the antennas in use. Where the flag is False, the order of the record stands.
    """
    rank = _table()[2][log.n_rx, log.antenna_sel, : log.iq.shape[2]]
    return rank, fed_by(log)[1] | (log.n_rx == 1)


def by_antenna(log: Log, csi: NDArray[Any]) -> tuple[NDArray[Any], Masks]:
    """CSI in columns of the three antennas, whichever of them a packet used.

    Parameters
    ----------
    log : Log
    csi : array, shape (n, tx, rx, 30)
        Antennas in order, as `raw_csi` and `scaled_csi` give it.

    Returns
    -------
    csi : array, shape (n, tx, 3, 30)
        0 where a packet lacks an antenna.
    heard : bool array, shape (n, 3)
        Which antennas it has: none, where it does not tell which it used. If no packet of the log tells, all
        keep the order of the record.
    """
    antenna, known = fed_by(log)
    if not known.any():
        antenna, known = np.where(antenna > MOST_ANTENNAS, antenna, np.arange(antenna.shape[1])), ~known
    out = np.zeros((*csi.shape[:2], MOST_ANTENNAS, *csi.shape[3:]), csi.dtype)
    heard = np.zeros((len(csi), MOST_ANTENNAS), np.bool_)
    for place, which in enumerate(np.sort(antenna, 1).T):
        rows = np.flatnonzero(known & (which < MOST_ANTENNAS))
        out[rows, :, which[rows]] = csi[rows, :, place]
        heard[rows, which[rows]] = True
    return out, heard


def dead(log: Log) -> str:
    """Letters of the antennas that some packet used, none of them with signal strength or a value."""
    antenna, known = fed_by(log)
    letters = ""
    for number, letter in enumerate(NAMES):
        packet, chain = np.nonzero((antenna == number) & known[:, None])
        alive = (log.rssi[packet, number] > 0) & log.iq[packet, :, chain].any((1, 2, 3))
        letters += letter if len(packet) and not alive.any() else ""
    return letters


def told(log: Log) -> list[str]:
    """Findings, one phrase each: mixed shapes, orders that are none, dead antennas."""
    shapes = Counter(zip(log.n_rx.tolist(), log.n_tx.tolist())).most_common()
    illegal = int((~fed_by(log)[1]).sum())
    findings = {
        "shapes: " + ", ".join(f"{n} of {rx} × {tx}" for (rx, tx), n in shapes): len(shapes) > 1,
        f"{illegal} packets whose antenna order is none": illegal > 0,
        f"antennas dead: {dead(log)}": dead(log) != "",
    }
    return [text for text, is_so in findings.items() if is_so]
