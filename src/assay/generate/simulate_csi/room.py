"""The room: where transmitter and receivers stand, and every static path between them.

Static paths come from the image method: a wall is a mirror, and a path that meets n walls (or floor, or
ceiling) is a straight line from one of the transmitter's images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.generate.factors import uniform

LIGHT = 299_792_458.0  # m/s
CARRIER = 5.825e9  # Hz
WAVELENGTH = LIGHT / CARRIER  # 5.1 cm
CHAINS = 3  # antennas of a receiver
ORDER = 2  # most reflections of a static path

Floats = NDArray[np.float64]

ROOM_LIMITS = {
    "width": (2.5, 30.0),
    "depth": (2.5, 30.0),
    "ceiling": (2.2, 10.0),
    "reflection": (0.0, 0.95),
    "ring": (0.5, 10.0),
    "turn": (-360.0, 360.0),
    "mast": (0.2, 2.0),
    "ripple": (0.0, 6.0),
    "imbalance": (0.0, 20.0),
}


@dataclass(frozen=True)
class Room:
    """A box of a room with one transmitter and its receivers on a ring about the middle of the floor.

    Parameters
    ----------
    width, depth, ceiling : float
        Sides of the box along x, y and z, m.
    reflection : float
        Share of the amplitude that a wall reflects, 0 to 0.95; every reflection also turns the sign.
    ring : float
        Radius of the ring, m.
    turn : float
        Where on the ring the transmitter stands, degrees from x, anticlockwise.
    mast : float
        Height of all antennas, m.
    ripple : float
        Standard deviation of a receiver's own gain from subcarrier to subcarrier, dB.
    imbalance : float
        The same from antenna to antenna, dB.
    device : int
        Seed of both: the same receivers, the same gains.
    """

    width: float = 6.0
    depth: float = 5.0
    ceiling: float = 2.7
    reflection: float = 0.4
    ring: float = 1.4
    turn: float = 180.0
    mast: float = 1.1
    ripple: float = 0.0
    imbalance: float = 0.0
    device: int = 0

    @property
    def middle(self) -> Floats:
        """Middle of the ring on the floor, (3,)."""
        return np.array([self.width / 2, self.depth / 2, 0.0])


def room_rand(rng: np.random.Generator, settings: Any) -> Room:
    """A room with each factor uniform in the settings' range, and devices of its own."""
    return Room(**uniform(rng, settings, ROOM_LIMITS), device=int(rng.integers(2**31)))


def transmitter(room: Room) -> Floats:
    """Place of the transmitting antenna, (3,), m."""
    return _on_ring(room, room.turn)


def antennas(room: Room, receivers: int, chains: int = CHAINS, wavelength: float = WAVELENGTH) -> Floats:
    """Places of all receiving antennas, (chains * receivers, 3), m.

    Receiver r of R stands ``360 (r + 1) / (R + 1)`` degrees further round the ring than the transmitter: a
    single one stands opposite. Its antennas lie half a wavelength apart along the ring.
    """
    angles = [room.turn + 360 * (r + 1) / (receivers + 1) for r in range(receivers)]
    offsets = wavelength / 2 * (np.arange(chains) - (chains - 1) / 2)
    places = [_on_ring(room, angle) + offset * _along_ring(angle) for angle in angles for offset in offsets]
    return np.array(places)


def _on_ring(room: Room, angle: float) -> Floats:
    turned = math.radians(angle)
    place: Floats = room.middle + np.array([math.cos(turned), math.sin(turned), 0.0]) * room.ring
    place[2] = room.mast
    return place


def _along_ring(angle: float) -> Floats:
    return np.array([-math.sin(math.radians(angle)), math.cos(math.radians(angle)), 0.0])


def images(room: Room, place: Floats, order: int = ORDER) -> tuple[Floats, NDArray[np.int64]]:
    """A place's images in the room's walls, (i, 3), and the number of reflections of each, (i,).

    Along a side of length L, image m of x lies at ``m L + x`` for even m, ``m L + L - x`` for odd m, behind
    |m| walls. The first image is the place itself; all with `order` reflections or fewer are there.
    """
    steps = range(-order, order + 1)
    cells = sorted((m for m in product(steps, repeat=3) if _bounces(m) <= order), key=_bounces)
    m, sides = np.array(cells), np.array([room.width, room.depth, room.ceiling])
    places: Floats = m * sides + np.where(m % 2 == 0, place, sides - place)
    return places, np.abs(m).sum(1)


def _bounces(cell: tuple[int, ...]) -> int:
    return sum(map(abs, cell))


def static_paths(
    room: Room,
    receivers: int,
    order: int = ORDER,
    chains: int = CHAINS,
    wavelength: float = WAVELENGTH,
) -> tuple[Floats, Floats]:
    """Length (m) and amplitude of every static path, both (paths, antennas); the first is the line of sight.

    Amplitude ``λ / (4π d) · (-reflection)^n`` after n reflections: Friis' law between isotropic antennas.
    """
    sources, bounces = images(room, transmitter(room), order)
    sinks = antennas(room, receivers, chains, wavelength)
    lengths: Floats = np.linalg.norm(sources[:, None] - sinks, axis=2)
    return lengths, wavelength / (4 * math.pi * lengths) * ((-room.reflection) ** bounces)[:, None]


def wall_images(room: Room) -> Floats:
    """The transmitter's images in the four side walls, (4, 3)."""
    places, _ = images(room, transmitter(room), 1)
    sideways: Floats = places[places[:, 2] == room.mast][1:]
    return sideways
