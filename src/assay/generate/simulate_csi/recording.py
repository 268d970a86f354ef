"""One recording from its record: everything that decides it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.generate.factors import columns, part_of
from assay.generate.simulate_csi.card import Band, Bandwidth, Card, band_of
from assay.generate.simulate_csi.gain_control import Measured, measured
from assay.generate.simulate_csi.person import Act, Style, cross_sections, points
from assay.generate.simulate_csi.radio import (
    Complex,
    Radio,
    channel,
    echoed,
    noisy,
    offsets,
    packet_times,
    ripple,
    scattered,
    shadowing,
)
from assay.generate.simulate_csi.room import (
    ORDER,
    Floats,
    Room,
    antennas,
    static_paths,
    transmitter,
    wall_images,
)
from assay.signal.intel5300 import Log
from assay.signal.simulated_log import make_log


@dataclass(frozen=True)
class Link:
    """Receivers (1 to 6), packets, packets a second, and MHz (20, 40, 80 or 160)."""

    receivers: int = 1
    packets: int = 200
    rate: float = 20.0
    bandwidth: Bandwidth = 20

    @property
    def duration(self) -> float:
        """Nominal length of a recording, s."""
        return self.packets / self.rate


@dataclass(frozen=True)
class Record:
    """All that decides a recording; `seed` decides losses, offsets and noise."""

    gesture: str
    room: Room = field(default_factory=Room)
    style: Style = field(default_factory=Style)
    act: Act = field(default_factory=Act)
    radio: Radio = field(default_factory=Radio)
    link: Link = field(default_factory=Link)
    seed: int = 0
    card: Card = field(default_factory=Card)

    @property
    def band(self) -> Band:
        """The subcarriers that the card reports."""
        return band_of(self.card, self.link.bandwidth)

    def row(self) -> dict[str, Any]:
        """Every factor by name; the card's only where it is no Intel 5300 in its usual band."""
        parts = [*PARTS, *(["card"] if self.card != Card() else [])]
        return {"gesture": self.gesture, "seed": self.seed} | {
            name: value for part in parts for name, value in asdict(getattr(self, part)).items()
        }


KINDS: dict[str, type] = {"float": np.float64, "int": np.int64, "bool": np.bool_, "Bandwidth": np.int64}
PARTS: dict[str, Any] = {"room": Room, "style": Style, "act": Act, "radio": Radio, "link": Link}


@dataclass(frozen=True, eq=False)
class Recording:
    """What was recorded, and the truth beside it.

    Parameters
    ----------
    times : array, shape (t,)
        When each packet was sent, s.
    csi : complex64 array, shape (R, 3, t, 30)
        The channel, with the receivers' ripple, without offsets, noise and rounding.
    measured : Measured
        What the cards record.
    """

    times: Floats
    csi: Complex
    measured: Measured

    def log(self, receiver: int) -> Log:
        """A receiver's packets, for `assay.signal.intel5300.write_log`; the clock starts at 0 µs.

        Only an Intel 5300 could have heard them.
        """
        m = self.measured
        stamps = np.rint(1e6 * (self.times - self.times[0])).astype(np.int64) % 2**32
        return make_log(m.iq[receiver], stamps, rssi=m.rssi[receiver], agc=m.agc[receiver])


def recording(record: Record) -> Recording:
    """The recording that a record describes; same record, same bytes."""
    link, radio = record.link, record.radio
    rng = np.random.default_rng(record.seed)
    times = packet_times(radio, link.packets, link.rate, rng)
    csi = truth(record, times).reshape(link.receivers, record.card.chains, link.packets, -1)
    heard = noisy(csi * offsets(radio, times, record.band, rng), radio.snr, rng)
    heard[..., np.array(record.band.null)] = 0
    return Recording(times, csi, measured(heard, radio, rng, record.card.bits, record.card.agc))


def truth(record: Record, times: Floats) -> Complex:
    """Every antenna's channel at the given times, with the receivers' ripple: (antennas, t, subcarriers)."""
    room, receivers, card, band = record.room, record.link.receivers, record.card, record.band
    moving = channel(*moving_paths(record, times), band)
    moving += _static_channel(room, receivers, card.chains, band)
    moving *= ripple(room.device, room.ripple, room.imbalance, card.chains * receivers, len(band.numbers))
    return moving


def moving_paths(record: Record, times: Floats) -> tuple[Floats, Floats]:
    """Length and amplitude of every path that the person decides: (paths, 3 R, t).

    One by way of every point of the body, one by way of every side wall and the chest, and the line of sight
    with what the chest's shadow takes from it.
    """
    wave = record.band.wavelength
    room, style, scene = (
        record.room,
        record.style,
        _scene(record.room, record.link.receivers, record.card.chains, wave),
    )
    places = room.middle + points(record.gesture, style, record.act, times, record.link.duration)
    sections = cross_sections(style)
    body = scattered(places, sections, scene.source, scene.sinks, wave)
    echoes = echoed(places[0], sections[0], scene.mirrored, scene.sinks, room.reflection, wave)
    lost = scene.strength * (shadowing(places[0], scene.source, scene.sinks, style.shadow) - 1)
    line = np.broadcast_to(scene.sight, lost.shape)[None], lost[None]
    lengths, amplitudes = (np.concatenate(parts) for parts in zip(body, echoes, line))
    return lengths, amplitudes


class Scene(NamedTuple):
    """Places of the transmitter (3,), of its images in the side walls (4, 3) and of the antennas (3 R, 3).

    And every line of sight's length (m) and amplitude, (3 R, 1).
    """

    source: Floats
    mirrored: Floats
    sinks: Floats
    sight: Floats
    strength: Floats


@lru_cache(maxsize=64)
def _scene(room: Room, receivers: int, chains: int, wavelength: float) -> Scene:
    paths = static_paths(room, receivers, 0, chains, wavelength)
    sight, strength = (part[0][:, None] for part in paths)
    sinks = antennas(room, receivers, chains, wavelength)
    return Scene(transmitter(room), wall_images(room), sinks, sight, strength)


@lru_cache(maxsize=64)
def _static_channel(room: Room, receivers: int, chains: int, band: Band) -> Complex:
    """The empty room's channel, (chains R, 1, subcarriers)."""
    lengths, amplitudes = static_paths(room, receivers, ORDER, chains, band.wavelength)
    csi = channel(lengths, amplitudes, band)[:, None]
    csi.flags.writeable = False
    return csi


def factors_of(records: Sequence[Record]) -> dict[str, NDArray[Any]]:
    """Every factor as a column (n,): with `record_of`, what it takes to make each recording again."""
    kinds: dict[str, type] = {"gesture": np.str_, "seed": np.int64}
    own = any(record.card != Card() for record in records)
    for part in (*PARTS.values(), *([Card] if own else [])):
        kinds |= {f.name: KINDS[str(f.type)] for f in fields(part)}
    return columns([record.row() for record in records], kinds)


def record_of(factors: Mapping[str, NDArray[Any]], index: int) -> Record:
    """The record of one item."""
    row = {name: column[index].item() for name, column in factors.items()}
    parts = {name: part_of(kind, row) for name, kind in PARTS.items()}
    card = part_of(Card, row) if "subcarriers" in row else Card()
    return Record(row["gesture"], **parts, seed=row["seed"], card=card)
