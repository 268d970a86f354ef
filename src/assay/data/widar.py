"""Widar3.0 raw logs to Doppler spectra, in the cross-receiver split of RFBoost (SynCheck, MobiSys 2025).

    widar3/<date>/<user>/<user>-<gesture>-<location>-<orientation>-<repetition>-r<receiver>.dat
    widar3/partition/{train,valid,test}_filename.npy    text "<date>/<user>/<user>-g-l-o-k", one a record
    widar3/partition/{train,valid,test}_label.npy       gesture 1 to 6

Item i of a part is record i // 3 at the part's receiver i % 3. Spectra are kept beside the logs, under
``widar3/spectra``, since a full set takes hours to compute.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assay.data.formats.npy import mapped
from assay.data.npz import naming, read_arrays
from assay.data.root import data_root
from assay.errors import UserError
from assay.files import replace_file
from assay.machine import parallel
from assay.machine.memory import check_fits
from assay.settings import fingerprint
from assay.signal.clock import seconds
from assay.signal.intel5300 import read_log, scaled_csi
from assay.types import Samples, Task

FOLDER = Path("widar3")
GESTURES = ("push and pull", "sweep", "clap", "slide", "draw circle", "draw zigzag")
ROOMS = {"20181130": 1, "20181204": 2, "20181209": 2, "20181211": 3}
PARTS = {"train": "labelled", "valid": "validation", "test": "test"}
RECORD = r"\d{8}/user\d{1,4}/user\d{1,4}(-\d{1,4}){4}"
REMEDY = "remove the file, and the spectra are computed again"
Protocol = Literal["corrected", "released"]
Receivers = tuple[int, ...]
Items = list[tuple[str, int, int]]


@dataclass(frozen=True)
class Widar:
    """Settings of the task.

    Parameters
    ----------
    protocol : {"corrected", "released"}
        "released" takes the nearest of the packets, as if they had come evenly, a thousand a second, as
        published; "corrected" takes them by the card's clock, and leaves out logs with too long gaps.
    train_receivers, test_receivers : tuple of int
        Of the training part, and of validation and test.
    """

    protocol: Protocol = "corrected"
    train_receivers: Receivers = (1, 3, 5)
    test_receivers: Receivers = (2, 4, 6)

    def load(self) -> Task:
        """The task: items (121 frequencies, 512 columns) of six gestures; `group` is the user."""
        root = data_root() / FOLDER
        if not root.is_dir():
            raise UserError(f"widar3: {root} is not here; 'assay data' says where to get it")
        parts: dict[str, Any] = {role: self._part(root, name) for name, role in PARTS.items()}
        return Task("widar3", GESTURES, **parts, normalise="item", kind="signal")

    def _part(self, root: Path, name: str) -> Samples:
        receivers = self.train_receivers if name == "train" else self.test_receivers
        return spectra(root, items(root, name, receivers), self.protocol)


def items(root: Path, part: str, receivers: Sequence[int]) -> Items:
    """(record, receiver, class) of every item of a part, in the published order.

    Raises
    ------
    UserError
        If a partition file is absent or does not hold what it should.
    """
    records, labels = (_partition(root, part, what) for what in ("filename", "label"))
    if len(records) != len(labels) or records.dtype.kind != "U" or labels.dtype.kind not in "iu":
        raise UserError(f"widar3: {root}/partition/{part}_*.npy: names and gestures do not fit together")
    if records.ndim != 1 or labels.ndim != 1:
        raise UserError(
            f"widar3: {root}/partition/{part}_*.npy: expected one name, and one gesture, a record"
        )
    if len(labels) and not (labels.min() >= 1 and labels.max() <= len(GESTURES)):
        raise UserError(f"widar3: {root}/partition/{part}_label.npy: expected gestures 1 to {len(GESTURES)}")
    for record in records.tolist():
        if re.fullmatch(RECORD, record) is None:
            raise UserError(f"widar3: {root}/partition/{part}_filename.npy: {record!r}: no date/user/record")
    pairs = zip(records.tolist(), labels.tolist())
    return [(record, receiver, label - 1) for record, label in pairs for receiver in receivers]


def _partition(root: Path, part: str, what: str) -> NDArray[Any]:
    path = root / "partition" / f"{part}_{what}.npy"
    with naming("widar3"):
        array = mapped(path)
        check_fits(array.nbytes, str(path))
        return np.array(array)


def condition(record: str, receiver: int) -> NDArray[np.int64]:
    """Room, gesture, location, orientation, receiver and user of an item: what RF-Diffusion is told."""
    date, _, name = record.split("/")
    user, gesture, location, orientation, _ = name.removeprefix("user").split("-")
    if date not in ROOMS:
        raise UserError(f"widar3: {record}: date {date} is of no known room ({', '.join(ROOMS)})")
    return np.array([ROOMS[date], int(gesture), int(location), int(orientation), receiver, int(user)])


def log_path(root: Path, record: str, receiver: int) -> Path:
    """Where an item's log lies."""
    return root / f"{record}-r{receiver}.dat"


