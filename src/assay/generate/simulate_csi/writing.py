"""Simulated data in the layouts of published data sets, so that their readers can be tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.simulate_csi.radio import SUBCARRIERS
from assay.generate.simulate_csi.recording import Link, Record, recording
from assay.generate.simulate_csi.room import CHAINS
from assay.generate.simulate_csi.sampler import item, records_rand
from assay.generate.simulate_csi.settings import SimulateCsiSettings
from assay.generate.simulate_csi.task import WIDAR_GESTURES
from assay.signal.intel5300 import write_log

SIGNFI_PACKETS, SIGNFI_RATE = 200, 200.0
SIGNFI_ROWS, SHIFTED_ROWS, SHIFT = 1500, 250, 128
LOCATIONS = ((0.0, 0.0), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5), (-0.5, 0.5))  # m from the ring's middle
ORIENTATIONS = (-90.0, -45.0, 0.0, 45.0, 90.0)  # degrees


def signfi_arrays(
    users: int = 5,
    signs: int = 150,
    repetitions: int = 10,
    seed: int = 0,
    settings: SimulateCsiSettings | None = None,
) -> dict[str, NDArray[Any]]:
    """Simulated signs as SignFi's file of five users holds recorded ones.

    Parameters
    ----------
    users, signs, repetitions : int
        The published sizes by default, which take 1.1 GB.
    seed : int
        Same seed, same bytes.
    settings : SimulateCsiSettings, optional
        Ranges of the factors; `users` and `rate` are set here.

    Returns
    -------
    dict
        ``csi1`` … complex64 (200, 30, 3, signs * repetitions): packet, subcarrier, antenna, instance, for
        every user, sorted by sign; ``label`` uint16 (users * signs * repetitions, 1), from 1. As in the
        published file, where a user has 1,500 instances the labels of the last 250 are 128 too high.
    """
    settings = replace(settings or SimulateCsiSettings(), users=users, rate=SIGNFI_RATE)
    link = settings.link("SignFi", (CHAINS, SIGNFI_PACKETS, SUBCARRIERS))
    sign = np.repeat(np.arange(signs), repetitions)
    user = np.repeat(np.arange(users), len(sign))
    names = [f"sign_{i}" for i in np.tile(sign, users)]
    records = records_rand(np.random.default_rng(seed), settings, names, user, link)
    blocks = [records[u * len(sign) : (u + 1) * len(sign)] for u in range(users)]
    labels = np.tile(_published(1 + sign), users).astype(np.uint16)[:, None]
    return {f"csi{u + 1}": _block(block) for u, block in enumerate(blocks)} | {"label": labels}


def _published(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(labels) == SIGNFI_ROWS:
        labels[-SHIFTED_ROWS:] += SHIFT
    return labels


def _block(records: list[Record]) -> NDArray[np.complex64]:
    out = np.empty((SIGNFI_PACKETS, SUBCARRIERS, CHAINS, len(records)), np.complex64, order="F")
    for i, record in enumerate(records):
        out[..., i] = item(recording(record), (CHAINS, SIGNFI_PACKETS, SUBCARRIERS)).transpose(1, 2, 0)
    return out


def write_signfi(path: Path | str, **sizes: Any) -> None:
    """`signfi_arrays` as a MATLAB file (version 5)."""
    from scipy.io import savemat

    savemat(Path(path), signfi_arrays(**sizes))


@dataclass(frozen=True)
class WidarTree:
    """Sizes of a tree of logs as Widar3.0 has them; all counts from 1.

    Parameters
    ----------
    users, gestures, locations, orientations, repetitions, receivers : int
        At most six gestures, five locations, five orientations and six receivers.
    packets : int
        In every log.
    rate : float
        Packets a second.
    date : str
        Name of the folder.
    """

    users: int = 1
    gestures: int = 6
    locations: int = 5
    orientations: int = 5
    repetitions: int = 5
    receivers: int = 6
    packets: int = 1500
    rate: float = 1000.0
    date: str = "20181130"

    def cells(self) -> NDArray[np.int64]:
        """User, gesture, location, orientation and repetition of every recording, from 0: (n, 5)."""
        counts = (self.users, self.gestures, self.locations, self.orientations, self.repetitions)
        return np.indices(counts).reshape(len(counts), -1).T


def widar_records(
    tree: WidarTree, seed: int = 0, settings: SimulateCsiSettings | None = None
) -> Iterator[tuple[str, Record]]:
    """The path of every recording below the tree's folder, without ``-rR.dat``, and its record.

    Place and heading are those of its location and orientation; the settings decide all else.
    """
    settings = replace(settings or SimulateCsiSettings(), users=tree.users, rate=tree.rate)
    cells, link = tree.cells(), Link(tree.receivers, tree.packets, tree.rate)
    names = [WIDAR_GESTURES[g] for g in cells[:, 1]]
    records = records_rand(np.random.default_rng(seed), settings, names, cells[:, 0], link)
    for (user, *rest), record in zip(1 + cells, records):
        (x, y), heading = LOCATIONS[rest[1] - 1], ORIENTATIONS[rest[2] - 1]
        act = replace(record.act, place_x=x, place_y=y, heading=heading)
        name = "-".join(map(str, [f"user{user}", *rest]))
        yield f"{tree.date}/user{user}/{name}", replace(record, act=act)


def write_widar(
    folder: Path | str,
    tree: WidarTree | None = None,
    seed: int = 0,
    settings: SimulateCsiSettings | None = None,
) -> list[Path]:
    """Write ``<date>/user<u>/user<u>-<g>-<l>-<o>-<k>-r<r>.dat``, logs of the CSI Tool; their paths.

    g is the gesture, l the location, o the orientation, k the repetition and r the receiver, all from 1.
    """
    tree = tree or WidarTree()
    paths = []
    for name, record in widar_records(tree, seed, settings):
        made = recording(record)
        for receiver in range(tree.receivers):
            path = Path(folder) / f"{name}-r{receiver + 1}.dat"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_log(path, made.log(receiver))
            paths.append(path)
    return paths
