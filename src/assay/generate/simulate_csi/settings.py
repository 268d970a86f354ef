"""Settings of the generator `simulate-csi`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from assay.errors import UserError
from assay.generate.factors import Range, check_ranges
from assay.generate.simulate_csi.card import INTEL, MOST_SUBCARRIERS, Bandwidth, Card, narrowest
from assay.generate.simulate_csi.gestures import GESTURES, gesture_of
from assay.generate.simulate_csi.person import ACT_LIMITS, STYLE_LIMITS
from assay.generate.simulate_csi.radio import RADIO_LIMITS
from assay.generate.simulate_csi.recording import Link
from assay.generate.simulate_csi.room import ROOM_LIMITS
from assay.types import Task

MOST_RECEIVERS = 6


@dataclass(frozen=True)
class SimulateCsiSettings:
    """Wi-Fi CSI of a moving person, simulated: one transmitter, and receivers of a card.

    The room's static paths come from the image method, the person's from nine points of a body that acts out
    a gesture; a card's offsets, gain control, rounding and losses follow, an Intel 5300's by default. Nothing
    is learnt: the task gives only the shape and the classes, and by its shape the subcarriers.

    A class whose name is a known gesture (push-pull, sweep, clap, slide, draw-o, draw-zigzag; walking,
    running, pick_up, wave_hand, jump, squat, sit_down, stand_up, fall_down, lying, sitting) is that gesture;
    class i of another name is the made-up sign i, always the same one.

    For every factor one value (fixed) or two (drawn uniformly between them); what they mean and their units
    stand with `Room`, `Style`, `Act` and `Radio`. A room's factors are drawn once a room, a style's once a
    user, the others once a recording.

    Parameters
    ----------
    users, rooms : int
        How many different people and rooms.
    receivers : int, optional
        1 to 6; as few as have the task's antennas by default.
    rate : float
        Packets a second: 20 as in csi-har; SignFi has about 200, Widar3.0 1,000.
    bandwidth : {20, 40, 80, 160}
        MHz; where the task's subcarriers take more, the next that holds them. Up to 30 subcarriers in 20 or
        40 MHz are an Intel 5300's.
    chains, carrier, bits, agc
        Of the card, see `Card`: 1 to 8 antennas a receiver, 2.4 to 7.2 GHz, 0 to 16 bits.
    part : {"magnitude", "complex"}
        Of the CSI, relative to the noise as the CSI Tool scales it. Tasks take magnitudes.
    remove_mean : bool, optional
        Whether to take the mean over time off each recording's magnitudes; by default, where the task's items
        have none.
    width, depth, ceiling, reflection, ring, turn, mast, ripple, imbalance : Range
        Of the room, see `Room`.
    stature, arm, girth, tempo, reach, asymmetry, tilt, breath, sway, shadow : Range
        Of the person, see `Style`.
    place_x, place_y, heading, onset, hurry, vigour, moment : Range
        Of one performance, see `Act`.
    power, snr, gain_jitter, cfo, phase_noise, sfo, delay, delay_jitter, loss, clock_jitter : Range
        Of the radio, see `Radio`.

    Raises
    ------
    UserError
        If a value is out of its range, or the ring of devices does not fit into the smallest room.
    """

    users: Annotated[int, Ge(1)] = 10
    rooms: Annotated[int, Ge(1)] = 1
    receivers: Annotated[int, Ge(1), Le(MOST_RECEIVERS)] | None = None
    rate: Annotated[float, Gt(0)] = 20.0
    bandwidth: Bandwidth = 20
    chains: Annotated[int, Ge(1), Le(8)] = 3
    carrier: Annotated[float, Ge(2.4), Le(7.2)] = 5.825
    bits: Annotated[int, Ge(0), Le(16)] = 8
    agc: bool = True
    part: Literal["magnitude", "complex"] = "magnitude"
    remove_mean: bool | None = None
    width: Range = (5.0, 10.0)
    depth: Range = (4.0, 8.0)
    ceiling: Range = (2.5, 3.0)
    reflection: Range = (0.4, 0.7)
    ring: Range = (1.0, 1.6)
    turn: Range = (0.0, 360.0)
    mast: Range = (0.9, 1.3)
    ripple: Range = (0.2, 0.5)
    imbalance: Range = (0.0, 4.0)
    stature: Range = (1.5, 1.9)
    arm: Range = (0.55, 0.75)
    girth: Range = (1.0, 3.0)
    tempo: Range = (0.75, 1.3)
    reach: Range = (0.75, 1.2)
    asymmetry: Range = (0.0, 0.5)
    tilt: Range = (-25.0, 25.0)
    breath: Range = (0.2, 0.35)
    sway: Range = (0.0, 0.003)
    shadow: Range = (0.3, 0.8)
    place_x: Range = (-0.5, 0.5)
    place_y: Range = (-0.5, 0.5)
    heading: Range = (-180.0, 180.0)
    onset: Range = (0.3, 0.7)
    hurry: Range = (0.85, 1.15)
    vigour: Range = (0.85, 1.15)
    moment: Range = (0.0, 360.0)
    power: Range = (15.0,)
    snr: Range = (26.0, 32.0)
    gain_jitter: Range = (0.2, 0.4)
    cfo: Range = (-200.0, 200.0)
    phase_noise: Range = (0.3,)
    sfo: Range = (-10.0, 10.0)
    delay: Range = (150.0, 250.0)
    delay_jitter: Range = (4.0, 10.0)
    loss: Range = (0.0, 0.05)
    clock_jitter: Range = (0.02,)

    def __post_init__(self) -> None:
        for limits in (ROOM_LIMITS, STYLE_LIMITS, ACT_LIMITS, RADIO_LIMITS):
            check_ranges(self, limits)
        if 2 * self.ring[-1] >= min(self.width[0], self.depth[0]):
            raise UserError(
                f"simulate-csi: ring={self.ring}; expected less than half the room's width and depth"
            )

    def link(self, name: str, shape: tuple[int, ...]) -> Link:
        """Receivers and packets for items of a shape."""
        most = self.chains * MOST_RECEIVERS
        if len(shape) != 3 or shape[0] > most or shape[2] > MOST_SUBCARRIERS:
            turn = "; (subcarrier, time) items become such by x.swapaxes(1, 2)[:, None]" * (len(shape) == 2)
            raise UserError(
                f"simulate-csi: makes items (antenna, time, subcarrier) of up to {most} antennas and "
                f"{MOST_SUBCARRIERS} subcarriers; {name} has {shape}{turn}"
            )
        receivers = self.receivers or -(-shape[0] // self.chains)
        if shape[0] > self.chains * receivers:
            raise UserError(
                f"simulate-csi: receivers={receivers} have {self.chains * receivers} antennas; "
                f"{name} has items of {shape[0]}"
            )
        return Link(receivers, shape[1], self.rate, narrowest(shape[2], self.bandwidth))

    def card(self, shape: tuple[int, ...]) -> Card:
        """The card that reports a task's subcarriers."""
        subcarriers = INTEL if shape[2] <= INTEL and self.bandwidth <= 40 else shape[2]
        return Card(subcarriers, self.chains, self.carrier, self.bits, self.agc)

    def _removes_mean(self, task: Task) -> bool:
        if self.remove_mean is not None or self.part == "complex":
            return bool(self.remove_mean)
        x = task.labelled.x
        return bool(np.abs(x.mean(2)).max() <= 1e-3 * max(x.std(), np.finfo(np.float32).tiny))


def gestures_of(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The gesture of every class: the one of its name, or else the sign of its number."""
    plain = [name.lower().replace("-", "_").replace(" ", "_") for name in classes]
    names = tuple(name if name in GESTURES else f"sign_{i}" for i, name in enumerate(plain))
    for name in names:
        gesture_of(name)
    return names
