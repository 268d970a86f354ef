"""SignFi in the CsiGAN protocol: 50 of 150 signs, one user left out (CsiGAN, IoT-J 2019; SynCheck, 2025).

``dataset_lab_150.mat`` (Ma et al. 2018) holds ``csi1`` to ``csi5``, complex (200, 30, 3, 1500) = time ×
subcarrier × antenna × instance, one user each, and ``label`` (7500, 1). The last 250 labels of each user are
stored 128 too high. Items are magnitudes (antenna, time, subcarrier), sorted by class, in file order within.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.data.npz import naming
from assay.data.root import data_root
from assay.errors import UserError
from assay.signal.formats.arrays import read_mat
from assay.types import Samples, Task

FILE = Path("signfi") / "dataset_lab_150.mat"
SHAPE = (200, 30, 3)
SIGNS, BLOCK, SHIFTED, SHIFT = 50, 1500, 250, 128
USERS = (1, 2, 3)  # the protocol never looks at users 4 and 5
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class SignFi:
    """Settings of the task.

    Parameters
    ----------
    protocol : {"corrected", "released"}
        "released" leaves the 50 unlabelled items among the 500 test items, as published, and holds out no
        validation items; "corrected" takes them off the test (450 remain).
    validation : float
        Share of the labelled items held out to choose the epoch ("corrected" only).
    seed : int
        Of the choice of validation items.
    """

    protocol: Literal["corrected", "released"] = "corrected"
    validation: Annotated[float, Ge(0), Le(0.5)] = 0.1
    seed: Annotated[int, Ge(0)] = 0

    def load(self) -> Task:
        """The task."""
        arrays = protocol_arrays(data_root() / FILE)
        train, test = arrays["train"], arrays["leaveout_test"]
        names = tuple(f"sign {sign}" for sign in range(1, SIGNS + 1))
        options: dict[str, Any] = {"unlabelled": arrays["train_leaveout_unlabeled"], "normalise": "item"}
        if self.protocol == "released":
            return Task("signfi released", names, train, test, **options)
        held_out = self._held_out(train)
        test = test[~_is_unlabelled(test)]
        return Task("signfi", names, train[~held_out], test, validation=train[held_out], **options)

    def _held_out(self, train: Samples) -> NDArray[np.bool_]:
        """The same share of every class."""
        order = np.random.default_rng(self.seed).permutation(len(train))
        rank = np.empty(len(train), dtype=int)
        rank[order] = _rank_in_class(train.y[order])
        return rank < round(self.validation * len(train) / SIGNS)


def protocol_arrays(path: Path) -> dict[str, Samples]:
    """The seven arrays of the published protocol, by their published names.

    train (1000), leaveout_test (500), train_leaveout_unlabeled (50), cycle_source (25), cycle_target (25),
    cycle_source_all (250), cycle_target_all (250).
    """
    users = {user: _of_user(data, user) for data in [read_signfi(path)] for user in USERS}
    both = users[2].joined(users[3])
    return {
        "train": both[np.argsort(both.y, kind="stable")],
        "leaveout_test": users[1],
        "train_leaveout_unlabeled": users[1][_is_unlabelled(users[1])],
        "cycle_source": _first(users[3], classes=5),
        "cycle_target": _first(users[1], classes=5),
        "cycle_source_all": _first(users[3], classes=SIGNS),
        "cycle_target_all": _first(users[1], classes=SIGNS),
    }


def _rank_in_class(y: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many items of the same class stand before each item."""
    rank = np.zeros(len(y), dtype=np.int64)
    for label in np.unique(y):
        rank[y == label] = np.arange((y == label).sum())
    return rank


def _first(samples: Samples, classes: int, per_class: int = 5) -> Samples:
    return samples[(samples.y < classes) & (_rank_in_class(samples.y) < per_class)]


def _is_unlabelled(target: Samples) -> NDArray[np.bool_]:
    """The target user's items that the published protocol trains on unlabelled: 5 of each of 10 classes."""
    return (target.y < 10) & (_rank_in_class(target.y) < 5)


def _of_user(data: Arrays, user: int) -> Samples:
    """One user's items of the 50 signs, sorted by class."""
    rows = slice(BLOCK * (user - 1), BLOCK * user)
    y = data["label"].reshape(-1)[rows].astype(np.int64)
    y[-SHIFTED:] -= SHIFT
    order = np.argsort(y, kind="stable")
    order = order[(y[order] >= 1) & (y[order] <= SIGNS)]
    x = np.abs(data[f"csi{user}"][..., order]).transpose(3, 2, 0, 1).astype(np.float32)
    return Samples(np.ascontiguousarray(x), y[order] - 1, np.full(len(order), user))


def read_signfi(path: Path) -> Arrays:
    """csi1, csi2, csi3 (200, 30, 3, 1500) and label of the file, MATLAB v5 or v7.3.

    Raises
    ------
    UserError
        If the file is absent, damaged, or not of this layout.
    """
    if not path.is_file():
        raise UserError(f"signfi: {path} is not here; 'assay data' says where to get it")
    names = [*(f"csi{user}" for user in USERS), "label"]
    with naming(f"signfi: {path}"):
        data = read_mat(path, tuple(names))
    for name in names[:-1]:
        if name not in data or data[name].shape != (*SHAPE, BLOCK):
            raise UserError(f"signfi: {path}: {name}: missing or not of shape {(*SHAPE, BLOCK)}")
    if "label" not in data or data["label"].size < 5 * BLOCK or data["label"].size % BLOCK:
        raise UserError(
            f"signfi: {path}: label: missing, or not {BLOCK} numbers for each of five users or more"
        )
    return data


def users_of(path: Path) -> int:
    """How many users the file has labels of."""
    return int(read_mat(path, ("label",))["label"].size // BLOCK)
