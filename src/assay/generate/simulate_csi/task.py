"""A whole task of simulated CSI, target user left out: for anyone without the data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from assay.data.split import task_of_parts
from assay.errors import UserError
from assay.generate.simulate_csi.radio import SUBCARRIERS
from assay.generate.simulate_csi.recording import Link
from assay.generate.simulate_csi.room import CHAINS
from assay.generate.simulate_csi.sampler import CsiSampler, records_rand
from assay.generate.simulate_csi.settings import MOST_RECEIVERS, SimulateCsiSettings, gestures_of
from assay.types import Samples, Seed, Task

WIDAR_GESTURES = ("push_pull", "sweep", "clap", "slide", "draw_o", "draw_zigzag")

KIND: dict[str, Any] = {"kind": "signal", "normalise": "item"}
ONE_SPOT: dict[str, Any] = {"place_x": (-0.05, 0.05), "place_y": (0.1, 0.2), "heading": (-15.0, 15.0)}


@dataclass(frozen=True)
class SimulatedCsi:
    """Settings of the task: everyone does every gesture, and the last user is the target.

    All stand at about the same spot of one room, as in SignFi; the other factors have the ranges of
    `SimulateCsi`.

    Parameters
    ----------
    gestures : tuple of str
        Names as `SimulateCsi` knows them, the task's first classes.
    signs : int
        Made-up signs, the task's further classes: ``sign_0``, ``sign_1``, …
    users : int
        The target among them, 2 or more.
    repetitions : int
        Recordings of each gesture by each user.
    shots : int
        Labelled recordings of the target user, per gesture.
    validation : float
        Share of the other users' recordings held out to choose the epoch.
    packets, rate, receivers
        Of a recording; packets a second; 3 antennas a receiver.
    remove_mean : bool
        Whether to take the mean over time off each recording's magnitudes (the static channel).
    seed : int
        Of room, people, recordings and split.
    """

    gestures: tuple[str, ...] = WIDAR_GESTURES
    signs: Annotated[int, Ge(0), Le(1000)] = 0
    users: Annotated[int, Ge(2)] = 4
    repetitions: Annotated[int, Ge(3)] = 10
    shots: Annotated[int, Ge(0)] = 0
    validation: Annotated[float, Ge(0), Le(0.5)] = 0.1
    packets: Annotated[int, Gt(0), Le(1_000_000)] = 200
    rate: Annotated[float, Gt(0)] = 100.0
    receivers: Annotated[int, Ge(1), Le(MOST_RECEIVERS)] = 1
    remove_mean: bool = True
    seed: Seed = 0

    def load(self) -> Task:
        """The task; all its recordings are the same whatever the number of shots.

        Raises
        ------
        UserError
            If a gesture is unknown, or the shots leave nothing to test.
        """
        classes = self.classes()
        rng = np.random.default_rng(self.seed)
        user, y, _ = np.indices((self.users, len(classes), self.repetitions)).reshape(3, -1)
        settings = SimulateCsiSettings(
            users=self.users, rate=self.rate, remove_mean=self.remove_mean, **ONE_SPOT
        )
        link = Link(self.receivers, self.packets, self.rate)
        sampler = CsiSampler(settings, classes, link, (CHAINS * self.receivers, self.packets, SUBCARRIERS))
        part = self._parts(rng, len(classes))
        x = sampler.items(records_rand(rng, settings, [classes[i] for i in y], user, link))
        return task_of_parts(Samples(x, y, user), part, classes, self.name(), **KIND)

    def name(self) -> str:
        """What tables call the task."""
        return f"simulated-csi {len(self.classes())} gestures, {self.users} users, {self.shots} shots"

    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        given = gestures_of(self.gestures)
        unknown = [name for name, known in zip(self.gestures, given) if known.startswith("sign_")]
        if unknown:
            raise UserError(f"simulated-csi: unknown gesture '{unknown[0]}'; for made-up ones give signs=…")
        return given + tuple(f"sign_{i}" for i in range(self.signs))

    def _parts(self, rng: np.random.Generator, classes: int) -> NDArray[np.str_]:
        """The part of every recording, by user, class and repetition."""
        dealt = [
            rng.permutation(self._deal(user == self.users - 1))
            for user in range(self.users)
            for _ in range(classes)
        ]
        return np.concatenate(dealt)

    def _deal(self, is_target: bool) -> NDArray[np.str_]:
        if not is_target:
            held_out = round(self.validation * self.repetitions)
            return np.repeat(["validation", "labelled"], [held_out, self.repetitions - held_out])
        rest = self.repetitions - self.shots
        if rest < 2:
            raise UserError(
                f"simulated-csi: shots={self.shots} of {self.repetitions} repetitions leave nothing to test"
            )
        return np.repeat(["shots", "unlabelled", "test"], [self.shots, rest // 3, rest - rest // 3])
