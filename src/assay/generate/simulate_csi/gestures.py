"""What a body does: for every gesture the course of hands, hips, trunk and feet.

A gesture is a table of key postures; in between, each joint moves smoothly and never overshoots (monotone
cubic pieces). Hands are given from their shoulder as (forward, outward, up) in arm lengths, so that equal
numbers for both hands are a mirrored motion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assay.errors import UserError

Floats = NDArray[np.float64]
Hand = tuple[float, float, float]
Hands = tuple[Hand, ...]
Course = tuple[float, ...]
Posture = dict[str, float]

REST: Hand = (0.05, 0.1, -0.95)
JOINTS = ("right_forward", "right_out", "right_up", "left_forward", "left_out", "left_up")
BODY = ("travel", "hip_forward", "hip_up", "lean", "stride", "lift")
FINE = 512  # steps of a gesture's table
MOST_SIGNS = 1000


@dataclass(frozen=True)
class Gesture:
    """Key postures, equally spaced over the gesture.

    Parameters
    ----------
    seconds : float
        How long the gesture takes, or one round of it.
    right, left : tuple of hand places
        (forward, outward, up) from the shoulder, arm lengths.
    body : dict of str to tuple of float
        ``travel`` forward (m); ``hip_forward``, ``hip_up``, ``stride`` (right foot forward, left one back)
        and ``lift`` of the feet (parts of the stature); ``lean`` of the trunk forward (radians). What is not
        named stays 0.
    throughout : bool
        Repeated through the whole recording; otherwise done once, and the last posture is kept.
    """

    seconds: float
    right: Hands = (REST,)
    left: Hands = (REST,)
    body: dict[str, Course] = field(default_factory=dict)
    throughout: bool = False

    @property
    def one_handed(self) -> bool:
        """Whether the left hand rests."""
        return set(self.left) == {REST} and len(set(self.right)) > 1


def _held(*hands: Hand) -> Hands:
    """The hands' way from rest and back to rest."""
    return (REST, *hands, REST)


def _circle(radius: float, points: int = 8) -> Hands:
    angles = [math.pi / 2 - 2 * math.pi * i / points for i in range(points + 1)]
    return tuple((0.65, radius * math.cos(a), radius * math.sin(a)) for a in angles)


def _swing(size: float, rounds: int) -> Course:
    return (0.0, *(size, -size) * rounds, 0.0)


def _arms(size: float, rounds: int) -> Hands:
    return tuple((s, 0.1, -0.9) for s in _swing(size, rounds))


def _change(before: Posture, after: Posture, **midway: float) -> dict[str, Course]:
    """From one posture to another, by way of what a few columns are midway."""
    ends = {name: (before.get(name, 0.0), after.get(name, 0.0)) for name in {**before, **after}}
    through = {name: (before.get(name, 0.0), value, after.get(name, 0.0)) for name, value in midway.items()}
    return {**ends, **through}


def _still(posture: Posture) -> dict[str, Course]:
    return {name: (value,) for name, value in posture.items()}


SAT: Posture = {"hip_forward": -0.2, "hip_up": -0.22, "lean": 0.15}
LAIN: Posture = {"hip_forward": 0.35, "hip_up": -0.47, "lean": math.pi / 2}
OPEN: Hand = (0.6, 0.4, -0.15)
SHUT: Hand = (0.7, -0.25, -0.1)
CLAPPING = _held(OPEN, SHUT, OPEN, SHUT, OPEN)
RAISED: Hand = (0.45, 0.1, -0.4)
PRONE: Hand = (0.0, 0.4, 0.3)
LOW: Hand = (0.5, 0.1, -0.85)

GESTURES: dict[str, Gesture] = {
    # the six of Widar3.0
    "push_pull": Gesture(1.6, _held((0.35, 0.0, -0.2), (0.95, 0.0, -0.05), (0.35, 0.0, -0.2))),
    "sweep": Gesture(1.6, _held((0.6, 0.6, 0.05), (0.85, 0.0, 0.1), (0.6, -0.6, 0.05))),
    "clap": Gesture(1.8, CLAPPING, CLAPPING),
    "slide": Gesture(1.6, _held((0.55, -0.4, -0.25), (0.55, 0.7, -0.25), (0.55, 0.7, -0.25))),
    "draw_o": Gesture(2.4, _held(RAISED, *_circle(0.35), RAISED)),
    "draw_zigzag": Gesture(
        2.0, _held((0.65, -0.35, 0.35), (0.65, 0.35, 0.3), (0.65, -0.35, -0.3), (0.65, 0.35, -0.35))
    ),
    # activities of the whole body
    "walking": Gesture(
        3.2,
        _arms(0.25, 4),
        tuple((-f, s, u) for f, s, u in _arms(0.25, 4)),
        {"travel": (-0.45, 0.45, -0.45), "stride": _swing(0.14, 4), "lift": (0.0, 0.01) * 8 + (0.0,)},
        throughout=True,
    ),
    "running": Gesture(
        1.8,
        _arms(0.45, 3),
        tuple((-f, s, u) for f, s, u in _arms(0.45, 3)),
        {"travel": (-0.5, 0.5, -0.5), "stride": _swing(0.15, 3), "hip_up": (0.0, 0.03) * 6 + (0.0,)},
        throughout=True,
    ),
    "pick_up": Gesture(
        2.8,
        (REST, LOW, LOW, REST),
        (REST, (0.2, 0.1, -0.9), REST),
        {"lean": (0.0, 1.1, 1.1, 0.0), "hip_up": (0.0, -0.12, -0.12, 0.0), "hip_forward": (0.0, -0.05, 0.0)},
    ),
    "wave_hand": Gesture(
        1.2,
        ((0.3, 0.45, 0.6), (0.3, -0.15, 0.7), (0.3, 0.45, 0.6)),
        body={"lean": (0.0, 0.03, 0.0)},
        throughout=True,
    ),
    "jump": Gesture(
        1.1,
        (REST, (0.3, 0.3, -0.6), REST),
        (REST, (0.3, 0.3, -0.6), REST),
        {"hip_up": (0.0, -0.07, 0.14, -0.07, 0.0), "lift": (0.0, 0.0, 0.12, 0.0, 0.0)},
        throughout=True,
    ),
    "squat": Gesture(
        1.5,
        (REST, (0.7, 0.0, -0.3)),
        (REST, (0.7, 0.0, -0.3)),
        _change({}, {"hip_up": -0.28, "hip_forward": -0.06, "lean": 0.5}),
    ),
    "sit_down": Gesture(1.7, body=_change({}, SAT, lean=0.6)),
    "stand_up": Gesture(1.5, body=_change(SAT, {}, lean=0.6)),
    "fall_down": Gesture(
        1.1,
        (REST, (0.6, 0.3, 0.1), PRONE),
        (REST, (0.5, 0.3, 0.0), PRONE),
        _change({}, LAIN, hip_up=-0.15),
    ),
    "lying": Gesture(4.0, body=_still(LAIN), throughout=True),
    "sitting": Gesture(4.0, body=_still(SAT), throughout=True),
}


