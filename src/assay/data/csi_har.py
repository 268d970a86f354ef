"""csi-har: Wi-Fi CSI of eleven activities, 4 people × 2 rooms, leaving one person out.

Intel 5300, 1 transmit × 3 receive antennas × 30 subcarriers, 20 packets a second for 10 s: 1,681 recordings.
A random split says nothing about it: the static channel alone tells the session apart. One recording is
stored twice; the second is left out, lest it be tested after it was trained on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from assay.data.csi import magnitude, relative_phase
from assay.data.npz import naming, read_arrays
from assay.data.root import data_root
from assay.data.split import task_of_parts
from assay.errors import UserError
from assay.findings import accepting
from assay.types import Samples, Seed, Task

FILE = Path("csi_har") / "csi_har.npz"
LAYOUT = {"iq": (200, 30, 3, 2), "scale": (200,), "label": (), "user": (), "room": ()}
PUBLISHED = 1681  # recordings; a file may hold more, of more people, rooms and activities
MOST_SHOTS = 5

KIND: dict[str, Any] = {"kind": "signal", "normalise": "item"}

Person = Annotated[int, Ge(0)]
Activity = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class CsiHar:
    """Settings of the task.

    Parameters
    ----------
    target : int
        The person who is left out: 1 to 4, or another of the file.
    sources : tuple of int, optional
        The people whose recordings are labelled; all others by default.
    room : int, optional
        0 (bedroom), 1 (meeting room), or another of the file; all by default.
    shots : int
        Labelled recordings of the target person, per activity and room, 0 to 5.
    validation : float
        Share of the source people's recordings held out to choose the epoch.
    activities : tuple of int, optional
        The activities that are classes, 0 to 10, or others of the file; all by default.
    seen : tuple of int, optional
        The activities of which the target's unlabelled recordings are kept; all by default. CsiGAN's protocol
        sees a few only.
    remove_mean : bool
        Whether to take the mean over time off each recording's magnitudes (the static channel).
    part : {"magnitude", "complex"}
        Complex CSI, phases relative to the first antenna, is for generators; methods learn from magnitudes.
    by_room : bool
        Whether a group is a person in a room, 10 · person + room, instead of a person: generators whose
        condition is (class, group) then know the room.
    overlap : bool
        Switch: the unlabelled recordings are test recordings too, with their labels, as in the published
        SignFi protocol: part of the test was trained on.
    seed : int
        Of the choice of shots, unlabelled and validation recordings.
    """

    target: Person = 1
    sources: tuple[Person, ...] | None = None
    room: Annotated[int, Ge(0)] | None = None
    shots: Annotated[int, Ge(0), Le(MOST_SHOTS)] = 0
    validation: Annotated[float, Ge(0), Le(0.5)] = 0.1
    activities: tuple[Activity, ...] | None = None
    seen: tuple[Activity, ...] | None = None
    remove_mean: bool = True
    part: Literal["magnitude", "complex"] = "magnitude"
    by_room: bool = False
    overlap: bool = False
    seed: Seed = 0

    def load(self) -> Task:
        """The task; its test recordings are the same whatever the number of shots."""
        data = read_csi_har(data_root() / FILE)
        part = self.parts(data)
        used = part != "none"
        csi = complex_csi(data["iq"][used], data["scale"][used])
        x = relative_phase(csi) if self.part == "complex" else magnitude(csi, self.remove_mean)
        chosen = self._activities(data)
        y = np.searchsorted(chosen, data["label"][used])
        names = tuple(data["classes"][list(chosen)].tolist())
        group = 10 * data["user"] + data["room"] if self.by_room else data["user"]
        samples, parts = self._overlapping(Samples(x, y, group[used]), part[used])
        asked = accepting(["complex"] if self.part == "complex" else [])
        return task_of_parts(samples, parts, names, self.name(), findings=asked, **KIND)

    def name(self) -> str:
        """What tables call the task."""
        room = "" if self.room is None else f" room {self.room}"
        overlap = ", test with the unlabelled" if self.overlap else ""
        return f"csi-har person {self.target}{room}, {self.shots} shots{overlap}"

    def parts(self, data: dict[str, NDArray[Any]]) -> NDArray[np.str_]:
        """The part of every recording.

        In each cell of activity and room, five recordings of the target person are set aside for shots;
        a third of the others is unlabelled and the rest test.
        """
        rng = np.random.default_rng(self.seed)
        part = np.full(len(data["label"]), "none", dtype="U10")
        self._check(data)
        rooms = np.unique(data["room"]) if self.room is None else (self.room,)
        for user in sorted({*self._sources(data), self.target}):
            for room in rooms:
                for label in range(len(data["classes"])):
                    cell = (data["user"] == user) & (data["room"] == room) & (data["label"] == label)
                    members = rng.permutation(np.flatnonzero(cell))
                    part[members] = self._deal(len(members), user == self.target)
        activities = self._activities(data)
        unseen = (part == "unlabelled") & ~np.isin(data["label"], self.seen or activities)
        part[unseen | ~np.isin(data["label"], activities) | repeated(data["iq"])] = "none"
        return part

    def _deal(self, n: int, is_target: bool) -> NDArray[np.str_]:
        if not is_target:
            held_out = round(self.validation * n)
            return np.repeat(["validation", "labelled"], [held_out, n - held_out])
        aside = min(MOST_SHOTS, n)  # one person has no falls in one room
        shots, rest = min(self.shots, aside), n - aside
        counts = {"shots": shots, "none": aside - shots, "unlabelled": rest // 3}
        return np.repeat([*counts, "test"], [*counts.values(), rest - rest // 3])

    def _overlapping(self, samples: Samples, part: NDArray[np.str_]) -> tuple[Samples, NDArray[np.str_]]:
        """Recordings and parts, the unlabelled ones once more as test if they are to overlap."""
        again = (part == "unlabelled") & self.overlap
        return samples.joined(samples[again]), np.append(part, np.repeat("test", again.sum()))

    def _activities(self, data: dict[str, NDArray[Any]]) -> tuple[int, ...]:
        return tuple(sorted(set(self.activities or range(len(data["classes"])))))

    def _sources(self, data: dict[str, NDArray[Any]]) -> tuple[int, ...]:
        others = tuple(person for person in np.unique(data["user"]).tolist() if person != self.target)
        if self.sources is not None and (self.target in self.sources or not self.sources):
            raise UserError(
                f"csi-har: sources={self.sources}: give people other than the target {self.target}"
            )
        return self.sources or others

    def _check(self, data: dict[str, NDArray[Any]]) -> None:
        """Raise `UserError` if the file has none of a person, room or activity that is asked for."""
        people, rooms = np.unique(data["user"]), np.unique(data["room"])
        asked = {
            "target": ((self.target,), people),
            "sources": (self.sources or (), people),
            "room": (() if self.room is None else (self.room,), rooms),
            "activities": (self.activities or (), np.arange(len(data["classes"]))),
            "seen": (self.seen or (), np.arange(len(data["classes"]))),
        }
        for key, (wanted, there) in asked.items():
            if unknown := sorted(set(wanted) - set(there.tolist())):
                raise UserError(f"csi-har: {key}={unknown[0]}: the file has {', '.join(map(str, there))}")


def counted(data: dict[str, NDArray[Any]]) -> str:
    """What the file holds, in numbers.

    Raises
    ------
    UserError
        If it holds less than was published.
    """
    n = len(data["label"])
    if n < PUBLISHED:
        raise UserError(f"{n} recordings; published were {PUBLISHED}")
    people, rooms = (len(np.unique(data[key])) for key in ("user", "room"))
    more = f" ({n - PUBLISHED} more than published)" if n > PUBLISHED else ""
    return f"{n} recordings{more}, {people} people, {rooms} rooms, {len(data['classes'])} activities"


def read_csi_har(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the file, checked against the layout.

    Raises
    ------
    UserError
        If the file is absent, damaged or of another layout.
    """
    if not path.is_file():
        raise UserError(f"csi-har: {path} is not here; 'assay data' says where to get it")
    data = read_arrays(path, (*LAYOUT, "classes"))
    with naming(path):
        for key in (*LAYOUT, "classes"):
            if key not in data:
                raise UserError(f"{key}: missing")
        for key, shape in LAYOUT.items():
            if data[key].shape != (len(data["iq"]), *shape):
                raise UserError(f"{key}: shape {data[key].shape}; expected {(len(data['iq']), *shape)}")
    return data


def repeated(iq: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which recordings are an earlier one byte for byte."""
    names = [hashlib.sha256(recording.tobytes()).hexdigest() for recording in iq]
    first = np.unique(names, return_index=True)[1]
    return ~np.isin(np.arange(len(iq)), first)


def complex_csi(iq: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Complex CSI (n, antenna, time, subcarrier) from the integers and the scale of every packet."""
    csi = (iq[..., 0] + np.complex64(1j) * iq[..., 1]) * scale[:, :, None, None]
    return np.ascontiguousarray(csi.transpose(0, 3, 1, 2).astype(np.complex64))
