"""The person: style, place, and where the points that scatter radio waves are at every moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.factors import uniform
from assay.generate.simulate_csi.gestures import REST, gesture_of, posture, progress

Floats = NDArray[np.float64]

SIDES = ("right", "left")
TRUNK, LIMBS = ("chest", "hip", "head"), ("hand", "elbow")
POINTS = (*TRUNK, *(f"{side}_{limb}" for side in SIDES for limb in LIMBS), "right_foot", "left_foot")
SECTIONS = (0.5, 0.3, 0.06, 0.06, 0.06, 0.06, 0.06, 0.05, 0.05)  # radar cross-sections of the points, m²
CHEST_MOVES = 0.002  # m, of a breath
SWAY_PERIOD = 2.7  # s
FOOT = 0.08  # m above the floor

STYLE_LIMITS = {
    "stature": (1.2, 2.2),
    "arm": (0.4, 1.0),
    "girth": (0.0, 4.0),
    "tempo": (0.2, 5.0),
    "reach": (0.0, 2.0),
    "asymmetry": (0.0, 1.0),
    "tilt": (-180.0, 180.0),
    "breath": (0.0, 1.0),
    "sway": (0.0, 0.1),
    "shadow": (0.0, 1.0),
}
ACT_LIMITS = {
    "place_x": (-10.0, 10.0),
    "place_y": (-10.0, 10.0),
    "heading": (-360.0, 360.0),
    "onset": (0.0, 1.0),
    "hurry": (0.2, 5.0),
    "vigour": (0.0, 2.0),
    "moment": (0.0, 360.0),
}


@dataclass(frozen=True)
class Style:
    """What stays the same about a person.

    Parameters
    ----------
    stature, arm : float
        Height, and length of an arm, m.
    girth : float
        Factor of all radar cross-sections.
    tempo, reach : float
        Pace and size of every motion; 1 is usual.
    asymmetry : float
        Share of the right hand's way that the left hand copies in gestures of one hand, or lacks in others.
    tilt : float
        How far the hands' motion is turned in the plane of the chest, degrees, clockwise for the person.
    breath : float
        Breaths a second.
    sway : float
        How far the body sways forward and back, m.
    shadow : float
        Share of the line of sight's amplitude that the trunk takes away when it stands in it.
    """

    stature: float = 1.75
    arm: float = 0.65
    girth: float = 1.0
    tempo: float = 1.0
    reach: float = 1.0
    asymmetry: float = 0.0
    tilt: float = 0.0
    breath: float = 0.25
    sway: float = 0.0
    shadow: float = 0.6


@dataclass(frozen=True)
class Act:
    """What differs from one performance to the next.

    Parameters
    ----------
    place_x, place_y : float
        Where the feet stand, m from the middle of the ring.
    heading : float
        Where the person looks, degrees from x, anticlockwise.
    onset : float
        When a gesture done once starts: 0 at once, 1 so late that it ends with the recording.
    hurry, vigour : float
        Pace and size of this performance, beside the person's own.
    moment : float
        Phase of breath, sway and gestures done throughout at the start, degrees.
    """

    place_x: float = 0.0
    place_y: float = 0.0
    heading: float = 0.0
    onset: float = 0.5
    hurry: float = 1.0
    vigour: float = 1.0
    moment: float = 0.0


def style_rand(rng: np.random.Generator, settings: Any) -> Style:
    """A person with each factor uniform in the settings' range."""
    return Style(**uniform(rng, settings, STYLE_LIMITS))


def act_rand(rng: np.random.Generator, settings: Any) -> Act:
    """A performance with each factor uniform in the settings' range."""
    return Act(**uniform(rng, settings, ACT_LIMITS))


def cross_sections(style: Style) -> Floats:
    """Radar cross-section of every point of `POINTS`, m²."""
    return style.girth * np.array(SECTIONS)


