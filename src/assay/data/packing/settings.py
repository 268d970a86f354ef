"""Settings of packing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from assay.data.packing.parts import Part, Sanitation
from assay.types import Seed

RECORDING = "recording"


@dataclass(frozen=True)
class Packing:
    """How recordings become items.

    Parameters
    ----------
    pattern : str
        Of the paths below the folder: ``{class}/{user}-{trial}.dat``; see `assay.data.packing.labels`.
    part : {"magnitude", "complex", "phase", "doppler"}
        What items hold, (antenna, time, subcarrier); a Doppler spectrum is (121 frequencies, 512 columns).
    sanitation : {"fit", "ratio"}
        Of complex numbers and phases: the line over subcarriers comes off, or the first antenna's phase.
    window : float
        Seconds of an item; 0 for as much as the shortest recording has.
    step : float
        Seconds from one window's start to the next one's; 0 for windows side by side.
    rate : float
        Values a second; 0 for the packets' own: the median of the recordings'. A spectrum has 512 a window.
    packet_rate : float
        Packets a second of files that have no clock.
    group : str
        What items of one group share: "recording", or a name of the pattern.
    target : str
        ``user=2``: who, or which room or day, is left out to be tested on; by default, recordings are dealt.
    remove_mean : bool
        Whether to take the mean over time off each window (the static channel).
    pilots : bool
        Whether pilot subcarriers are kept; null subcarriers never are.
    axes, variable : str
        Of arrays, see `assay.signal.formats.arrays.Layout`.
    seed : int
        Of the split.
    """

    pattern: str = "{class}/{recording}"
    part: Part = "magnitude"
    sanitation: Sanitation = "fit"
    window: Annotated[float, Ge(0)] = 0.0
    step: Annotated[float, Ge(0)] = 0.0
    rate: Annotated[float, Ge(0)] = 0.0
    packet_rate: Annotated[float, Ge(0)] = 0.0
    group: str = RECORDING
    target: str = ""
    remove_mean: bool = False
    pilots: bool = True
    axes: str = ""
    variable: str = ""
    seed: Seed = 0
