"""Widar3.0 velocity profiles: six gestures, 11 people, two rooms (Zheng et al., MobiSys 2019).

An item is the power over velocity (20 × 20, metres a second along x and y) in 24 frames of time; it becomes
(velocity x, time, velocity y), so that 1-D networks read it along time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from assay.data.npz import read_arrays
from assay.data.root import data_root
from assay.data.split import task_of_parts
from assay.errors import UserError
from assay.types import Samples, Task

FILE = Path("widar_bvp") / "widar_bvp.npz"
KEYS = ("bvp", "label", "user", "room", "split", "gestures")
PUBLISHED = {"train": "labelled", "valid": "validation", "test": "test"}


@dataclass(frozen=True)
class WidarBvp:
    """Settings of the task.

    Parameters
    ----------
    target_room, target_user : int, optional
        Leave this room or person out: a half of its items is unlabelled, the other half test. Without either,
        the random split of RFBoost (train, valid, test).
    validation : float
        Share of the other items held out to choose the epoch, where a room or person is left out.
    seed : int
        Of those choices.
    """

    target_room: int | None = None
    target_user: int | None = None
    validation: Annotated[float, Ge(0)] = 0.1
    seed: Annotated[int, Ge(0)] = 0

    def load(self) -> Task:
        """The task."""
        data = read_widar_bvp(data_root() / FILE)
        x = data["bvp"].astype(np.float32).transpose(0, 1, 3, 2).copy()
        samples = Samples(x, data["label"].astype(np.int64) - 1, data["user"])
        names = tuple(data["gestures"].tolist())
        return task_of_parts(samples, self._parts(data), names, self._name(), kind="signal", normalise="item")

    def _name(self) -> str:
        room = "" if self.target_room is None else f" room {self.target_room}"
        return f"widar-bvp{room}" + ("" if self.target_user is None else f" person {self.target_user}")

    def _parts(self, data: dict[str, NDArray[Any]]) -> NDArray[np.str_]:
        if self.target_room is None and self.target_user is None:
            return np.array([PUBLISHED[str(part)] for part in data["split"]])
        is_target = self._target(data)
        chance = np.random.default_rng(self.seed).random(len(is_target))
        of_target = np.where(chance < 0.5, "unlabelled", "test")
        return np.where(is_target, of_target, np.where(chance < self.validation, "validation", "labelled"))

    def _target(self, data: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
        is_target = np.zeros(len(data["label"]), dtype=bool)
        for key, chosen in (("room", self.target_room), ("user", self.target_user)):
            if chosen is not None and chosen not in data[key]:
                known = ", ".join(map(str, np.unique(data[key])))
                raise UserError(f"widar-bvp: target_{key}={chosen}: not among {known}")
            is_target |= (data[key] == chosen) if chosen is not None else False
        return is_target


def read_widar_bvp(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the packed file, checked against the layout."""
    if not path.is_file():
        raise UserError(f"widar-bvp: {path} is not here; 'assay data' says where to get it")
    data = read_arrays(path, KEYS)
    for key in KEYS:
        if key not in data or (key != "gestures" and len(data[key]) != len(data["bvp"])):
            raise UserError(f"widar-bvp: {path}: {key}: missing or of another length than bvp")
    if data["bvp"].shape[1:] != (20, 20, 24):
        raise UserError(
            f"widar-bvp: {path}: bvp: items of shape {data['bvp'].shape[1:]}; expected (20, 20, 24)"
        )
    return data