def points(gesture: str, style: Style, act: Act, times: Floats, duration: float) -> Floats:
    """Where every point is at every time: (9, t, 3), m, from the middle of the ring on the floor.

    Parameters
    ----------
    gesture : str
    style : Style
    act : Act
    times : array, shape (t,)
        Seconds.
    duration : float
        Nominal length of the recording, s.
    """
    done = progress(gesture, times, duration, style.tempo * act.hurry, act.onset, act.moment / 360)
    at = posture(gesture, done)
    return _on_floor(_body(gesture, at, style, act, times), act)


def _body(gesture: str, at: dict[str, Floats], style: Style, act: Act, times: Floats) -> Floats:
    """Every point as (forward, right, up) from where the person stands, (9, t, 3)."""
    size, zero = style.reach * act.vigour, np.zeros_like(times)
    travel = size * at["travel"] + style.sway * np.sin(_phase(act, times / SWAY_PERIOD))
    hip_height = (0.53 + np.clip(size * at["hip_up"], -0.47, None)) * style.stature
    hip = np.stack([travel + style.stature * size * at["hip_forward"], zero, hip_height], 1)
    along, ahead = _trunk(at["lean"])
    breath = CHEST_MOVES * np.sin(_phase(act, times * style.breath))
    chest = hip + 0.27 * style.stature * along + breath[:, None] * ahead
    head = hip + 0.42 * style.stature * along
    hands = [_arm(hip, along, ahead, hand, style, side) for hand, side in _hands(gesture, at, style, size)]
    feet = [_foot(at, travel, size * style.stature, side) for side in (1, -1)]
    return np.stack([chest, hip, head, *(joint for pair in hands for joint in pair), *feet])


def _phase(act: Act, cycles: Floats) -> Floats:
    return 2 * math.pi * cycles + math.radians(act.moment)


def _trunk(lean: Floats) -> tuple[Floats, Floats]:
    """Unit vectors from hip to head, and ahead of the chest, (t, 3)."""
    sine, cosine, zero = np.sin(lean), np.cos(lean), np.zeros_like(lean)
    return np.stack([sine, zero, cosine], 1), np.stack([cosine, zero, -sine], 1)


def _hands(gesture: str, at: dict[str, Floats], style: Style, size: float) -> list[tuple[Floats, int]]:
    """Both hands as (forward, outward, up) from their shoulders, arm lengths (t, 3); side 1 is the right."""
    right, left = (np.stack([at[f"{hand}_{way}"] for way in ("forward", "out", "up")], 1) for hand in SIDES)
    right, left = right - REST, left - REST
    left = (1 - style.asymmetry) * left + style.asymmetry * gesture_of(gesture).one_handed * right
    return [
        (REST + size * _tilted(moved, side * style.tilt), side) for moved, side in ((right, 1), (left, -1))
    ]


def _tilted(moved: Floats, degrees: float) -> Floats:
    """A way turned in the plane of outward and up, from up towards outward."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    turned: Floats = moved @ np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])
    return turned


def _arm(
    hip: Floats, along: Floats, ahead: Floats, hand: Floats, style: Style, side: int
) -> tuple[Floats, Floats]:
    """Places of hand and elbow, (t, 3)."""
    right = np.array([0.0, float(side), 0.0])
    shoulder = hip + 0.3 * style.stature * along + 0.11 * style.stature * right
    forward, outward, up = hand.T[:, :, None]
    reached = style.arm * (forward * ahead + outward * right + up * along)
    return shoulder + reached, shoulder + 0.5 * reached + 0.12 * style.arm * (right - along)


def _foot(at: dict[str, Floats], travel: Floats, size: float, side: int) -> Floats:
    """Place of a foot, (t, 3)."""
    forward = travel + side * size * at["stride"]
    return np.stack([forward, np.full_like(travel, 0.1 * side), FOOT + size * at["lift"]], 1)


def _on_floor(body: Floats, act: Act) -> Floats:
    """(forward, right, up) from the person to (x, y, z) from the middle of the ring."""
    sine, cosine = math.sin(math.radians(act.heading)), math.cos(math.radians(act.heading))
    turned = body @ np.array([[cosine, sine, 0.0], [sine, -cosine, 0.0], [0.0, 0.0, 1.0]])
    placed: Floats = turned + np.array([act.place_x, act.place_y, 0.0])
    return placed