def read_csi(path: Path) -> tuple[NDArray[np.complex64], NDArray[np.float64]]:
    """Scaled CSI (packets, 90) of a log and when packets came, s; only packets of three antennas."""
    log = read_log(path).only(n_rx=3)
    return scaled_csi(log).reshape(len(log), 90), seconds(log)


def spectra(root: Path, chosen: Items, protocol: Protocol = "corrected") -> Samples:
    """Doppler spectra of items, computed once and kept; logs that give none are left out, with a warning."""
    of = chosen if protocol == "released" else [protocol, *chosen]
    path = root / "spectra" / f"{fingerprint(of)}.npz"
    if not path.is_file():
        _compute(root, chosen, path, protocol)
    good, x = _kept(path, len(chosen))
    users = [int(record.split("/")[1].removeprefix("user")) for record, _, _ in chosen]
    labels = [label for _, _, label in chosen]
    return Samples(x, np.array(labels)[good], np.array(users)[good])


def _kept(path: Path, n: int) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Which of `n` logs gave a spectrum, and the spectra (k, 1, frequencies, columns) of those."""
    found = read_arrays(path, ("good", "x"))
    if {*found} != {"good", "x"}:
        raise UserError(f"{path}: damaged (good or x: not there); {REMEDY}")
    good, x = found["good"], found["x"]
    if good.dtype != np.bool_ or good.shape != (n,):
        raise UserError(
            f"{path}: damaged (good: {good.shape} of {good.dtype}; expected {n} truth values); {REMEDY}"
        )
    if x.dtype != np.float32 or x.ndim < 2 or len(x) != good.sum():
        raise UserError(
            f"{path}: damaged (x: {x.shape} of {x.dtype}; expected {good.sum()} spectra); {REMEDY}"
        )
    return good, x


def _compute(root: Path, chosen: Items, path: Path, protocol: Protocol) -> None:
    from joblib import Parallel, delayed

    paths = [log_path(root, record, receiver) for record, receiver, _ in chosen]
    found = Parallel(n_jobs=parallel.cores())(delayed(_spectrum)(log, protocol) for log in paths)
    bad = [f"{log}: {reason}" for log, (_, reason) in zip(paths, found) if reason]
    if len(bad) == len(paths):
        raise UserError(f"widar3: no usable log; first: {bad[0]}")
    if bad:
        warnings.warn(f"widar3: {len(bad)} of {len(paths)} logs left out; first: {bad[0]}", stacklevel=2)
    buffer = io.BytesIO()
    x = np.stack([spectrum for spectrum, reason in found if not reason])
    np.savez(buffer, x=x, good=np.array([not reason for _, reason in found]))
    replace_file(path, buffer.getvalue())


def _spectrum(path: Path, protocol: Protocol) -> tuple[NDArray[np.float32] | None, str]:
    """The spectrum of a log, or why there is none."""
    from assay.signal.doppler import doppler_spectrum

    try:
        csi, times = read_csi(path)
        return doppler_spectrum(csi, seconds=None if protocol == "released" else times), ""
    except UserError as error:
        return None, str(error)
