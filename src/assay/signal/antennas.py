"""Which antenna heard what: receive chains to antennas, packet by packet, and what is odd about them."""

from __future__ import annotations

from collections import Counter
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
    chains = np.arange(log.iq.shape[2])
    used = chains < log.n_rx[:, None]
    antenna = np.where(used, (log.antenna_sel[:, None] >> (2 * chains)) & 3, MOST_ANTENNAS + 1 + chains)
    known = (antenna != MOST_ANTENNAS).all(1) & (np.diff(np.sort(antenna, 1), axis=1) > 0).all(1)
    return antenna.astype(np.intp), known


def antenna_order(log: Log) -> tuple[NDArray[np.intp], Masks]:
    """The antenna of every receive chain, shape (n, rx), and whether the packet tells it, shape (n,).

    Counted among the antennas in use. Where the flag is False, the order of the record stands.
    """
    antenna, known = fed_by(log)
    known = known | (log.n_rx == 1)
    return np.where(known[:, None], antenna.argsort(1).argsort(1), np.arange(antenna.shape[1])), known


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
