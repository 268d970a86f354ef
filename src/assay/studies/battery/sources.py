"""Where the tasks of the battery come from: real data, and synthetic data that are made of or for them.

Small sources take seconds and keep nothing; those with a generator that learns for minutes keep what it made
under OUT/synthetic, as the studies of SynCheck do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from assay.generate.table import open_task, synthesise
from assay.studies.syncheck.data import Maker, glance, maker
from assay.train.features import features
from assay.types import Samples, Task

Data = tuple[Task, Samples]
Domain = Literal["amazon", "caltech"]
ONE_SPOT = "place_x=-0.05+0.05,place_y=0.1+0.2,heading=-15+15"
"""Where people stand in the task `simulated-csi`: those of the synthetic recordings stand there too."""
DOMAINS: tuple[Domain, Domain] = ("amazon", "caltech")


@dataclass(frozen=True)
class Workplace:
    """Where generators keep what they made, on which device they learn, and whom they tell.

    With `pretend` real items stand in for those that a generator would have to learn to make first.
    """

    folder: Path
    device: str
    report: Callable[[int, int, dict[str, float]], None]
    pretend: bool = False

    def maker(self) -> Maker:
        """Reads what is kept and makes the rest."""
        return glance(self.folder) if self.pretend else maker(self.folder, self.device, self.report)


Source = Callable[[Workplace], Data]


def digits(_place: Workplace, labelled: int, seed: int) -> Data:
    """Handwritten digits, so many labelled of each, and 1,000 rendered from fonts."""
    return _digits(labelled, seed)


@functools.lru_cache(maxsize=3)
def _digits(labelled: int, seed: int) -> Data:
    task = open_task(f"digits:labelled={labelled},seed={seed}")
    return task, synthesise("digits-rendered", 1000, task, seed)[0]


# -- csi-har ------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def csi_har(person: int) -> Task:
    """One person left out, with five recordings of each activity and room as shots."""
    return open_task(f"csi-har:target={person},shots=5")


def others_jittered(_place: Workplace, person: int) -> Data:
    """Other people's recordings labelled; as synthetic ones mixtures of pairs of them, with noise."""
    task = replace(csi_har(person), shots=None, name=f"csi-har person {person}, 0 shots")  # type: ignore[arg-type]
    return task, synthesise("jitter", 550, task)[0]


def few_and_others(_place: Workplace, person: int) -> Data:
    """Five recordings a cell of the person labelled; other people's stand in for translated ones."""
    task = csi_har(person)
    return few(task), task.labelled


def csi_har_learnt(place: Workplace, person: int, shots: int, generator: str) -> Data:
    """Other people's recordings labelled, with so many shots; synthetic ones from a generator that learns."""
    task = open_task(f"csi-har:target={person},shots={shots}")
    origin = open_task(f"csi-har:target={person},by_room={str(generator.startswith('rf')).lower()}")
    return task, place.maker()(None, generator, origin, task, len(origin.labelled)).samples


def few(task: Task) -> Task:
    """The shots alone as labelled items; what else was labelled, and validation items of there, are gone."""
    return replace(task, labelled=task.shots, shots=None, validation=None)  # type: ignore[arg-type]


# -- widar-bvp ----------------------------------------------------------------------------------------


def widar_generated(_place: Workplace, room: int, most: int | None = None) -> Data:
    """The other room's items labelled; as synthetic ones draws from Gaussian mixtures of them."""
    task = _cut(open_task(f"widar-bvp:target_room={room}"), most)
    task = replace(task, validation=None)  # type: ignore[arg-type]
    return task, synthesise("gaussian-mixture", 600, task)[0]


def widar_other_room(_place: Workplace, room: int, shots: int, most: int | None = None) -> Data:
    """So many items a gesture of the room labelled; the other room's as synthetic."""
    task = open_task(f"widar-bvp:target_room={room}")
    first = _first(task.test, shots)
    task = _cut(replace(task, shots=task.test[first], test=task.test[~first]), most)
    return replace(few(task), name=f"widar-bvp room {room}, {shots} shots"), task.labelled


def _first(samples: Samples, each: int) -> np.ndarray:
    """Which items are among the first so many of their class."""
    chosen = np.zeros(len(samples), dtype=bool)
    for label in np.unique(samples.y):
        chosen[np.flatnonzero(samples.y == label)[:each]] = True
    return chosen


def _cut(task: Task, most: int | None) -> Task:
    """The task with at most so many items in each part, drawn at random."""
    if most is None:
        return task
    parts = {part: _some(getattr(task, part), most) for part in ("labelled", "unlabelled", "test")}
    return replace(task, **parts)  # type: ignore[arg-type]


def _some(samples: Samples, most: int) -> Samples:
    return samples[np.sort(np.random.default_rng(0).permutation(len(samples))[:most])]


# -- office-caltech -----------------------------------------------------------------------------------


def photographs(_place: Workplace, domain: Domain, labelled: int) -> Data:
    """So many photographs a class labelled, all of the other domain as synthetic: features of a trunk."""
    [other] = [name for name in DOMAINS if name != domain]
    options = f"target={domain},size=128"
    task = open_task(f"office-caltech:source={domain},{options},labelled={labelled},validation=0")
    elsewhere = open_task(f"office-caltech:source={other},{options},validation=0")
    vectors, made = features(replace(task, name=f"{domain}, {labelled} a class"), elsewhere.labelled)
    assert made is not None
    return vectors, made


# -- simulated CSI ------------------------------------------------------------------------------------


def simulated(_place: Workplace, seed: int) -> Data:
    """Three recordings a gesture of one simulated person; as synthetic ones other people in another room."""
    return _world(seed)


@functools.lru_cache(maxsize=2)
def _world(seed: int) -> Data:
    task = open_task(f"simulated-csi:users=5,repetitions=45,shots=3,packets=100,seed={seed}")
    made = synthesise(f"simulate-csi:rate=100,{ONE_SPOT}", 600, task, seed=seed + 7)[0]
    return few(task), made