def gesture_of(name: str) -> Gesture:
    """The gesture of a name: one of `GESTURES`, or ``sign_0``, ``sign_1``, … (see `sign`).

    Raises
    ------
    UserError
        If there is no such gesture.
    """
    number = name.removeprefix("sign_")
    if name in GESTURES:
        return GESTURES[name]
    if name != number and number.isdecimal() and int(number) < MOST_SIGNS:
        return sign(int(number))
    raise UserError(
        f"simulate-csi: unknown gesture '{name}'; known: {', '.join(GESTURES)}, sign_0, sign_1, …"
    )


@lru_cache(maxsize=MOST_SIGNS)
def sign(number: int) -> Gesture:
    """A gesture of the hands, decided by its number: two to four places, by one hand or both.

    Every third is one-handed, every third mirrored, and in every third each hand goes its own way.
    """
    rng = np.random.default_rng(number)
    right = _held(*_places(rng))
    left: Hands = ((REST,), right, _held(*_places(rng)))[number % 3]
    stretches = max(len(right), len(left)) - 1
    return Gesture(stretches * float(rng.uniform(0.4, 0.5)), right, left)


def _places(rng: np.random.Generator) -> Hands:
    low, high = np.array([0.3, -0.5, -0.4]), np.array([0.8, 0.5, 0.5])
    places = rng.uniform(low, high, (int(rng.integers(2, 5)), 3))
    return tuple((float(f), float(s), float(u)) for f, s, u in places)


@lru_cache(maxsize=256)
def _table(name: str) -> Floats:
    """Every column of the posture, (FINE + 2, 12); the last row twice."""
    gesture = gesture_of(name)
    courses: list[Course] = [*zip(*gesture.right), *zip(*gesture.left)]
    courses += [gesture.body.get(column, (0.0,)) for column in BODY]
    table = np.stack([_smooth(course) for course in courses], 1)
    return np.concatenate([table, table[-1:]])


def _smooth(course: Course) -> Floats:
    """A course at FINE + 1 steps."""
    from scipy.interpolate import PchipInterpolator

    if len(course) == 1:
        return np.full(FINE + 1, course[0])
    fine: Floats = PchipInterpolator(np.linspace(0, 1, len(course)), course)(np.linspace(0, 1, FINE + 1))
    return fine


def posture(name: str, progress: Floats) -> dict[str, Floats]:
    """The posture at each progress (t,) from 0 to 1: every column of `JOINTS` and `BODY`, (t,)."""
    table = _table(name)
    place = progress * FINE
    step = place.astype(np.intp)
    share = (place - step)[:, None]
    rows = table[step] * (1 - share) + table[step + 1] * share
    return dict(zip((*JOINTS, *BODY), np.ascontiguousarray(rows.T)))


def progress(
    name: str, times: Floats, duration: float, pace: float = 1.0, onset: float = 0.5, phase: float = 0.0
) -> Floats:
    """How far the gesture has come at each time, 0 to 1.

    Parameters
    ----------
    name : str
    times : array, shape (t,)
        Seconds from the recording's start.
    duration : float
        Nominal length of the recording, s. A gesture that would not fit is done faster.
    pace : float
        1 is the usual pace, 2 twice as fast.
    onset : float
        Of a gesture done once: 0 starts with the recording, 1 ends with it.
    phase : float
        Of one done throughout: the part of its round that is over at the start, 0 to 1.
    """
    gesture = gesture_of(name)
    if gesture.throughout:
        return np.asarray((times * pace / gesture.seconds + phase) % 1.0)
    seconds = min(gesture.seconds / pace, duration)
    return np.clip((times - onset * (duration - seconds)) / seconds, 0.0, 1.0)
